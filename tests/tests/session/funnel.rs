//! The whole way of some jobs, in one call.

use talent_events::JobEventType::*;
use talent_events::TrackError;
use talent_events::testing::{Failure, block_on};
use talent_events::track::Code;

use crate::{jobs, recorder, session};

#[test]
fn one_page_and_then_each_stage_for_each_job() {
    let to = recorder();
    let session = session(&to);
    let receipts = block_on(session.all_stages(["1", "2", "1"])).unwrap();
    to.assert_sequence([
        Impression,
        View,
        ApplicationStart,
        ApplicationFinish,
        View,
        ApplicationStart,
        ApplicationFinish,
    ]);
    to.assert_conforms();
    let events = to.events();
    assert_eq!(events, receipts);
    assert_eq!(jobs(&events[0]), ["1", "2"]);
    assert!(events[1..4].iter().all(|e| jobs(e) == ["1"]) && events[4..].iter().all(|e| jobs(e) == ["2"]));
    let notes: Vec<_> = events[..4].iter().map(|e| e.event_notes.as_str()).collect();
    assert_eq!(
        notes,
        ["Search results displayed", "Job details viewed", "Application process started", "Application completed"]
    );
}

#[test]
fn nothing_is_sent_where_one_job_is_none() {
    let to = recorder();
    let incomplete = block_on(session(&to).all_stages(["1", "a/b"]).recoverable()).unwrap_err();
    assert!(incomplete.to_string().contains("stopped after 0 of 0 events"), "{incomplete}");
    assert!(incomplete.to_string().contains("job_event.jobs[1]"), "{incomplete}");
    let again = block_on(incomplete.retry()).unwrap_err();
    assert!(matches!(TrackError::from(again), TrackError::Invalid(_)));
    assert!(block_on(session(&to).all_stages(Vec::<String>::new())).is_err());
    assert!(to.attempts().is_empty());
}

#[test]
fn it_goes_on_where_it_stopped() {
    for fails_at in 0..7 {
        let to = recorder();
        let session = session(&to);
        to.fail_next(fails_at, Failure::Unavailable);
        // Fails as often as there are failures left, and each time at the same event.
        let mut outcome = block_on(session.all_stages(["1", "2"]).recoverable());
        let mut stops = 0;
        while let Err(incomplete) = outcome {
            assert!(incomplete.error().is_retryable());
            assert_eq!(incomplete.receipts().len() + incomplete.unsent().len(), 7);
            assert!(incomplete.to_string().starts_with("stopped after 0 of 7 events: "), "{incomplete}");
            stops += 1;
            outcome = block_on(incomplete.retry());
        }
        assert_eq!((stops, outcome.unwrap().len(), to.len()), (fails_at, 7, 7));
        let attempts = to.attempts();
        assert!(attempts[..fails_at].iter().all(|again| *again == attempts[fails_at]));
        to.assert_conforms();
    }
}

#[test]
fn a_session_that_has_shown_its_page_goes_on_without_one() -> crate::Result {
    let to = recorder();
    let session = session(&to);
    block_on(session.impressions(["1"]))?;
    let incomplete = block_on(session.all_stages(["1"]).recoverable()).unwrap_err();
    let incomplete = block_on(incomplete.retry()).unwrap_err();
    assert!(matches!(incomplete.error(), TrackError::Invalid(_)));
    assert_eq!(incomplete.unsent().len(), 4);
    assert_eq!(block_on(incomplete.skip())?.len(), 3);
    to.assert_sequence([Impression, View, ApplicationStart, ApplicationFinish]);
    to.assert_conforms();
    Ok(())
}

#[test]
fn what_is_refused_whenever_it_comes_is_left_out() -> crate::Result {
    let to = recorder();
    to.fail_next(1, Failure::Unavailable);
    to.fail_next(1, Failure::Rejected(Code::NotFound));
    let incomplete = block_on(session(&to).all_stages(["1"]).recoverable()).unwrap_err();
    let incomplete = block_on(incomplete.retry()).unwrap_err();
    assert_eq!((incomplete.receipts().len(), incomplete.unsent().len()), (0, 4));
    // It may stop again, and at the end.
    to.fail_next(1, Failure::Rejected(Code::NotFound));
    let mut incomplete = block_on(incomplete.skip()).unwrap_err();
    for left in [2, 1] {
        to.fail_next(1, Failure::Rejected(Code::NotFound));
        incomplete = block_on(incomplete.skip()).unwrap_err();
        assert_eq!((incomplete.receipts().len(), incomplete.unsent().len()), (0, left));
    }
    assert!(block_on(incomplete.skip())?.is_empty());
    assert!(to.is_empty());

    let no_jobs = block_on(session(&to).all_stages(Vec::<String>::new()).recoverable()).unwrap_err();
    assert!(matches!(block_on(no_jobs.skip()).unwrap_err().error(), TrackError::Invalid(_)));
    Ok(())
}

#[test]
fn an_error_in_the_middle_keeps_what_was_taken() -> crate::Result {
    let to = recorder().with_capacity(3);
    let incomplete = block_on(session(&to).all_stages(["1"]).recoverable()).unwrap_err();
    assert!(matches!(incomplete.error(), TrackError::QueueFull));
    assert_eq!((incomplete.receipts().len(), incomplete.unsent().len()), (3, 1));
    to.clear();
    assert_eq!(block_on(incomplete.retry())?.len(), 4);
    to.assert_sequence([ApplicationFinish]);
    Ok(())
}
