//! A ticket: resolves with the fate of one event.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::TrackError;

use super::relay::StoredSlot;
use super::sync::{Mutex, lock, wake};

/// Why an accepted event was not delivered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Undelivered {
    /// The service refused the event for good.
    Rejected(Arc<TrackError>),
    /// The event became older than it was allowed to. Holds the error of its last attempt; `None` if it was never sent.
    Expired(Option<Arc<TrackError>>),
    /// The event failed `max_attempts` times while others were accepted. Holds the last error.
    Exhausted(Arc<TrackError>),
    /// The event was dropped to make room for another one.
    Overflow,
    /// The tracker was dropped without a shutdown, or its [`Report`](super::Report) was dropped unread.
    Abandoned,
    /// The event is in the [`Report`](super::Report) of a shutdown. The hook runs only if the report is never asked for.
    HandedBack,
}

impl fmt::Display for Undelivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(e) => e.fmt(f),
            Self::Expired(None) => f.write_str("the event expired before it was sent"),
            Self::Expired(Some(last)) => write!(f, "the event expired; its last attempt failed: {last}"),
            Self::Exhausted(last) => write!(f, "the event failed too often; its last attempt failed: {last}"),
            Self::Overflow => f.write_str("the event was dropped to make room for another"),
            Self::Abandoned => f.write_str("the tracker was dropped before the event was delivered"),
            Self::HandedBack => f.write_str("the tracker was shut down before the event was delivered"),
        }
    }
}

impl std::error::Error for Undelivered {}

/// The receipt of a [`Tracker`](super::Tracker): the event is queued. Awaited, the ticket resolves with the event's fate.
///
/// A ticket can be dropped; the event is delivered all the same. It resolves at the latest when the tracker is shut down,
/// is dropped, or loses its runtime.
#[derive(Debug)]
#[must_use = "the event is queued and is delivered without the ticket too: await it to learn the event's fate, or drop it by `let _ =`"]
pub struct Ticket(Arc<Slot>);

/// Who learns the fate of an event: a ticket, or the store that the event is from. It is 8 bytes in an entry, so it is no
/// channel of another crate.
#[derive(Debug)]
pub(super) enum Slot {
    Ticket(Mutex<State>),
    Stored(StoredSlot),
}

#[derive(Debug)]
pub(super) enum State {
    Waiting(Option<Waker>),
    Settled(Result<(), Undelivered>),
}

pub(super) fn ticket() -> (Ticket, Arc<Slot>) {
    let slot = Arc::new(Slot::Ticket(Mutex::new(State::Waiting(None))));
    (Ticket(Arc::clone(&slot)), slot)
}

impl Slot {
    #[cfg(all(test, not(talent_loom)))]
    pub(super) fn is_locked(&self) -> bool {
        matches!(self, Self::Ticket(state) if state.try_lock().is_err())
    }

    /// The fate of the event. The first one holds.
    pub(super) fn settle(&self, outcome: Result<(), Undelivered>) {
        let state = match self {
            Self::Ticket(state) => state,
            Self::Stored(slot) => return slot.settle(&outcome),
        };
        let waker = {
            let mut state = lock(state);
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

    /// The store that the event is from, if it is from one.
    pub(super) fn stored(&self) -> Option<&StoredSlot> {
        match self {
            Self::Ticket(_) => None,
            Self::Stored(slot) => Some(slot),
        }
    }
}

impl Future for Ticket {
    type Output = Result<(), Undelivered>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Cloned and dropped outside the lock: a waker is foreign code.
        let mut waker = Some(cx.waker().clone());
        let Slot::Ticket(state) = &*self.0 else { return Poll::Pending };
        let (polled, old) = match &mut *lock(state) {
            State::Settled(outcome) => (Poll::Ready(outcome.clone()), None),
            State::Waiting(kept) => (Poll::Pending, std::mem::replace(kept, waker.take())),
        };
        drop(old);
        polled
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // The queue's half may live long, and with it what the waker holds.
        let Slot::Ticket(state) = &*self.0 else { return };
        let waker = match &mut *lock(state) {
            State::Settled(_) => None,
            State::Waiting(waker) => waker.take(),
        };
        drop(waker);
    }
}
