//! A rate that falls and recovers by the service's answers.

use std::time::Duration;

use tokio::time::Instant;

use super::super::meter::Meter;

const DOUBLES_IN: Duration = Duration::from_secs(60);
/// One call in ten seconds: nobody would notice the recovery of a lower rate. A quota may be lower; its rate never falls.
const SLOWEST: f64 = 0.1;

#[derive(Debug)]
pub(super) struct Rate {
    quota: Option<f64>,
    /// Calls a second. `None`: unlimited.
    now: Option<f64>,
    /// The rate at which one without a quota becomes unlimited again.
    until: f64,
    /// When the rate last grew.
    grown: Instant,
    /// When the rate last fell. The answers to earlier calls say nothing about it.
    fell: Option<Instant>,
    /// Whether a call at this rate was accepted. Until then nobody knows whether the rate is right.
    confirmed: bool,
    sent: Meter,
}

impl Rate {
    /// `quota` is in calls a second.
    pub(super) fn new(quota: Option<f64>, now: Instant) -> Self {
        Self {
            quota,
            now: quota,
            until: f64::INFINITY,
            grown: now,
            fell: None,
            confirmed: true,
            sent: Meter::default(),
        }
    }

    /// Calls a second. `None`: unlimited.
    pub(super) fn per_second(&self) -> Option<f64> {
        self.now
    }

    /// The time from one call to the next. `None`: unlimited.
    pub(super) fn interval(&self) -> Option<Duration> {
        self.now.map(|rate| Duration::from_secs_f64(1.0 / rate))
    }

    pub(super) fn count(&mut self, now: Instant) {
        self.sent.count(now);
    }

    /// Grows up to now. No time before `resumed` counts.
    pub(super) fn grow(&mut self, now: Instant, resumed: Option<Instant>) {
        let since = self.grown.max(resumed.unwrap_or(self.grown));
        // Another engine may have read the clock earlier.
        self.grown = self.grown.max(now);
        let Some(rate) = self.now else { return };
        let ceiling = self.quota.unwrap_or(self.until);
        if self.confirmed && rate < ceiling {
            let doublings = now.saturating_duration_since(since).as_secs_f64() / DOUBLES_IN.as_secs_f64();
            let grown = rate * doublings.exp2();
            self.now = if grown < ceiling { Some(grown) } else { self.quota };
        }
    }

    /// Whether the rate fell before `sent`.
    pub(super) fn has_fallen(&self, sent: Instant) -> bool {
        self.fell.is_some_and(|fell| fell <= sent)
    }

    /// Halves for a refused call that began at `sent`. Returns whether it did.
    pub(super) fn halve(&mut self, sent: Instant, now: Instant) -> bool {
        if !self.confirmed || self.fell.is_some_and(|fell| sent < fell) {
            return false;
        }
        let before = self.now.unwrap_or_else(|| self.sent.rate(now).max(2.0 * SLOWEST));
        if self.quota.is_none() && self.now.is_none() {
            self.until = 2.0 * before;
        }
        self.now = Some((before / 2.0).max(SLOWEST.min(before)));
        self.fell = Some(now);
        self.confirmed = false;
        true
    }

    /// A call that began at `sent` was accepted.
    pub(super) fn confirm(&mut self, sent: Instant) {
        if !self.confirmed && self.fell.is_none_or(|fell| sent >= fell) {
            self.confirmed = true;
            self.grown = self.grown.max(sent);
        }
    }
}
