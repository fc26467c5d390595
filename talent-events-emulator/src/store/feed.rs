//! A feed of recorded events.

use std::sync::Arc;

use tokio::sync::watch;

use super::record::Recorded;
use super::records::Records;
use super::revision::Revision;

/// Follows the events that an emulator records: [`Emulator::feed`](crate::Emulator::feed).
///
/// It holds no events and delays nobody. A slow reader gets more events at a time.
#[derive(Debug)]
pub struct Feed {
    records: Arc<Records>,
    revisions: watch::Receiver<Revision>,
    /// All events up to here were returned.
    seen: Revision,
}

/// A change of the recorded events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// New events, at least one, in the order of arrival. There may be more.
    Recorded(Vec<Recorded>),
    /// All events were cleared. The next event has number 1.
    Cleared,
}

impl Feed {
    /// Starts after the first `after` events.
    pub(crate) fn new(records: Arc<Records>, after: usize) -> Self {
        let revisions = records.revisions();
        let seen = Revision { count: after, ..*revisions.borrow() };
        Self { records, revisions, seen }
    }

    /// Waits for the next change, and returns at most `max` events (at least one).
    ///
    /// # Cancel safety
    ///
    /// A dropped call loses no event.
    pub async fn next(&mut self, max: usize) -> Change {
        loop {
            let revision = *self.revisions.borrow_and_update();
            if revision.clears != self.seen.clears {
                self.seen = Revision { count: 0, ..revision };
                return Change::Cleared;
            }
            if revision.count > self.seen.count
                && let Some(events) = self.records.page(self.seen, max.max(1))
            {
                self.seen.count += events.len();
                return Change::Recorded(events);
            }
            // `records` holds the sender, so the wait cannot fail.
            let _ = self.revisions.changed().await;
        }
    }
}
