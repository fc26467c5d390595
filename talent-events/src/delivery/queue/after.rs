//! What is done once the lock is gone: whatever runs foreign code, which may call into the queue or take its time.

use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use slab::Slab;
use tokio::time::Instant;
use tracing::level_filters::LevelFilter;

use super::super::outcome::Slot;
use super::super::sync::{lock, wake};
use super::classes::Entry;
use super::{Phase, Queue, State};
use crate::delivery::Undelivered;
use crate::event::Contents;

/// Nearly always there is nothing in it, and then it allocates nothing.
#[derive(Default)]
pub(super) struct After {
    /// The worker is to be woken.
    pub(super) worker: bool,
    pub(super) wakers: Vec<Waker>,
    /// What goes to the log.
    lost: Vec<Lost>,
    /// How many events ended, …
    pub(super) ended: usize,
    /// … and those of which somebody is told.
    settled: Vec<Settled>,
}

pub(super) type Settled = (Entry, Result<(), Undelivered>);

/// An event that is not delivered, and whether it is the first since one was.
struct Lost {
    contents: Contents,
    why: Undelivered,
    is_first: bool,
}

impl Queue {
    /// Changes the state under the lock, and does without it what that is for others to hear.
    #[inline]
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut State, &mut After) -> R) -> R {
        let mut after = After::default();
        let result = {
            let mut state = lock(&self.state);
            let result = change(&mut state, &mut after);
            state.untold += after.settled.len();
            if std::mem::take(&mut state.news) {
                state.waiters.take(&mut after.wakers);
            }
            if std::mem::take(&mut state.room) {
                let events = self.limits.events.saturating_sub(state.stats.waiting as usize);
                let bytes = self.limits.bytes.saturating_sub(state.stats.waiting_bytes as usize);
                state.line.tell(events, bytes, &mut after.wakers);
            }
            result
        };
        let After { worker, wakers, lost, ended: _, settled } = after;
        // First: whatever foreign code does from here on, what this accounts for is no wait without an end.
        let telling = (!settled.is_empty()).then(|| Telling::new(self, settled, Vec::new()));
        if worker {
            self.bell.ring();
        }
        wakers.into_iter().for_each(wake);
        telling.into_iter().for_each(Telling::tell);
        lost.into_iter().for_each(|lost| self.log(lost));
        result
    }

    /// Accounts for an event that waits no more. Its epoch it leaves once it is told of, so that a flush is over after that.
    pub(super) fn end(&self, state: &mut State, entry: Entry, outcome: Result<(), Undelivered>, after: &mut After) {
        let stats = &mut state.stats;
        stats.waiting -= 1;
        stats.waiting_bytes -= entry.weight() as u64;
        match &outcome {
            Ok(()) => stats.delivered += 1,
            Err(Undelivered::Rejected(_)) => stats.rejected += 1,
            Err(Undelivered::Expired(_)) => stats.expired += 1,
            Err(Undelivered::Overflow) => stats.dropped.overflow += 1,
            // What is handed back has not ended.
            Err(Undelivered::Abandoned | Undelivered::HandedBack) => stats.dropped.abandoned += 1,
        }
        state.room = true;
        after.ended += 1;
        match &outcome {
            Ok(()) => state.losing = false,
            // Of all that a drop or a shutdown leaves, it says itself how many that are.
            Err(Undelivered::Abandoned | Undelivered::HandedBack) => {}
            Err(why) => {
                let is_first = !std::mem::replace(&mut state.losing, true);
                if is_first || LevelFilter::current() >= LevelFilter::DEBUG {
                    after.lost.push(Lost { contents: entry.contents.clone(), why: why.clone(), is_first });
                }
            }
        }
        if entry.ticket.is_some() || (outcome.is_err() && self.hook.is_set()) {
            after.settled.push((entry, outcome));
        } else {
            state.told(entry.epoch);
        }
    }
}

impl Queue {
    /// The first of a row is worth a warning, once in a while; more of them would say the same ten thousand times.
    fn log(&self, Lost { contents, why, is_first }: Lost) {
        const A_WHILE: Duration = Duration::from_secs(10);
        let is_first = is_first && {
            let (mut warned, now) = (lock(&self.warned), Instant::now());
            let is_time = warned.is_none_or(|warned| now.saturating_duration_since(warned) >= A_WHILE);
            if is_time {
                *warned = Some(now);
            }
            is_time
        };
        let event = contents.event_for(self.tenant.clone());
        let (event_id, event_type) = (event.event_id(), event.event_type().google_name());
        match is_first {
            true => {
                tracing::warn!(target: "talent_events::delivery", event_id, event_type, "event not delivered: {why}");
            }
            false => {
                tracing::debug!(target: "talent_events::delivery", event_id, event_type, "event not delivered: {why}");
            }
        }
    }
}

impl State {
    fn told(&mut self, epoch: u32) {
        self.news |= self.epochs.leave(epoch) || self.is_done();
    }

    /// Nothing happens any more, and all is told of.
    pub(super) fn is_done(&self) -> bool {
        self.untold == 0 && (self.stats.waiting == 0 || self.phase == Phase::Stopped)
    }
}

/// What is told of, and accounted for as told whatever the wakers do.
pub(super) struct Telling<'q> {
    queue: &'q Queue,
    settled: Vec<Settled>,
    handed_back: Vec<Arc<Slot>>,
    panics: u64,
}

impl<'q> Telling<'q> {
    /// All of them are counted in `untold`.
    pub(super) fn new(queue: &'q Queue, settled: Vec<Settled>, handed_back: Vec<Arc<Slot>>) -> Self {
        Self { queue, settled, handed_back, panics: 0 }
    }

    pub(super) fn tell(mut self) {
        let Queue { hook, tenant, .. } = self.queue;
        for (Entry { contents, ticket, .. }, outcome) in &mut self.settled {
            if let Err(why) = outcome
                && hook.is_set()
            {
                self.panics += u64::from(!hook.call(&contents.clone().event_for(tenant.clone()), why));
            }
            ticket.take().into_iter().for_each(|ticket| ticket.settle(outcome.clone()));
        }
        self.handed_back.iter().for_each(|ticket| ticket.settle(Err(Undelivered::HandedBack)));
    }
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        self.queue.change(|state, _| {
            state.stats.hook_panics += self.panics;
            state.untold -= self.settled.len() + self.handed_back.len();
            self.settled.iter().for_each(|(entry, _)| state.told(entry.epoch));
            state.news |= state.is_done();
        });
    }
}

/// Who waits for an epoch's end, or the queue's: woken together, each looks for itself, and keeps its place until then.
#[derive(Debug, Default)]
pub(super) struct Waiters(Slab<Option<Waker>>);

impl Waiters {
    fn take(&mut self, wakers: &mut Vec<Waker>) {
        wakers.extend(self.0.iter_mut().filter_map(|(_, waker)| waker.take()));
    }

    /// Takes a place or leaves it; the waker that is of use no more is left where this one was.
    fn wait(&mut self, over: bool, waker: &mut Option<Waker>, place: &mut Option<usize>) {
        match place.and_then(|taken| self.0.get_mut(taken)) {
            Some(kept) => std::mem::swap(kept, waker),
            None if over => {}
            None => *place = Some(self.0.insert(waker.take())),
        }
    }
}

impl Queue {
    pub(super) fn wait(&self, cx: &Context<'_>, place: &mut Option<usize>, over: impl FnOnce(&State) -> bool) -> bool {
        // Cloned and dropped outside.
        let mut waker = Some(cx.waker().clone());
        let is_over = self.change(|state, _| {
            let over = over(state);
            state.waiters.wait(over, &mut waker, place);
            over
        });
        if is_over && let Some(place) = place.take() {
            self.forget(place);
        }
        is_over
    }

    /// A wait that was given up.
    pub(in crate::delivery) fn forget(&self, place: usize) {
        let waker = self.change(|state, _| state.waiters.0.try_remove(place));
        drop(waker);
    }
}
