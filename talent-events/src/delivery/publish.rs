//! The numbers for the `metrics` facade, taken from the accounts and from nowhere else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use metrics::{counter, gauge};
use tokio::time::Instant;

use crate::client::rate_limiter::RateLimiter;

use super::Flow;
use super::backlog::Backlog;
use super::stats::Stats;
use super::sync::{Mutex, lock};

/// Publishes what changed since the last time, so that several trackers of one tenant add up under one name. When it drops,
/// its share of the gauges goes with it.
#[derive(Debug)]
pub(super) struct Publisher {
    backlog: Arc<Backlog>,
    limiter: Arc<RateLimiter>,
    last: Mutex<Numbers>,
    /// The app's recorder panicked.
    panicked: AtomicBool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Numbers {
    stats: Stats,
    throttled: bool,
    paused: bool,
}

impl Publisher {
    pub(super) fn new(backlog: Arc<Backlog>, limiter: Arc<RateLimiter>) -> Self {
        Self { backlog, limiter, last: Mutex::default(), panicked: AtomicBool::new(false) }
    }

    pub(super) fn publish(&self) {
        self.publish_with(|_| {
            let flow = self.backlog.flow(&self.limiter, Instant::now());
            Numbers {
                stats: self.backlog.stats(),
                throttled: matches!(flow, Flow::Throttled { .. }),
                paused: matches!(flow, Flow::Paused { .. }),
            }
        });
    }

    fn publish_with(&self, read: impl FnOnce(&Numbers) -> Numbers) {
        // Read under the lock, so that earlier numbers do not follow later ones.
        let mut last = lock(&self.last);
        let now = read(&last);
        // Replaced before: numbers that were published before a panic are not published again.
        let last = std::mem::replace(&mut *last, now);
        let published = catch_unwind(AssertUnwindSafe(|| self.hand_on(&now, &last)));
        if published.is_err() && !self.panicked.swap(true, Relaxed) {
            tracing::error!(target: "talent_events::delivery", "the recorder of `metrics` panicked: its numbers are wrong");
        }
    }

    fn hand_on(&self, now: &Numbers, last: &Numbers) {
        let tenant = self.backlog.tenant();
        let (stats, before) = (&now.stats, &last.stats);
        let add = |(name, label): (&'static str, &'static str), value: &'static str, now: u64, last: u64| {
            if now > last {
                counter!(name, "tenant" => tenant.to_string(), label => value).increment(now - last);
            }
        };
        let ended = ("talent_events_ended_total", "outcome");
        add(ended, "delivered", stats.delivered, before.delivered);
        add(ended, "rejected", stats.rejected, before.rejected);
        add(ended, "expired", stats.expired, before.expired);
        add(ended, "overflow", stats.dropped.overflow, before.dropped.overflow);
        add(ended, "abandoned", stats.dropped.abandoned, before.dropped.abandoned);
        let refused = ("talent_events_refused_total", "reason");
        add(refused, "full", stats.refused.full, before.refused.full);
        add(refused, "invalid", stats.refused.invalid, before.refused.invalid);
        add(refused, "too_large", stats.refused.too_large, before.refused.too_large);
        add(refused, "shut_down", stats.refused.shut_down, before.refused.shut_down);
        for (name, now, last) in [
            ("talent_events_accepted_total", stats.accepted, before.accepted),
            ("talent_events_retried_total", stats.retried, before.retried),
            ("talent_events_hook_panics_total", stats.hook_panics, before.hook_panics),
            ("talent_events_worker_restarts_total", stats.worker_restarts, before.worker_restarts),
        ] {
            if now > last {
                counter!(name, "tenant" => tenant.to_string()).increment(now - last);
            }
        }
        for (name, now, last) in [
            ("talent_events_waiting", stats.waiting, before.waiting),
            ("talent_events_waiting_bytes", stats.waiting_bytes, before.waiting_bytes),
            ("talent_events_in_flight", stats.in_flight, before.in_flight),
            ("talent_events_throttled", now.throttled.into(), last.throttled.into()),
            ("talent_events_paused", now.paused.into(), last.paused.into()),
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
        self.publish_with(|last| Numbers {
            stats: Stats { waiting: 0, waiting_bytes: 0, in_flight: 0, ..last.stats },
            throttled: false,
            paused: false,
        });
    }
}
