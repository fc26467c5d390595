//! Flush, shutdown, drop: how a backlog ends, and tasks that wait for that.

use std::task::Context;

use tokio::time::Instant;

use super::*;
use crate::delivery::ticket::Slot;
use crate::delivery::waiters::waker;

impl Backlog {
    /// A mark for [`poll_flushed`](Self::poll_flushed): all events accepted so far.
    pub(in crate::delivery) fn mark(&self) -> u64 {
        self.change(|state, _| {
            self.absorb(state);
            state.ledger.mark()
        })
    }

    /// Whether all events before the mark are settled and their hooks and tickets called; or never will be, because nobody
    /// delivers any more.
    ///
    /// In a hook it is over at once: the delivery may be waiting for that hook.
    pub(in crate::delivery) fn poll_flushed(&self, mark: u64, cx: &Context<'_>, place: &mut Option<usize>) -> bool {
        self.poll_end(cx, place, |state| {
            let stopped = state.phase == Phase::Stopped && state.is_done();
            state.ledger.is_flushed(mark) || stopped || Hook::is_running()
        })
    }

    /// Takes nothing more in. The events have until `end`, or until the end of an earlier shutdown. Events of a store are safe
    /// there: of those only the ones in flight are waited for.
    pub(in crate::delivery) fn close(&self, end: Instant) {
        self.change(|state, effects| {
            match state.phase {
                Phase::Open if self.limits.from_store => state.phase = Phase::Finishing(end),
                Phase::Open => state.phase = Phase::Closing(end),
                Phase::Closing(earlier) => state.phase = Phase::Closing(end.min(earlier)),
                Phase::Finishing(earlier) => state.phase = Phase::Finishing(end.min(earlier)),
                Phase::Abandoned | Phase::Stopped => return,
            }
            self.seal(state, effects);
            effects.wake_worker = true;
        });
    }

    /// Whether a closed backlog is empty or stopped, and hooks and tickets were called; or its time is over.
    pub(in crate::delivery) fn poll_closed(&self, cx: &Context<'_>, place: &mut Option<usize>) -> bool {
        self.poll_end(cx, place, |state| {
            let settled = state.ledger.waiting() == 0 || state.phase == Phase::Stopped;
            state.is_done() || (settled && (state.late || Hook::is_running()))
        })
    }

    fn poll_end(&self, cx: &Context<'_>, place: &mut Option<usize>, is_over: impl FnOnce(&State) -> bool) -> bool {
        let mut waker = waker(cx);
        let is_over = self.change(|state, _| {
            self.absorb(state);
            let is_over = is_over(state);
            if !is_over {
                state.waiters.wait_for_end(&mut waker, place);
            }
            is_over
        });
        if is_over && let Some(place) = place.take() {
            self.forget(place);
        }
        is_over
    }

    /// A wait was given up.
    pub(in crate::delivery) fn forget(&self, place: usize) {
        let waker = self.change(|state, _| state.waiters.leave_end(place));
        drop(waker);
    }

    /// Ends the backlog: its events are kept for a report, still counted as waiting, and their tickets resolve.
    pub(in crate::delivery) fn stop(&self) {
        let stopped = self.change(|state, effects| {
            if matches!(state.phase, Phase::Abandoned | Phase::Stopped) {
                return false;
            }
            self.seal(state, effects);
            state.phase = Phase::Stopped;
            state.in_flight = InFlight::default();
            let calls = state.calls.drain().map(|call| call.tried).collect();
            state.remaining = Some(Remaining::new(calls, std::mem::take(&mut state.queue)));
            // Until the tickets below are resolved, the shutdown is not over.
            state.ledger.effects_begin(1);
            true
        });
        if !stopped {
            return;
        }
        hand_back(|slice| self.change(|state, _| state.remaining.as_mut()?.take_tickets(slice)));
        self.change(|state, _| state.ledger.effects_end(1, 0));
    }

    /// As [`stop`](Self::stop), at the deadline: the shutdown waits for no hook any longer.
    pub(in crate::delivery) fn stop_late(&self) {
        self.stop();
        self.change(|state, effects| {
            state.late = true;
            state.waiters.wake_ends(&mut effects.wakers);
        });
    }

    /// The events that [`stop`](Self::stop) left, once, and the numbers of the same moment.
    pub(in crate::delivery) fn take_remaining(&self) -> (Remaining, Stats) {
        let remaining = self.change(|state, _| state.remaining.take());
        let mut remaining = remaining.unwrap_or_default();
        // At the deadline a report may come before `stop` has resolved all tickets.
        hand_back(|slice| remaining.take_tickets(slice));
        remaining.sort();
        (remaining, self.stats())
    }

    /// The last handle is gone. The worker drops the events, or this does if there is none. Returns how many.
    pub(in crate::delivery) fn abandon(&self) -> u64 {
        let (waiting, before) = self.change(|state, effects| {
            self.seal(state, effects);
            effects.wake_worker = true;
            let before = std::mem::replace(&mut state.phase, Phase::Abandoned);
            // Events that a report took are not here any more.
            let remaining = state.remaining.as_ref().map_or(0, Remaining::len) as u64;
            (if before == Phase::Stopped { remaining } else { state.ledger.waiting() }, before)
        });
        if before == Phase::Stopped {
            self.drop_abandoned();
        }
        waiting
    }

    /// Drops the events of an abandoned backlog, a slice at a time, and calls the hook.
    pub(super) fn drop_abandoned(&self) {
        let slice = |state: &mut State, effects: &mut Effects| {
            if state.phase != Phase::Abandoned {
                return false;
            }
            let now = Instant::now();
            for _ in 0..SLICE {
                let Some(tried) = state.pop_any() else {
                    (state.phase, state.in_flight) = (Phase::Stopped, InFlight::default());
                    state.waiters.wake_ends(&mut effects.wakers);
                    return false;
                };
                self.end(state, tried, Err(Undelivered::Abandoned), now, effects);
            }
            true
        };
        while self.change(slice) {}
    }

    /// The engine is gone for good.
    pub(in crate::delivery) fn engine_is_gone(&self) {
        // In this order: should the last handle go in between, it finds the backlog stopped.
        self.stop();
        self.drop_abandoned();
    }

    /// Nothing more comes in, and tasks that wait for capacity wait in vain.
    fn seal(&self, state: &mut State, effects: &mut Effects) {
        self.intake.seal();
        self.absorb(state);
        state.waiters.close(&mut effects.wakers);
    }
}

/// Resolves tickets, a slice at a time.
fn hand_back(mut take: impl FnMut(usize) -> Option<Vec<Arc<Slot>>>) {
    for slice in 0.. {
        let Some(tickets) = take(slice) else { return };
        tickets.into_iter().for_each(|ticket| ticket.settle(Err(Undelivered::HandedBack)));
    }
}

impl State {
    /// Nothing happens any more, and hooks and tickets were called.
    fn is_done(&self) -> bool {
        self.ledger.has_no_effects() && (self.ledger.waiting() == 0 || self.phase == Phase::Stopped)
    }

    fn pop_any(&mut self) -> Option<Tried> {
        if let Some(tried) = self.remaining.as_mut().and_then(Remaining::pop) {
            return Some(tried);
        }
        let key = self.calls.iter().next().map(|(key, _)| key);
        key.map(|key| self.calls.remove(key).tried).or_else(|| self.queue.pop())
    }
}
