//! Flush, shutdown, drop.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::fake::{Fake, Then, Told, balance, balanced, enqueue};
use super::support::{event, number};
use crate::delivery::{Overflow, SpawnError, Stats, Tracker, Undelivered};
use crate::{Destination, JobEventType, TrackError};

#[tokio::test(start_paused = true)]
async fn a_flush_covers_what_was_before_and_not_what_comes_after() {
    let fake = Fake::new();
    let tracker = fake.tracker_by(Tracker::builder().max_in_flight(1));
    enqueue(&tracker, 0..100);
    let flush = tokio::spawn({
        let tracker = tracker.clone();
        async move { tracker.flush().await }
    });
    // Views come first, so that the flush, too, has to wait for later ones: but not for all.
    let feeding = tokio::spawn({
        let tracker = tracker.clone();
        async move {
            for number in 100.. {
                tracker.enqueue_encoded(event(number, JobEventType::Impression)).unwrap();
                sleep(Duration::from_millis(5)).await;
            }
        }
    });
    let stats = timeout(Duration::from_secs(10), flush).await.expect("an end").unwrap();
    feeding.abort();
    assert_eq!(fake.delivered()[..100], (0..100).collect::<Vec<_>>());
    assert!(stats.delivered >= 100 && stats.waiting > 0, "{stats:?}");
}

#[tokio::test(start_paused = true)]
async fn a_flush_waits_for_what_is_sent_again() {
    let fake = Fake::new();
    fake.state().next.extend([Then::Unavailable; 5]);
    let tracker = fake.tracker();
    enqueue(&tracker, 0..5);
    assert_eq!(tracker.flush().await.delivered, 5);
}

#[tokio::test(start_paused = true)]
async fn a_flush_hears_of_what_is_dropped_for_others() {
    let fake = Fake::new();
    // Nothing leaves the queue but what makes room.
    fake.state().next.push_back(Then::OverQuota(Some(Duration::from_secs(3_600))));
    let tracker = fake.tracker_by(Tracker::builder().max_events(2).overflow(Overflow::DropOldest));
    enqueue(&tracker, 0..1);
    sleep(Duration::from_secs(1)).await;
    enqueue(&tracker, 1..2);
    let flush = tokio::spawn({
        let tracker = tracker.clone();
        async move { tracker.flush().await }
    });
    sleep(Duration::from_secs(1)).await;
    assert!(!flush.is_finished());
    enqueue(&tracker, 2..4);
    let stats = timeout(Duration::from_secs(1), flush).await.expect("it was woken").unwrap();
    assert_eq!((stats.dropped.overflow, stats.waiting), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn many_flushes_and_those_given_up() {
    let fake = Fake::new();
    fake.always(Then::Hang);
    let tracker = fake.tracker();
    assert_eq!(tracker.flush().await.accepted, 0);
    enqueue(&tracker, 0..3);
    for _ in 0..100 {
        tokio::select! {
            biased;
            _ = tracker.flush() => panic!("nothing was answered"),
            () = sleep(Duration::from_millis(1)) => {}
        }
    }
    fake.always(Then::Ok);
    let (one, other) = tokio::join!(tracker.flush(), tracker.flush());
    assert_eq!((one.delivered, other.delivered), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_delivers_what_it_can() {
    let fake = Fake::new();
    let tracker = fake.tracker();
    enqueue(&tracker, 0..1_000);
    let begun = Instant::now();
    let report = tracker.shutdown(Duration::from_secs(60)).await;
    assert_eq!((report.stats.delivered, report.remaining.len(), report.remaining.in_doubt()), (1_000, 0, 0));
    assert!(begun.elapsed() < Duration::from_secs(1), "it ends when all is done: {:?}", begun.elapsed());
    assert!(!tracker.health().running);
    let error = tracker.enqueue_encoded(event(1, JobEventType::View)).unwrap_err().error;
    assert!(matches!(error, TrackError::ShutDown), "{error}");
    assert_eq!(tracker.stats().refused.shut_down, 1);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_before_a_black_hole_ends_at_its_deadline_and_hands_back() {
    let fake = Fake::new();
    fake.always(Then::Hang);
    let tracker = fake.tracker_by(Tracker::builder().max_in_flight(10));
    enqueue(&tracker, 0..100);
    let ticket = tracker.deliver(event(100, JobEventType::Hired)).await.unwrap();
    let begun = Instant::now();
    let report = tracker.shutdown(Duration::from_secs(1)).await;
    let overrun = begun.elapsed() - Duration::from_secs(1);
    assert!(overrun <= Duration::from_millis(50), "{overrun:?}");
    assert!(matches!(ticket.await, Err(Undelivered::HandedBack)));
    assert_eq!((report.remaining.len(), report.remaining.in_doubt(), report.stats.waiting), (101, 10, 101));
    let remaining: Vec<_> = report.remaining.collect();
    let mut numbers: Vec<_> = remaining.iter().map(number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..101).collect::<Vec<_>>());
    balance(&tracker);
    let again = tracker.shutdown(Duration::from_secs(1)).await;
    assert_eq!((again.remaining.len(), again.stats.waiting), (0, 101));
    // A flush does not wait for what nobody delivers any more.
    assert_eq!(tracker.flush().await.waiting, 101);

    // What was handed back goes on elsewhere.
    fake.always(Then::Ok);
    let next = fake.tracker();
    remaining.into_iter().for_each(|event| next.enqueue_encoded(event).unwrap());
    assert_eq!(next.flush().await.delivered, 101);
}

#[tokio::test(start_paused = true)]
async fn of_two_shutdowns_one_hands_back_and_both_count() {
    let fake = Fake::new();
    fake.always(Then::Hang);
    let tracker = fake.tracker();
    enqueue(&tracker, 0..10);
    let (one, other) = tokio::join!(tracker.shutdown(Duration::from_secs(5)), tracker.shutdown(Duration::from_secs(1)));
    assert_eq!((one.stats, one.stats.waiting), (other.stats, 10));
    let mut handed_back = [one.remaining.len(), other.remaining.len()];
    handed_back.sort_unstable();
    assert_eq!(handed_back, [0, 10]);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_given_up_can_be_asked_for_again() {
    let fake = Fake::new();
    fake.always(Then::Hang);
    let tracker = fake.tracker();
    enqueue(&tracker, 0..10);
    tokio::select! {
        biased;
        _ = tracker.shutdown(Duration::from_secs(5)) => panic!("nothing was answered"),
        () = sleep(Duration::from_secs(1)) => {}
    }
    assert!(tracker.enqueue_encoded(event(10, JobEventType::View)).is_err());
    let begun = Instant::now();
    let report = tracker.shutdown(Duration::from_secs(60)).await;
    assert!(begun.elapsed() <= Duration::from_millis(4_050), "the earlier deadline holds: {:?}", begun.elapsed());
    assert_eq!(report.remaining.len(), 10);
}

#[tokio::test(start_paused = true)]
async fn dropped_it_lets_go_and_tells() {
    let (fake, told) = (Fake::new(), Told::default());
    fake.always(Then::Hang);
    let tracker = fake.tracker_by(Tracker::builder().max_in_flight(10).on_undelivered(told.hook()));
    enqueue(&tracker, 0..100);
    let ticket = tracker.deliver(event(100, JobEventType::View)).await.unwrap();
    sleep(Duration::from_millis(1)).await;
    let clone = tracker.clone();
    drop(tracker);
    sleep(Duration::from_millis(1)).await;
    assert!(told.all().is_empty(), "a clone is left");
    drop(clone);
    assert!(matches!(ticket.await, Err(Undelivered::Abandoned)));
    let all = told.all();
    assert!(all.iter().all(|(_, why)| matches!(why, Undelivered::Abandoned)));
    assert_eq!(all.len(), 101);
}

#[test]
fn a_runtime_that_ends_is_noticed() {
    let fake = Fake::new();
    fake.always(Then::Hang);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let (tracker, ticket) = runtime.block_on(async {
        let tracker = fake.tracker();
        enqueue(&tracker, 0..5);
        let ticket = tracker.deliver(event(5, JobEventType::View)).await.unwrap();
        sleep(Duration::from_millis(1)).await;
        (tracker, ticket)
    });
    drop(runtime);
    assert!(!tracker.health().running);
    assert!(tracker.enqueue_encoded(event(6, JobEventType::View)).is_err());
    let flushed = tracker.flush_blocking(Duration::from_secs(60));
    assert_eq!(flushed.waiting, 6);
    let report = tracker.shutdown_blocking(Duration::from_secs(60));
    assert_eq!((report.remaining.len(), report.stats.waiting), (6, 6));
    let other = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(matches!(other.block_on(ticket), Err(Undelivered::HandedBack)));
    balance(&tracker);
}

/// What a stop left can be asked for by a handle, and there is none any more.
fn abandoned(told: &Told, stats: &Stats, count: u64) {
    let all = told.all();
    assert!(all.iter().all(|(_, why)| matches!(why, Undelivered::Abandoned)), "{all:?}");
    let numbers: BTreeSet<_> = all.iter().map(|(number, _)| *number).collect();
    assert_eq!((numbers.len(), all.len()), (count as usize, count as usize));
    assert_eq!((stats.dropped.abandoned, stats.waiting, stats.waiting_bytes), (count, 0, 0), "{stats:?}");
    balanced(stats);
}

#[test]
fn dropped_after_its_runtime_it_tells_too() {
    let (fake, told) = (Fake::new(), Told::default());
    fake.always(Then::Hang);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let tracker = runtime.block_on(async {
        let tracker = fake.tracker_by(Tracker::builder().max_in_flight(3).on_undelivered(told.hook()));
        enqueue(&tracker, 0..10);
        sleep(Duration::from_millis(1)).await;
        tracker
    });
    drop(runtime);
    assert_eq!((told.all().len(), tracker.stats().waiting), (0, 10), "a shutdown may still ask for them");
    let queue = Arc::clone(tracker.backlog());
    drop(tracker);
    abandoned(&told, &queue.stats(), 10);
}

#[tokio::test(start_paused = true)]
async fn dropped_after_a_shutdown_that_was_given_up_it_tells_too() {
    // The deadline is over when the tracker is dropped, or is not.
    for wait in [5_000, 10] {
        let (fake, told) = (Fake::new(), Told::default());
        fake.always(Then::Hang);
        let tracker = fake.tracker_by(Tracker::builder().on_undelivered(told.hook()));
        enqueue(&tracker, 0..10);
        timeout(Duration::from_millis(100), tracker.shutdown(Duration::from_secs(1))).await.unwrap_err();
        sleep(Duration::from_millis(wait)).await;
        let queue = Arc::clone(tracker.backlog());
        drop(tracker);
        sleep(Duration::from_millis(1)).await;
        abandoned(&told, &queue.stats(), 10);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_handed_back_is_not_dropped_later() {
    let (fake, told) = (Fake::new(), Told::default());
    fake.always(Then::Hang);
    let tracker = fake.tracker_by(Tracker::builder().on_undelivered(told.hook()));
    enqueue(&tracker, 0..10);
    assert_eq!(tracker.shutdown(Duration::from_secs(1)).await.remaining.len(), 10);
    let queue = Arc::clone(tracker.backlog());
    drop(tracker);
    assert!(told.all().is_empty());
    assert_eq!((queue.stats().dropped.abandoned, queue.stats().waiting), (0, 10));
}

/// Neither the caller's runtime nor the delivery's can keep the deadline.
#[test]
fn a_shutdown_keeps_its_deadline_without_anybodys_timer() {
    let fake = Fake::new();
    let asleep = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let tracker = {
        let _in = asleep.enter();
        fake.tracker()
    };
    enqueue(&tracker, 0..10);
    let no_timer = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let report = no_timer.block_on(tracker.shutdown(Duration::from_millis(20)));
    assert_eq!((report.remaining.len(), report.stats.waiting), (10, 10));
}

#[test]
fn on_a_runtime_without_a_timer_it_says_so() {
    let no_timer = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _in = no_timer.enter();
    let error = Tracker::builder().spawn_with(Fake::new(), super::support::tenant()).unwrap_err();
    assert!(matches!(error, SpawnError::NoTimer), "{error}");
    assert!(error.to_string().contains("enable_time"));
}

#[test]
fn without_a_runtime_it_says_so() {
    let error = Tracker::builder().spawn_with(Fake::new(), super::support::tenant()).unwrap_err();
    assert!(matches!(error, SpawnError::NoRuntime), "{error}");
    assert!(error.to_string().contains("spawn_thread"));
}

#[tokio::test]
async fn settings_out_of_bounds_are_named() {
    let b = Tracker::builder;
    for (builder, expected, found) in [
        (b().max_events(0), "`max_events`: expected ", "found 0 events"),
        (b().max_bytes(10), "`max_bytes`: expected ", "found 10 bytes"),
        (b().max_age(Duration::ZERO), "`max_age`: expected ", "found 0ns"),
        (b().max_attempts(0), "`max_attempts`: expected ", "found 0 attempts"),
        (b().max_in_flight(0), "`max_in_flight`: expected ", "found 0 calls"),
        (b().max_in_flight(10_001), "`max_in_flight`: expected ", "found 10001 calls"),
    ] {
        let error = builder.spawn_with(Fake::new(), super::support::tenant()).unwrap_err().to_string();
        assert!(error.starts_with(expected) && error.ends_with(found), "{error}");
    }
}
