//! What became of one event, for whoever waits for it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::TrackError;

use super::sync::{Mutex, lock, wake};

/// Why an accepted event was not delivered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Undelivered {
    /// The service refused it for good.
    Rejected(Arc<TrackError>),
    /// It became older than it was allowed to, or was tried too often. What its last attempt ended with; `None` where it was
    /// never tried.
    Expired(Option<Arc<TrackError>>),
    /// It made room for another one.
    Overflow,
    /// The tracker was dropped while it waited, or after a shutdown from which nobody took it.
    Abandoned,
    /// It waited when the tracker was shut down, and was handed back there; or is kept for it where the delivery ended
    /// before. The hook is told only should nobody take it.
    HandedBack,
}

impl fmt::Display for Undelivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(e) => e.fmt(f),
            Self::Expired(None) => f.write_str("the event became too old before it was tried"),
            Self::Expired(Some(last)) => {
                write!(f, "the event became too old, or was tried too often; the last attempt ended with: {last}")
            }
            Self::Overflow => f.write_str("the event was dropped to make room for another"),
            Self::Abandoned => f.write_str("the event waited when its tracker was dropped"),
            Self::HandedBack => f.write_str("the event waited when its tracker was shut down, and was handed back"),
        }
    }
}

impl std::error::Error for Undelivered {}

/// The receipt of a [`Tracker`](super::Tracker): the event is queued. Awaited, it answers what became of it.
///
/// It can be dropped: the event is delivered all the same. It resolves at the latest when the tracker is shut down,
/// dropped, or loses its runtime.
#[derive(Debug)]
#[must_use = "the event is queued, and delivered all the same; await the ticket to hear what became of it, or drop it by `let _ =`"]
pub struct Ticket(Arc<Slot>);

/// The queue's half of a ticket: 8 bytes in an entry, which is why this is no channel of a kept crate.
#[derive(Debug)]
pub(super) struct Slot(Mutex<State>);

#[derive(Debug)]
enum State {
    Waiting(Option<Waker>),
    Settled(Result<(), Undelivered>),
}

pub(super) fn ticket() -> (Ticket, Arc<Slot>) {
    let slot = Arc::new(Slot(Mutex::new(State::Waiting(None))));
    (Ticket(Arc::clone(&slot)), slot)
}

impl Slot {
    #[cfg(all(test, not(talent_loom)))]
    pub(super) fn is_locked(&self) -> bool {
        self.0.try_lock().is_err()
    }

    /// The first outcome holds.
    pub(super) fn settle(&self, outcome: Result<(), Undelivered>) {
        let waker = {
            let mut state = lock(&self.0);
            match &mut *state {
                State::Settled(_) => return,
                State::Waiting(waker) => {
                    let waker = waker.take();
                    *state = State::Settled(outcome);
                    waker
                }
            }
        };
        waker.into_iter().for_each(wake);
    }
}

impl Future for Ticket {
    type Output = Result<(), Undelivered>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Cloned and dropped without the lock: a waker is foreign code.
        let mut waker = Some(cx.waker().clone());
        let (polled, old) = match &mut *lock(&self.0.0) {
            State::Settled(outcome) => (Poll::Ready(outcome.clone()), None),
            State::Waiting(kept) => (Poll::Pending, std::mem::replace(kept, waker.take())),
        };
        drop(old);
        polled
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // The queue's half may stay for long, and what a waker holds with it.
        let waker = match &mut *lock(&self.0.0) {
            State::Settled(_) => None,
            State::Waiting(waker) => waker.take(),
        };
        drop(waker);
    }
}
