//! Flush, shutdown, drop: what ends, and who waits for that.

use std::task::Context;

use tokio::time::Instant;

use super::super::hook::Hook;
use super::super::stats::Stats;
use super::super::sync::lock;
use super::after::{After, Telling};
use super::classes::Entry;
use super::{Phase, Queue, State};
use crate::EncodedEvent;
use crate::delivery::Undelivered;

/// What a stop left, for who shuts down to take.
#[derive(Debug, Default)]
pub(super) struct Left {
    entries: Vec<Entry>,
    /// How many of the first of them the service may have.
    in_doubt: usize,
}

impl Queue {
    /// A mark for [`poll_flushed`](Self::poll_flushed): all that was accepted up to now.
    pub(in crate::delivery) fn mark(&self) -> u64 {
        self.change(|state, _| state.epochs.close())
    }

    /// Whether all before the mark is settled and told of; or will never be, as nobody delivers any more.
    ///
    /// In a hook it is over at once, as the delivery may be waiting for that hook.
    pub(in crate::delivery) fn poll_flushed(&self, mark: u64, cx: &Context<'_>, place: &mut Option<usize>) -> bool {
        self.wait(cx, place, |state| {
            let stopped = state.phase == Phase::Stopped && state.is_done();
            state.epochs.is_over(mark) || stopped || Hook::is_running()
        })
    }

    /// Takes nothing more in. What is there has until `end`, or until the end of an earlier shutdown.
    pub(in crate::delivery) fn close(&self, end: Instant) {
        self.change(|state, after| {
            match state.phase {
                Phase::Open => state.phase = Phase::Closing(end),
                Phase::Closing(earlier) => state.phase = Phase::Closing(end.min(earlier)),
                Phase::Abandoned | Phase::Stopped => return,
            }
            after.worker = true;
            // Whoever waits for room waits in vain.
            state.line.tell_all(&mut after.wakers);
        });
    }

    /// Whether a closed queue is empty or stopped, and all is told of; or its time is over.
    pub(in crate::delivery) fn poll_closed(&self, cx: &Context<'_>, place: &mut Option<usize>) -> bool {
        self.wait(cx, place, |state| {
            let settled = state.stats.waiting == 0 || state.phase == Phase::Stopped;
            state.is_done() || (settled && (state.late || Hook::is_running()))
        })
    }

    /// Ends the queue: what waits is kept aside, still counted as waiting, and its tickets resolve.
    pub(in crate::delivery) fn stop(&self) {
        let handed_back = self.change(|state, after| {
            if matches!(state.phase, Phase::Abandoned | Phase::Stopped) {
                return Vec::new();
            }
            let (mut entries, in_doubt) = state.drain();
            let tickets: Vec<_> = entries.iter_mut().filter_map(|entry| entry.ticket.take()).collect();
            state.left = Left { entries, in_doubt };
            state.untold += tickets.len();
            state.stopped(after);
            tickets
        });
        Telling::new(self, Vec::new(), handed_back).tell();
    }

    /// As [`stop`](Self::stop), at the deadline: a shutdown waits for no hook any longer.
    pub(in crate::delivery) fn stop_late(&self) {
        self.stop();
        self.change(|state, _| {
            state.late = true;
            state.news = true;
        });
    }

    /// What [`stop`](Self::stop) left, once, and how many of the first the service may have; with the numbers of the same
    /// moment.
    pub(in crate::delivery) fn take_left(&self) -> (Vec<EncodedEvent>, usize, Stats) {
        let (Left { entries, in_doubt }, stats) = {
            let mut state = lock(&self.state);
            (std::mem::take(&mut state.left), state.stats)
        };
        let events = entries.into_iter().map(|entry| entry.contents.event_for(self.tenant.clone()));
        (events.collect(), in_doubt, stats)
    }

    /// The last handle is gone. The worker lets go of what waits, or this where there is none; answers how many that are.
    pub(in crate::delivery) fn abandon(&self) -> u64 {
        let (waiting, before) = self.change(|state, after| {
            after.worker = true;
            let before = std::mem::replace(&mut state.phase, Phase::Abandoned);
            // What was handed back is not here any more.
            let waiting = if before == Phase::Stopped { state.left.entries.len() as u64 } else { state.stats.waiting };
            (waiting, before)
        });
        if before == Phase::Stopped {
            self.drop_abandoned();
        }
        waiting
    }

    /// Drops what an [`abandon`](Self::abandon)ed queue holds or has kept aside, and tells the hook.
    pub(super) fn drop_abandoned(&self) {
        self.change(|state, after| {
            if state.phase != Phase::Abandoned {
                return;
            }
            for entry in state.drain().0 {
                self.end(state, entry, Err(Undelivered::Abandoned), after);
            }
            state.stopped(after);
        });
    }
}

impl State {
    fn stopped(&mut self, after: &mut After) {
        self.phase = Phase::Stopped;
        self.news = true;
        self.line.tell_all(&mut after.wakers);
    }

    /// All there is: first what was kept aside, or is on its way, or was and got no answer, then by priority.
    fn drain(&mut self) -> (Vec<Entry>, usize) {
        let mut entries = std::mem::take(&mut self.left).entries;
        entries.extend(self.flying.drain().map(|tried| tried.entry));
        let mut others = Vec::new();
        for class in &mut self.classes {
            for tried in std::iter::from_fn(|| class.pop_oldest()) {
                if tried.in_doubt { entries.push(tried.entry) } else { others.push(tried.entry) }
            }
        }
        let in_doubt = entries.len();
        entries.append(&mut others);
        (entries, in_doubt)
    }
}
