//! How delivery is doing, for a health check or a person on call.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use crate::client::rate_limiter::RateLimiter;

use super::throttle::Throttle;

/// How the delivery of a [`Tracker`](super::Tracker) is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Health {
    /// The tracker delivers. This ends with a shutdown, or with the runtime on which the tracker was spawned.
    pub running: bool,
    /// Whether events are sent as they come.
    pub flow: Flow,
    /// The most calls a second, of all trackers that share the client: its quota, or the rate that was found when the
    /// service said that the quota is used up. `None`: no limit is kept.
    pub rate_limit: Option<f64>,
    /// Panics of the delivery so far, each a defect of this library.
    pub worker_restarts: u64,
}

impl Health {
    /// Whether events are delivered as they come.
    ///
    /// This does not say whether the app is ready to serve: after an outage only an event can show that the service is
    /// back, and an app without requests has none.
    pub fn is_good(&self) -> bool {
        self.running && self.flow == Flow::Flowing
    }
}

/// Whether a tracker sends events as they come.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Flow {
    /// Events are sent as they come.
    Flowing,
    /// There is an outage: fewer than one in ten of the last answers were accepted. Single events are sent as probes until
    /// one is accepted.
    Throttled {
        /// The last failure.
        reason: Pause,
        /// The share of accepted answers among the last 100, 0 to 1.
        accepted: f64,
        /// The time until the next probe; zero if it is due.
        next_probe: Duration,
    },
    /// The service asked to wait. At most ten minutes of that are kept, then a probe goes.
    Paused {
        /// [`Pause::OverQuota`] holds for all trackers that share the client.
        reason: Pause,
        /// The time until the next probe; zero if it is due.
        next_probe: Duration,
    },
}

/// Why events are held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pause {
    /// The quota is used up.
    OverQuota,
    /// The service cannot be reached, or does not answer.
    Unavailable,
    /// The credentials are missing, wrong or not sufficient.
    NotPermitted,
}

impl Pause {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::OverQuota => "over quota",
            Self::Unavailable => "the service is unavailable",
            Self::NotPermitted => "not permitted",
        }
    }
}

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Flow {
    /// By the throttle, or by the rate limiter where that holds back for longer.
    pub(super) fn of(throttle: &Throttle, limiter: &RateLimiter, now: Instant) -> Self {
        let wait = |until: Instant| until.saturating_duration_since(now);
        let held = throttle.held();
        let limited = limiter.paused_until(now).filter(|until| held.is_none_or(|held| held.next_probe < *until));
        match (limited, held) {
            (Some(until), _) => Self::Paused { reason: Pause::OverQuota, next_probe: wait(until) },
            (None, None) => Self::Flowing,
            (None, Some(held)) if held.asked => Self::Paused { reason: held.reason, next_probe: wait(held.next_probe) },
            (None, Some(held)) => Self::Throttled {
                reason: held.reason,
                accepted: throttle.accepted_ratio(),
                next_probe: wait(held.next_probe),
            },
        }
    }
}
