//! Where producers leave events: one short lock, one copy, no allocation.
//!
//! A producer appends the encoded bytes and a small entry to one chunk. Whoever works on the queue next swaps the chunk for
//! an empty one and sorts the events into the queue. The chunk is small; a producer that finds it full does that itself.
//!
//! Capacity is taken here, under the same lock, and given back here when events leave the queue.

use std::task::Waker;

use crate::event::EncodedParts;

use super::entry::{Entry, OVERHEAD};
use super::sync::{Mutex, MutexGuard, lock, wake};

/// An amount of events and of their bytes, [`OVERHEAD`] included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) events: usize,
    pub(super) bytes: usize,
}

impl Amount {
    /// One event of this weight.
    pub(super) fn one(weight: usize) -> Self {
        Self { events: 1, bytes: weight }
    }

    pub(super) fn add(&mut self, more: Self) {
        self.events += more.events;
        self.bytes += more.bytes;
    }

    fn take(&mut self, wanted: Self) -> bool {
        let (Some(events), Some(bytes)) =
            (self.events.checked_sub(wanted.events), self.bytes.checked_sub(wanted.bytes))
        else {
            return false;
        };
        *self = Self { events, bytes };
        true
    }
}

/// Events in the order in which they came, and their bytes one after the other.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) entries: Vec<Entry>,
    pub(super) bytes: Vec<u8>,
}

/// A chunk is full at so many events or bytes.
const CHUNK: Amount = Amount { events: 1_024, bytes: 256 * 1024 };

impl Chunk {
    fn amount(&self) -> Amount {
        let events = self.entries.len();
        Amount { events, bytes: self.bytes.len() + OVERHEAD * events }
    }

    fn is_full(&self) -> bool {
        self.entries.len() >= CHUNK.events || self.bytes.len() >= CHUNK.bytes
    }

    /// Empties it. The memory of a giant event is not kept.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.bytes.clear();
        self.bytes.shrink_to(2 * CHUNK.bytes);
    }
}

#[derive(Debug)]
pub(super) struct Intake(Mutex<State>);

#[derive(Debug)]
struct State {
    chunk: Chunk,
    free: Amount,
    /// Nothing more is taken in.
    sealed: bool,
    /// The worker, while it sleeps.
    parked: Option<Waker>,
    /// An event that expires at this tick or before wakes the worker.
    wakes: u32,
    /// The worker was to be woken while it did not sleep.
    notified: bool,
}

/// Why an event was not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    NoCapacity,
    Sealed,
    /// The chunk has to be emptied first.
    ChunkFull,
}

impl Intake {
    pub(super) fn new(free: Amount) -> Self {
        let (chunk, parked) = (Chunk::default(), None);
        Self(Mutex::new(State { chunk, free, sealed: false, parked, wakes: 0, notified: false }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    /// Takes an event in and wakes the worker if it waits for one. `reserved`: its capacity was taken before.
    pub(super) fn push(&self, event: EncodedParts<'_>, arrival: &mut Entry, reserved: bool) -> Result<(), NotTaken> {
        let waker = {
            let mut state = self.lock();
            if state.sealed {
                return Err(NotTaken::Sealed);
            }
            if state.chunk.is_full() {
                return Err(NotTaken::ChunkFull);
            }
            if !reserved && !state.free.take(Amount::one(arrival.weight())) {
                return Err(NotTaken::NoCapacity);
            }
            let wakes = arrival.expires <= state.wakes;
            state.chunk.bytes.extend_from_slice(event.bytes);
            state.chunk.entries.push(Entry { ticket: arrival.ticket.take(), ..*arrival });
            if wakes { state.parked.take() } else { None }
        };
        waker.into_iter().for_each(wake);
        Ok(())
    }

    /// Takes capacity, after `freed` was given back.
    pub(super) fn reserve(&self, wanted: Amount, freed: Amount) -> bool {
        let mut state = self.lock();
        state.free.add(freed);
        state.free.take(wanted)
    }

    pub(super) fn release(&self, freed: Amount) {
        self.lock().free.add(freed);
    }

    /// Whether there is room for no event at all, of those that may still come.
    pub(super) fn is_full(&self) -> bool {
        let state = self.lock();
        state.free.events == 0 && !state.sealed
    }

    pub(super) fn free(&self) -> Amount {
        self.lock().free
    }

    /// Swaps the chunk for an empty one.
    pub(super) fn swap(&self, empty: &mut Chunk) {
        std::mem::swap(&mut self.lock().chunk, empty);
    }

    /// What the chunk holds.
    pub(super) fn amount(&self) -> Amount {
        self.lock().chunk.amount()
    }

    /// From here on nothing is taken in.
    pub(super) fn seal(&self) {
        self.lock().sealed = true;
    }

    /// The worker goes to sleep: an event that expires at tick `wakes` or before wakes it, and so does
    /// [`notify`](Self::notify). Returns `false` if something came in the meantime.
    pub(super) fn park(&self, waker: Waker, wakes: u32) -> bool {
        let (parks, old) = {
            let mut state = self.lock();
            let parks = state.chunk.entries.is_empty() && !std::mem::take(&mut state.notified);
            state.wakes = wakes;
            let waker = parks.then_some(waker);
            (parks, std::mem::replace(&mut state.parked, waker))
        };
        drop(old);
        parks
    }

    /// Wakes the worker, or keeps it from going to sleep.
    pub(super) fn notify(&self) {
        let waker = {
            let mut state = self.lock();
            let waker = state.parked.take();
            state.notified = waker.is_none();
            waker
        };
        waker.into_iter().for_each(wake);
    }
}
