//! A page noted job by job.

use talent_events::JobEventType::*;
use talent_events::testing::{Failure, block_on};
use talent_events::{JobName, SearchSession, TrackError};
use tracing::Level;

use crate::invalid::invalid_field;
use crate::log::Log;
use crate::{job, jobs, recorder, session};

#[test]
fn it_is_one_event_in_order_without_duplicates() {
    let to = recorder();
    let session = session(&to);
    let mut page = session.collect();
    let by_number: JobName = "projects/12345/tenants/board/jobs/3".parse().unwrap();
    let noted = [
        page.shown("3"),
        page.shown("1"),
        page.shown(job("3")),
        page.shown(by_number),
        page.shown("projects/acme/tenants/board/jobs/2"),
        page.shown("1"),
    ];
    assert_eq!(noted.map(|new| new.unwrap()), [true, true, false, false, true, false]);
    assert_eq!(page.jobs(), [job("3"), job("1"), job("2")]);

    let receipt = block_on(page.flush()).unwrap().expect("a page of three jobs");
    assert_eq!(jobs(&receipt), ["3", "1", "2"]);
    to.assert_sequence([Impression]);

    assert_eq!(invalid_field(page.shown("4").unwrap_err()).found(), "a page that was sent");
    assert!(matches!(block_on(page.flush()), Err(TrackError::Invalid(_))), "it is flushed once");
    to.assert_sequence([Impression]);
}

#[test]
fn it_holds_500_jobs() {
    let to = recorder();
    let mut page = session(&to).collect();
    for id in 0..500 {
        assert!(page.shown(id.to_string()).unwrap());
    }
    let error = invalid_field(page.shown("500").unwrap_err());
    assert_eq!(error.field(), "job_event.jobs");
    assert!(error.help().is_some_and(|help| help.contains("add only the jobs that were shown")), "{error}");
    assert!(!page.shown("499").unwrap(), "it is there already");
    block_on(page.flush()).unwrap();
    assert_eq!(to.events()[0].job_event.jobs.len(), 500);
}

#[test]
fn what_is_no_job_is_not_noted() {
    let to = recorder();
    let mut page = session(&to).collect();
    page.shown("1").unwrap();
    assert_eq!(invalid_field(page.shown("").unwrap_err()).field(), "job_event.jobs[1]");
    let foreign = page.shown("projects/acme/tenants/other/jobs/1").unwrap_err();
    assert_eq!(invalid_field(foreign).expected(), "a job of `projects/acme/tenants/board`");
    assert_eq!(page.jobs(), [job("1")]);
    block_on(page.flush()).unwrap();
}

#[test]
fn an_empty_page_sends_nothing_and_shows_nothing() {
    let to = recorder();
    let session = session(&to);
    let mut page = session.collect();
    assert_eq!(block_on(page.flush()).unwrap(), None);
    page.shown("1").unwrap();
    assert!(block_on(page.flush()).unwrap().is_some());
}

#[test]
fn a_flush_that_failed_is_repeated_as_the_same_event() {
    let to = recorder();
    let mut page = session(&to).collect();
    page.shown("1").unwrap();
    to.fail_next(1, Failure::AnswerLost);
    block_on(page.flush()).unwrap_err();
    block_on(page.flush()).unwrap();
    let events = to.events();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0], events[1]);
}

#[test]
fn a_flush_that_failed_and_was_logged_is_repeated_too() {
    let to = recorder();
    let mut page = session(&to).collect();
    assert!(block_on(page.flush_or_log()).is_none(), "nothing was shown");
    page.shown("1").unwrap();
    to.fail_next(1, Failure::TimedOut);
    assert!(block_on(page.flush_or_log()).is_none());
    let receipt = block_on(page.flush_or_log()).expect("it is taken now");
    assert_eq!(to.events(), [receipt]);
    assert_eq!(to.attempts()[0], to.attempts()[1]);
    assert!(block_on(page.flush_or_log()).is_none(), "it is flushed once");
}

#[test]
fn a_page_that_has_grown_is_another_event() {
    let to = recorder();
    let mut page = session(&to).collect();
    page.shown("1").unwrap();
    to.fail_next(1, Failure::TimedOut);
    block_on(page.flush()).unwrap_err();
    page.shown("2").unwrap();
    block_on(page.flush()).unwrap();
    let attempts = to.attempts();
    assert_eq!((jobs(&attempts[0]), jobs(&attempts[1])), (vec!["1"], vec!["1", "2"]));
    assert_ne!(attempts[0].event_id, attempts[1].event_id);
}

#[test]
fn a_page_that_is_dropped_unsent_is_warned_of() {
    let log = Log::default();
    let _guard = log.of_this_thread(Level::INFO);
    let to = recorder();

    let mut sent = session(&to).collect();
    sent.shown("1").unwrap();
    block_on(sent.flush()).unwrap();
    drop(sent);
    drop(session(&to).collect());
    assert_eq!(log.take(), "", "nothing is lost of a page that was sent, or empty");

    let mut unsent = session(&to).collect();
    unsent.shown("1").unwrap();
    unsent.shown("2").unwrap();
    to.fail_next(1, Failure::Unavailable);
    block_on(unsent.flush()).unwrap_err();
    drop(unsent);
    let said = log.take();
    assert!(said.contains("WARN talent_events::sequence: ") && said.contains("jobs=2"), "{said}");
    assert!(said.contains("call `flush`") && said.contains("search-7f"), "{said}");

    let made_up = SearchSession::for_session_id(&to, "jane@example.com").unwrap();
    let mut unsent = made_up.collect();
    unsent.shown("1").unwrap();
    drop(unsent);
    let said = log.take();
    assert!(said.contains("jobs=1") && said.contains("made up, not shown") && !said.contains("jane"), "{said}");
}
