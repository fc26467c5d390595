//! What fails, how often it is tried again, and what becomes too old.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{Instant, sleep};

use super::fake::{DEADLINE, Fake, Then, Told, balance, enqueue};
use super::support::event;
use crate::delivery::engine::Carrier;
use crate::delivery::{Pause, Quota, Tracker, Undelivered};
use crate::{Destination, JobEventType, TrackError};

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
    fake.state().poison = 0..1;
    let tracker = fake.tracker_by(Tracker::builder().max_attempts(5).on_undelivered(told.hook()));
    let poison = tracker.deliver(event(0, JobEventType::Hired)).await.unwrap();
    enqueue(&tracker, 1..1_000);
    let why = poison.await.unwrap_err();
    // The first of its six failures is nobody's: nothing was delivered after it yet.
    assert!(matches!(&why, Undelivered::Expired(Some(last)) if matches!(**last, TrackError::Unavailable { .. })));
    assert!(why.to_string().contains("down"), "{why}");
    assert_eq!(fake.state().attempts.iter().filter(|(number, _)| *number == 0).count(), 6);
    assert_eq!(tracker.health().paused, None);
    let stats = tracker.flush().await;
    assert_eq!((stats.delivered, stats.expired, stats.retried), (999, 1, 5));
    assert_eq!(told.numbers(), [0]);
}

/// With the defaults of the builder, whichever way it fails, and although it is more important than the others.
#[tokio::test(start_paused = true)]
async fn a_poisonous_event_that_was_alone_stops_nobody_who_comes_later_and_expires() {
    let asked = Then::UnavailableFor(Duration::from_secs(20));
    for then in [Then::Unavailable, asked, Then::NotPermitted, Then::OverQuota(None), Then::Hang, Then::Panic] {
        let (fake, told) = (Fake::new(), Told::default());
        (fake.state().poison, fake.state().poison_then) = (0..1, then);
        let tracker = fake.tracker_by(Tracker::builder().on_undelivered(told.hook()));
        let mut poison = tracker.deliver(event(0, JobEventType::Hired)).await.unwrap();
        // Alone it can not be told from an outage.
        sleep(HOUR).await;
        assert_eq!(tracker.stats().waiting, 1, "{then:?}");
        for round in 1..=30 {
            for number in 0..100 {
                tracker.enqueue_encoded(event(100 * round + number, JobEventType::Impression)).unwrap();
            }
            // The longest pause, and an attempt that was under way.
            sleep(Duration::from_secs(60) + DEADLINE + Duration::from_secs(5)).await;
            let stats = tracker.stats();
            assert_eq!(stats.delivered, 100 * round as u64, "{then:?}: {stats:?}");
        }
        assert!(matches!((&mut poison).now_or_never(), Some(Err(Undelivered::Expired(_)))), "{then:?}");
        assert_eq!((told.numbers(), tracker.stats().waiting), (vec![0], 0), "{then:?}");
        assert!(tracker.health().is_good(), "{then:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_known_to_be_refused_for_itself_pauses_nobody() {
    let (fake, told) = (Fake::new(), Told::default());
    (fake.state().poison, fake.state().poison_then) = (0..1, Then::NotPermitted);
    let tracker = fake.tracker_by(Tracker::builder().on_undelivered(told.hook()));
    enqueue(&tracker, 0..1);
    let begun = Instant::now();
    for number in 1.. {
        enqueue(&tracker, number..number + 1);
        sleep(Duration::from_millis(10)).await;
        // Before it is known it pauses them, for seconds at most.
        assert!(begun.elapsed() < Duration::from_secs(5) || tracker.health().is_good(), "{:?}", begun.elapsed());
        if tracker.stats().expired == 1 {
            break;
        }
    }
    assert_eq!(told.numbers(), [0]);
    // The first is not its own, nor is a second that came before another was answered.
    let attempts = fake.state().attempts.iter().filter(|(number, _)| *number == 0).count();
    assert!((21..=23).contains(&attempts), "{attempts}");
}

#[tokio::test(start_paused = true)]
async fn many_poisonous_events_are_found_out_while_others_pass() {
    for then in [Then::Unavailable, Then::NotPermitted, Then::OverQuota(None)] {
        let (fake, told) = (Fake::new(), Told::default());
        (fake.state().poison, fake.state().poison_then) = (0..30, then);
        let tracker = fake.tracker_by(Tracker::builder().max_in_flight(4).on_undelivered(told.hook()));
        (0..30).for_each(|number| tracker.enqueue_encoded(event(number, JobEventType::Hired)).unwrap());
        enqueue(&tracker, 30..1_030);
        sleep(HOUR / 2).await;
        assert_eq!(tracker.stats().delivered, 1_000, "{then:?}: {:?}", tracker.stats());
        for round in 0..100 {
            enqueue(&tracker, 1_030 + 10 * round..1_040 + 10 * round);
            sleep(Duration::from_secs(60)).await;
        }
        let stats = tracker.stats();
        assert_eq!((stats.delivered, stats.expired, stats.waiting), (2_000, 30, 0), "{then:?}: {stats:?}");
        assert!(told.numbers().iter().all(|number| *number < 30), "{then:?}");
    }
}

/// It fails each event often enough, but others were not answered meanwhile.
#[tokio::test(start_paused = true)]
async fn an_outage_counts_against_no_event() {
    let fake = Fake::new();
    let tracker = fake.tracker_by(Tracker::builder().max_attempts(1));
    for _ in 0..3 {
        fake.always(Then::NotPermitted);
        let before = fake.attempts();
        enqueue(&tracker, 0..5);
        sleep(HOUR).await;
        assert!(fake.attempts() - before > 5 * 5, "each was the one that asks");
        fake.always(Then::Ok);
        tracker.flush().await;
    }
    let stats = tracker.stats();
    assert_eq!((stats.delivered, stats.expired), (15, 0));
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_is_used_up_counts_against_no_event() {
    let fake = Fake::new();
    let tracker = fake.tracker_by(Tracker::builder().max_attempts(1));
    fake.always(Then::OverQuota(None));
    enqueue(&tracker, 0..5);
    sleep(HOUR).await;
    assert!(fake.attempts() > 5 * 5, "each was the one that asks");
    fake.always(Then::Ok);
    let stats = tracker.flush().await;
    assert_eq!((stats.delivered, stats.expired), (5, 0));

    // Others share it, so that two of three calls are refused: with the defaults nothing is lost.
    let fake = Fake::new();
    let tracker = fake.tracker_by(Tracker::builder().max_in_flight(1));
    fake.state().next.extend([Then::OverQuota(None), Then::OverQuota(None), Then::Ok].into_iter().cycle().take(300));
    enqueue(&tracker, 0..100);
    let stats = tracker.flush().await;
    assert_eq!((stats.delivered, stats.expired), (100, 0));
}

/// An hour without quota: the pace is what it was when it was used up, and not the slowest there is.
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

#[tokio::test(start_paused = true)]
async fn an_event_that_is_always_over_quota_slows_nobody() {
    let (fake, told) = (Fake::new(), Told::default());
    (fake.state().poison, fake.state().poison_then) = (0..1, Then::OverQuota(None));
    let tracker = fake.tracker_by(Tracker::builder().on_undelivered(told.hook()));
    tracker.enqueue_encoded(event(0, JobEventType::Hired)).unwrap();
    for second in 1..=1_800 {
        enqueue(&tracker, 100 * second..100 * (second + 1));
        sleep(Duration::from_secs(1)).await;
        let stats = tracker.stats();
        // It is met with before it is known, and then one pause and half of the pace are what it costs.
        assert!(second < 200 || stats.waiting <= 100, "{second}: {stats:?}");
    }
    assert_eq!(told.numbers(), [0]);
}

/// Each of its pauses is kept, by all.
#[tokio::test(start_paused = true)]
async fn an_event_for_which_the_quota_asks_to_wait_ends() {
    let (fake, told) = (Fake::new(), Told::default());
    (fake.state().poison, fake.state().poison_then) = (0..1, Then::OverQuota(Some(Duration::from_secs(20))));
    let tracker = fake.tracker_by(Tracker::builder().on_undelivered(told.hook()));
    tracker.enqueue_encoded(event(0, JobEventType::Hired)).unwrap();
    for minute in 1..=20 {
        enqueue(&tracker, 100 * minute..100 * (minute + 1));
        sleep(Duration::from_secs(60)).await;
    }
    let stats = tracker.stats();
    assert_eq!((stats.delivered, stats.expired, told.numbers()), (2_000, 1, vec![0]), "{stats:?}");
}

/// What was sent before a pause, and is not answered, keeps nobody from asking whether it is over.
#[tokio::test(start_paused = true)]
async fn a_hanging_call_does_not_hold_up_the_probe() {
    let fake = Fake::new();
    fake.state().next.extend([Then::Hang, Then::Hang, Then::Hang, Then::OverQuota(None)]);
    let tracker = fake.tracker_by(Tracker::builder().max_in_flight(4));
    enqueue(&tracker, 0..20);
    sleep(Duration::from_secs(5)).await;
    let stats = tracker.stats();
    assert_eq!((stats.delivered, stats.in_flight), (17, 3));
    assert_eq!(tracker.flush().await.delivered, 20);
}

/// Nobody knows whether it is the tenant or the event that is not there, until another event is taken.
#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_not_found_costs_no_events() {
    let (fake, told) = (Fake::new(), Told::default());
    fake.always(Then::NotFound);
    let tracker = fake.tracker_by(Tracker::builder().on_undelivered(told.hook()));
    enqueue(&tracker, 0..10_000);
    sleep(HOUR).await;
    assert_eq!(tracker.stats().waiting, 10_000);
    assert_eq!(tracker.health().paused.map(|(why, _)| why), Some(Pause::Unavailable));
    fake.always(Then::Ok);
    assert_eq!(tracker.flush().await.delivered, 10_000);

    // These name a job that is not there.
    (fake.state().poison, fake.state().poison_then) = (0..3, Then::NotFound);
    let before = fake.attempts();
    enqueue(&tracker, 0..1_000);
    let stats = tracker.flush().await;
    assert_eq!((stats.delivered, stats.rejected), (10_997, 3));
    assert!(matches!(&told.all()[..], [(_, Undelivered::Rejected(_)), _, _]));
    assert!(fake.attempts() - before <= 1_006, "{}", fake.attempts() - before);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_there_already_was_delivered_where_it_may_have_been() {
    let fake = Fake::new();
    let tracker = fake.tracker();
    for (before, delivered) in [
        (vec![], false),
        (vec![Then::NotPermitted, Then::OverQuota(None)], false),
        (vec![Then::Hang], true),
        (vec![Then::Unavailable, Then::NotPermitted], true),
    ] {
        fake.state().next.extend(before.iter().copied().chain([Then::Exists]));
        let ticket = tracker.deliver(event(0, JobEventType::View)).await.unwrap();
        assert_eq!(ticket.await.is_ok(), delivered, "{before:?}");
    }
    assert_eq!((tracker.stats().delivered, tracker.stats().rejected), (2, 2));

    // Who sent it is gone, and with it the answer.
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
    fake.state().poison = 0..100;
    let tracker = fake.tracker();
    enqueue(&tracker, 0..100);
    assert!(tracker.drain_estimate().is_some(), "by the quota");
    while tracker.health().paused.is_none() {
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(tracker.drain_estimate(), None);
    fake.state().poison = 0..0;
    tracker.flush().await;
    assert_eq!(tracker.drain_estimate(), Some(Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_pause_of_the_pace_is_told_of() {
    let fake = Fake::with(Some(Quota::per_minute(600)));
    let tracker = fake.tracker();
    assert!(tracker.health().is_good());
    // A call beside the queue.
    let asked = Duration::from_secs(29);
    fake.limiter().exhausted(Instant::now(), Some(asked), Instant::now());
    assert_eq!(tracker.health().paused, Some((Pause::OverQuota, Some(asked))));
    enqueue(&tracker, 0..10);
    assert_eq!(tracker.drain_estimate(), Some(asked + Duration::from_secs(2)), "at half the rate");
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
    assert!(matches!(tracker.health().paused, Some((Pause::Unavailable, Some(left))) if left > Duration::ZERO));
    sleep(Duration::from_secs(10)).await;
    assert_eq!(tracker.health().paused, Some((Pause::Unavailable, None)));
    enqueue(&tracker, 1..2);
    tracker.flush().await;
    assert!(tracker.health().is_good());
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
    assert!(matches!(ticket.await, Err(Undelivered::Expired(_))));
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
