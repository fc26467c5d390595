//! Events come in.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::delivery::entry::Entry;
use crate::delivery::intake::NotTaken;
use crate::delivery::priority::Priority;
use crate::delivery::store::StoredEvent;
use crate::delivery::ticket::Slot;
use crate::delivery::ticks::NEVER;
use crate::delivery::verdict::History;
use crate::delivery::waiters::{Capacity, Place, waker};
use crate::event::EncodedParts;
use crate::{EncodedEvent, InvalidField, TrackError};

/// The memory that an event is accounted for.
fn weight_of(event: EncodedParts<'_>) -> usize {
    event.bytes.len() + OVERHEAD
}

/// How long a store keeps an event that was tried and for which the window has no place.
const REFETCH: Duration = Duration::from_secs(5);

/// Whether there is room for an event.
enum Room {
    /// It is reserved.
    Yes,
    No,
    /// Events were settled to make room, and more have to be.
    Again,
}

impl Backlog {
    /// Takes an event in, or says why not. Never waits.
    pub(in crate::delivery) fn push(
        &self,
        event: EncodedParts<'_>,
        ticket: Option<Arc<Slot>>,
        within: Option<Duration>,
        now: Instant,
    ) -> Result<(), TrackError> {
        let mut arrival = self.arrival(event, ticket, within, now)?;
        let pushed = self.push_or_make_room(event, &mut arrival, now);
        pushed.inspect_err(|error| {
            if matches!(error, TrackError::QueueFull) {
                self.refused.full.fetch_add(1, Relaxed);
            }
        })
    }

    /// As [`push`](Self::push), and waits for capacity.
    pub(in crate::delivery) async fn push_when_room(
        &self,
        event: EncodedParts<'_>,
        ticket: Option<Arc<Slot>>,
    ) -> Result<(), TrackError> {
        let now = Instant::now();
        let mut arrival = self.arrival(event, ticket, None, now)?;
        match self.push_or_make_room(event, &mut arrival, now) {
            Err(TrackError::QueueFull) => {}
            pushed => return pushed,
        }
        if Hook::is_running() {
            // The delivery, which would make room, may be waiting for this hook.
            self.refused.full.fetch_add(1, Relaxed);
            return Err(TrackError::QueueFull);
        }
        self.capacity(weight_of(event), self.limits.priorities.of(event.meta.event_type())).await?;
        // The age counts from now on.
        arrival.expires = self.expires(None, Instant::now());
        self.push_reserved(event, &mut arrival)
    }

    /// Takes in an event of a store, for any tenant; waits for capacity.
    pub(in crate::delivery) async fn supply(&self, stored: StoredEvent, slot: Arc<Slot>) -> Result<(), TrackError> {
        let StoredEvent { event, age, attempts, in_doubt, .. } = stored;
        let priority = self.limits.priorities.of(event.event_type());
        let weight = weight_of(event.parts());
        self.capacity(weight, priority).await?;
        let now = Instant::now();
        // The age counts from when the event was stored.
        let left = self.limits.max_age.saturating_sub(age);
        let expires = if self.max_age == NEVER { NEVER } else { self.expires(Some(left), now) };
        self.change(|state, effects| {
            if state.phase != Phase::Open {
                state.freed.add(Amount::one(weight));
                return Err(TrackError::ShutDown);
            }
            let history = History { failures: attempts, counted: attempts, in_doubt, ..History::default() };
            let is_new = attempts == 0 && !in_doubt;
            let tried = Tried { event, ticket: Some(slot), expires, epoch: 0, history };
            if !is_new && self.is_beyond_half(state, &tried) {
                // New events have to find a place: some of them may be delivered.
                state.freed.add(Amount::one(weight));
                effects.returned.push((tried, REFETCH));
                return Ok(());
            }
            let epoch = state.ledger.accepted(weight);
            effects.wake_worker = true;
            if is_new {
                let Tried { event, ticket, .. } = tried;
                let (parts, tenant) = (event.parts(), state.queue.tenant(event.tenant()));
                let len = parts.bytes.len() as u32;
                let entry = Entry { ticket, meta: parts.meta, len, expires, epoch, tenant };
                state.queue.push(priority, entry, parts.bytes);
            } else {
                state.queue.retry(priority, Tried { epoch, ..tried }, now);
            }
            Ok(())
        })
    }

    /// Waits for capacity and takes it.
    async fn capacity(&self, weight: usize, priority: Priority) -> Result<(), TrackError> {
        let wait = self.wait_for_capacity(weight, priority);
        let capacity = std::future::poll_fn(|cx| {
            let mut waker = waker(cx);
            self.change(|state, _| state.waiters.poll_capacity(wait.place, &mut waker))
        })
        .await;
        match capacity {
            Capacity::Granted => {
                wait.used();
                Ok(())
            }
            Capacity::Closed => Err(self.shut_down()),
        }
    }

    /// Whether an event would be refused by count, whatever it is; then that is counted.
    ///
    /// Producers that have not encoded their event yet are spared it: a full queue is no time to be slow.
    pub(in crate::delivery) fn refuses(&self, now: Instant) -> bool {
        let full = self.limits.overflow == Overflow::Refuse
            && self.intake.is_full()
            && lock(&self.state).queue.first_expires().is_none_or(|expires| expires > self.clock.tick(now));
        if full {
            self.refused.full.fetch_add(1, Relaxed);
        }
        full
    }

    /// An event that was not valid did not come this far.
    pub(in crate::delivery) fn count_invalid(&self) {
        self.refused.invalid.fetch_add(1, Relaxed);
    }

    /// Refuses an event of another tenant.
    pub(in crate::delivery) fn check_tenant(&self, event: &EncodedEvent) -> Result<(), TrackError> {
        if *event.tenant() == self.tenant {
            return Ok(());
        }
        self.count_invalid();
        let found = InvalidField::quote(event.tenant().as_str());
        let allowed = format!("{}, the tenant of this tracker", self.tenant);
        Err(InvalidField::new("parent", found, allowed).into())
    }

    fn arrival(
        &self,
        event: EncodedParts<'_>,
        ticket: Option<Arc<Slot>>,
        within: Option<Duration>,
        now: Instant,
    ) -> Result<Entry, TrackError> {
        if weight_of(event) > self.limits.bytes {
            self.refused.too_large.fetch_add(1, Relaxed);
            let found = format!("an event of {} bytes", event.bytes.len());
            let allowed = format!("at most {} bytes, by `max_bytes`", self.limits.bytes.saturating_sub(OVERHEAD));
            return Err(InvalidField::new("client_event", found, allowed).into());
        }
        // No event has 4 GiB: 500 jobs and the notes stay far below.
        let len = event.bytes.len() as u32;
        Ok(Entry { ticket, meta: event.meta, len, expires: self.expires(within, now), epoch: 0, tenant: 0 })
    }

    fn expires(&self, within: Option<Duration>, now: Instant) -> u32 {
        let within = within.map_or(self.max_age, |within| ticks_for(within).min(self.max_age));
        self.clock.tick(now).saturating_add(within)
    }

    fn push_or_make_room(&self, event: EncodedParts<'_>, arrival: &mut Entry, now: Instant) -> Result<(), TrackError> {
        loop {
            match self.intake.push(event, arrival, false) {
                Ok(()) => return Ok(()),
                Err(NotTaken::Sealed) => return Err(self.shut_down()),
                Err(NotTaken::ChunkFull) => self.change(|state, _| self.absorb(state)),
                Err(NotTaken::NoCapacity) => match self.change(|state, effects| {
                    self.absorb(state);
                    self.make_room(state, arrival, now, effects)
                }) {
                    Room::Yes => return self.push_reserved(event, arrival),
                    Room::No => return Err(TrackError::QueueFull),
                    Room::Again => {}
                },
            }
        }
    }

    /// Takes in an event whose capacity is reserved.
    fn push_reserved(&self, event: EncodedParts<'_>, arrival: &mut Entry) -> Result<(), TrackError> {
        loop {
            match self.intake.push(event, arrival, true) {
                Ok(()) => return Ok(()),
                Err(NotTaken::ChunkFull) => self.change(|state, _| self.absorb(state)),
                Err(NotTaken::Sealed | NotTaken::NoCapacity) => {
                    self.intake.release(Amount::one(arrival.weight()));
                    return Err(self.shut_down());
                }
            }
        }
    }

    fn shut_down(&self) -> TrackError {
        self.refused.shut_down.fetch_add(1, Relaxed);
        TrackError::ShutDown
    }

    /// Sorts new events from the intake into the queue.
    pub(super) fn absorb(&self, state: &mut State) {
        let State { queue, ledger, spare, .. } = state;
        self.intake.swap(spare);
        let mut bytes = &spare.bytes[..];
        for mut entry in spare.entries.drain(..) {
            let (event, rest) = bytes.split_at(entry.len as usize);
            bytes = rest;
            entry.epoch = ledger.accepted(entry.weight());
            queue.push(self.limits.priorities.of(entry.meta.event_type()), entry, event);
        }
        spare.clear();
    }

    /// Reserves capacity for an event. Expired events make room, and with `DropOldest` those that matter least.
    fn make_room(&self, state: &mut State, arrival: &Entry, now: Instant, effects: &mut Effects) -> Room {
        if self.reserve(state, arrival.weight()) {
            return Room::Yes;
        }
        if Hook::is_running() {
            // The hook would be called for what goes, and might enqueue again, and so on without end.
            return Room::No;
        }
        self.expire(state, now, effects);
        if effects.ended > 0 {
            return Room::Again;
        }
        self.drop_least(state, arrival.weight(), self.limits.priorities.of(arrival.meta.event_type()), now, effects)
    }

    /// With `DropOldest`, drops events of this priority or a lower one, if that makes room.
    fn drop_least(
        &self,
        state: &mut State,
        weight: usize,
        priority: Priority,
        now: Instant,
        effects: &mut Effects,
    ) -> Room {
        if self.limits.overflow == Overflow::Refuse {
            return Room::No;
        }
        let (free, (events, bytes)) = (self.intake.free(), state.queue.least(priority));
        if free.events + events == 0 || free.bytes + bytes < weight {
            return Room::No;
        }
        for _ in 0..SLICE {
            let Some(least) = state.queue.pop_least(priority) else { return Room::No };
            self.end(state, least, Err(Undelivered::Overflow), now, effects);
            if self.reserve(state, weight) {
                return Room::Yes;
            }
        }
        Room::Again
    }

    fn reserve(&self, state: &mut State, weight: usize) -> bool {
        self.intake.reserve(Amount::one(weight), std::mem::take(&mut state.freed))
    }

    /// Gives capacity back, first to the tasks that wait for it.
    pub(super) fn give_back(&self, state: &mut State, effects: &mut Effects) {
        while let Some((weight, priority)) = state.waiters.first() {
            let room = match self.reserve(state, weight) {
                true => Room::Yes,
                false => self.drop_least(state, weight, priority, Instant::now(), effects),
            };
            match room {
                Room::Yes => state.waiters.grant_first(&mut effects.wakers),
                Room::No => break,
                Room::Again => {
                    // The worker looks again, and comes by here.
                    effects.wake_worker = true;
                    break;
                }
            }
        }
        if state.freed != Amount::default() {
            self.intake.release(std::mem::take(&mut state.freed));
        }
    }

    fn wait_for_capacity(&self, weight: usize, priority: Priority) -> Wait<'_> {
        let place = self.change(|state, _| {
            let place = state.waiters.wait_for_capacity(weight, priority);
            if state.phase != Phase::Open {
                // It was closed in between: nobody would grant it.
                state.waiters.leave(place, weight);
            }
            place
        });
        Wait { backlog: self, place, weight, used: false }
    }
}

/// A task's wait for capacity; dropped, its place goes to the next.
struct Wait<'b> {
    backlog: &'b Backlog,
    place: Place,
    weight: usize,
    used: bool,
}

impl Wait<'_> {
    /// What was granted is used.
    fn used(mut self) {
        self.used = true;
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        if self.used {
            return;
        }
        let waker = self.backlog.change(|state, _| {
            let (granted, waker) = state.waiters.leave(self.place, self.weight);
            state.freed.add(granted);
            waker
        });
        drop(waker);
    }
}
