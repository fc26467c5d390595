//! The backlog: every accepted event that is not settled yet, and the accounts of all.
//!
//! Producers leave events in the [`Intake`]. Everything else is one [`State`] under one lock, held for a few hundred events
//! at most and never while foreign code runs: what a change causes outside is collected in [`Effects`] and runs after the
//! lock. So each event is in exactly one place at any moment, and every look at the numbers is of one moment.
//!
//! - `admit`: events come in
//! - `attempt`: the engine takes events and settles them
//! - `stop`: flush, shutdown, drop

mod admit;
mod attempt;
mod stop;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use slab::Slab;
use tokio::time::Instant;

use crate::TenantName;
use crate::client::rate_limiter::RateLimiter;

use super::effects::{Effects, Ended, Losses};
use super::entry::{OVERHEAD, Tried};
use super::hook::Hook;
use super::intake::{Amount, Chunk, Intake};
use super::ledger::Ledger;
pub(super) use super::limits::Limits;
use super::queue::{InFlight, Kind, Queue};
use super::remaining::Remaining;
use super::stats::{Refused, Stats};
use super::sync::{Mutex, lock};
use super::throttle::{CallNumber, Throttle};
use super::ticks::{Clock, ticks_for};
use super::waiters::Waiters;
use super::{Flow, Overflow, Undelivered};

pub(super) use attempt::{Attempt, Look, Pace};

/// The most events that are settled under one hold of the lock; more are left for the next.
pub(super) const SLICE: usize = 128;

#[derive(Debug)]
pub(super) struct Backlog {
    tenant: TenantName,
    limits: Limits,
    pub(super) hook: Hook,
    clock: Clock,
    /// In ticks.
    max_age: u32,
    pub(super) intake: Intake,
    refused: RefusedCounts,
    pub(super) losses: Losses,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(super) struct State {
    queue: Queue,
    calls: Slab<Call>,
    in_flight: InFlight,
    throttle: Throttle,
    pub(super) ledger: Ledger,
    pub(super) waiters: Waiters,
    phase: Phase,
    /// The events that a stop left, until a report takes them.
    remaining: Option<Remaining>,
    /// The deadline of a shutdown is over.
    late: bool,
    /// Capacity of events that left, to be given back.
    freed: Amount,
    /// The chunk that the intake gets next.
    spare: Chunk,
}

/// An event in flight.
#[derive(Debug)]
struct Call {
    tried: Tried,
    number: CallNumber,
    kind: Kind,
    begun: Instant,
    /// There was an outage when the call began.
    in_outage: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Open,
    /// Nothing more comes in, and the events have until then.
    Closing(Instant),
    /// Nothing more comes in or goes out, and calls in flight have until then: all else stays in its store.
    Finishing(Instant),
    /// The last handle was dropped; the events go next.
    Abandoned,
    Stopped,
}

/// Events that were not taken in. No event is among them that the other accounts know, so they need no lock.
#[derive(Debug, Default)]
struct RefusedCounts {
    full: AtomicU64,
    invalid: AtomicU64,
    too_large: AtomicU64,
    shut_down: AtomicU64,
}

impl Backlog {
    pub(super) fn new(tenant: TenantName, limits: Limits, hook: Hook) -> Self {
        let mut queue = Queue::new();
        queue.tenant(&tenant);
        let state = State {
            queue,
            calls: Slab::new(),
            in_flight: InFlight::default(),
            throttle: Throttle::new(),
            ledger: Ledger::default(),
            waiters: Waiters::default(),
            phase: Phase::Open,
            remaining: None,
            late: false,
            freed: Amount::default(),
            spare: Chunk::default(),
        };
        Self {
            tenant,
            hook,
            clock: Clock::new(Instant::now()),
            max_age: ticks_for(limits.max_age),
            intake: Intake::new(Amount { events: limits.events, bytes: limits.bytes }),
            limits,
            refused: RefusedCounts::default(),
            losses: Losses::default(),
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

    /// Changes the state under the lock, then runs what that causes outside.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut State, &mut Effects) -> R) -> R {
        let mut effects = Effects::default();
        let result = {
            let mut state = lock(&self.state);
            let result = change(&mut state, &mut effects);
            self.give_back(&mut state, &mut effects);
            state.ledger.effects_begin(effects.settled.len());
            if state.ledger.take_news() {
                state.waiters.wake_ends(&mut effects.wakers);
            }
            result
        };
        effects.run(self);
        result
    }

    /// Settles an event that has left the queue.
    fn end(
        &self,
        state: &mut State,
        tried: Tried,
        outcome: Result<(), Undelivered>,
        now: Instant,
        effects: &mut Effects,
    ) {
        let weight = tried.weight();
        state.freed.add(Amount::one(weight));
        let is_first = state.ledger.ended(weight, &outcome, now);
        effects.ended += 1;
        let Tried { event, ticket, epoch, .. } = tried;
        if let Err(why) = &outcome {
            effects.lost(&event, why, is_first);
        }
        if ticket.is_some() || (outcome.is_err() && self.hook.is_set()) {
            effects.settled.push(Ended { event, ticket, epoch, outcome });
        } else {
            state.ledger.left(epoch);
        }
    }

    pub(super) fn stats(&self) -> Stats {
        let state = lock(&self.state);
        let (mut stats, new) = (state.ledger.stats(), self.intake.amount());
        stats.accepted += new.events as u64;
        stats.waiting += new.events as u64;
        stats.waiting_bytes += new.bytes as u64;
        stats.in_flight = state.in_flight.calls as u64;
        drop(state);
        let count = |count: &AtomicU64| count.load(Relaxed);
        let RefusedCounts { full, invalid, too_large, shut_down } = &self.refused;
        let (full, invalid) = (count(full), count(invalid));
        stats.refused = Refused { full, invalid, too_large: count(too_large), shut_down: count(shut_down) };
        stats
    }

    pub(super) fn flow(&self, limiter: &RateLimiter, now: Instant) -> Flow {
        Flow::of(&lock(&self.state).throttle, limiter, now)
    }

    pub(super) fn is_running(&self) -> bool {
        !matches!(lock(&self.state).phase, Phase::Abandoned | Phase::Stopped)
    }

    /// How many events wait, and how many a second were delivered lately.
    pub(super) fn drain(&self, now: Instant) -> (u64, f64) {
        let mut state = lock(&self.state);
        let waiting = match state.phase {
            Phase::Stopped => 0,
            _ => state.ledger.waiting() + self.intake.amount().events as u64,
        };
        (waiting, state.ledger.rate(now))
    }
}
