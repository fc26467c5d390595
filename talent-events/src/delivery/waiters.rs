//! Tasks that wait for the queue: for capacity, for a flush, for the end of a shutdown.

use std::collections::{BTreeMap, BTreeSet};
use std::task::{Context, Poll, Waker};

use slab::Slab;

use super::intake::Amount;
use super::priority::Priority;

/// A task's place among the waiters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u64);

#[derive(Debug, Default)]
pub(super) struct Waiters {
    /// First come, first served: an event that needs more holds up those behind it, so that it gets its capacity at last.
    capacity: BTreeMap<Place, Wanted>,
    /// Tasks whose capacity is taken for them, and that were not polled since.
    granted: BTreeSet<Place>,
    places: u64,
    /// Tasks that wait for an end. They are woken together, and each looks for itself.
    ends: Slab<Option<Waker>>,
}

#[derive(Debug)]
struct Wanted {
    weight: usize,
    priority: Priority,
    waker: Option<Waker>,
}

/// What became of a wait for capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Capacity {
    Granted,
    /// There will be none.
    Closed,
}

impl Waiters {
    /// Takes a place behind all others.
    pub(super) fn wait_for_capacity(&mut self, weight: usize, priority: Priority) -> Place {
        self.places += 1;
        let place = Place(self.places);
        self.capacity.insert(place, Wanted { weight, priority, waker: None });
        place
    }

    /// Whether the wait is over. The waker is kept; one that is not needed is left in its place, to be dropped outside the
    /// lock.
    pub(super) fn poll_capacity(&mut self, place: Place, waker: &mut Option<Waker>) -> Poll<Capacity> {
        match self.capacity.get_mut(&place) {
            Some(wanted) => {
                std::mem::swap(&mut wanted.waker, waker);
                Poll::Pending
            }
            None if self.granted.remove(&place) => Poll::Ready(Capacity::Granted),
            None => Poll::Ready(Capacity::Closed),
        }
    }

    /// The first task that waits for capacity.
    pub(super) fn first(&self) -> Option<(usize, Priority)> {
        let (_, Wanted { weight, priority, .. }) = self.capacity.first_key_value()?;
        Some((*weight, *priority))
    }

    /// Capacity was taken for the first task.
    pub(super) fn grant_first(&mut self, wakers: &mut Vec<Waker>) {
        if let Some((place, wanted)) = self.capacity.pop_first() {
            self.granted.insert(place);
            wakers.extend(wanted.waker);
        }
    }

    /// A task gave its wait up. Returns what was granted and not used, and a waker to drop outside the lock.
    pub(super) fn leave(&mut self, place: Place, weight: usize) -> (Amount, Option<Waker>) {
        let granted = if self.granted.remove(&place) { Amount::one(weight) } else { Amount::default() };
        (granted, self.capacity.remove(&place).and_then(|wanted| wanted.waker))
    }

    /// There will be no more capacity.
    pub(super) fn close(&mut self, wakers: &mut Vec<Waker>) {
        wakers.extend(std::mem::take(&mut self.capacity).into_values().filter_map(|wanted| wanted.waker));
    }

    /// Takes a place for an end, or keeps it; a waker that is not needed is left in `waker`.
    pub(super) fn wait_for_end(&mut self, waker: &mut Option<Waker>, place: &mut Option<usize>) {
        match place.and_then(|place| self.ends.get_mut(place)) {
            Some(kept) => std::mem::swap(kept, waker),
            None => *place = Some(self.ends.insert(waker.take())),
        }
    }

    /// Gives the place up; returns the waker to drop outside the lock.
    pub(super) fn leave_end(&mut self, place: usize) -> Option<Waker> {
        self.ends.try_remove(place).flatten()
    }

    /// Something ended that a task may wait for.
    pub(super) fn wake_ends(&mut self, wakers: &mut Vec<Waker>) {
        wakers.extend(self.ends.iter_mut().filter_map(|(_, waker)| waker.take()));
    }
}

/// The waker of a context, to be kept: cloned outside the lock.
pub(super) fn waker(cx: &Context<'_>) -> Option<Waker> {
    Some(cx.waker().clone())
}
