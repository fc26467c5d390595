//! Counts of the calls' outcomes.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::event::EncodedEvent;

/// Counts of a client and all its clones, since it was made.
///
/// A call that is dropped half-way counts nowhere. An event's contents are counted when the event is delivered, so an event
/// that is sent again counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientStats {
    /// Calls that the service answered with OK.
    pub delivered: u64,
    /// Calls that ended in an error.
    pub failed: u64,
    /// Delivered events whose notes were cut to 1,000 characters.
    pub notes_truncated: u64,
    /// Delivered events without a request id, which the service discards.
    pub without_request_id: u64,
    /// Delivered events with a synthetic request id, which do not count for the service.
    pub synthetic_request_id: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    delivered: AtomicU64,
    failed: AtomicU64,
    notes_truncated: AtomicU64,
    without_request_id: AtomicU64,
    synthetic_request_id: AtomicU64,
}

impl Counters {
    pub(super) fn delivered(&self, event: &EncodedEvent) {
        self.delivered.fetch_add(1, Relaxed);
        for (counter, counts) in [
            (&self.notes_truncated, event.notes_truncated()),
            (&self.without_request_id, event.without_request_id()),
            (&self.synthetic_request_id, event.synthetic_request_id()),
        ] {
            if counts {
                counter.fetch_add(1, Relaxed);
            }
        }
    }

    pub(super) fn failed(&self) {
        self.failed.fetch_add(1, Relaxed);
    }

    pub(super) fn read(&self) -> ClientStats {
        ClientStats {
            delivered: self.delivered.load(Relaxed),
            failed: self.failed.load(Relaxed),
            notes_truncated: self.notes_truncated.load(Relaxed),
            without_request_id: self.without_request_id.load(Relaxed),
            synthetic_request_id: self.synthetic_request_id.load(Relaxed),
        }
    }
}
