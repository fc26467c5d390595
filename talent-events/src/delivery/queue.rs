//! The events in memory, and the accounts about them.
//!
//! Everything is under one lock that is held for a few steps at a time and never while foreign code runs. So each event
//! is in exactly one place at any moment, and every look at the numbers is of one moment.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use slab::Slab;
use tokio::time::Instant;

use crate::event::Contents;
use crate::{EncodedEvent, InvalidField, TenantName, TrackError};

use super::blocks::Blocks;
use super::epochs::Epochs;
use super::hook::Hook;
use super::meter::{Meter, time_for};
use super::outcome::Slot;
use super::priority::{Priorities, Priority};
use super::source::{Blame, End, Source, Sweep, Take, Turn};
use super::stats::Stats;
use super::sync::{Mutex, lock};
use super::{Overflow, Undelivered};

/// What an event takes up beside its encoded bytes: an entry, the counts of the bytes' `Arc`, its share of a block.
const OVERHEAD: usize = 64;

/// Settled at most under one hold of the lock; more are left for the next.
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
    began: Instant,
    /// In ticks.
    max_age: u32,
    /// Refused the last event, as there were too many: a hint to ask [`refuses`](Self::refuses) before the next is encoded.
    full: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    classes: [Class; Priority::COUNT],
    /// To be sent again, not before its time.
    delayed: BinaryHeap<Reverse<Delayed>>,
    flying: Slab<Tried>,
    /// What a stop left, for who shuts down to take.
    left: Left,
    /// How many attempts have ended …
    ends: u64,
    /// … and which of them was the last that the service answered.
    answered: u64,
    stats: Stats,
    epochs: Epochs,
    phase: Phase,
    delivering: Meter,
    worker: Option<Waker>,
    /// The worker has nothing to do, and is woken by the next event.
    idle: bool,
    /// Something ended that somebody may wait for.
    news: bool,
    /// Who waits for an epoch's end, or the queue's. Woken together, and taken out by themselves.
    waiting: Slab<Waker>,
    /// There is room that nobody was told of.
    room: bool,
    /// Who waits for room, by place.
    line: BTreeMap<u64, Hopeful>,
    next_place: u64,
}

#[derive(Debug)]
struct Hopeful {
    size: usize,
    /// There was room for it, and it has not looked yet.
    told: bool,
    waker: Option<Waker>,
}

#[derive(Debug)]
struct Class {
    fresh: Blocks<Entry>,
    again: VecDeque<Tried>,
    events: usize,
    bytes: usize,
}

/// 40 bytes, and 16 more in front of the event's own: an idle queue is full of these.
#[derive(Debug)]
struct Entry {
    contents: Contents,
    ticket: Option<Arc<Slot>>,
    /// In ticks of the queue; the last one never comes.
    expires: u32,
    epoch: u32,
}

const _: () = assert!(size_of::<Entry>() == 40 || cfg!(not(target_pointer_width = "64")));

#[derive(Debug)]
struct Tried {
    entry: Entry,
    attempts: u32,
    /// Which of all ends was the last failure that it may be the cause of; 0 where there was none.
    failed: u64,
}

#[derive(Debug)]
struct Delayed {
    due: Instant,
    tried: Tried,
}

#[derive(Debug, Default)]
struct Left {
    entries: Vec<Entry>,
    /// How many of the first of them were on their way.
    in_doubt: usize,
}

/// Which of a class goes first.
#[derive(Clone, Copy, Debug)]
enum Row {
    Again,
    Fresh,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Open,
    /// Nothing more comes in, and what is there has until then.
    Closing(Instant),
    Abandoned,
    Stopped,
}

/// What is told outside of the lock.
type Settled = (Entry, Result<(), Undelivered>);

impl Queue {
    pub(super) fn new(tenant: TenantName, limits: Limits, hook: Hook) -> Self {
        let class = || Class { fresh: Blocks::new(), again: VecDeque::new(), events: 0, bytes: 0 };
        let state = State {
            classes: [class(), class(), class()],
            delayed: BinaryHeap::new(),
            flying: Slab::new(),
            left: Left::default(),
            ends: 0,
            answered: 0,
            stats: Stats::default(),
            epochs: Epochs::new(),
            phase: Phase::Open,
            delivering: Meter::default(),
            worker: None,
            idle: false,
            news: false,
            waiting: Slab::new(),
            room: false,
            line: BTreeMap::new(),
            next_place: 0,
        };
        let (began, max_age) = (Instant::now(), ticks_for(limits.max_age));
        let full = AtomicBool::new(false);
        Self { tenant, limits, hook, began, max_age, full, state: Mutex::new(state) }
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
        let present = self.ticks(now);
        self.limits.overflow == Overflow::Refuse
            && state.phase == Phase::Open
            && state.stats.waiting as usize >= self.limits.events
            && state.classes.iter().all(|class| class.first_expires().is_none_or(|expires| expires > present))
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
        let present = self.ticks(now);
        let expires = present.saturating_add(within);
        let size = event.as_bytes().len() + OVERHEAD;
        if size > self.limits.bytes {
            lock(&self.state).stats.refused.too_large += 1;
            let found = format!("an event of {} bytes", event.as_bytes().len());
            let allowed = format!("at most {} bytes, by `max_bytes`", self.limits.bytes.saturating_sub(OVERHEAD));
            let invalid = InvalidField::new("client_event", found, allowed).into();
            return Err((TrackError::Invalid(invalid), event));
        }

        let mut settled = Vec::new();
        let (refused, worker, wakers) = {
            let mut state = lock(&self.state);
            let refused = if state.phase != Phase::Open {
                state.stats.refused.shut_down += 1;
                Some(TrackError::ShutDown)
            } else if !self.make_room(&mut state, size, priority, present, &mut settled) {
                Some(TrackError::QueueFull)
            } else {
                None
            };
            let (refused, worker) = match refused {
                Some(error) => (Some((error, event)), None),
                None => {
                    let epoch = state.epochs.enter();
                    state.stats.accepted += 1;
                    state.stats.waiting += 1;
                    state.stats.waiting_bytes += size as u64;
                    let class = state.class(priority);
                    class.events += 1;
                    class.bytes += size;
                    class.fresh.push(Entry { contents: Contents::of(event), ticket, expires, epoch });
                    let idle = std::mem::take(&mut state.idle);
                    (None, if idle { state.worker.clone() } else { None })
                }
            };
            (refused, worker, self.wakers(&mut state))
        };
        worker.into_iter().chain(wakers).for_each(Waker::wake);
        self.tell(settled);
        refused.map_or(Ok(()), Err)
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
        let place = self.stand_in_line(event.as_bytes().len() + OVERHEAD);
        loop {
            // The place is taken: room that is made from here on is heard of.
            match self.try_push(event, ticket.clone(), None, Instant::now()) {
                Err((TrackError::QueueFull, again)) => event = again,
                pushed => return pushed.map_err(|(error, _)| error),
            }
            std::future::poll_fn(|cx| self.poll_room(&place, cx)).await;
        }
    }

    fn stand_in_line(&self, size: usize) -> Place<'_> {
        let mut state = lock(&self.state);
        let number = state.next_place;
        state.next_place += 1;
        state.line.insert(number, Hopeful { size, told: false, waker: None });
        Place { queue: self, number }
    }

    fn poll_room(&self, place: &Place<'_>, cx: &Context<'_>) -> Poll<()> {
        let wakers = {
            let mut state = lock(&self.state);
            let Some(hopeful) = state.line.get_mut(&place.number) else { return Poll::Ready(()) };
            if std::mem::take(&mut hopeful.told) {
                return Poll::Ready(());
            }
            hopeful.waker = Some(cx.waker().clone());
            // What it was told of it did not take: that is room for others.
            state.room = true;
            self.wakers(&mut state)
        };
        wakers.into_iter().for_each(Waker::wake);
        Poll::Pending
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

    /// A mark for [`poll_flushed`](Self::poll_flushed): all that was accepted up to now.
    pub(super) fn mark(&self) -> u64 {
        lock(&self.state).epochs.close()
    }

    /// Whether all before the mark is settled; or will never be, as nobody delivers any more.
    pub(super) fn poll_flushed(&self, mark: u64, cx: &mut Context<'_>, place: &mut Option<usize>) -> bool {
        let mut state = lock(&self.state);
        let over = state.epochs.is_over(mark) || state.phase == Phase::Stopped;
        state.wait(over, cx, place);
        over
    }

    /// Takes nothing more in. What is there has until `end`, or until the end of an earlier shutdown.
    pub(super) fn close(&self, end: Instant) {
        let wakers = {
            let mut state = lock(&self.state);
            match state.phase {
                Phase::Open => state.phase = Phase::Closing(end),
                Phase::Closing(earlier) => state.phase = Phase::Closing(end.min(earlier)),
                Phase::Abandoned | Phase::Stopped => return,
            }
            // Whoever waits for room waits in vain.
            state.worker.clone().into_iter().chain(state.tell_line()).collect::<Vec<_>>()
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Whether a closed queue is empty, or stopped.
    pub(super) fn poll_closed(&self, cx: &mut Context<'_>, place: &mut Option<usize>) -> bool {
        let mut state = lock(&self.state);
        let over = state.stats.waiting == 0 || state.phase == Phase::Stopped;
        state.wait(over, cx, place);
        over
    }

    /// A wait that was given up.
    pub(super) fn forget(&self, place: usize) {
        lock(&self.state).waiting.try_remove(place);
    }

    /// Ends the queue: what waits is kept aside, still counted as waiting, and its tickets resolve.
    pub(super) fn stop(&self) {
        let (tickets, wakers) = {
            let mut state = lock(&self.state);
            if matches!(state.phase, Phase::Abandoned | Phase::Stopped) {
                return;
            }
            state.phase = Phase::Stopped;
            let (mut entries, in_doubt) = state.drain();
            let tickets: Vec<_> = entries.iter_mut().filter_map(|entry| entry.ticket.take()).collect();
            state.left = Left { entries, in_doubt };
            (tickets, state.everybody())
        };
        tickets.into_iter().for_each(|ticket| ticket.settle(Err(Undelivered::HandedBack)));
        wakers.into_iter().for_each(Waker::wake);
    }

    /// What [`stop`](Self::stop) left, once, and how many of the first were on their way; with the numbers of the same
    /// moment.
    pub(super) fn take_left(&self) -> (Vec<EncodedEvent>, usize, Stats) {
        let (Left { entries, in_doubt }, stats) = {
            let mut state = lock(&self.state);
            (std::mem::take(&mut state.left), state.stats)
        };
        let events = entries.into_iter().map(|entry| entry.contents.event_for(self.tenant.clone()));
        (events.collect(), in_doubt, stats)
    }

    /// The last handle is gone. The worker lets go of what waits, or this where there is none; answers how many that are.
    pub(super) fn abandon(&self) -> u64 {
        let (waiting, before, worker) = {
            let mut state = lock(&self.state);
            let before = std::mem::replace(&mut state.phase, Phase::Abandoned);
            // What was handed back is not here any more.
            let waiting = if before == Phase::Stopped { state.left.entries.len() as u64 } else { state.stats.waiting };
            (waiting, before, state.worker.clone())
        };
        worker.into_iter().for_each(Waker::wake);
        if before == Phase::Stopped {
            self.drop_abandoned();
        }
        waiting
    }

    /// Drops what an [`abandon`](Self::abandon)ed queue holds or has kept aside, and tells the hook.
    fn drop_abandoned(&self) {
        let (settled, wakers) = {
            let mut state = lock(&self.state);
            if state.phase != Phase::Abandoned {
                return;
            }
            state.phase = Phase::Stopped;
            let (entries, _) = state.drain();
            let mut settled = Vec::with_capacity(entries.len());
            for entry in entries {
                state.stats.dropped.abandoned += 1;
                state.left_behind(&entry);
                settled.push((entry, Err(Undelivered::Abandoned)));
            }
            (settled, state.everybody())
        };
        wakers.into_iter().for_each(Waker::wake);
        self.tell(settled);
    }

    /// Makes room for so many bytes, as far as the policy and age allow.
    fn make_room(
        &self,
        state: &mut State,
        size: usize,
        priority: Priority,
        present: u32,
        settled: &mut Vec<Settled>,
    ) -> bool {
        if self.has_room(state, size) {
            return true;
        }
        if Hook::is_running() {
            // The hook would be called for what goes, and might enqueue again, and so on without end.
            return false;
        }
        self.expire(state, present, settled);
        if self.has_room(state, size) {
            return true;
        }
        if self.limits.overflow == Overflow::Refuse {
            return false;
        }
        // Nothing is dropped unless that helps.
        let lower = &state.classes[priority as usize..];
        let (events, bytes) =
            lower.iter().fold((0, 0), |(events, bytes), class| (events + class.events, bytes + class.bytes));
        let waiting = state.stats.waiting as usize - events;
        if waiting >= self.limits.events || state.stats.waiting_bytes as usize - bytes + size > self.limits.bytes {
            return false;
        }
        while !self.has_room(state, size) {
            let lowest = (priority as usize..Priority::COUNT).rev().find(|class| state.classes[*class].events > 0);
            let Some(Tried { entry, .. }) = lowest.and_then(|class| state.classes[class].pop()) else { return false };
            state.stats.dropped.overflow += 1;
            state.left_behind(&entry);
            settled.push((entry, Err(Undelivered::Overflow)));
        }
        true
    }

    fn has_room(&self, state: &State, size: usize) -> bool {
        (state.stats.waiting as usize) < self.limits.events
            && state.stats.waiting_bytes as usize + size <= self.limits.bytes
    }

    /// Lets go of what is too old, as far as it has come to the front; answers when that is so next.
    ///
    /// An event with a shorter time than those before it expires when its turn comes.
    fn expire(&self, state: &mut State, present: u32, settled: &mut Vec<Settled>) -> Option<Instant> {
        let mut next: Option<u32> = None;
        for class in 0..Priority::COUNT {
            while let Some(expires) = state.classes[class].first_expires() {
                if expires > present || settled.len() >= AT_ONCE {
                    next = Some(next.map_or(expires, |next| next.min(expires)));
                    break;
                }
                let Some(Tried { entry, .. }) = state.classes[class].pop() else { break };
                state.expired(entry, settled);
            }
        }
        next.filter(|next| *next != u32::MAX).map(|next| self.began + TICK * next)
    }

    fn ticks(&self, at: Instant) -> u32 {
        let since = at.saturating_duration_since(self.began);
        u32::try_from(since.as_secs() * TICKS_A_SECOND + u64::from(since.subsec_millis()) / TICK_MS).unwrap_or(u32::MAX)
    }

    /// Tickets and the hook, which run foreign code: outside of the lock.
    fn tell(&self, settled: Vec<Settled>) {
        if settled.is_empty() {
            return;
        }
        let mut panics = 0;
        for (Entry { contents, ticket, .. }, outcome) in settled {
            if let Err(why) = &outcome
                && self.hook.is_set()
            {
                panics += u64::from(!self.hook.call(&contents.event_for(self.tenant.clone()), why));
            }
            ticket.into_iter().for_each(|ticket| ticket.settle(outcome.clone()));
        }
        if panics > 0 {
            lock(&self.state).stats.hook_panics += panics;
        }
    }
}

/// 50 ms: 32 bits of them are six years, after which nothing expires any more.
const TICK: Duration = Duration::from_millis(TICK_MS);
const TICK_MS: u64 = 50;
const TICKS_A_SECOND: u64 = 1_000 / TICK_MS;

/// Rounded up, and one more for the tick that has begun, so that nothing expires early.
fn ticks_for(time: Duration) -> u32 {
    let ticks = time.as_millis().div_ceil(u128::from(TICK_MS)) + 1;
    u32::try_from(ticks).unwrap_or(u32::MAX)
}

impl Source for Queue {
    type Key = usize;

    fn take(
        &self,
        cx: &mut Context<'_>,
        now: Instant,
        turn: Turn,
        admit: impl FnOnce() -> Result<(), Instant>,
    ) -> Take<usize> {
        let mut settled = Vec::new();
        let (taken, wakers) = {
            let mut state = lock(&self.state);
            let taken = self.take_locked(&mut state, cx, now, turn, admit, &mut settled);
            (taken, self.wakers(&mut state))
        };
        wakers.into_iter().for_each(Waker::wake);
        self.tell(settled);
        if matches!(taken, Take::Stop) {
            self.drop_abandoned();
        }
        taken
    }

    fn settle(&self, key: usize, end: End, now: Instant) {
        let mut settled = Vec::new();
        let mut delivered = None;
        let wakers = {
            let mut state = lock(&self.state);
            // Gone where the queue was stopped meanwhile.
            let Some(mut tried) = state.flying.try_remove(key) else { return };
            state.ends += 1;
            if let End::Delivered | End::Rejected(_) = end {
                state.answered = state.ends;
            }
            match end {
                End::Delivered => {
                    state.stats.delivered += 1;
                    state.delivering.count(now);
                    state.left_behind(&tried.entry);
                    delivered = Some(tried.entry);
                }
                End::Rejected(error) => {
                    state.stats.rejected += 1;
                    state.left_behind(&tried.entry);
                    settled.push((tried.entry, Err(Undelivered::Rejected(Arc::new(error)))));
                }
                End::Again { after, blame } => {
                    tried.attempts += u32::from(blame == Blame::Event);
                    if blame != Blame::None {
                        tried.failed = state.ends;
                    }
                    if tried.attempts >= self.limits.max_attempts || tried.entry.expires <= self.ticks(now) {
                        state.expired(tried.entry, &mut settled);
                    } else {
                        state.stats.retried += 1;
                        self.put_back(&mut state, tried, now + after, now);
                    }
                }
            }
            self.wakers(&mut state)
        };
        wakers.into_iter().for_each(Waker::wake);
        if let Some(Entry { ticket, .. }) = delivered {
            ticket.into_iter().for_each(|ticket| ticket.settle(Ok(())));
        }
        self.tell(settled);
    }

    fn sweep(&self, cx: &mut Context<'_>, now: Instant) -> Sweep {
        let mut settled = Vec::new();
        let (swept, wakers) = {
            let mut state = lock(&self.state);
            let due = self.promote(&mut state, now);
            let next = soonest(due, self.expire(&mut state, self.ticks(now), &mut settled));
            let next = match state.stops(now) {
                true => None,
                false => Some(soonest(next, state.end())),
            };
            state.register(cx);
            (next, self.wakers(&mut state))
        };
        wakers.into_iter().for_each(Waker::wake);
        self.tell(settled);
        match swept {
            Some(next) => Sweep::NotBefore(next),
            None => {
                self.drop_abandoned();
                Sweep::Stop
            }
        }
    }

    fn recover(&self, now: Instant) {
        let mut settled = Vec::new();
        let wakers = {
            let mut state = lock(&self.state);
            let flying: Vec<Tried> = state.flying.drain().collect();
            for mut tried in flying {
                tried.attempts += 1;
                if tried.attempts >= self.limits.max_attempts {
                    state.expired(tried.entry, &mut settled);
                } else {
                    state.stats.retried += 1;
                    self.put_back(&mut state, tried, now, now);
                }
            }
            self.wakers(&mut state)
        };
        wakers.into_iter().for_each(Waker::wake);
        self.tell(settled);
    }

    fn gone(&self) {
        // In this order: should the last handle go in between, it finds the queue stopped.
        self.stop();
        self.drop_abandoned();
    }
}

/// A place in the line for room, until dropped.
struct Place<'q> {
    queue: &'q Queue,
    number: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let wakers = {
            let mut state = lock(&self.queue.state);
            state.line.remove(&self.number);
            // It may have been told of room that it does not take, or not all of it.
            state.room = true;
            self.queue.wakers(&mut state)
        };
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Queue {
    fn take_locked(
        &self,
        state: &mut State,
        cx: &mut Context<'_>,
        now: Instant,
        turn: Turn,
        admit: impl FnOnce() -> Result<(), Instant>,
        settled: &mut Vec<Settled>,
    ) -> Take<usize> {
        if state.stops(now) {
            return Take::Stop;
        }
        let due = self.promote(state, now);
        state.register(cx);
        let present = self.ticks(now);
        let next = loop {
            let Some((class, row)) = state.next(turn) else { break None };
            if state.classes[class].expires(row).is_none_or(|expires| expires > present) || settled.len() >= AT_ONCE {
                break Some((class, row));
            }
            if let Some(Tried { entry, .. }) = state.classes[class].pop_from(row) {
                state.expired(entry, settled);
            }
        };
        if !settled.is_empty() {
            // These are told of first, whatever happens next; it goes on at once.
            return Take::NotBefore(Some(now));
        }
        let wake_at = soonest(due, state.end());
        let Some((class, row)) = next else {
            state.idle = true;
            return Take::NotBefore(wake_at);
        };
        if let Err(until) = admit() {
            return Take::NotBefore(soonest(wake_at, Some(until)));
        }
        let Some(tried) = state.classes[class].pop_from(row) else { return Take::NotBefore(wake_at) };
        let event = tried.entry.contents.clone().event_for(self.tenant.clone());
        let attempt = tried.attempts + 1;
        let suspect = (1..state.answered).contains(&tried.failed);
        Take::Event { key: state.flying.insert(tried), event, attempt, suspect }
    }

    /// Whom to wake, outside of the lock; nearly always nobody, and then this allocates nothing.
    ///
    /// Of those in line for room, those for whom there is enough; one who needs more does not hold up who needs less.
    fn wakers(&self, state: &mut State) -> Vec<Waker> {
        let mut wakers = Vec::new();
        if std::mem::take(&mut state.news) {
            wakers.extend(state.waiting.iter().map(|(_, waker)| waker.clone()));
        }
        if std::mem::take(&mut state.room) && !state.line.is_empty() {
            let mut events = self.limits.events.saturating_sub(state.stats.waiting as usize);
            let mut bytes = self.limits.bytes.saturating_sub(state.stats.waiting_bytes as usize);
            for hopeful in state.line.values_mut().take(AT_ONCE) {
                if events == 0 {
                    break;
                }
                if hopeful.size <= bytes {
                    events -= 1;
                    bytes -= hopeful.size;
                    hopeful.told = true;
                    wakers.extend(hopeful.waker.take());
                }
            }
        }
        wakers
    }

    /// What was delayed and is due takes its turn again; answers when the next is due.
    fn promote(&self, state: &mut State, now: Instant) -> Option<Instant> {
        loop {
            let due = state.delayed.peek().map(|Reverse(delayed)| delayed.due)?;
            if due > now {
                return Some(due);
            }
            let Reverse(Delayed { tried, .. }) = state.delayed.pop()?;
            self.put_back(state, tried, now, now);
        }
    }

    fn put_back(&self, state: &mut State, tried: Tried, due: Instant, now: Instant) {
        if due > now {
            state.delayed.push(Reverse(Delayed { due, tried }));
            return;
        }
        let priority = self.limits.priorities.of(tried.entry.contents.event_type());
        state.class(priority).put_back(tried);
    }
}

impl State {
    fn class(&mut self, priority: Priority) -> &mut Class {
        &mut self.classes[priority as usize]
    }

    /// Accounts for an entry that waits no more.
    fn left_behind(&mut self, entry: &Entry) {
        self.stats.waiting -= 1;
        self.stats.waiting_bytes -= weight(&entry.contents) as u64;
        let ended = self.epochs.leave(entry.epoch);
        self.news |= ended || self.stats.waiting == 0;
        self.room = true;
    }

    /// What goes next, and of which class.
    fn next(&self, turn: Turn) -> Option<(usize, Row)> {
        let mut classes = self.classes.iter().enumerate();
        match turn {
            Turn::Usual => classes.find_map(|(index, class)| Some((index, class.first()?))),
            Turn::Probe => {
                let fresh = classes.clone().find(|(_, class)| class.fresh.front().is_some());
                let again = || {
                    let failed = classes.filter_map(|(index, class)| Some((class.again.front()?.failed, index)));
                    failed.min().map(|(_, index)| (index, Row::Again))
                };
                fresh.map(|(index, _)| (index, Row::Fresh)).or_else(again)
            }
        }
    }

    fn expired(&mut self, entry: Entry, settled: &mut Vec<Settled>) {
        self.stats.expired += 1;
        self.left_behind(&entry);
        settled.push((entry, Err(Undelivered::Expired)));
    }

    fn stops(&self, now: Instant) -> bool {
        match self.phase {
            Phase::Open => false,
            Phase::Closing(end) => end <= now || self.stats.waiting == 0,
            Phase::Abandoned | Phase::Stopped => true,
        }
    }

    fn end(&self) -> Option<Instant> {
        match self.phase {
            Phase::Closing(end) => Some(end),
            _ => None,
        }
    }

    fn register(&mut self, cx: &Context<'_>) {
        match &mut self.worker {
            Some(waker) => waker.clone_from(cx.waker()),
            None => self.worker = Some(cx.waker().clone()),
        }
    }

    /// Takes a place among who waits, or leaves it.
    fn wait(&mut self, over: bool, cx: &Context<'_>, place: &mut Option<usize>) {
        match (over, *place) {
            (true, Some(taken)) => {
                self.waiting.try_remove(taken);
                *place = None;
            }
            (true, None) => {}
            (false, Some(taken)) => {
                if let Some(waker) = self.waiting.get_mut(taken) {
                    waker.clone_from(cx.waker());
                }
            }
            (false, None) => *place = Some(self.waiting.insert(cx.waker().clone())),
        }
    }

    /// Whoever waits for whatever.
    fn everybody(&mut self) -> Vec<Waker> {
        let line = self.tell_line();
        self.waiting.iter().map(|(_, waker)| waker.clone()).chain(line).collect()
    }

    fn tell_line(&mut self) -> Vec<Waker> {
        let tell = |hopeful: &mut Hopeful| {
            hopeful.told = true;
            hopeful.waker.take()
        };
        self.line.values_mut().filter_map(tell).collect()
    }

    /// All there is: first what was kept aside or is on its way, then by priority.
    fn drain(&mut self) -> (Vec<Entry>, usize) {
        let mut entries = std::mem::take(&mut self.left).entries;
        entries.extend(self.flying.drain().map(|tried| tried.entry));
        let in_doubt = entries.len();
        for class in &mut self.classes {
            while let Some(tried) = class.pop() {
                entries.push(tried.entry);
            }
        }
        entries.extend(self.delayed.drain().map(|Reverse(delayed)| delayed.tried.entry));
        (entries, in_doubt)
    }
}

impl Class {
    /// What was tried goes before what was not: it is older, as a rule.
    fn first(&self) -> Option<Row> {
        match (self.events, self.again.is_empty()) {
            (0, _) => None,
            (_, true) => Some(Row::Fresh),
            (_, false) => Some(Row::Again),
        }
    }

    fn pop(&mut self) -> Option<Tried> {
        self.pop_from(self.first()?)
    }

    fn pop_from(&mut self, row: Row) -> Option<Tried> {
        let tried = match row {
            Row::Again => self.again.pop_front()?,
            Row::Fresh => Tried { entry: self.fresh.pop()?, attempts: 0, failed: 0 },
        };
        self.events -= 1;
        self.bytes -= weight(&tried.entry.contents);
        Some(tried)
    }

    fn put_back(&mut self, tried: Tried) {
        self.events += 1;
        self.bytes += weight(&tried.entry.contents);
        self.again.push_back(tried);
    }

    fn first_expires(&self) -> Option<u32> {
        self.expires(self.first()?)
    }

    fn expires(&self, row: Row) -> Option<u32> {
        match row {
            Row::Again => Some(self.again.front()?.entry.expires),
            Row::Fresh => Some(self.fresh.front()?.expires),
        }
    }
}

fn weight(contents: &Contents) -> usize {
    contents.len() + OVERHEAD
}

fn soonest(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

impl PartialEq for Delayed {
    fn eq(&self, other: &Self) -> bool {
        self.due == other.due
    }
}

impl Eq for Delayed {}

impl PartialOrd for Delayed {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Delayed {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.due.cmp(&other.due)
    }
}
