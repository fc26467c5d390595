//! What is too old makes room and is told of in time, wherever it waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::fake::{Fake, Then, Told};
use super::support::{event, limits, take, tenant};
use crate::JobEventType::{self, Hired, Impression, View};
use crate::TrackError;
use crate::delivery::hook::Hook;
use crate::delivery::queue::Queue;
use crate::delivery::source::{Blame, End, Source, Sweep, Take, Turn};
use crate::delivery::{Tracker, Undelivered};
use crate::track::Progress;

const SECOND: Duration = Duration::from_secs(1);

fn queue(events: usize, told: &Told) -> Queue {
    Queue::new(tenant(), limits(events), Hook::new(told.hook()))
}

fn push(queue: &Queue, number: usize, event_type: JobEventType, within: Duration, now: Instant) -> bool {
    queue.push(event(number, event_type), None, Some(within), now).is_ok()
}

fn again(queue: &Queue, after: Duration, now: Instant) {
    queue.settle(
        take(queue, now),
        End::Again {
            after,
            blame: Blame::Open,
            error: TrackError::TimedOut { after: None, progress: Progress::MaybeSent },
        },
        now,
    );
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

#[test]
fn behind_what_is_tried_again_it_makes_room() {
    let (told, now) = (Told::default(), Instant::now());
    let queue = queue(2, &told);
    assert!(push(&queue, 0, View, 100 * SECOND, now));
    again(&queue, Duration::ZERO, now);
    assert!(push(&queue, 1, View, SECOND, now));
    assert!(!push(&queue, 2, Hired, SECOND, now) && queue.refuses(now), "it is full");
    let later = now + 2 * SECOND;
    assert!(!queue.refuses(later) && push(&queue, 3, Hired, SECOND, later));
    assert_eq!(told.numbers(), [1]);
}

#[test]
fn delayed_it_makes_room() {
    let (told, now) = (Told::default(), Instant::now());
    let queue = queue(2, &told);
    for (number, within) in [(0, 100 * SECOND), (1, SECOND)] {
        assert!(push(&queue, number, View, within, now));
        again(&queue, 60 * SECOND, now);
    }
    assert!(!push(&queue, 2, Hired, SECOND, now) && queue.refuses(now), "it is full");
    let later = now + 2 * SECOND;
    assert!(!queue.refuses(later) && push(&queue, 3, Hired, SECOND, later));
    assert_eq!(told.numbers(), [1]);
}

#[test]
fn nobody_sleeps_longer_than_it_lasts() {
    let (woken, now) = (Arc::new(Woken::default()), Instant::now());
    let waker = Waker::from(Arc::clone(&woken));
    let mut cx = Context::from_waker(&waker);
    for sweeps in [false, true] {
        let queue = queue(100, &Told::default());
        let mut sleep = |now: Instant| {
            let next = match sweeps {
                true => match queue.sweep(&mut cx, now) {
                    Sweep::NotBefore(next) => next,
                    Sweep::Stop => None,
                },
                false => match queue.take(&mut cx, now, Turn::Usual, || Err(now + 1_000 * SECOND)) {
                    Take::NotBefore(next) => next,
                    _ => None,
                },
            };
            next.expect("there is something to wait for") - now
        };
        assert!(push(&queue, 0, View, 10 * SECOND, now));
        assert!((10 * SECOND..11 * SECOND).contains(&sleep(now)), "sweeps: {sweeps}");
        assert!(push(&queue, 1, Impression, 100 * SECOND, now));
        assert!(push(&queue, 2, View, SECOND, now));
        assert_eq!(woken.times(), 0, "what is later, or not at the front, is not worth a look");
        assert!(push(&queue, 3, Hired, 5 * SECOND, now));
        assert_eq!(woken.times(), 1, "sweeps: {sweeps}");
        assert!((5 * SECOND..6 * SECOND).contains(&sleep(now)), "sweeps: {sweeps}");
        // Told of in this order: when its time is over, and not when the one before it is sent.
        let later = now + 20 * SECOND;
        assert!(matches!(queue.sweep(&mut cx, later), Sweep::NotBefore(Some(_))));
        assert_eq!((queue.stats().expired, queue.stats().waiting), (3, 1));
        woken.times();
    }
}

#[test]
fn what_is_delayed_beyond_its_time_is_looked_at_when_that_is_over() {
    let (told, now) = (Told::default(), Instant::now());
    let queue = queue(10, &told);
    assert!(push(&queue, 0, View, SECOND, now));
    again(&queue, 60 * SECOND, now);
    let mut cx = Context::from_waker(Waker::noop());
    let Sweep::NotBefore(Some(next)) = queue.sweep(&mut cx, now) else { panic!("it waits") };
    assert!((SECOND..2 * SECOND).contains(&(next - now)), "{:?}", next - now);
    queue.sweep(&mut cx, next);
    assert_eq!(told.numbers(), [0]);
}

#[tokio::test(start_paused = true)]
async fn in_a_pause_it_is_told_of_in_time() {
    let (fake, told) = (Fake::new(), Told::default());
    fake.state().next.push_back(Then::OverQuota(Some(Duration::from_secs(3_600))));
    let tracker = fake.tracker_by(Tracker::builder().on_undelivered(told.hook()));
    tracker.push_within(event(0, View), 1_000 * SECOND);
    sleep(SECOND).await;
    // This one the worker is woken for, and the next one is on its own.
    tracker.push_within(event(2, View), 1_000 * SECOND);
    sleep(SECOND).await;
    tracker.push_within(event(1, Hired), SECOND);
    sleep(SECOND + Duration::from_millis(150)).await;
    assert!(matches!(told.all()[..], [(1, Undelivered::Expired(_))]), "{:?}", told.all());
}
