//! What became of the events.

/// What became of the events so far, all numbers of one moment.
///
/// [`accepted`](Self::accepted) = [`delivered`](Self::delivered) + [`rejected`](Self::rejected) +
/// [`expired`](Self::expired) + [`dropped`](Self::dropped) + [`waiting`](Self::waiting), at every moment. What was
/// refused at the door was never accepted, and stands beside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Taken in, by an `Ok` from `enqueue` or a ticket.
    pub accepted: u64,
    /// Answered OK by the service; or `ALREADY_EXISTS`, where it may have had the event from an earlier attempt.
    pub delivered: u64,
    /// Refused by the service for good.
    pub rejected: u64,
    /// Older than they were allowed to become, or tried too often.
    pub expired: u64,
    /// Given up by the tracker.
    pub dropped: Dropped,
    /// Queued, waiting to be sent again, on their way, or handed back by a shutdown.
    pub waiting: u64,
    /// How many of [`waiting`](Self::waiting) are on their way to the service.
    pub in_flight: u64,
    /// What the waiting events take up: their encoded size and 64 bytes each; without tickets, and what those take beside
    /// that are to be sent again (see [`max_bytes`](super::TrackerBuilder::max_bytes)).
    pub waiting_bytes: u64,
    /// Attempts that failed and are made again.
    pub retried: u64,
    /// Not taken in.
    pub refused: Refused,
    /// Panics of the hook, which were caught.
    pub hook_panics: u64,
    /// Panics of the delivery itself, after which it was started again.
    pub worker_restarts: u64,
}

/// Accepted events that the tracker gave up, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// Made room for others ([`Overflow::DropOldest`](super::Overflow::DropOldest)).
    pub overflow: u64,
    /// The tracker was dropped without a shutdown, or with what a shutdown left and nobody took.
    pub abandoned: u64,
}

/// Events that were not taken in, by reason. The caller was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// No room.
    pub full: u64,
    /// The event breaks a rule.
    pub invalid: u64,
    /// Larger than all the room there is, by bytes.
    pub too_large: u64,
    /// The tracker has been shut down.
    pub shut_down: u64,
}

impl Dropped {
    /// For whatever reason.
    pub fn total(&self) -> u64 {
        self.overflow + self.abandoned
    }
}

impl Refused {
    /// For whatever reason.
    pub fn total(&self) -> u64 {
        self.full + self.invalid + self.too_large + self.shut_down
    }
}

impl Stats {
    /// Accepted and no more waiting. The hook is told of what was not delivered right after it is counted.
    pub fn settled(&self) -> u64 {
        self.delivered + self.rejected + self.expired + self.dropped.total()
    }
}
