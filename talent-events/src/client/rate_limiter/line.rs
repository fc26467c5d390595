//! A line of callers that wait: first in, first out, and only the first is woken.

use std::collections::BTreeMap;
use std::task::Waker;

use tokio::time::Instant;

/// A place in the line; the lowest is the first.
pub(super) type Ticket = u64;

#[derive(Debug)]
pub(super) struct Line {
    waiters: BTreeMap<Ticket, Waiter>,
    last_ticket: Ticket,
    /// When the first became first.
    first_since: Instant,
    /// When the first asks again. `None` until it has asked as the first.
    first_asks: Option<Instant>,
}

#[derive(Debug)]
struct Waiter {
    joined: Instant,
    /// `None` from when the waiter was woken until it asks again.
    waker: Option<Waker>,
}

impl Line {
    pub(super) fn new(now: Instant) -> Self {
        Self { waiters: BTreeMap::new(), last_ticket: 0, first_since: now, first_asks: None }
    }

    /// `None`: the line is empty.
    pub(super) fn first(&self) -> Option<Ticket> {
        self.waiters.first_key_value().map(|(ticket, _)| *ticket)
    }

    /// When the first asks at the latest if its turn is at `due`.
    pub(super) fn first_asks(&self, due: Instant) -> Instant {
        self.first_asks.unwrap_or(due.max(self.first_since))
    }

    /// The first knows that it is the first, and asks again at this time.
    pub(super) fn set_first_asks(&mut self, at: Instant) {
        self.first_asks = Some(at);
    }

    /// When the first joined the line.
    pub(super) fn first_joined(&self) -> Option<Instant> {
        self.waiters.first_key_value().map(|(_, waiter)| waiter.joined)
    }

    /// At most how many are in front of this one.
    pub(super) fn in_front(&self, ticket: Ticket) -> u32 {
        self.first().map_or(0, |first| (ticket - first) as u32)
    }

    pub(super) fn contains(&self, ticket: Ticket) -> bool {
        self.waiters.contains_key(&ticket)
    }

    pub(super) fn join(&mut self, now: Instant) -> Ticket {
        if self.waiters.is_empty() {
            (self.first_since, self.first_asks) = (now, None);
        }
        self.last_ticket += 1;
        self.waiters.insert(self.last_ticket, Waiter { joined: now, waker: None });
        self.last_ticket
    }

    /// Answers the waker, to be dropped without the lock.
    pub(super) fn leave(&mut self, ticket: Ticket, now: Instant) -> Option<Waker> {
        if self.first() == Some(ticket) {
            (self.first_since, self.first_asks) = (now, None);
        }
        self.waiters.remove(&ticket)?.waker
    }

    /// The waker of the first, to be woken without the lock: its turn comes.
    pub(super) fn call_first(&mut self) -> Option<Waker> {
        self.first_asks = None;
        self.waiters.first_entry()?.get_mut().waker.take()
    }

    /// Whether this waker, or one that wakes the same task, is kept for the ticket.
    pub(super) fn keeps(&self, ticket: Ticket, waker: &Waker) -> bool {
        let kept = self.waiters.get(&ticket).and_then(|waiter| waiter.waker.as_ref());
        kept.is_some_and(|kept| kept.will_wake(waker))
    }

    /// Keeps this waker for the ticket. Answers the one before it, to be dropped without the lock.
    pub(super) fn keep(&mut self, ticket: Ticket, waker: Waker) -> Option<Waker> {
        self.waiters.get_mut(&ticket)?.waker.replace(waker)
    }
}
