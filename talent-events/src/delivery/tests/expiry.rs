//! Events that are too old make room and expire in time, wherever they wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::fake::{Fake, Then, Told};
use super::support::{event, limits, take, tenant, timed_out};
use crate::JobEventType::{self, Hired, Impression, View};
use crate::delivery::backlog::{Backlog, Look};
use crate::delivery::hook::Hook;
use crate::delivery::{Tracker, Undelivered};

const SECOND: Duration = Duration::from_secs(1);

fn backlog(events: usize, told: &Told) -> Backlog {
    Backlog::new(tenant(), limits(events), Hook::new(told.hook()))
}

fn push(backlog: &Backlog, number: usize, event_type: JobEventType, within: Duration, now: Instant) -> bool {
    backlog.push_event(event(number, event_type), None, Some(within), now).is_ok()
}

/// The next event fails, and waits for its retry.
fn fail(backlog: &Backlog, now: Instant) {
    backlog.settle(take(backlog, now), Err(timed_out()), now);
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Woken {
    fn times(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// When the worker looks again.
fn until(backlog: &Backlog, now: Instant) -> Instant {
    match backlog.look(now) {
        Look::Send => backlog.limited(now + 1_000 * SECOND),
        Look::Wait { until, .. } => until,
        Look::Stop => None,
    }
    .expect("there is something to wait for")
}

#[test]
fn behind_an_event_that_waits_for_its_retry_it_makes_room() {
    let (told, now) = (Told::default(), Instant::now());
    let backlog = backlog(2, &told);
    for (number, within) in [(0, 100 * SECOND), (1, SECOND)] {
        assert!(push(&backlog, number, View, within, now));
        fail(&backlog, now);
    }
    assert!(!push(&backlog, 2, Hired, SECOND, now) && backlog.refuses(now), "it is full");
    let later = now + 2 * SECOND;
    assert!(!backlog.refuses(later) && push(&backlog, 3, Hired, SECOND, later));
    assert_eq!(told.numbers(), [1]);
}

#[test]
fn the_worker_sleeps_no_longer_than_the_first_expiry() {
    let (woken, now) = (Arc::new(Woken::default()), Instant::now());
    let waker = Waker::from(Arc::clone(&woken));
    let backlog = backlog(100, &Told::default());
    // The rate limiter admits nothing.
    let sleep = |now: Instant| {
        let until = until(&backlog, now);
        assert!(backlog.park(&waker, Some(until), false));
        until - now
    };
    assert!(push(&backlog, 0, View, 10 * SECOND, now));
    assert!((10 * SECOND..11 * SECOND).contains(&sleep(now)));
    assert!(push(&backlog, 1, Impression, 100 * SECOND, now));
    assert_eq!(woken.times(), 0, "it expires later");
    assert!(push(&backlog, 3, Hired, 5 * SECOND, now));
    assert_eq!(woken.times(), 1);
    assert!((5 * SECOND..6 * SECOND).contains(&sleep(now)));
    let later = now + 20 * SECOND;
    until(&backlog, later);
    assert_eq!((backlog.stats().expired, backlog.stats().waiting), (2, 1));
}

#[test]
fn a_worker_that_waits_for_events_is_woken_by_any() {
    let (woken, now) = (Arc::new(Woken::default()), Instant::now());
    let waker = Waker::from(Arc::clone(&woken));
    let backlog = backlog(100, &Told::default());
    assert_eq!(backlog.look(now), Look::Wait { until: None, for_any: true });
    assert!(backlog.park(&waker, None, true));
    assert!(push(&backlog, 0, View, SECOND, now));
    assert_eq!(woken.times(), 1);
    assert!(!backlog.park(&waker, None, true), "there is an event");
    assert_eq!(backlog.look(now), Look::Send);
    backlog.intake.notify();
    assert!(!backlog.park(&waker, None, true), "it was to be woken");
    assert!(backlog.park(&waker, None, true));
    backlog.intake.notify();
    assert_eq!(woken.times(), 1);
}

#[test]
fn an_event_that_expires_before_its_retry_is_looked_at_in_time() {
    let (told, now) = (Told::default(), Instant::now());
    let backlog = backlog(10, &told);
    assert!(push(&backlog, 0, View, Duration::from_millis(1), now));
    fastrand::seed(3);
    for _ in 0..6 {
        fail(&backlog, now);
        if let Look::Wait { until: Some(next), .. } = backlog.look(now) {
            assert!(next - now <= 3 * Duration::from_millis(50), "{:?}", next - now);
        }
        backlog.look(now + SECOND);
        if told.numbers() == [0] {
            return;
        }
    }
    panic!("{:?}", told.all());
}

#[tokio::test(start_paused = true)]
async fn in_a_pause_it_is_told_of_in_time() {
    let (fake, told) = (Fake::new(), Told::default());
    fake.state().next.push_back(Then::OverQuota(Some(Duration::from_secs(3_600))));
    let tracker = fake.tracker_by(Tracker::builder().on_undelivered(told.hook()));
    tracker.push_within(event(0, View), 1_000 * SECOND);
    sleep(SECOND).await;
    tracker.push_within(event(2, View), 1_000 * SECOND);
    sleep(SECOND).await;
    tracker.push_within(event(1, Hired), SECOND);
    sleep(SECOND + Duration::from_millis(150)).await;
    assert!(matches!(told.all()[..], [(1, Undelivered::Expired(_))]), "{:?}", told.all());
}
