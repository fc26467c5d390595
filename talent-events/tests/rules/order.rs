//! The order in which events arrive changes nothing, and neither does their number.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use talent_events::event::rules::{Checker, check};
use talent_events::{ClientEvent, JobEventType};

use super::{event, ids};

const JOBS: [&str; 3] = ["a", "b", "c"];

/// Few ids, jobs, times and searches, so that ties, repeated ids and broken rules are common.
fn any_event() -> impl Strategy<Value = ClientEvent> {
    (
        0..12u8,
        select(vec!["", "s1", "s2", "made-up"]),
        select(JobEventType::ALL.to_vec()),
        subsequence(JOBS.to_vec(), 0..=JOBS.len()),
        0..6i64,
    )
        .prop_map(|(id, request_id, r#type, jobs, second)| event(&format!("e{id}"), request_id, r#type, &jobs, second))
}

fn events_and_a_permutation() -> impl Strategy<Value = (Vec<ClientEvent>, Vec<ClientEvent>)> {
    prop::collection::vec(any_event(), 0..40)
        .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle()))
}

proptest! {
    #[test]
    fn any_order_gives_the_same_defects_in_the_same_order((events, shuffled) in events_and_a_permutation()) {
        let checker = Checker::new().synthetic(|id| id.as_str() == "made-up");
        prop_assert_eq!(checker.check(&events), checker.check(&shuffled));
    }

    #[test]
    fn delivering_again_adds_nothing((events, again) in events_and_a_permutation()) {
        prop_assert_eq!(check(&events), check(events.iter().chain(&again)));
    }

    #[test]
    fn a_defect_comes_with_the_events_that_it_names(events in prop::collection::vec(any_event(), 0..40)) {
        let mut defects = Vec::new();
        Checker::new().check_with(&events, |defect, shown_by| {
            let shown_by: Vec<_> = shown_by.iter().map(|e| (e.job_event.r#type, &e.event_id)).collect();
            assert_eq!(defect.typed_events().collect::<Vec<_>>(), shown_by);
            defects.push(defect);
        });
        prop_assert_eq!(defects, check(&events));
    }

    /// Every defect is shown by events that were given, under its request id and about its job.
    #[test]
    fn defects_are_shown_by_what_was_given(events in prop::collection::vec(any_event(), 0..40)) {
        for defect in check(&events) {
            prop_assert!(!defect.events.is_empty());
            for (r#type, id) in defect.typed_events() {
                let given = events.iter().any(|e| {
                    e.event_id == *id
                        && e.job_event.r#type == r#type
                        && e.request_id == defect.request_id
                        && defect.job.as_ref().is_none_or(|job| e.job_event.jobs.contains(job))
                });
                prop_assert!(given, "{}", defect);
            }
        }
    }
}

/// Takes under a second each, unoptimised; minutes, if any step compared each event with each other.
#[test]
fn a_hundred_thousand_events_are_judged_at_once() {
    const N: i64 = 100_000;
    let check = |events: &[ClientEvent]| {
        let start = Instant::now();
        let defects = check(events);
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
        defects
    };
    let view = |i: i64, request_id: &str, job: &str| event(&format!("e{i}"), request_id, JobEventType::View, &[job], i);
    let one_job: Vec<_> = (0..N).map(|i| view(i, "s", "a")).collect();
    assert_eq!(ids(&check(&one_job)), ["impressions-none"]);

    let mut many_jobs: Vec<_> = (0..N).map(|i| view(i, "s", &format!("j{i}"))).collect();
    assert_eq!(ids(&check(&many_jobs)), ["impressions-none"]);
    many_jobs.push(event("i", "s", JobEventType::Impression, &["j7"], 0));
    assert_eq!(check(&many_jobs).len(), N as usize - 1, "job-not-shown for all but one");

    let many_searches: Vec<_> = (0..N).map(|i| view(i, &format!("s{i}"), "a")).collect();
    assert_eq!(check(&many_searches).len(), N as usize);

    let copies = vec![view(0, "", "a"); N as usize];
    assert_eq!(ids(&check(&copies)), ["request-id-missing"]);
}
