//! The recorder itself: what it keeps, how it fails, and what its assertions say.

use std::panic::{self, AssertUnwindSafe};
use std::time::Duration;

use talent_events::JobEventType::*;
use talent_events::testing::{DEFAULT_CAPACITY, Failure, block_on};
use talent_events::track::Code;
use talent_events::{RequestId, SearchSession, Track, TrackError};
use tokio::time::Instant;

use crate::{Result, job, recorder, session};

#[derive(talent_events::TalentEvent)]
#[talent(event = View, request_id = "visit-{visitor}", notes = "by {visitor}")]
struct Visit {
    #[talent(job)]
    job: &'static str,
    visitor: u32,
}

/// What an assertion says where it fails.
fn said(assertion: impl FnOnce()) -> String {
    let panic = panic::catch_unwind(AssertUnwindSafe(assertion)).expect_err("the assertion fails");
    panic.downcast_ref::<String>().expect("words").clone()
}

#[test]
fn clones_are_the_same_recorder() {
    let to = recorder();
    let other = to.clone();
    block_on(session(&other).view("1")).unwrap();
    assert_eq!((to.len(), other.len(), to.is_empty()), (1, 1, false));
    to.clear();
    assert!(other.is_empty());
    assert!(format!("{to:?}").contains("events: 0"));
}

#[test]
fn events_by_type_request_and_job() {
    let to = recorder();
    block_on(async {
        session(&to).impressions(["1", "2"]).await?;
        session(&to).view("2").await?;
        SearchSession::begin(&to, "other").unwrap().view("1").await
    })
    .unwrap();
    assert_eq!(to.of_type(View).len(), 2);
    assert_eq!(to.of_type(Hired), []);
    assert_eq!(to.of_request(&"other".parse().unwrap()).len(), 1);
    assert_eq!(to.of_job(&job("1")).len(), 2);
    let by_number = "projects/1234/tenants/board/jobs/1".parse().unwrap();
    assert_eq!(to.of_job(&by_number).len(), 2, "a project has an id and a number");
    assert_eq!(to.of_job(&job("3")), []);
}

#[test]
fn failures_come_in_the_order_of_the_script() {
    let to = recorder();
    let session = session(&to);
    to.fail_next(0, Failure::ShutDown);
    to.fail_next(2, Failure::OverQuota(Some(Duration::from_secs(7))));
    to.fail_next(1, Failure::Rejected(Code::NotFound));
    to.fail_next(1, Failure::AnswerLost);
    let outcomes: Vec<_> = (0..6).map(|_| block_on(session.view("1"))).collect();
    assert!(
        matches!(&outcomes[0], Err(e @ TrackError::OverQuota { .. }) if e.retry_after() == Some(Duration::from_secs(7)))
    );
    assert!(matches!(&outcomes[1], Err(TrackError::OverQuota { .. })));
    assert!(matches!(&outcomes[2], Err(TrackError::Rejected(r)) if r.code == Code::NotFound));
    assert!(matches!(&outcomes[3], Err(TrackError::TimedOut { .. })));
    assert!(outcomes[4].is_ok() && outcomes[5].is_ok());
    assert_eq!((to.attempts().len(), to.len()), (6, 3), "a lost answer leaves the event there");
}

#[test]
fn what_does_not_fit_is_refused() {
    let to = recorder().with_capacity(2);
    let session = session(&to);
    to.fail_next(1, Failure::Unavailable);
    let outcomes: Vec<_> = (0..3).map(|_| block_on(session.view("1"))).collect();
    assert!(matches!(&outcomes[2], Err(TrackError::QueueFull)));
    assert_eq!((to.attempts().len(), to.len()), (2, 1));
    const { assert!(DEFAULT_CAPACITY >= 10_000) };
}

#[tokio::test(start_paused = true)]
async fn delays_are_on_tokios_clock() -> Result {
    let to = recorder();
    let session = session(&to);
    to.delay_next(2, Duration::from_secs(30));
    to.fail_next(1, Failure::Unavailable);
    let began = Instant::now();
    session.view("1").await.unwrap_err();
    assert_eq!(began.elapsed(), Duration::from_secs(30));
    let visit = Visit { job: "1", visitor: 1 };
    assert!(tokio::time::timeout(Duration::from_secs(29), visit.track(&to)).await.is_err());
    assert!(to.is_empty(), "given up before it was taken");
    session.view("1").await?;
    assert_eq!(began.elapsed(), Duration::from_secs(59), "no delay is left");
    Ok(())
}

#[test]
fn a_sequence_that_differs_is_told_at_its_first_difference() {
    let to = recorder();
    block_on(async {
        session(&to).impressions(["1", "2"]).await?;
        session(&to).view("2").notes("private words").await
    })
    .unwrap();
    to.assert_sequence([Impression, View]);
    let words = said(|| to.assert_sequence([Impression, Bookmark, View]));
    assert_eq!(
        words,
        "event 2 is VIEW and should be BOOKMARK\n\
         expected: [IMPRESSION, BOOKMARK, VIEW]\n\
         recorded: [IMPRESSION, VIEW]\n   \
         1. IMPRESSION of \"1\" and 1 more, request id \"search-7f\"\n   \
         2. VIEW of \"2\", request id \"search-7f\""
    );
    assert!(said(|| to.assert_sequence([Impression])).starts_with("event 2 is VIEW and should be no event\n"));
    assert!(
        said(|| to.assert_sequence([Impression, View, View])).starts_with("event 3 is no event and should be VIEW\n")
    );
}

#[test]
fn every_defect_is_listed() {
    let to = recorder();
    to.assert_conforms();
    block_on(Visit { job: "1", visitor: 3 }.track(&to)).unwrap();
    block_on(session(&to).event(ApplicationFinish, ["1"])).unwrap();
    to.assert_defects(["request-id-synthetic", "impressions-none", "finish-without-start"]);

    let words = said(|| to.assert_conforms());
    assert!(words.starts_with("the events do not conform:\n- impressions-none (defect, Google): "), "{words}");
    assert_eq!(words.matches("\n- ").count(), to.defects().len(), "{words}");
    assert!(words.contains("\n- request-id-synthetic (loss, inferred): "), "{words}");
    assert!(!words.contains("by 3"), "notes are not for logs: {words}");

    let words = said(|| to.assert_defects(["request-id-synthetic", "impressions-none", "step-repeated"]));
    assert!(words.contains("finish-without-start") && !words.contains("impressions-none"), "{words}");
    assert!(words.contains("no event breaks the rule `step-repeated`, which should be broken"), "{words}");

    let words = said(|| to.assert_defects(["finish-before-start"]));
    assert!(words.contains("there is no rule `finish-before-start`"), "{words}");
}

#[test]
fn request_ids_are_made_up_where_others_are_known() {
    let to = recorder();
    let session = session(&to);
    block_on(session.impressions(["1"])).unwrap();
    to.assert_conforms();
    to.know_request_id(RequestId::new("another").unwrap());
    to.assert_defects(["request-id-synthetic"]);
    to.know_request_id(session.request_id().clone());
    to.assert_conforms();
}

#[test]
fn block_on_waits_for_another_thread() {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let thread = std::thread::spawn(move || sender.send(7).unwrap());
    assert_eq!(block_on(receiver), Ok(7));
    thread.join().unwrap();
}
