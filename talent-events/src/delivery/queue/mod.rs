//! The events in memory, and the accounts about them.
//!
//! Everything is under one lock that is held for a few steps at a time and never while foreign code runs. So each event
//! is in exactly one place at any moment, and every look at the numbers is of one moment.

mod after;
mod bell;
mod classes;
mod end;
mod room;
mod ticks;
mod work;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use slab::Slab;
use tokio::time::Instant;

use crate::event::Contents;
use crate::{EncodedEvent, InvalidField, TenantName, TrackError};

use super::epochs::Epochs;
use super::hook::Hook;
use super::outcome::Slot;
use super::priority::{Priorities, Priority};
use super::stats::Stats;
use super::sync::{Mutex, lock};
use super::{Overflow, Undelivered};
use crate::client::meter::{Meter, time_for};
use after::{After, Waiters};
use bell::Bell;
use classes::{Class, Entry, OVERHEAD, Tried};
use end::Left;
use room::Line;
use ticks::{Clock, NEVER, ticks_for};

/// Expired at most under one hold of the lock; more are left for the next.
const AT_ONCE: usize = 128;

#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) events: usize,
    pub(super) bytes: usize,
    pub(super) overflow: Overflow,
    pub(super) max_age: Duration,
    pub(super) max_attempts: u32,
    pub(super) priorities: Priorities,
}

#[derive(Debug)]
pub(super) struct Queue {
    tenant: TenantName,
    limits: Limits,
    hook: Hook,
    clock: Clock,
    /// In ticks.
    max_age: u32,
    /// Refused the last event, as there were too many: a hint to ask [`refuses`](Self::refuses) before the next is encoded.
    full: AtomicBool,
    bell: Bell,
    /// When somebody was last warned of an event that is lost.
    warned: Mutex<Option<Instant>>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    classes: [Class; Priority::COUNT],
    flying: Slab<Tried>,
    left: Left,
    /// How many attempts have ended …
    ends: u64,
    /// … and how many had ended when the last of those began that were delivered.
    delivered: u64,
    stats: Stats,
    epochs: Epochs,
    phase: Phase,
    delivering: Meter,
    /// The worker has nothing to do, and is woken by the next event.
    idle: bool,
    /// The worker looks at what has expired at this tick, and is woken by what expires before that.
    looks_at: u32,
    /// Settled, and its hook or its ticket not called yet.
    untold: usize,
    /// The last that ended was not delivered.
    losing: bool,
    /// The deadline of a shutdown is over.
    late: bool,
    /// Something ended that somebody may wait for.
    news: bool,
    waiters: Waiters,
    /// There is room that nobody was told of.
    room: bool,
    line: Line,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Open,
    /// Nothing more comes in, and what is there has until then.
    Closing(Instant),
    Abandoned,
    Stopped,
}

impl Queue {
    pub(super) fn new(tenant: TenantName, limits: Limits, hook: Hook) -> Self {
        let state = State {
            classes: [Class::new(), Class::new(), Class::new()],
            flying: Slab::new(),
            left: Left::default(),
            ends: 0,
            delivered: 0,
            stats: Stats::default(),
            epochs: Epochs::new(),
            phase: Phase::Open,
            delivering: Meter::default(),
            idle: false,
            looks_at: 0,
            untold: 0,
            losing: false,
            late: false,
            news: false,
            waiters: Waiters::default(),
            room: false,
            line: Line::default(),
        };
        Self {
            tenant,
            hook,
            clock: Clock::new(Instant::now()),
            max_age: ticks_for(limits.max_age),
            limits,
            full: AtomicBool::new(false),
            bell: Bell::new(),
            warned: Mutex::new(None),
            state: Mutex::new(state),
        }
    }

    #[cfg(all(test, not(talent_loom)))]
    pub(super) fn is_locked(&self) -> bool {
        self.state.try_lock().is_err()
    }

    pub(super) fn tenant(&self) -> &TenantName {
        &self.tenant
    }

    /// Takes an event in, or says why not and gives it back.
    pub(super) fn push(
        &self,
        event: EncodedEvent,
        ticket: Option<Arc<Slot>>,
        within: Option<Duration>,
        now: Instant,
    ) -> Result<(), (TrackError, EncodedEvent)> {
        let refused = self.try_push(event, ticket, within, now);
        if let Err((TrackError::QueueFull, _)) = refused {
            let mut state = lock(&self.state);
            state.stats.refused.full += 1;
            self.full.store(self.is_full(&state, now), Relaxed);
        }
        refused
    }

    /// Whether it refuses whatever comes, by count, as it refused what came before; then that is counted.
    ///
    /// Those who have not encoded their event yet are spared it: a full queue is no time to be slow.
    pub(super) fn refuses(&self, now: Instant) -> bool {
        if !self.full.load(Relaxed) {
            return false;
        }
        let mut state = lock(&self.state);
        let full = self.is_full(&state, now);
        match full {
            true => state.stats.refused.full += 1,
            false => self.full.store(false, Relaxed),
        }
        full
    }

    /// Whether there is room for nothing, and nothing can make room.
    fn is_full(&self, state: &State, now: Instant) -> bool {
        let present = self.clock.tick(now);
        self.limits.overflow == Overflow::Refuse
            && state.phase == Phase::Open
            && state.stats.waiting as usize >= self.limits.events
            && !state.classes.iter().any(|class| class.may_expire(now, present))
    }

    fn try_push(
        &self,
        event: EncodedEvent,
        ticket: Option<Arc<Slot>>,
        within: Option<Duration>,
        now: Instant,
    ) -> Result<(), (TrackError, EncodedEvent)> {
        if *event.tenant() != self.tenant {
            lock(&self.state).stats.refused.invalid += 1;
            let found = InvalidField::quote(event.tenant().as_str());
            let allowed = format!("{}, whose tracker this is", self.tenant);
            return Err((TrackError::Invalid(InvalidField::new("parent", found, allowed).into()), event));
        }
        let priority = self.limits.priorities.of(event.event_type());
        let within = within.map_or(self.max_age, |within| ticks_for(within).min(self.max_age));
        let expires = self.clock.tick(now).saturating_add(within);
        let size = event.as_bytes().len() + OVERHEAD;
        if size > self.limits.bytes {
            lock(&self.state).stats.refused.too_large += 1;
            let found = format!("an event of {} bytes", event.as_bytes().len());
            let allowed = format!("at most {} bytes, by `max_bytes`", self.limits.bytes.saturating_sub(OVERHEAD));
            let invalid = InvalidField::new("client_event", found, allowed).into();
            return Err((TrackError::Invalid(invalid), event));
        }

        self.change(|state, after| {
            if state.phase != Phase::Open {
                state.stats.refused.shut_down += 1;
                return Err((TrackError::ShutDown, event));
            }
            if !self.make_room(state, size, priority, now, after) {
                return Err((TrackError::QueueFull, event));
            }
            state.stats.accepted += 1;
            state.stats.waiting += 1;
            state.stats.waiting_bytes += size as u64;
            let epoch = state.epochs.enter();
            let entry = Entry { contents: Contents::of(event), ticket, expires, epoch };
            let first = state.class(priority).push(entry);
            // Another one may have come to the front, too.
            let sooner = (first || after.ended > 0) && state.first_expires() < state.looks_at;
            after.worker = state.idle || sooner;
            if after.worker {
                (state.idle, state.looks_at) = (false, 0);
            }
            Ok(())
        })
    }

    /// As [`push`](Self::push), and waits for room where there is none.
    pub(super) async fn push_when_room(
        &self,
        event: EncodedEvent,
        ticket: Option<Arc<Slot>>,
    ) -> Result<(), TrackError> {
        let mut event = match self.try_push(event, ticket.clone(), None, Instant::now()) {
            Err((TrackError::QueueFull, event)) => event,
            pushed => return pushed.map_err(|(error, _)| error),
        };
        if Hook::is_running() {
            // The delivery, which would make room, may be waiting for this hook.
            lock(&self.state).stats.refused.full += 1;
            return Err(TrackError::QueueFull);
        }
        let place = self.stand_in_line(event.as_bytes().len() + OVERHEAD);
        loop {
            // The place is taken: room that is made from here on is heard of.
            match self.try_push(event, ticket.clone(), None, Instant::now()) {
                Err((TrackError::QueueFull, again)) => event = again,
                pushed => return pushed.map_err(|(error, _)| error),
            }
            std::future::poll_fn(|cx| place.poll_room(cx)).await;
        }
    }

    /// One that was not valid never came this far.
    pub(super) fn count_invalid(&self) {
        lock(&self.state).stats.refused.invalid += 1;
    }

    pub(super) fn count_restart(&self) {
        lock(&self.state).stats.worker_restarts += 1;
    }

    pub(super) fn stats(&self) -> Stats {
        let state = lock(&self.state);
        Stats { in_flight: state.flying.len() as u64, ..state.stats }
    }

    pub(super) fn is_running(&self) -> bool {
        !matches!(lock(&self.state).phase, Phase::Abandoned | Phase::Stopped)
    }

    /// How long what waits needs, at this rate or at the rate of the last seconds, whichever is slower.
    pub(super) fn drain_time(&self, pace: Option<f64>, now: Instant) -> Option<Duration> {
        let mut state = lock(&self.state);
        let waiting = if state.phase == Phase::Stopped { 0 } else { state.stats.waiting };
        let seen = state.delivering.rate(now);
        time_for(waiting, pace.map_or(seen, |pace| if seen > 0.0 { pace.min(seen) } else { pace }))
    }

    /// Makes room for so many bytes, as far as the policy and age allow.
    fn make_room(&self, state: &mut State, size: usize, priority: Priority, now: Instant, after: &mut After) -> bool {
        if self.has_room(state, size) {
            return true;
        }
        if Hook::is_running() {
            // The hook would be called for what goes, and might enqueue again, and so on without end.
            return false;
        }
        loop {
            let before = after.ended;
            self.expire(state, now, before + AT_ONCE, after);
            if self.has_room(state, size) {
                return true;
            }
            if after.ended == before {
                break;
            }
        }
        if self.limits.overflow == Overflow::Refuse {
            return false;
        }
        // Nothing is dropped unless that helps.
        let lower = &state.classes[priority as usize..];
        let events: usize = lower.iter().map(Class::events).sum();
        let bytes: usize = lower.iter().map(Class::bytes).sum();
        let waiting = state.stats.waiting as usize - events;
        if waiting >= self.limits.events || state.stats.waiting_bytes as usize - bytes + size > self.limits.bytes {
            return false;
        }
        while !self.has_room(state, size) {
            let lowest = state.classes[priority as usize..].iter_mut().rev().find_map(Class::pop_oldest);
            let Some(Tried { entry, .. }) = lowest else { return false };
            self.end(state, entry, Err(Undelivered::Overflow), after);
        }
        true
    }

    fn has_room(&self, state: &State, size: usize) -> bool {
        (state.stats.waiting as usize) < self.limits.events
            && state.stats.waiting_bytes as usize + size <= self.limits.bytes
    }
}

impl State {
    fn class(&mut self, priority: Priority) -> &mut Class {
        &mut self.classes[priority as usize]
    }

    /// When one at the front of a row expires.
    fn first_expires(&self) -> u32 {
        self.classes.iter().filter_map(Class::first_expires).min().unwrap_or(NEVER)
    }
}
