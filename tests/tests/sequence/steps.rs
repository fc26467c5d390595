//! Steps by name and by an app's own events.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use talent_events::event::rules::{Stage, check};
use talent_events::sequence::{ApplicationFunnel, stage};
use talent_events::{BoxDestination, EventId, JobEventType, JobName, RequestId, TalentEvent, Timestamp, TrackError};

use super::{Shelf, job, search};
use crate::invalid::invalid_field;

#[derive(TalentEvent)]
#[talent(event = ApplicationStart, request_id = from_session, job = from_funnel, notes = "via {channel}")]
struct Began {
    channel: &'static str,
}

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish)]
struct Submitted {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
    #[talent(event_id)]
    id: String,
}

#[tokio::test]
async fn an_application_from_view_to_hire() {
    let shelf = Shelf::new();
    let funnel = shelf.begin();
    assert_eq!((funnel.stage(), funnel.receipt()), (Stage::Open, None));

    let funnel = funnel.view().await.unwrap();
    let funnel = funnel.bookmark().notes("for later").await.unwrap();
    let funnel = funnel.record(&Began { channel: "app" }).await.unwrap();
    let submitted = Submitted { job: job("42"), search: search("search-7f"), id: "a-1-finish".into() };
    let mut funnel: ApplicationFunnel<_, stage::Applied> = funnel.record(&submitted).await.unwrap();
    assert_eq!(funnel.receipt(), Some(&4));
    assert_eq!((funnel.take_receipt(), funnel.receipt()), (Some(4), None));
    let funnel = funnel.grant_interview().await.unwrap();
    let weeks_later = Timestamp::new(1_900_000_000, 0).unwrap();
    let hire = funnel.hire().create_time(weeks_later).event_id(EventId::new("a-1-hire").unwrap());
    let funnel = hire.await.unwrap();
    assert_eq!(funnel.stage(), Stage::Hired);

    let events = shelf.events();
    use JobEventType::*;
    assert_eq!(
        events.iter().map(|e| e.job_event.r#type).collect::<Vec<_>>(),
        [View, Bookmark, ApplicationStart, ApplicationFinish, InterviewGranted, Hired]
    );
    for event in &events {
        assert_eq!(event.request_id, Some(search("search-7f")));
        assert_eq!(event.job_event.jobs, [job("42")]);
    }
    assert_eq!(
        events.iter().map(|e| e.event_notes.as_str()).collect::<Vec<_>>(),
        ["", "for later", "via app", "", "", ""]
    );
    assert_eq!(events[3].event_id.as_str(), "a-1-finish");
    assert_eq!((events[5].event_id.as_str(), events[5].create_time), ("a-1-hire", weeks_later));
    let mut ids: Vec<_> = events.iter().map(|e| &e.event_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6);
    let rules: Vec<_> = check(&events).iter().map(|d| d.rule.id()).collect();
    assert_eq!(rules, ["impressions-none"], "the impression is the session's");
}

/// Each step by name sends its own type, and leads where the table says.
#[tokio::test]
async fn every_step_has_a_name() {
    let shelf = Shelf::new();
    macro_rules! steps {
        ($($from:ident $step:ident $event_type:ident $to:ident;)+) => {$(
            let checkpoint = format!(
                r#"{{"version":1,"request_id":"s","synthetic":false,"job":"{}","stage":"{}"}}"#,
                job("1"), stringify!($from),
            );
            let checkpoint: talent_events::Checkpoint = serde_json::from_str(&checkpoint).unwrap();
            let funnel: ApplicationFunnel<Shelf, stage::$from> = checkpoint.resume(&shelf).unwrap();
            let funnel: ApplicationFunnel<Shelf, stage::$to> = funnel.$step().notes("n").await.unwrap();
            let sent = shelf.events().pop().unwrap();
            assert_eq!((sent.job_event.r#type, sent.event_notes.as_str()), (JobEventType::$event_type, "n"));
            assert_eq!(funnel.stage(), Stage::$to);
        )+};
    }
    steps! {
        Open view View Viewed;
        Open view_redirect ViewRedirect ViewedElsewhere;
        ViewedElsewhere view View Viewed;
        Open start ApplicationStart Started;
        Open start_from_search ApplicationStartFromSearch StartedFromSearch;
        Started finish ApplicationFinish Applied;
        Viewed quick_submit ApplicationQuickSubmission QuickApplied;
        Viewed redirect ApplicationRedirect Redirected;
        Open redirect_from_search ApplicationRedirectFromSearch RedirectedFromSearch;
        Started send_cv SentCv Started;
        Open company_submit ApplicationCompanySubmit Applied;
        QuickApplied grant_interview InterviewGranted Interviewing;
        Interviewing hire Hired Hired;
        Hired bookmark Bookmark Hired;
    }
}

#[tokio::test]
async fn another_request_id_or_job_is_refused_and_both_are_named() {
    let shelf = Shelf::new();
    let other = Submitted { job: job("42"), search: search("search-00"), id: "1".into() };
    let error = shelf.begin().record(&other).recoverable().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"`Submitted` is not a valid event: `request_id`: expected the session's own, "search-7f", found "search-00""#
    );
    let other = Submitted { job: job("7"), search: search("search-7f"), id: "1".into() };
    let error = error.into_funnel().record(&other).recoverable().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"`Submitted` is not a valid event: `job_event.jobs`: expected the funnel's own, "projects/acme/tenants/board/jobs/42", found "projects/acme/tenants/board/jobs/7""#
    );
    assert_eq!(error.stage(), Stage::Open);
    assert!(shelf.encoded().is_empty());
}

#[test]
fn a_job_of_another_tenant_is_refused_at_the_beginning() {
    let foreign = "projects/acme/tenants/other/jobs/1";
    let error = ApplicationFunnel::begin(&Shelf::new(), search("s"), foreign).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"`job_event.jobs[0]`: expected a job of `projects/acme/tenants/board`, found "projects/acme/tenants/other/jobs/1""#
    );
}

#[tokio::test]
async fn an_applicant_without_a_search_gets_a_made_up_id_that_is_marked() {
    let shelf = Shelf::new();
    let funnel = ApplicationFunnel::for_applicant(&shelf, "u1", job("42")).unwrap();
    let funnel = funnel.record(&Began { channel: "mail" }).await.unwrap();
    let funnel = funnel.finish().await.unwrap();
    assert!(!format!("{funnel:?} {:?}", funnel.checkpoint()).contains("u1"), "{funnel:?}");
    funnel.checkpoint().resume::<stage::Applied, _>(&shelf).unwrap().hire().await.unwrap();
    for event in shelf.encoded() {
        assert!(event.synthetic_request_id(), "{event:?}");
        assert_eq!(event.to_client_event().request_id, Some(search("application-u1-42")));
    }
    assert_eq!(shelf.encoded().len(), 3);
    let known = shelf.begin().start().await.unwrap();
    assert!(!shelf.encoded().pop().unwrap().synthetic_request_id(), "{known:?}");

    for (user, found) in [
        ("", "an empty text"),
        ("jane@example.com\n", r"the control character '\n' at byte 16 of 17 bytes"),
        (&"u".repeat(4_082), "4082 bytes"),
    ] {
        let error = invalid_field(ApplicationFunnel::for_applicant(&shelf, user, job("42")).unwrap_err());
        assert_eq!((error.field(), error.found()), ("user", found));
        assert!(error.expected().contains("1 to 4081 bytes"), "{error}");
    }
    let longest = ApplicationFunnel::for_applicant(&shelf, "u".repeat(4_081), job("42")).unwrap();
    assert_eq!(longest.request_id().as_str().len(), 4_096);
}

/// A made-up id names its user; so do, as a rule, the ids with which it is confused.
#[tokio::test]
async fn no_error_shows_a_made_up_id() {
    #[derive(TalentEvent)]
    #[talent(event = View, job = from_funnel, request_id = "application-{user}-{form}")]
    struct Opened {
        user: &'static str,
        form: &'static str,
    }

    #[derive(TalentEvent)]
    #[talent(event = View, job = "42", request_id = none)]
    struct Mailed;

    let shelf = Shelf::new();
    let jane = || ApplicationFunnel::for_applicant(&shelf, "jane@example.com", job("42")).unwrap();
    let submitted = |search| Submitted { job: job("42"), search, id: "1".into() };
    let opened = |form| Opened { user: "john@example.com", form };
    let not_shown = "expected the session's own, which is made up and not shown";
    for (error, found, expected) in [
        (
            jane().record(&submitted(search("application-john@example.com-42"))).await.err().unwrap().to_string(),
            "another one, made up",
            not_shown,
        ),
        (jane().record(&opened("42")).await.err().unwrap().to_string(), "another one, made up", not_shown),
        (jane().record(&Mailed).await.err().unwrap().to_string(), "`none`", not_shown),
        (
            jane().record(&opened("\n")).await.err().unwrap().to_string(),
            r"the control character '\n' at byte 29 of 30 bytes",
            "expected the request id of a search",
        ),
        (
            shelf.begin().record(&opened("42")).await.err().unwrap().to_string(),
            "another one, made up",
            r#"own, "search-7f""#,
        ),
    ] {
        assert!(error.contains(expected) && error.ends_with(&format!(", found {found}")), "{error}");
        assert!(!error.contains("example.com"), "{error}");
    }
    assert!(shelf.encoded().is_empty());
}

/// As a session takes them: checked already, as text, by its bare id, or perhaps not at all.
#[tokio::test]
async fn ids_and_notes_may_be_text() {
    let shelf = Shelf::new();
    let funnel = ApplicationFunnel::begin(&shelf, "search-7f", "42").unwrap();
    assert_eq!((funnel.request_id().as_str(), funnel.job()), ("search-7f", &job("42")));
    let funnel = funnel.view().event_id("e-1").notes(Some("position 2")).await.unwrap();
    let id = uuid::Uuid::from_u128(7);
    funnel.start().event_id(id).notes(None::<&str>).await.unwrap();
    let events = shelf.events();
    assert_eq!((events[0].event_id.as_str(), events[0].event_notes.as_str()), ("e-1", "position 2"));
    assert_eq!((events[1].event_id.as_str(), events[1].event_notes.as_str()), (&*id.to_string(), ""));

    let made_up = ApplicationFunnel::for_applicant(&shelf, "u1", "42").unwrap();
    assert_eq!(made_up.request_id().as_str(), "application-u1-42");
    let begin =
        |search: Option<&str>, job: &str| invalid_field(ApplicationFunnel::begin(&shelf, search, job).unwrap_err());
    assert_eq!(begin(None, "42").field(), "request_id");
    assert_eq!(begin(Some(""), "42").field(), "request_id");
    assert_eq!(begin(Some("search-7f"), "").field(), "job_event.jobs[0]");
    let error = ApplicationFunnel::begin(&shelf, "search-7f", "42")
        .unwrap()
        .view()
        .event_id("\n")
        .recoverable()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("found the control character"), "{error}");
    assert_eq!(shelf.events().len(), 2);
}

/// A reference, an `Arc`, a box, and a destination that is no `Clone` itself.
#[tokio::test]
async fn any_destination_will_do() {
    let shelf = Shelf::new();
    ApplicationFunnel::begin(&&shelf, search("s"), job("1")).unwrap().view().await.unwrap();
    ApplicationFunnel::begin(&Arc::new(shelf.clone()), search("s"), job("1")).unwrap().view().await.unwrap();
    let boxed = BoxDestination::new(shelf.clone());
    ApplicationFunnel::begin(&boxed, search("s"), job("1")).unwrap().view().await.unwrap();
    assert_eq!(shelf.encoded().len(), 3);

    let silent = [BoxDestination::without_receipt(shelf.clone()), BoxDestination::without_receipt(boxed)];
    for destination in &silent {
        let funnel = ApplicationFunnel::begin(destination, "s", "1").unwrap();
        assert_eq!(funnel.view().await.unwrap().receipt(), Some(&()));
    }
    assert_eq!(shelf.encoded().len(), 5);
    shelf.fail_next(TrackError::QueueFull);
    let error = ApplicationFunnel::begin(&silent[0], "s", "1").unwrap().view().recoverable().await.unwrap_err();
    assert_eq!(error.error().kind(), "queue_full");
}

/// The event is encoded before the future is made: events that are not `Send` make a future that is.
#[tokio::test]
async fn the_future_is_send_whatever_the_event_is() {
    #[derive(TalentEvent)]
    #[talent(event = View, request_id = from_session, job = from_funnel, notes = "{from}")]
    struct Opened {
        from: Rc<str>,
    }

    let shelf = Shelf::new();
    let task = tokio::spawn({
        let shelf = shelf.clone();
        async move {
            let step = shelf.begin().record(&Opened { from: "mail".into() });
            step.await.unwrap().start().await.unwrap().stage()
        }
    });
    assert_eq!(task.await.unwrap(), Stage::Started);
    assert_eq!(shelf.events()[0].event_notes, "mail");
}

#[test]
fn nothing_is_sent_unless_it_is_awaited() {
    let shelf = Shelf::new();
    drop(shelf.begin().view());
    drop(shelf.begin().record(&Began { channel: "app" }));
    assert!(shelf.encoded().is_empty());
}

#[tokio::test]
async fn an_invalid_time_of_a_named_step_is_its_error() {
    let shelf = Shelf::new();
    let too_late = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_800);
    let error = shelf.begin().view().create_time(too_late).recoverable().await.unwrap_err();
    assert!(matches!(error.error(), TrackError::Invalid(_)), "{error}");
    assert!(error.to_string().contains("`VIEW` is not a valid event: `create_time`"), "{error}");
    assert!(shelf.encoded().is_empty());
}
