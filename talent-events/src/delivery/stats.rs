//! The accounts of a tracker.

/// The fates of all events so far, all numbers of one moment.
///
/// [`accepted`](Self::accepted) = [`delivered`](Self::delivered) + [`rejected`](Self::rejected) +
/// [`expired`](Self::expired) + [`dropped`](Self::dropped) + [`waiting`](Self::waiting), at every moment. Events that were
/// refused were never accepted, and are counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Events taken in, by an `Ok` from `enqueue` or a ticket.
    pub accepted: u64,
    /// Events that the service answered with OK; or with `ALREADY_EXISTS`, if it may have had them from an earlier attempt.
    pub delivered: u64,
    /// Events that the service refused for good.
    pub rejected: u64,
    /// Events that became older than `max_age`, or failed `max_attempts` times while others were accepted.
    pub expired: u64,
    /// Events that the tracker gave up.
    pub dropped: Dropped,
    /// Events that are queued, wait for a retry, are in flight, or are in the report of a shutdown.
    pub waiting: u64,
    /// The events of [`waiting`](Self::waiting) that are in flight.
    pub in_flight: u64,
    /// The memory of the waiting events: their encoded size and 40 bytes each (see
    /// [`max_bytes`](super::TrackerBuilder::max_bytes)).
    pub waiting_bytes: u64,
    /// Failed attempts after which the event was queued again.
    pub retried: u64,
    /// Events that were not taken in.
    pub refused: Refused,
    /// Panics of the hook, each caught.
    pub hook_panics: u64,
    /// Panics of the delivery itself, after each of which it was started again.
    pub worker_restarts: u64,
}

/// Accepted events that the tracker gave up, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// Events that made room for others ([`Overflow::DropOldest`](super::Overflow::DropOldest)).
    pub overflow: u64,
    /// Events that waited when the tracker was dropped without a shutdown, or whose report was never asked for.
    pub abandoned: u64,
}

/// Events that were not taken in, by reason. Each caller got an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// The queue was full.
    pub full: u64,
    /// The event breaks a rule.
    pub invalid: u64,
    /// The event is larger than `max_bytes`.
    pub too_large: u64,
    /// The tracker has been shut down.
    pub shut_down: u64,
}

impl Dropped {
    /// The sum.
    pub fn total(&self) -> u64 {
        self.overflow + self.abandoned
    }
}

impl Refused {
    /// The sum.
    pub fn total(&self) -> u64 {
        self.full + self.invalid + self.too_large + self.shut_down
    }
}

impl Stats {
    /// The sums of two accounts.
    pub(super) fn plus(&self, other: &Self) -> Self {
        Self {
            accepted: self.accepted + other.accepted,
            delivered: self.delivered + other.delivered,
            rejected: self.rejected + other.rejected,
            expired: self.expired + other.expired,
            dropped: Dropped {
                overflow: self.dropped.overflow + other.dropped.overflow,
                abandoned: self.dropped.abandoned + other.dropped.abandoned,
            },
            waiting: self.waiting + other.waiting,
            in_flight: self.in_flight + other.in_flight,
            waiting_bytes: self.waiting_bytes + other.waiting_bytes,
            retried: self.retried + other.retried,
            refused: Refused {
                full: self.refused.full + other.refused.full,
                invalid: self.refused.invalid + other.refused.invalid,
                too_large: self.refused.too_large + other.refused.too_large,
                shut_down: self.refused.shut_down + other.refused.shut_down,
            },
            hook_panics: self.hook_panics + other.hook_panics,
            worker_restarts: self.worker_restarts + other.worker_restarts,
        }
    }

    /// Accepted events that wait no more. The hook runs right after an undelivered event is counted.
    pub fn settled(&self) -> u64 {
        self.delivered + self.rejected + self.expired + self.dropped.total()
    }
}
