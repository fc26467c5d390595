//! Events that always fail: they slow nobody down, and they end.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{Instant, sleep};

use super::fake::{Fake, Then, Told, enqueue};
use super::support::event;
use crate::delivery::{Tracker, Undelivered};
use crate::{Destination, JobEventType, TrackError};

const HOUR: Duration = Duration::from_secs(3_600);

/// How long it takes until so many good events are delivered.
async fn until_delivered(tracker: &Tracker, good: u64) -> Duration {
    let begun = Instant::now();
    while tracker.stats().delivered < good {
        sleep(Duration::from_millis(5)).await;
        assert!(begun.elapsed() < HOUR, "{:?}", tracker.stats());
    }
    begun.elapsed()
}

fn poisoned(poison: usize, then: Then) -> Fake {
    let fake = Fake::new();
    (fake.state().poison, fake.state().poison_then) = (0..poison, then);
    fake
}

#[tokio::test(start_paused = true)]
async fn an_event_ends_after_max_attempts_that_count() {
    for then in [Then::Unavailable, Then::NotPermitted, Then::Refused, Then::Panic] {
        let (fake, told) = (poisoned(1, then), Told::default());
        let tracker = fake.tracker_by(Tracker::builder().max_attempts(5).on_undelivered(told.hook()));
        let poison = tracker.deliver(event(0, JobEventType::Hired)).await.unwrap();
        for number in 1..10_000 {
            enqueue(&tracker, number..number + 1);
            sleep(Duration::from_millis(5)).await;
        }
        let why = poison.now_or_never().expect("an end").unwrap_err();
        assert!(matches!(&why, Undelivered::Exhausted(last) if !matches!(**last, TrackError::Rejected(_))), "{why}");
        // The first failure does not count: no other event was accepted before it. Nor does a retry that comes so soon that no
        // other event was sent and accepted in between.
        let sends = fake.state().attempts.iter().filter(|(number, _)| *number == 0).count();
        assert!((6..=9).contains(&sends), "{then:?}: {sends}");
        assert_eq!((told.numbers(), tracker.stats().expired), (vec![0], 1));
        assert!(tracker.health().is_good());
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_not_found_is_final_if_others_are_accepted() {
    let (fake, told) = (poisoned(3, Then::NotFound), Told::default());
    let tracker = fake.tracker_by(Tracker::builder().on_undelivered(told.hook()));
    enqueue(&tracker, 0..1_000);
    let stats = tracker.flush().await;
    assert_eq!((stats.delivered, stats.rejected), (997, 3));
    assert!(told.all().iter().all(|(_, why)| matches!(why, Undelivered::Rejected(_))));
    assert_eq!(fake.attempts(), 1_003);
}

#[tokio::test(start_paused = true)]
async fn good_events_take_hardly_longer_beside_many_bad_ones() {
    let without = until_delivered(
        &{
            let tracker = Fake::new().tracker();
            enqueue(&tracker, 0..2_000);
            tracker
        },
        2_000,
    )
    .await;
    for (percent, most) in [(5, 1.5), (20, 2.0), (50, 3.0)] {
        for then in [Then::Unavailable, Then::NotFound, Then::NotPermitted, Then::Refused] {
            let poison = 2_000 * percent / 100;
            let fake = poisoned(poison, then);
            let tracker = fake.tracker_by(Tracker::builder());
            // Mixed, as they come.
            fastrand::seed(percent as u64);
            let mut numbers: Vec<_> = (0..2_000).collect();
            fastrand::shuffle(&mut numbers);
            numbers.into_iter().for_each(|number| enqueue(&tracker, number..number + 1));
            let took = until_delivered(&tracker, 2_000 - poison as u64).await;
            assert!(took < without.mul_f64(most), "{percent} % {then:?}: {took:?}, without {without:?}");
        }
    }
}

/// Events that hang are a tenth of all, and more important than the others.
#[tokio::test(start_paused = true)]
async fn events_that_hang_take_a_quarter_of_the_calls() {
    let fake = poisoned(200, Then::Hang);
    let tracker = fake.tracker_by(Tracker::builder().max_attempts(1_000));
    let mut good = 0;
    for number in 0..200 {
        enqueue(&tracker, 1_000 + good..1_010 + good);
        good += 10;
        tracker.enqueue_encoded(event(number, JobEventType::Hired)).unwrap();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(tracker.stats().delivered as usize, good, "{number}: {:?}", tracker.stats());
    }
    // All have failed, and their retries hang 16 at a time.
    for _ in 0..600 {
        enqueue(&tracker, 1_000 + good..1_100 + good);
        good += 100;
        sleep(Duration::from_secs(1)).await;
        assert_eq!(tracker.stats().delivered as usize, good, "{:?}", tracker.stats());
    }
}

/// With the defaults, whichever way it fails, and although it is more important than the others.
#[tokio::test(start_paused = true)]
async fn an_event_that_was_alone_stops_nobody_who_comes_later_and_ends() {
    let asked = Then::UnavailableFor(Duration::from_secs(20));
    for then in [Then::Unavailable, asked, Then::NotPermitted, Then::Hang, Then::Break, Then::Panic] {
        let (fake, told) = (poisoned(1, then), Told::default());
        let tracker = fake.tracker_by(Tracker::builder().on_undelivered(told.hook()));
        let mut poison = tracker.deliver(event(0, JobEventType::Hired)).await.unwrap();
        // Alone it cannot be told from an outage.
        sleep(HOUR).await;
        assert_eq!(tracker.stats().waiting, 1, "{then:?}");
        for round in 1..=40 {
            for number in 0..100 {
                tracker.enqueue_encoded(event(100 * round + number, JobEventType::Impression)).unwrap();
            }
            sleep(Duration::from_secs(100)).await;
            let stats = tracker.stats();
            assert_eq!(stats.delivered, 100 * round as u64, "{then:?}: {stats:?}");
        }
        let ended = (&mut poison).now_or_never();
        assert!(matches!(ended, Some(Err(Undelivered::Exhausted(_)))), "{then:?}: {:?}", tracker.stats());
        assert_eq!((told.numbers(), tracker.stats().waiting), (vec![0], 0), "{then:?}");
    }
}

/// Over quota never counts: a quota that others use up would kill good events.
#[tokio::test(start_paused = true)]
async fn an_event_that_is_always_over_quota_slows_nobody_for_long() {
    for then in [Then::OverQuota(None), Then::OverQuota(Some(Duration::from_secs(20)))] {
        let fake = poisoned(1, then);
        let tracker = fake.tracker();
        tracker.enqueue_encoded(event(0, JobEventType::Hired)).unwrap();
        for second in 1..=600 {
            enqueue(&tracker, 100 * second..100 * (second + 1));
            sleep(Duration::from_secs(1)).await;
            let stats = tracker.stats();
            assert!(second < 300 || stats.waiting <= 101, "{then:?}, {second}: {stats:?}");
        }
        assert_eq!(tracker.stats().expired, 0);
    }
}

/// Events that break connections go on one of their own, one at a time, and an answer frees them.
#[tokio::test(start_paused = true)]
async fn an_event_that_breaks_connections_is_isolated() {
    let fake = poisoned(3, Then::Break);
    let tracker = fake.tracker_by(Tracker::builder().max_attempts(6));
    for number in 0..10_000 {
        enqueue(&tracker, number..number + 1);
        sleep(Duration::from_millis(5)).await;
    }
    let stats = tracker.stats();
    assert_eq!(stats.expired, 3, "{stats:?}");
    let of = |numbers: &[usize], number| numbers.iter().filter(|of| **of == number).count();
    let isolated = fake.state().isolated.clone();
    for number in 0..3 {
        let sends: Vec<_> = fake.state().attempts.iter().map(|(number, _)| *number).collect();
        // One that does not count, two that do, and the others alone; and retries that came too soon to count.
        let (sends, isolated) = (of(&sends, number), of(&isolated, number));
        assert!((7..=10).contains(&sends) && (4..=6).contains(&isolated), "{sends}, {isolated}");
    }
    assert!(isolated.iter().all(|number| *number < 3), "nobody else");
}
