//! Each rule between events: the least that breaks it, and the least change that keeps it.

use std::collections::HashSet;

use talent_events::JobEventType::{self, *};
use talent_events::event::rules::{Checker, Defect, RULES, Severity, Source, check};
use talent_events::{ClientEvent, EventId};

use super::{event, events, ids, search, with_one_job};

/// The only defect, which is of this rule and shown by these events.
#[track_caller]
fn breaks(set: &[ClientEvent], rule: &str, shown_by: &[&str]) -> Defect {
    let mut defects = check(set);
    assert_eq!(ids(&defects), [rule], "{defects:#?}");
    let defect = defects.remove(0);
    assert_eq!(events(&defect), shown_by);
    let types = |e: &ClientEvent| (e.event_id.clone(), e.job_event.r#type);
    assert!(defect.typed_events().all(|(t, id)| set.iter().map(types).any(|e| e == (id.clone(), t))));
    defect
}

#[track_caller]
fn keeps(set: &[ClientEvent]) {
    let defects = check(set);
    assert!(defects.is_empty(), "{defects:#?}");
}

#[test]
fn the_table_is_the_domains() {
    let rows: Vec<_> = RULES.iter().map(|r| format!("{} | {} | {}", r.id(), r.source(), r.severity())).collect();
    assert_eq!(
        rows,
        [
            "request-id-missing | Google | loss",
            "request-id-synthetic | inferred | loss",
            "impressions-multiple | Google | defect",
            "impressions-none | Google | defect",
            "quick-alone | Google | forbidden",
            "start-from-search-no-view | Google | forbidden",
            "redirect-from-search-alone | Google | forbidden",
            "hire-needs-application | inferred | defect",
            "several-jobs | inferred | hint",
            "finish-without-start | ours | hint",
            "job-not-shown | ours | hint",
            "step-repeated | ours | hint",
            "time-order | ours | hint",
        ]
    );
}

#[test]
fn only_google_is_made_to_speak_for_google() {
    for rule in RULES {
        assert_eq!(rule.sentence().contains("Google"), rule.source() == Source::Google, "{rule}");
        assert!(
            rule.severity() != Severity::Forbidden || rule.source() == Source::Google,
            "only Google forbids: {rule}"
        );
        assert!(!rule.sentence().ends_with('.') && !rule.sentence().contains("  "), "{rule}");
    }
}

#[test]
fn request_id_missing() {
    let defect = breaks(&[event("e", "", View, &["a"], 0)], "request-id-missing", &["e"]);
    assert_eq!((defect.request_id, defect.job.unwrap().job()), (None, "a"));
    keeps(&with_one_job(&[View]));
}

/// Without a request id nothing says that events belong together; only what one event shows is judged.
#[test]
fn without_a_request_id_events_are_judged_one_by_one() {
    let alone = [
        event("quick", "", ApplicationQuickSubmission, &["a"], 0),
        event("start", "", ApplicationStart, &["a"], 1),
        event("hired", "", Hired, &["b"], 2),
        event("views", "", View, &["a", "b"], 3),
    ];
    let defects = check(&alone);
    let missing = "request-id-missing";
    assert_eq!(ids(&defects), [missing, missing, missing, missing, "several-jobs"]);
    assert_eq!(events(&defects[4]), ["views"]);
}

#[test]
fn request_id_synthetic() {
    let set = [
        event("1", "application-7-a", ApplicationStart, &["a"], 0),
        event("2", "application-7-a", ApplicationFinish, &["a"], 1),
    ];
    let known = HashSet::from(["search-1".to_owned()]);
    let checker = Checker::new().synthetic(|id| !known.contains(id.as_str()));
    let defects = checker.check(&set);
    assert_eq!(ids(&defects), ["request-id-synthetic", "impressions-none"]);
    assert_eq!(events(&defects[0]), ["1", "2"]);
    assert_eq!(defects[0].request_id.as_ref().unwrap().as_str(), "application-7-a");

    let real = [event("0", "search-1", Impression, &["a"], 0), event("1", "search-1", View, &["a"], 1)];
    assert_eq!(checker.check(&real), []);
    assert_eq!(ids(&check(&set)), ["impressions-none"], "unless told, every id is taken for a search's");
}

#[test]
fn every_other_rule_holds_under_a_made_up_id_too() {
    let set = [
        event("0", "session-9", Impression, &["a"], 0),
        event("1", "session-9", Impression, &["b"], 1),
        event("2", "session-9", ApplicationStart, &["a"], 2),
        event("3", "session-9", ApplicationQuickSubmission, &["a"], 3),
    ];
    let defects = Checker::new().synthetic(|_| true).check(&set);
    assert_eq!(ids(&defects), ["request-id-synthetic", "impressions-multiple", "quick-alone"]);
}

#[test]
fn impressions_multiple() {
    let set = search(&[(Impression, &["a"]), (Impression, &["b"])]);
    let defect = breaks(&set, "impressions-multiple", &["e0", "e1"]);
    assert_eq!(defect.job, None);
    keeps(&[event("1", "page-1", Impression, &["a"], 0), event("2", "page-2", Impression, &["a"], 1)]);
}

#[test]
fn impressions_none() {
    let set = search(&[(View, &["a"]), (Bookmark, &["b"])]);
    breaks(&set, "impressions-none", &["e0", "e1"]);
    breaks(&search(&[(Notification, &["a", "b"])]), "impressions-none", &["e0"]);
    keeps(&search(&[(Impression, &["a", "b"]), (View, &["a"]), (Bookmark, &["b"])]));
    keeps(&search(&[(Impression, &["a"])]));
}

#[test]
fn quick_alone() {
    let set = with_one_job(&[ApplicationStart, ApplicationQuickSubmission]);
    let defect = breaks(&set, "quick-alone", &["e1", "e2"]);
    assert_eq!(defect.job.unwrap().job(), "a");
    let set = with_one_job(&[ApplicationQuickSubmission, ApplicationFinish]);
    assert_eq!(ids(&check(&set)), ["quick-alone", "finish-without-start"]);
    keeps(&with_one_job(&[View, ApplicationQuickSubmission]));
    keeps(&search(&[
        (Impression, &["a", "b"]),
        (ApplicationQuickSubmission, &["a"]),
        (ApplicationStart, &["b"]),
        (ApplicationFinish, &["b"]),
    ]));
}

#[test]
fn start_from_search_no_view() {
    for types in [[View, ApplicationStartFromSearch], [ApplicationStartFromSearch, View]] {
        breaks(&with_one_job(&types), "start-from-search-no-view", &["e1", "e2"]);
    }
    keeps(&with_one_job(&[ApplicationStartFromSearch, ApplicationFinish]));
    keeps(&with_one_job(&[View, ApplicationStart]));
    keeps(&search(&[(Impression, &["a", "b"]), (View, &["a"]), (ApplicationStartFromSearch, &["b"])]));
}

#[test]
fn redirect_from_search_alone() {
    for other in [View, ApplicationStart, ApplicationFinish] {
        breaks(&with_one_job(&[ApplicationRedirectFromSearch, other]), "redirect-from-search-alone", &["e1", "e2"]);
    }
    keeps(&with_one_job(&[Bookmark, ApplicationRedirectFromSearch, Hired]));
    keeps(&with_one_job(&[View, ApplicationRedirect]));
}

#[test]
fn hire_needs_application() {
    breaks(&with_one_job(&[InterviewGranted, Hired]), "hire-needs-application", &["e1", "e2"]);
    breaks(&with_one_job(&[View, Hired]), "hire-needs-application", &["e2"]);
    breaks(
        &search(&[(Impression, &["a", "b"]), (ApplicationQuickSubmission, &["a"]), (Hired, &["b"])]),
        "hire-needs-application",
        &["e2"],
    );
    let applications = [
        ApplicationStart,
        ApplicationQuickSubmission,
        ApplicationRedirect,
        ApplicationStartFromSearch,
        ApplicationRedirectFromSearch,
        ApplicationCompanySubmit,
        SentCv,
    ];
    for applied in applications {
        keeps(&with_one_job(&[applied, InterviewGranted, Hired]));
    }
}

#[test]
fn several_jobs() {
    let defect = breaks(&search(&[(Impression, &["a", "b"]), (View, &["a", "b"])]), "several-jobs", &["e1"]);
    assert_eq!(defect.job, None);
    keeps(&search(&[(Impression, &["a", "b"]), (Notification, &["a", "b"]), (View, &["a"])]));
    keeps(&search(&[(Impression, &["a"]), (View, &["a", "a"])]));
}

/// What is said of several jobs is said of each.
#[test]
fn an_event_of_several_jobs_counts_for_each() {
    let set = search(&[(Impression, &["a", "b"]), (View, &["a", "b"]), (ApplicationStartFromSearch, &["b"])]);
    let defects = check(&set);
    assert_eq!(ids(&defects), ["start-from-search-no-view", "several-jobs"]);
    assert_eq!(defects[0].job.as_ref().unwrap().job(), "b");
}

#[test]
fn finish_without_start() {
    breaks(&with_one_job(&[View, ApplicationFinish]), "finish-without-start", &["e2"]);
    for start in [ApplicationStart, ApplicationStartFromSearch, ApplicationRedirect] {
        keeps(&with_one_job(&[start, ApplicationFinish]));
    }
}

#[test]
fn job_not_shown() {
    let set = search(&[(Impression, &["a"]), (View, &["b"]), (Bookmark, &["b"])]);
    let defect = breaks(&set, "job-not-shown", &["e1", "e2"]);
    assert_eq!(defect.job.unwrap().job(), "b");
    keeps(&search(&[(Impression, &["a", "b"]), (View, &["b"])]));
    keeps(&search(&[(Impression, &["a"]), (Notification, &["b"]), (View, &["b"])]));
}

#[test]
fn step_repeated() {
    breaks(&with_one_job(&[ApplicationStart, ApplicationStart]), "step-repeated", &["e1", "e2"]);
    breaks(&with_one_job(&[ApplicationStart, ApplicationStartFromSearch]), "step-repeated", &["e1", "e2"]);
    breaks(
        &with_one_job(&[ApplicationStart, InterviewGranted, ApplicationFinish, InterviewGranted, Hired, Hired]),
        "step-repeated",
        &["e2", "e4", "e5", "e6"],
    );
    let finishes = with_one_job(&[ApplicationStart, ApplicationFinish, ApplicationFinish]);
    breaks(&finishes, "step-repeated", &["e2", "e3"]);
    keeps(&with_one_job(&[View, View, Bookmark, Bookmark, SentCv, SentCv]));
    keeps(&search(&[(Impression, &["a", "b"]), (ApplicationStart, &["a"]), (ApplicationStart, &["b"])]));
}

#[test]
fn time_order() {
    let late = |types: [JobEventType; 3]| with_one_job(&types);
    breaks(&late([SentCv, ApplicationFinish, ApplicationStart]), "time-order", &["e2", "e3"]);
    breaks(&late([ApplicationStart, Hired, InterviewGranted]), "time-order", &["e2", "e3"]);
    breaks(&late([Hired, InterviewGranted, SentCv]), "time-order", &["e1", "e2", "e3"]);
    breaks(&search(&[(View, &["a"]), (Impression, &["a"])]), "time-order", &["e0", "e1"]);
    keeps(&late([ApplicationStart, ApplicationFinish, Hired]));
    keeps(&late([ApplicationStart, View, ApplicationFinish]));
    keeps(&search(&[(Notification, &["a"]), (View, &["a"]), (Impression, &["a"])]));
}

#[test]
fn at_the_same_time_is_not_before() {
    let mut set = with_one_job(&[ApplicationStart, ApplicationFinish, InterviewGranted, Hired]);
    set.reverse();
    for (i, event) in set.iter_mut().enumerate() {
        event.create_time = talent_events::Timestamp::new(1_770_000_000, 0).unwrap();
        event.event_id = format!("{i}").parse().unwrap();
    }
    keeps(&set);
}

/// One event that is delivered twice, once by the project's id and once by its number, is one event.
#[test]
fn a_delivery_by_the_project_number_is_no_second_event() {
    let mut set = with_one_job(&[JobEventType::View]);
    let mut again = set[0].clone();
    again.job_event.jobs = vec!["projects/1234/tenants/board/jobs/a".parse().unwrap()];
    set.push(again);
    assert_eq!(ids(&check(&set)), [""; 0]);
    set[2].event_id = EventId::new("another").unwrap();
    assert_eq!(ids(&check(&set)), ["impressions-multiple"]);
}

/// A project goes by its id or by its number.
#[test]
fn a_job_is_one_job_under_either_name_of_its_project() {
    let mut set = with_one_job(&[ApplicationStart, ApplicationQuickSubmission]);
    set[2].job_event.jobs = vec!["projects/1234/tenants/board/jobs/a".parse().unwrap()];
    breaks(&set, "quick-alone", &["e1", "e2"]);
    set[2].job_event.jobs = vec!["projects/acme/tenants/other/jobs/a".parse().unwrap()];
    assert_eq!(ids(&check(&set)), ["job-not-shown"], "a job of another tenant is another job");
}

#[test]
fn an_event_delivered_twice_counts_once() {
    let mut set = with_one_job(&[ApplicationStart, ApplicationFinish]);
    set.extend(set.clone());
    keeps(&set);
    // Tracked again, and dated again: the first time holds.
    let mut again = set[1].clone();
    again.create_time = talent_events::Timestamp::new(1_770_000_009, 0).unwrap();
    again.event_notes = "again".into();
    set.insert(0, again);
    keeps(&set);
}

#[test]
fn events_that_share_an_id_alone_are_different_events() {
    let mut set = with_one_job(&[ApplicationStart, ApplicationQuickSubmission]);
    set[2].event_id = set[1].event_id.clone();
    breaks(&set, "quick-alone", &["e1", "e1"]);
}

#[test]
fn searches_are_judged_apart() {
    let set = [
        event("1", "s1", Impression, &["a"], 0),
        event("2", "s1", ApplicationStart, &["a"], 1),
        event("3", "s2", Impression, &["a"], 2),
        event("4", "s2", ApplicationQuickSubmission, &["a"], 3),
    ];
    keeps(&set);
}

#[test]
fn a_defect_reads_as_one_line() {
    let defects = check(&with_one_job(&[ApplicationStartFromSearch, View]));
    assert_eq!(
        defects[0].to_string(),
        "start-from-search-no-view (forbidden, Google): APPLICATION_START_FROM_SEARCH beside VIEW for the job: Google \
         says not to send VIEW with it, so where the job was viewed first, send APPLICATION_START instead [job \
         \"projects/acme/tenants/board/jobs/a\", request id \"s\", APPLICATION_START_FROM_SEARCH \"e1\", VIEW \"e2\"]"
    );
    let many = with_one_job(&[Impression; 9]);
    assert!(check(&many)[0].to_string().ends_with(r#"IMPRESSION "e4" and 5 more]"#), "{}", check(&many)[0]);
    let nameless = check(&[event("e", "", View, &["a", "b"], 0)]);
    assert!(nameless[0].to_string().ends_with(r#" [VIEW "e"]"#), "{}", nameless[0]);
}
