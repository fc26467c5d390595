//! What fails, how often it is tried again, and what becomes too old.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::fake::{DEADLINE, Fake, Then, Told, balance, enqueue};
use super::support::event;
use crate::delivery::{Pause, Tracker, Undelivered};
use crate::{Destination, JobEventType};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test(start_paused = true)]
async fn an_outage_costs_probes_and_no_events() {
    let fake = Fake::new();
    let tracker = fake.tracker();
    for then in [Then::Unavailable, Then::NotPermitted, Then::OverQuota(None), Then::Hang] {
        let before = fake.attempts();
        fake.always(then);
        let delivered = tracker.stats().delivered;
        enqueue(&tracker, 0..10_000);
        sleep(HOUR).await;
        // What was under way when it began, and then one each time.
        let attempts = fake.attempts() - before;
        assert!((64..64 + 700).contains(&attempts), "{then:?}: {attempts} attempts");
        let health = tracker.health();
        assert!(health.running && !health.is_good(), "{then:?}: {health:?}");
        assert_eq!((tracker.stats().delivered, tracker.stats().waiting), (delivered, 10_000));
        balance(&tracker);

        fake.always(Then::Ok);
        // A pause of 60 s and a hanging call at most; after an over-quota the pace needs its time.
        sleep(Duration::from_secs(120)).await;
        assert_eq!(tracker.health().paused, None, "{then:?}");
        tracker.flush().await;
    }
    let stats = tracker.stats();
    assert_eq!((stats.accepted, stats.delivered), (40_000, 40_000));
}

#[tokio::test(start_paused = true)]
async fn over_quota_the_whole_lane_waits_as_long_as_asked() {
    let fake = Fake::new();
    let tracker = fake.tracker_by(Tracker::builder().max_in_flight(8));
    let asked = Duration::from_secs(300);
    fake.state().next.push_back(Then::OverQuota(Some(asked)));
    let begun = Instant::now();
    enqueue(&tracker, 0..100);
    sleep(Duration::from_secs(1)).await;
    let attempts = fake.attempts();
    assert!(attempts <= 16, "{attempts}");
    let (why, left) = tracker.health().paused.unwrap();
    assert_eq!(why, Pause::OverQuota);
    assert!(left.unwrap() >= asked - Duration::from_secs(2), "{left:?}");
    assert!(tracker.drain_estimate().unwrap() >= asked - Duration::from_secs(2));
    tracker.flush().await;
    let first_after = fake.state().attempts[attempts].1;
    assert!(first_after >= begun + asked, "{:?}", first_after - begun);
}

#[tokio::test(start_paused = true)]
async fn one_poisonous_event_does_not_hold_up_the_others_and_expires() {
    let (fake, told) = (Fake::new(), Told::default());
    fake.state().poison = Some(0);
    let tracker = fake.tracker_by(Tracker::builder().max_attempts(5).on_undelivered(told.hook()));
    let poison = tracker.deliver(event(0, JobEventType::Hired)).await.unwrap();
    enqueue(&tracker, 1..1_000);
    assert!(matches!(poison.await, Err(Undelivered::Expired)));
    assert_eq!(fake.state().attempts.iter().filter(|(number, _)| *number == 0).count(), 5);
    assert_eq!(tracker.health().paused, None);
    let stats = tracker.flush().await;
    assert_eq!((stats.delivered, stats.expired, stats.retried), (999, 1, 4));
    assert_eq!(told.numbers(), [0]);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_old_expires_while_nothing_can_be_sent() {
    let (fake, told) = (Fake::new(), Told::default());
    fake.always(Then::NotPermitted);
    let builder = Tracker::builder().max_age(HOUR).on_undelivered(told.hook());
    let tracker = fake.tracker_by(builder);
    enqueue(&tracker, 0..500);
    sleep(HOUR / 2).await;
    enqueue(&tracker, 500..1_000);
    let ticket = tracker.deliver(event(1_000, JobEventType::View)).await.unwrap();
    sleep(HOUR / 2 - Duration::from_secs(1)).await;
    assert_eq!(tracker.stats().expired, 0);
    sleep(Duration::from_secs(70)).await;
    assert_eq!(tracker.stats().expired, 500);
    balance(&tracker);
    assert!(matches!(ticket.await, Err(Undelivered::Expired)));
    sleep(Duration::from_secs(70)).await;
    let stats = tracker.stats();
    assert_eq!((stats.expired, stats.waiting, stats.waiting_bytes), (1_001, 0, 0));
    let mut numbers = told.numbers();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..1_001).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn an_event_past_its_time_is_not_sent() {
    let fake = Fake::new();
    fake.state().latency = Duration::from_millis(500);
    let tracker = fake.tracker_by(Tracker::builder().max_in_flight(1));
    enqueue(&tracker, 0..1);
    sleep(Duration::from_millis(1)).await;
    tracker.push_within(event(1, JobEventType::View), Duration::from_millis(400));
    tracker.push_within(event(2, JobEventType::View), Duration::from_millis(600));
    let stats = tracker.flush().await;
    assert_eq!(fake.delivered(), [0, 2]);
    assert_eq!((stats.delivered, stats.expired), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_lets_go_of_the_expired_first() {
    let fake = Fake::new();
    fake.always(Then::Hang);
    let tracker = fake.tracker_by(Tracker::builder().max_events(3).max_in_flight(1));
    enqueue(&tracker, 0..1);
    sleep(Duration::from_millis(1)).await;
    tracker.push_within(event(1, JobEventType::View), Duration::from_millis(50));
    tracker.push_within(event(2, JobEventType::View), HOUR);
    assert!(tracker.enqueue_encoded(event(3, JobEventType::View)).is_err());
    sleep(Duration::from_millis(200)).await;
    tracker.enqueue_encoded(event(3, JobEventType::View)).unwrap();
    assert_eq!(tracker.stats().expired, 1);
    balance(&tracker);
}

#[tokio::test(start_paused = true)]
async fn hanging_calls_are_tried_again() {
    let fake = Fake::new();
    fake.state().next.extend([Then::Hang; 3]);
    let tracker = fake.tracker();
    enqueue(&tracker, 0..20);
    let begun = Instant::now();
    let stats = tracker.flush().await;
    assert_eq!((stats.delivered, stats.retried), (20, 3));
    assert!(begun.elapsed() >= DEADLINE && begun.elapsed() < 2 * DEADLINE, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_call_is_a_failure_of_that_call() {
    let fake = Fake::new();
    fake.state().next.extend([Then::Panic, Then::Ok, Then::Panic]);
    let tracker = fake.tracker();
    enqueue(&tracker, 0..20);
    let stats = tracker.flush().await;
    assert_eq!((stats.delivered, stats.retried, stats.worker_restarts), (20, 2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_delivery_starts_it_again() {
    let fake = Fake::new();
    let tracker = fake.tracker_by(Tracker::builder().max_in_flight(4));
    enqueue(&tracker, 0..100);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(tracker.stats().in_flight, 4);
    fake.state().break_worker = true;
    let stats = tracker.flush().await;
    assert_eq!((stats.delivered, stats.worker_restarts, stats.waiting), (100, 1, 0));
    assert_eq!(tracker.health().worker_restarts, 1);
    assert!(tracker.health().is_good());
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_hook_is_caught_and_counted() {
    let fake = Fake::new();
    fake.state().next.extend([Then::Rejected; 3]);
    let tracker = fake.tracker_by(Tracker::builder().on_undelivered(|_, _| panic!("told to")));
    enqueue(&tracker, 0..20);
    let stats = tracker.flush().await;
    assert_eq!((stats.delivered, stats.rejected, stats.hook_panics, stats.worker_restarts), (17, 3, 3, 0));
}
