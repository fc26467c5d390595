//! Waiting for the backlog: in async code, on a thread, and until a deadline.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{Builder, Thread};
use std::time::{Duration, Instant};

use super::backlog::Backlog;
use super::sync::{Mutex, lock};

/// Until all events accepted before are settled, and their hooks and tickets called.
pub(super) fn flushed(backlog: &Backlog) -> impl Future<Output = ()> {
    let mark = backlog.mark();
    let over =
        move |backlog: &Backlog, cx: &Context<'_>, place: &mut Option<usize>| backlog.poll_flushed(mark, cx, place);
    Waiting { backlog, place: None, over }
}

/// Until a closed backlog has ended.
pub(super) fn closed(backlog: &Backlog) -> impl Future<Output = ()> {
    Waiting { backlog, place: None, over: Backlog::poll_closed }
}

/// Waits for an end, and gives its place up when dropped.
struct Waiting<'b, F> {
    backlog: &'b Backlog,
    place: Option<usize>,
    over: F,
}

impl<F: Fn(&Backlog, &Context<'_>, &mut Option<usize>) -> bool + Unpin> Future for Waiting<'_, F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if (this.over)(this.backlog, cx, &mut this.place) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl<F> Drop for Waiting<'_, F> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.backlog.forget(place);
        }
    }
}

/// Waits on this thread, by the thread's own clock; `left` says how long it still may.
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

/// Counts down a time that begins now.
pub(super) fn within(limit: Duration) -> impl Fn() -> Duration {
    let start = Instant::now();
    move || limit.saturating_sub(start.elapsed())
}

/// Ends a backlog at the deadline of its shutdown, by a clock of its own. The engine keeps the deadline too, but its runtime
/// may be busy, and the caller's may have no timer.
///
/// There is one thread, however often a tracker is shut down.
pub(super) struct Keeper(Mutex<Option<Kept>>);

struct Kept {
    end: Instant,
    thread: Thread,
}

impl Keeper {
    pub(super) fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Ends the backlog after this time, or at an earlier deadline that is kept already.
    pub(super) fn keep(self: &Arc<Self>, backlog: &Arc<Backlog>, limit: Duration) {
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
                let (keeper, backlog) = (Arc::clone(self), Arc::clone(backlog));
                let stop = move || {
                    block_on(closed(&backlog), || keeper.left());
                    backlog.stop_late();
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
    use super::super::tests::support::{backlog, push};
    use super::*;
    use crate::TrackError;

    #[test]
    fn one_thread_keeps_the_soonest_of_all_deadlines() {
        let (backlog, keeper) = (Arc::new(backlog(10)), Arc::new(Keeper::new()));
        push(&backlog, 0).expect("room");
        let thread = || lock(&keeper.0).as_ref().map(|kept| (kept.thread.id(), kept.end));
        keeper.keep(&backlog, Duration::MAX);
        let first = thread();
        keeper.keep(&backlog, Duration::MAX);
        assert_eq!(thread(), first, "a later deadline");
        assert!(push(&backlog, 1).is_ok(), "there is time");
        // The only one that could end it, long before the first deadline.
        keeper.keep(&backlog, Duration::from_millis(5));
        assert_eq!(thread().map(|(id, _)| id), first.map(|(id, _)| id), "a sooner deadline");
        block_on(closed(&backlog), || Duration::MAX);
        assert!(matches!(push(&backlog, 2), Err(TrackError::ShutDown)));
    }
}
