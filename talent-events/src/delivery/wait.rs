//! Waiting for the queue: in async code, on a thread, and at a deadline.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{Builder, Thread};
use std::time::{Duration, Instant};

use super::queue::Queue;
use super::sync::{Mutex, lock};

/// Until everything accepted before is settled and told of.
pub(super) fn flushed(queue: &Queue) -> impl Future<Output = ()> {
    let mark = queue.mark();
    let over = move |queue: &Queue, cx: &Context<'_>, place: &mut Option<usize>| queue.poll_flushed(mark, cx, place);
    Waiting { queue, place: None, over }
}

/// Until there is nothing more to wait for in a closed queue.
pub(super) fn closed(queue: &Queue) -> impl Future<Output = ()> {
    Waiting { queue, place: None, over: Queue::poll_closed }
}

/// Waits for something of the queue, and gives its place up when dropped.
struct Waiting<'q, F> {
    queue: &'q Queue,
    place: Option<usize>,
    over: F,
}

impl<F: Fn(&Queue, &Context<'_>, &mut Option<usize>) -> bool + Unpin> Future for Waiting<'_, F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if (this.over)(this.queue, cx, &mut this.place) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl<F> Drop for Waiting<'_, F> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.queue.forget(place);
        }
    }
}

/// Waits on this thread, by the thread's own clock; `left` is how long it still may.
pub(super) fn block_on(future: impl Future<Output = ()>, left: impl Fn() -> Duration) {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut cx = Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    while future.as_mut().poll(&mut cx).is_pending() {
        let left = left();
        if left.is_zero() {
            return;
        }
        std::thread::park_timeout(left);
    }
}

/// What is left of a time that begins now.
pub(super) fn within(limit: Duration) -> impl Fn() -> Duration {
    let start = Instant::now();
    move || limit.saturating_sub(start.elapsed())
}

/// Ends a queue when its time is over, by a clock that depends on nobody: the delivery keeps the deadline too, but its
/// runtime may be busy, and the caller's need not be tokio's or have a timer.
///
/// It is one thread, however often a tracker is shut down.
pub(super) struct Keeper(Mutex<Option<Kept>>);

struct Kept {
    end: Instant,
    thread: Thread,
}

impl Keeper {
    pub(super) fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Ends the queue after this time, or at an earlier end that is kept already.
    pub(super) fn keep(self: &Arc<Self>, queue: &Arc<Queue>, limit: Duration) {
        const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        let end = Instant::now() + limit.min(A_YEAR);
        let mut kept = lock(&self.0);
        match &mut *kept {
            Some(kept) if kept.end <= end => {}
            Some(kept) => {
                kept.end = end;
                kept.thread.unpark();
            }
            None => {
                let (keeper, queue) = (Arc::clone(self), Arc::clone(queue));
                let stop = move || {
                    block_on(closed(&queue), || keeper.left());
                    queue.stop_late();
                };
                match Builder::new().name("talent-events-end".into()).spawn(stop) {
                    Ok(thread) => *kept = Some(Kept { end, thread: thread.thread().clone() }),
                    Err(e) => tracing::warn!(
                        target: "talent_events::delivery",
                        "no thread to keep the deadline of a shutdown: {e}"
                    ),
                }
            }
        }
    }

    fn left(&self) -> Duration {
        lock(&self.0).as_ref().map_or(Duration::ZERO, |kept| kept.end.saturating_duration_since(Instant::now()))
    }
}

#[cfg(all(test, not(talent_loom)))]
mod tests {
    use super::super::hook::Hook;
    use super::super::tests::support::{event, limits, tenant};
    use super::*;
    use crate::{JobEventType, TrackError};

    #[test]
    fn one_thread_keeps_the_soonest_of_all_deadlines() {
        let (queue, keeper) = (Arc::new(Queue::new(tenant(), limits(10), Hook::default())), Arc::new(Keeper::new()));
        let now = tokio::time::Instant::now();
        let push = |number| queue.push(event(number, JobEventType::View), None, None, now);
        push(0).expect("room");
        let thread = || lock(&keeper.0).as_ref().map(|kept| (kept.thread.id(), kept.end));
        keeper.keep(&queue, Duration::MAX);
        let first = thread();
        keeper.keep(&queue, Duration::MAX);
        assert_eq!(thread(), first, "a later deadline");
        assert!(push(1).is_ok(), "there is time");
        // The only one that could end it, long before the first deadline.
        keeper.keep(&queue, Duration::from_millis(5));
        assert_eq!(thread().map(|(id, _)| id), first.map(|(id, _)| id), "a sooner deadline");
        block_on(closed(&queue), || Duration::MAX);
        assert!(matches!(push(2), Err((TrackError::ShutDown, _))));
    }
}
