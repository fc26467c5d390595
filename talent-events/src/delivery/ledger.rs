//! The accounts: every accepted event has one fate, and every look at the numbers is of one moment.

use tokio::time::Instant;

use crate::client::meter::Meter;

use super::Undelivered;
use super::epochs::Epochs;
use super::stats::Stats;

#[derive(Debug, Default)]
pub(super) struct Ledger {
    stats: Stats,
    epochs: Epochs,
    /// Settled events whose hook or ticket was not called yet.
    effects: usize,
    delivered: Meter,
    /// The last event that ended was not delivered.
    losing: bool,
    /// Something ended that a flush or a shutdown may wait for.
    news: bool,
}

impl Ledger {
    /// An event came in; returns its epoch.
    pub(super) fn accepted(&mut self, weight: usize) -> u32 {
        self.stats.accepted += 1;
        self.stats.waiting += 1;
        self.stats.waiting_bytes += weight as u64;
        self.epochs.enter()
    }

    pub(super) fn retried(&mut self) {
        self.stats.retried += 1;
    }

    pub(super) fn worker_restarted(&mut self) {
        self.stats.worker_restarts += 1;
    }

    /// An event waits no more. It leaves its epoch by [`left`](Self::left). Returns whether it is the first in a row that was
    /// not delivered.
    pub(super) fn ended(&mut self, weight: usize, outcome: &Result<(), Undelivered>, now: Instant) -> bool {
        let stats = &mut self.stats;
        stats.waiting -= 1;
        stats.waiting_bytes -= weight as u64;
        match outcome {
            Ok(()) => {
                stats.delivered += 1;
                self.delivered.count(now);
                self.losing = false;
                return false;
            }
            Err(Undelivered::Rejected(_)) => stats.rejected += 1,
            Err(Undelivered::Expired(_) | Undelivered::Exhausted(_)) => stats.expired += 1,
            Err(Undelivered::Overflow) => stats.dropped.overflow += 1,
            // An event that is handed back has not ended.
            Err(Undelivered::Abandoned | Undelivered::HandedBack) => stats.dropped.abandoned += 1,
        }
        !std::mem::replace(&mut self.losing, true)
    }

    /// An event went back to its store, which hands it out again later: as if it had not come.
    pub(super) fn returned(&mut self, weight: usize) {
        self.stats.accepted -= 1;
        self.stats.waiting -= 1;
        self.stats.waiting_bytes -= weight as u64;
    }

    /// So many events were settled, and their hooks and tickets are to be called.
    pub(super) fn effects_begin(&mut self, events: usize) {
        self.effects += events;
    }

    /// Their hooks and tickets were called.
    pub(super) fn effects_end(&mut self, events: usize, hook_panics: u64) {
        self.effects -= events;
        self.stats.hook_panics += hook_panics;
        self.news = true;
    }

    /// An event leaves its epoch: it is settled, and its hook and ticket were called.
    pub(super) fn left(&mut self, epoch: u32) {
        self.news |= self.epochs.leave(epoch) || (self.stats.waiting == 0 && self.effects == 0);
    }

    /// Whether something ended since the last call.
    pub(super) fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.news)
    }

    /// A flush begins: the mark of all events so far.
    pub(super) fn mark(&mut self) -> u64 {
        self.epochs.close()
    }

    /// Whether all events before the mark have left.
    pub(super) fn is_flushed(&self, mark: u64) -> bool {
        self.epochs.is_over(mark)
    }

    /// Whether hooks and tickets were called for all settled events.
    pub(super) fn has_no_effects(&self) -> bool {
        self.effects == 0
    }

    pub(super) fn waiting(&self) -> u64 {
        self.stats.waiting
    }

    pub(super) fn stats(&self) -> Stats {
        self.stats
    }

    /// Deliveries a second, lately.
    pub(super) fn rate(&mut self, now: Instant) -> f64 {
        self.delivered.rate(now)
    }
}
