//! The numbers for `metrics`, taken from the accounts and from nowhere else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use metrics::{counter, gauge};

use super::queue::Queue;
use super::stats::Stats;
use super::sync::{Mutex, lock};

/// Hands on what changed since the last time: several trackers of one tenant add up under one name. When it goes, its
/// share of what waits goes with it.
#[derive(Debug)]
pub(super) struct Publisher {
    queue: Arc<Queue>,
    last: Mutex<Stats>,
    /// The recorder is the app's, and panicked.
    panicked: AtomicBool,
}

impl Publisher {
    pub(super) fn new(queue: Arc<Queue>) -> Self {
        Self { queue, last: Mutex::default(), panicked: AtomicBool::new(false) }
    }

    pub(super) fn publish(&self) {
        // Read under the lock, so that no later numbers are overtaken by earlier ones.
        self.publish_with(|_| self.queue.stats());
    }

    fn publish_with(&self, read: impl FnOnce(&Stats) -> Stats) {
        let mut last = lock(&self.last);
        let now = read(&last);
        // Replaced before: what was handed on before a panic is not handed on again.
        let last = std::mem::replace(&mut *last, now);
        let published = catch_unwind(AssertUnwindSafe(|| self.hand_on(&now, &last)));
        if published.is_err() && !self.panicked.swap(true, Relaxed) {
            tracing::error!(target: "talent_events::delivery", "the recorder of `metrics` panicked: its numbers are wrong");
        }
    }

    fn hand_on(&self, now: &Stats, last: &Stats) {
        let tenant = self.queue.tenant();
        let add = |(name, label): (&'static str, &'static str), value: &'static str, now: u64, last: u64| {
            if now > last {
                counter!(name, "tenant" => tenant.to_string(), label => value).increment(now - last);
            }
        };
        let ended = ("talent_events_ended_total", "outcome");
        add(ended, "delivered", now.delivered, last.delivered);
        add(ended, "rejected", now.rejected, last.rejected);
        add(ended, "expired", now.expired, last.expired);
        add(ended, "overflow", now.dropped.overflow, last.dropped.overflow);
        add(ended, "abandoned", now.dropped.abandoned, last.dropped.abandoned);
        let refused = ("talent_events_refused_total", "reason");
        add(refused, "full", now.refused.full, last.refused.full);
        add(refused, "invalid", now.refused.invalid, last.refused.invalid);
        add(refused, "too_large", now.refused.too_large, last.refused.too_large);
        add(refused, "shut_down", now.refused.shut_down, last.refused.shut_down);
        for (name, now, last) in [
            ("talent_events_accepted_total", now.accepted, last.accepted),
            ("talent_events_retried_total", now.retried, last.retried),
            ("talent_events_hook_panics_total", now.hook_panics, last.hook_panics),
            ("talent_events_worker_restarts_total", now.worker_restarts, last.worker_restarts),
        ] {
            if now > last {
                counter!(name, "tenant" => tenant.to_string()).increment(now - last);
            }
        }
        for (name, now, last) in [
            ("talent_events_waiting", now.waiting, last.waiting),
            ("talent_events_waiting_bytes", now.waiting_bytes, last.waiting_bytes),
            ("talent_events_in_flight", now.in_flight, last.in_flight),
        ] {
            let gauge = gauge!(name, "tenant" => tenant.to_string());
            match now < last {
                true => gauge.decrement((last - now) as f64),
                false => gauge.increment((now - last) as f64),
            }
        }
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.publish_with(|last| Stats { waiting: 0, waiting_bytes: 0, in_flight: 0, ..*last });
    }
}
