//! One impression a session, and a failed one again.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use talent_events::JobEventType::*;
use talent_events::testing::{Failure, block_on};
use talent_events::track::Code;
use talent_events::{JobName, SearchSession, TrackError};
use tokio::task::JoinSet;

use crate::{Result, job, recorder, session};

#[derive(talent_events::TalentEvent)]
#[talent(event = Impression, request_id = from_session)]
struct Listed(#[talent(jobs)] Vec<JobName>);

fn assert_second(error: TrackError) {
    let TrackError::Invalid(invalid) = &error else { panic!("{error:?}") };
    let field = invalid.fields().next().unwrap();
    assert_eq!(field.field(), "job_event.type");
    assert_eq!(field.found(), "a second IMPRESSION for the request id \"search-7f\"");
    assert_eq!(field.expected(), "one IMPRESSION per search");
}

#[test]
fn a_second_page_is_refused_whichever_way_it_comes() {
    let to = recorder();
    let session = session(&to);
    block_on(session.track(&Listed(vec![job("1")]))).unwrap();
    assert_second(block_on(session.impressions(["1"])).unwrap_err());
    assert_second(block_on(session.impressions(["2"])).unwrap_err());
    assert_second(block_on(session.clone().event(Impression, ["3"])).unwrap_err());
    assert_second(block_on(session.track(&Listed(vec![job("1")]))).unwrap_err());
    let mut page = session.collect();
    page.shown("4").unwrap();
    assert_second(block_on(page.flush()).unwrap_err());
    assert_eq!(to.attempts().len(), 1);
    block_on(session.notify(["1", "2"])).unwrap();
    to.assert_sequence([Impression, Notification]);
}

#[test]
fn what_was_never_sent_is_no_page() {
    let to = recorder();
    let session = session(&to);
    drop(session.impressions(["1"]));
    drop(session.track(&Listed(vec![job("1")])));
    block_on(session.impressions(Vec::<String>::new())).unwrap_err();
    block_on(session.impressions(["1"])).unwrap();
    to.assert_sequence([Impression]);
}

#[test]
fn a_page_that_failed_is_sent_again_as_the_same_event() {
    for failure in [
        Failure::AnswerLost,
        Failure::TimedOut,
        Failure::Unavailable,
        Failure::OverQuota(Some(Duration::from_secs(1))),
        Failure::NotPermitted,
        Failure::QueueFull,
        Failure::ShutDown,
    ] {
        let to = recorder();
        let session = session(&to);
        to.fail_next(2, failure);
        block_on(session.impressions(["1", "2"]).notes("first")).unwrap_err();
        block_on(session.track(&Listed(vec![job("1"), job("2")]))).unwrap_err();
        let receipt = block_on(session.impressions(["1", "2"]).notes("third")).unwrap();
        let attempts = to.attempts();
        assert_eq!(attempts.len(), 3);
        assert!(attempts.iter().all(|again| *again == attempts[0]), "{failure:?}");
        assert_eq!(receipt, attempts[0]);
        assert_second(block_on(session.impressions(["1", "2"])).unwrap_err());
        to.assert_conforms();
    }
}

/// A project has an id and a number.
#[test]
fn a_retry_may_name_the_project_by_its_number() {
    let to = recorder();
    let session = session(&to);
    to.fail_next(1, Failure::Unavailable);
    block_on(session.impressions(["1"])).unwrap_err();
    block_on(session.impressions(["projects/1234/tenants/board/jobs/1"])).unwrap();
    assert_eq!(to.attempts()[0], to.attempts()[1]);
}

#[test]
fn another_page_after_a_failed_one_is_another_event() {
    let to = recorder();
    let session = session(&to);
    to.fail_next(1, Failure::Unavailable);
    block_on(session.impressions(["1", "2"])).unwrap_err();
    block_on(session.impressions(["2", "1"])).unwrap();
    let attempts = to.attempts();
    assert_ne!(attempts[0].event_id, attempts[1].event_id);
    assert_second(block_on(session.impressions(["1", "2"])).unwrap_err());
}

#[test]
fn a_page_that_was_rejected_is_forgotten() {
    let to = recorder();
    let session = session(&to);
    to.fail_next(1, Failure::Rejected(Code::InvalidArgument));
    block_on(session.impressions(["1"]).event_id("taken")).unwrap_err();
    let event = block_on(session.impressions(["1"]).event_id("free")).unwrap();
    assert_eq!(event.event_id.as_str(), "free");
}

#[test]
fn a_page_without_an_answer_outlives_what_was_not_taken() {
    for failure in [
        Failure::Rejected(Code::NotFound),
        Failure::NotPermitted,
        Failure::OverQuota(None),
        Failure::QueueFull,
        Failure::ShutDown,
    ] {
        let to = recorder();
        let session = session(&to);
        to.fail_next(1, Failure::AnswerLost);
        to.fail_next(2, failure);
        for jobs in ["1", "2", "1"] {
            block_on(session.impressions([jobs])).unwrap_err();
        }
        block_on(session.impressions(["1"])).unwrap();
        let attempts = to.attempts();
        assert_ne!(attempts[1].event_id, attempts[0].event_id, "of other jobs");
        assert_eq!((&attempts[2], &attempts[3]), (&attempts[0], &attempts[0]), "{failure:?}");
        to.assert_conforms();
        assert_second(block_on(session.impressions(["1"])).unwrap_err());
    }
}

#[test]
fn a_repetition_that_exists_already_was_the_page() {
    let to = recorder();
    let session = session(&to);
    to.fail_next(1, Failure::AnswerLost);
    to.fail_next(1, Failure::Rejected(Code::AlreadyExists));
    block_on(session.impressions(["1"])).unwrap_err();
    assert!(matches!(block_on(session.impressions(["1"])), Err(TrackError::Rejected(_))));
    assert_second(block_on(session.impressions(["1"])).unwrap_err());
    assert_eq!(to.attempts().len(), 2);
    to.assert_conforms();
}

#[test]
fn what_exists_already_and_is_no_repetition_was_another_event() {
    let to = recorder();
    let session = session(&to);
    to.fail_next(1, Failure::Rejected(Code::AlreadyExists));
    block_on(session.impressions(["1"]).event_id("taken")).unwrap_err();
    block_on(session.impressions(["1"]).event_id("free")).unwrap();

    let to = recorder();
    let session = crate::session(&to);
    to.fail_next(1, Failure::AnswerLost);
    to.fail_next(1, Failure::Rejected(Code::AlreadyExists));
    block_on(session.impressions(["1"])).unwrap_err();
    block_on(session.impressions(["2"]).event_id("taken")).unwrap_err();
    block_on(session.impressions(["1"])).unwrap();
    to.assert_conforms();
}

#[tokio::test(start_paused = true)]
async fn a_page_on_its_way_is_the_page_until_it_is_given_up() -> Result {
    let to = recorder();
    let session = session(&to);
    to.delay_next(1, Duration::from_secs(60));
    {
        let mut under_way = pin!(session.track(&Listed(vec![job("1")])));
        assert!(under_way.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_second(session.impressions(["1"]).await.unwrap_err());
        session.view("1").await?;
    }
    // Dropped half-way.
    session.impressions(["1"]).await?;
    to.assert_sequence([View, Impression]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_one_is_let_through() -> Result {
    for _ in 0..50 {
        let to = recorder();
        let session = SearchSession::begin(&to, "search-7f")?;
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let session = session.clone();
            tasks.spawn(async move { session.impressions(["1"]).await });
        }
        let shown = tasks.join_all().await.into_iter().filter(|shown| shown.is_ok()).count();
        assert_eq!((shown, to.attempts().len()), (1, 1));
    }
    Ok(())
}
