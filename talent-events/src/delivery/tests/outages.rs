//! Outages: probes instead of all events, nothing counts, and everything is delivered afterwards.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::fake::{DEADLINE, Fake, Then, Told, balance, enqueue};
use super::support::event;
use crate::delivery::engine::Carrier;
use crate::delivery::{Flow, Health, Pause, Quota, Tracker, Undelivered};
use crate::{Destination, JobEventType};

const HOUR: Duration = Duration::from_secs(3_600);

fn is_throttled(health: Health) -> bool {
    matches!(health.flow, Flow::Throttled { .. })
}

#[tokio::test(start_paused = true)]
async fn an_outage_costs_probes_and_no_events() {
    for then in [Then::Unavailable, Then::NotPermitted, Then::NotFound, Then::Refused, Then::Break, Then::Hang] {
        let fake = Fake::new();
        fake.always(then);
        let tracker = fake.tracker();
        enqueue(&tracker, 0..10_000);
        sleep(HOUR).await;
        // The calls in flight when it began, and then one in five seconds.
        // Connections that end take 64 calls along each, and are a failure each.
        let most = if then == Then::Break { 20 * 64 + 740 } else { 64 + 740 };
        assert!((64..most).contains(&fake.attempts()), "{then:?}: {} attempts", fake.attempts());
        assert!(is_throttled(tracker.health()) && tracker.health().running, "{then:?}: {:?}", tracker.health());
        assert_eq!((tracker.stats().delivered, tracker.stats().waiting), (0, 10_000), "{then:?}");
        balance(&tracker);

        fake.always(Then::Ok);
        let begun = Instant::now();
        assert_eq!(tracker.flush().await.delivered, 10_000, "{then:?}");
        // Five seconds to the next probe, and the deadline of a call that hangs.
        assert!(begun.elapsed() < DEADLINE + Duration::from_secs(10), "{then:?}: {:?}", begun.elapsed());
        assert!(tracker.health().is_good(), "{then:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_counts_against_no_event() {
    for then in [Then::Unavailable, Then::Hang, Then::NotFound, Then::NotPermitted, Then::OverQuota(None)] {
        for many in [1, 5, 100] {
            let fake = Fake::new();
            let tracker = fake.tracker_by(Tracker::builder().max_attempts(1));
            for round in 1..=3 {
                fake.always(then);
                enqueue(&tracker, 0..many);
                sleep(HOUR).await;
                fake.always(Then::Ok);
                let stats = tracker.flush().await;
                assert_eq!((stats.delivered as usize, stats.waiting), (round * many, 0), "{then:?}, {many}: {stats:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn with_little_traffic_a_lone_event_is_tried_every_five_seconds() {
    let fake = Fake::new();
    fake.always(Then::Unavailable);
    let tracker = fake.tracker();
    enqueue(&tracker, 0..1);
    sleep(HOUR).await;
    assert!((700..2_000).contains(&fake.attempts()), "{}", fake.attempts());
    fake.always(Then::Ok);
    let begun = Instant::now();
    tracker.flush().await;
    assert!(begun.elapsed() <= Duration::from_secs(6), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn after_an_outage_the_events_that_came_meanwhile_follow_within_six_seconds() {
    for seconds in [1, 5, 20] {
        let fake = Fake::new();
        let tracker = fake.tracker();
        let mut number = 0;
        for tick in 0..(seconds + 10) * 10 {
            fake.always(if (50..50 + seconds * 10).contains(&tick) { Then::Refused } else { Then::Ok });
            enqueue(&tracker, number..number + 9);
            number += 9;
            sleep(Duration::from_millis(100)).await;
        }
        let stats = tracker.stats();
        assert!(stats.waiting <= 90, "{seconds} s: {stats:?}");
        assert_eq!(tracker.flush().await.delivered as usize, number);
    }
}

#[tokio::test(start_paused = true)]
async fn random_failures_are_no_outage() {
    for percent in [5, 15, 25, 50] {
        let fake = Fake::new();
        fastrand::seed(percent);
        let then = |_| if fastrand::u64(..100) < percent { Then::Unavailable } else { Then::Ok };
        fake.state().next.extend((0..100_000).map(then));
        let tracker = fake.tracker();
        enqueue(&tracker, 0..20_000);
        let begun = Instant::now();
        // The last ones wait for their third and fourth retry.
        while tracker.stats().delivered < 19_000 {
            sleep(Duration::from_millis(10)).await;
        }
        // 64 calls in flight, 10 ms each (a timer takes one more).
        let without = Duration::from_millis(19_000 * 11 / 64);
        let goal = without.mul_f64(1.0 / (1.0 - percent as f64 / 100.0) / 0.85);
        assert!(begun.elapsed() < goal, "{percent} %: {:?}, goal {goal:?}", begun.elapsed());
        let stats = tracker.flush().await;
        assert_eq!((stats.delivered, stats.expired), (20_000, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_the_service_asks_for_is_kept_and_told_of() {
    let asked = Duration::from_secs(300);
    for (then, reason) in
        [(Then::UnavailableFor(asked), Pause::Unavailable), (Then::OverQuota(Some(asked)), Pause::OverQuota)]
    {
        let fake = Fake::new();
        let tracker = fake.tracker_by(Tracker::builder().max_in_flight(1));
        fake.state().next.push_back(then);
        let begun = Instant::now();
        enqueue(&tracker, 0..100);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(fake.attempts(), 1);
        let Flow::Paused { reason: why, next_probe } = tracker.health().flow else { panic!("{:?}", tracker.health()) };
        assert_eq!((why, next_probe.as_secs()), (reason, 299));
        tracker.flush().await;
        assert!(fake.state().attempts[1].1 >= begun + asked);
        assert!(tracker.health().is_good());
    }
}

#[tokio::test(start_paused = true)]
async fn an_absurd_pause_is_kept_for_ten_minutes() {
    for asked in [HOUR, Duration::MAX] {
        for then in [Then::UnavailableFor(asked), Then::OverQuota(Some(asked))] {
            let fake = Fake::new();
            let tracker = fake.tracker_by(Tracker::builder().max_in_flight(1));
            fake.state().next.push_back(then);
            let begun = Instant::now();
            enqueue(&tracker, 0..100);
            tracker.flush().await;
            assert!((600..620).contains(&begun.elapsed().as_secs()), "{then:?}: {:?}", begun.elapsed());
        }
    }
}

/// The service asks one event to wait, and takes those that were sent after it.
#[tokio::test(start_paused = true)]
async fn a_pause_ends_when_a_later_call_is_accepted() {
    let fake = Fake::new();
    fake.state().next.push_back(Then::UnavailableFor(HOUR));
    let tracker = fake.tracker();
    enqueue(&tracker, 0..10_000);
    let begun = Instant::now();
    tracker.flush().await;
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

/// An hour without quota: the rate is what it was when it was used up, and not the slowest there is.
#[tokio::test(start_paused = true)]
async fn an_outage_of_the_quota_slows_no_further_than_its_first_refusal() {
    let fake = Fake::with(Some(Quota::per_minute(6_000)));
    let tracker = fake.tracker();
    enqueue(&tracker, 0..10_000);
    fake.always(Then::OverQuota(None));
    sleep(HOUR).await;
    fake.always(Then::Ok);
    while tracker.stats().delivered == 0 {
        sleep(Duration::from_secs(1)).await;
    }
    let begun = Instant::now();
    tracker.flush().await;
    assert!(begun.elapsed() < Duration::from_secs(200), "{:?}", begun.elapsed());
}

/// Others share the quota, so that two of three calls are refused.
#[tokio::test(start_paused = true)]
async fn a_quota_that_others_use_up_costs_no_event() {
    let fake = Fake::new();
    let tracker = fake.tracker_by(Tracker::builder().max_in_flight(1).max_attempts(1));
    fake.state().next.extend([Then::OverQuota(None), Then::OverQuota(None), Then::Ok].into_iter().cycle().take(300));
    enqueue(&tracker, 0..100);
    let stats = tracker.flush().await;
    assert_eq!((stats.delivered, stats.expired), (100, 0));
}

/// Calls that were sent before an outage and hang keep no probe from going.
#[tokio::test(start_paused = true)]
async fn a_hanging_call_does_not_hold_up_the_probe() {
    let fake = Fake::new();
    fake.state().next.extend([Then::Hang, Then::Hang, Then::Hang, Then::UnavailableFor(Duration::from_secs(1))]);
    let tracker = fake.tracker_by(Tracker::builder().max_in_flight(4));
    enqueue(&tracker, 0..20);
    sleep(Duration::from_secs(5)).await;
    let stats = tracker.stats();
    assert_eq!((stats.delivered, stats.in_flight), (17, 3));
    assert_eq!(tracker.flush().await.delivered, 20);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_exists_already_was_delivered_if_it_may_have_been() {
    let fake = Fake::new();
    let tracker = fake.tracker();
    for (before, delivered) in [
        (vec![], false),
        (vec![Then::NotPermitted, Then::OverQuota(None), Then::Refused], false),
        (vec![Then::Hang], true),
        (vec![Then::Break, Then::NotPermitted], true),
        (vec![Then::Unavailable, Then::NotPermitted], true),
    ] {
        fake.state().next.extend(before.iter().copied().chain([Then::Exists]));
        let ticket = tracker.deliver(event(0, JobEventType::View)).await.unwrap();
        assert_eq!(ticket.await.is_ok(), delivered, "{before:?}");
    }

    // The engine that sent it is gone, and with it the answer.
    fake.state().latency = Duration::from_secs(1);
    fake.state().next.extend([Then::Ok, Then::Exists]);
    let ticket = tracker.deliver(event(0, JobEventType::View)).await.unwrap();
    sleep(Duration::from_millis(1)).await;
    fake.state().break_worker = true;
    enqueue(&tracker, 1..2);
    ticket.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn nobody_knows_how_long_an_outage_lasts() {
    let fake = Fake::with(Some(Quota::per_minute(600)));
    fake.always(Then::Unavailable);
    let tracker = fake.tracker();
    enqueue(&tracker, 0..100);
    assert!(tracker.drain_estimate().is_some(), "by the quota");
    while !is_throttled(tracker.health()) {
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(tracker.drain_estimate(), None);
    fake.always(Then::Ok);
    tracker.flush().await;
    assert_eq!(tracker.drain_estimate(), Some(Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_pause_of_the_rate_limiter_is_told_of() {
    let fake = Fake::with(Some(Quota::per_minute(600)));
    let tracker = fake.tracker();
    assert!(tracker.health().is_good());
    // A call beside the queue.
    let (now, asked) = (Instant::now(), Duration::from_secs(29));
    fake.limiter().exhausted(now, Some(asked), now);
    assert_eq!(tracker.health().flow, Flow::Paused { reason: Pause::OverQuota, next_probe: asked });
    enqueue(&tracker, 0..10);
    // At half of the quota.
    assert_eq!(tracker.drain_estimate(), Some(asked + Duration::from_secs(2)));
    tracker.flush().await;
    assert!(tracker.health().is_good());
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_is_over_waits_for_one_event() {
    let fake = Fake::new();
    fake.state().next.push_back(Then::UnavailableFor(Duration::from_secs(10)));
    let tracker = fake.tracker_by(Tracker::builder().max_age(Duration::from_secs(1)));
    enqueue(&tracker, 0..1);
    sleep(Duration::from_secs(5)).await;
    assert_eq!(tracker.stats().waiting, 0);
    let next_probe = |tracker: &Tracker| match tracker.health().flow {
        Flow::Paused { reason: Pause::Unavailable, next_probe } => next_probe,
        other => panic!("{other:?}"),
    };
    assert!(next_probe(&tracker) > Duration::ZERO);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(next_probe(&tracker), Duration::ZERO);
    enqueue(&tracker, 1..2);
    tracker.flush().await;
    assert!(tracker.health().is_good());
}

#[tokio::test(start_paused = true)]
async fn events_expire_while_nothing_can_be_sent() {
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
    sleep(Duration::from_secs(2)).await;
    assert_eq!(tracker.stats().expired, 500);
    balance(&tracker);
    assert!(matches!(ticket.await, Err(Undelivered::Expired(_))));
    sleep(Duration::from_secs(2)).await;
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
async fn hanging_calls_are_sent_again() {
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
async fn a_panic_in_the_engine_starts_it_again() {
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
