//! Who waits for an end waits for the word of it, too: the hook and the tickets come before a flush and a shutdown.

use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::runtime::{self, Runtime};
use tokio::time::Instant;

use super::fake::{Fake, Then, Told, enqueue};
use super::support::{event, limits, rejected, take, tenant};
use crate::delivery::backlog::{Backlog, Limits};
use crate::delivery::hook::Hook;
use crate::delivery::ticket::ticket;
use crate::delivery::wait::{closed, flushed};
use crate::delivery::{Overflow, Tracker};
use crate::{JobEventType, TrackError};

/// A queue with one event, closed and to be flushed, and what is seen of that by another thread while somebody is told.
struct Seen {
    queue: Backlog,
    mark: OnceLock<u64>,
    over: Mutex<Vec<(bool, bool)>>,
}

impl Seen {
    fn new(limits: Limits) -> Arc<Self> {
        Arc::new_cyclic(|seen: &std::sync::Weak<Self>| {
            let seen = seen.clone();
            let hook = Hook::new(move |_, _| seen.upgrade().expect("it is in use").look());
            Self { queue: Backlog::new(tenant(), limits, hook), mark: OnceLock::new(), over: Mutex::default() }
        })
    }

    fn push(&self, number: usize, within: Option<Duration>, now: Instant) {
        self.queue.push_event(event(number, JobEventType::View), None, within, now).expect("room");
    }

    fn mark(&self) {
        self.mark.set(self.queue.mark()).expect("once");
    }

    fn look(&self) {
        let over = || {
            let cx = &mut Context::from_waker(Waker::noop());
            let flushed = self.queue.poll_flushed(*self.mark.get().expect("a mark"), cx, &mut None);
            (flushed, self.queue.poll_closed(cx, &mut None))
        };
        let over = std::thread::scope(|scope| scope.spawn(over).join()).expect("no panic");
        self.over.lock().unwrap().push(over);
    }

    fn over(&self) -> Vec<(bool, bool)> {
        self.look();
        self.over.lock().unwrap().clone()
    }
}

impl Wake for Seen {
    fn wake(self: Arc<Self>) {
        self.look();
    }
}

#[test]
fn it_is_over_after_the_hook() {
    let now = Instant::now();
    let seen = Seen::new(limits(1));
    seen.push(0, None, now);
    seen.mark();
    seen.queue.settle(take(&seen.queue, now), Err(rejected()), now);
    assert_eq!(seen.over(), [(false, false), (true, true)], "rejected");

    let seen = Seen::new(limits(1));
    seen.push(0, Some(Duration::from_secs(1)), now);
    seen.mark();
    seen.queue.look(now + Duration::from_secs(2));
    assert_eq!(seen.over(), [(false, false), (true, true)], "expired");

    let seen = Seen::new(Limits { overflow: Overflow::DropOldest, ..limits(1) });
    seen.push(0, None, now);
    seen.mark();
    // On its caller's thread. This one is not covered by the flush.
    seen.push(1, None, now);
    assert_eq!(seen.over(), [(false, false), (true, false)], "dropped");
}

#[test]
fn it_is_over_after_the_ticket() {
    let now = Instant::now();
    for end in [|| Ok(()), || Err(rejected())] {
        let seen = Seen::new(limits(1));
        let (ticket, slot) = ticket();
        let mut ticket = std::pin::pin!(ticket);
        seen.queue.push_event(event(0, JobEventType::View), Some(slot), None, now).expect("room");
        seen.mark();
        let waker = Waker::from(Arc::clone(&seen));
        assert!(ticket.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        seen.queue.settle(take(&seen.queue, now), end(), now);
        let over = seen.over();
        let (after, before) = over.split_last().expect("it was looked at");
        assert_eq!(*after, (true, true));
        assert!(!before.is_empty() && before.iter().all(|over| *over == (false, false)), "{before:?}");
    }
}

/// The delivery waits for the hook, and the hook for the delivery: one of them has to go on.
#[test]
fn in_a_hook_a_flush_waits_for_nothing() {
    let queue = Arc::new(OnceLock::<Backlog>::new());
    let hook = Hook::new({
        let queue = Arc::clone(&queue);
        move |_, _| {
            let queue = queue.get().expect("it is in use");
            assert!(flushed(queue).now_or_never().is_some(), "a flush");
            assert!(closed(queue).now_or_never().is_none(), "a shutdown has its deadline");
            queue.stop();
            assert!(closed(queue).now_or_never().is_some(), "it is over");
        }
    });
    let (queue, now) = (queue.get_or_init(|| Backlog::new(tenant(), limits(10), hook)), Instant::now());
    for number in 0..2 {
        queue.push_event(event(number, JobEventType::View), None, None, now).expect("room");
    }
    queue.settle(take(queue, now), Err(rejected()), now);
    let stats = queue.stats();
    assert_eq!((stats.rejected, stats.hook_panics), (1, 0));
}

/// A tracker that is in its hook, with two events waiting, until the sender is dropped.
fn with_a_hook_that_hangs() -> (Tracker, Runtime, mpsc::Sender<()>) {
    let fake = Fake::new();
    fake.always(Then::Rejected);
    let (begun, beginning) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let (begun, released) = (Mutex::new(begun), Mutex::new(released));
    let builder = Tracker::builder().max_in_flight(1).on_undelivered(move |_, _| {
        let _ = begun.lock().unwrap().send(());
        let _ = released.lock().unwrap().recv();
    });
    let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let tracker = {
        let _in = runtime.enter();
        fake.tracker_by(builder)
    };
    enqueue(&tracker, 0..3);
    beginning.recv().unwrap();
    (tracker, runtime, release)
}

fn without_a_timer() -> Runtime {
    runtime::Builder::new_current_thread().build().unwrap()
}

#[test]
fn a_shutdown_keeps_its_deadline_before_a_hook_that_hangs() {
    let (tracker, _runtime, _release) = with_a_hook_that_hangs();
    let report = without_a_timer().block_on(tracker.shutdown(Duration::from_millis(20)));
    assert_eq!((report.stats.rejected, report.stats.waiting, report.remaining.len()), (1, 2, 2));
}

/// Two shut down, and the one that has less time does it without a runtime.
#[test]
fn the_earliest_deadline_holds_before_a_hook_that_hangs() {
    let (tracker, _runtime, _release) = with_a_hook_that_hangs();
    without_a_timer().block_on(async {
        let mut shutdown = std::pin::pin!(tracker.shutdown(Duration::MAX));
        assert!((&mut shutdown).now_or_never().is_none());
        let _ = tracker.shutdown_blocking(Duration::from_millis(20));
        assert!(shutdown.now_or_never().is_some());
    });
}

struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("told to");
    }
}

#[test]
fn a_worker_whose_waker_panics_is_no_wait_without_an_end() {
    let limits = Limits { overflow: Overflow::DropOldest, ..limits(1) };
    let (queue, now) = (Backlog::new(tenant(), limits, Hook::new(|_, _| ())), Instant::now());
    queue.push_event(event(0, JobEventType::View), None, None, now).expect("room");
    let mut flush = std::pin::pin!(flushed(&queue));
    assert!((&mut flush).now_or_never().is_none());
    // It is woken for the room, and for what is sooner than an hour.
    let waker = Waker::from(Arc::new(Panics));
    assert!(queue.park(&waker, None, true));
    let within = Some(Duration::from_secs(1));
    queue.push_event(event(1, JobEventType::View), None, within, now).expect("room is made");
    assert!(flush.now_or_never().is_some());
}

/// A waker of a ticket is foreign code, too: its panic is nobody's wait without an end.
#[test]
fn a_waker_that_panics_is_no_wait_without_an_end() {
    let told = Told::default();
    let (queue, now) = (Backlog::new(tenant(), limits(10), Hook::new(told.hook())), Instant::now());
    let (ticket, slot) = ticket();
    let mut ticket = std::pin::pin!(ticket);
    queue.push_event(event(0, JobEventType::View), Some(slot), None, now).expect("room");
    let waker = Waker::from(Arc::new(Panics));
    assert!(ticket.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    queue.settle(take(&queue, now), Err(rejected()), now);
    assert!(flushed(&queue).now_or_never().is_some());
    assert!(closed(&queue).now_or_never().is_some());
    assert_eq!(told.numbers(), [0]);
    assert!(matches!(queue.push_event(event(1, JobEventType::View), None, None, now), Ok(())), "it goes on");
    queue.stop();
    let refused = queue.push_event(event(2, JobEventType::View), None, None, now);
    assert!(matches!(refused, Err(TrackError::ShutDown)));
}
