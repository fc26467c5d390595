//! The numbers for `metrics`, taken from the accounts and from nowhere else.

use metrics::{counter, gauge};

use crate::TenantName;

use super::stats::Stats;
use super::sync::{Mutex, lock};

/// Hands on what was added since the last time: several trackers add up under one name.
#[derive(Debug, Default)]
pub(super) struct Publisher(Mutex<Stats>);

impl Publisher {
    /// `read` is called under the publisher's lock, so that no later numbers are overtaken by earlier ones.
    pub(super) fn publish(&self, tenant: &TenantName, read: impl FnOnce() -> Stats) {
        let mut last = lock(&self.0);
        let now = read();
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
        for (name, value) in [
            ("talent_events_waiting", now.waiting),
            ("talent_events_waiting_bytes", now.waiting_bytes),
            ("talent_events_in_flight", now.in_flight),
        ] {
            gauge!(name, "tenant" => tenant.to_string()).set(value as f64);
        }
        *last = now;
    }
}
