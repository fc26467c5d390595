//! Events that failed, by when each is due and by when each expires.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::entry::Tried;

/// When an event is due; those that are due at one moment keep their order.
type Due = (Instant, u64);

#[derive(Debug, Default)]
pub(super) struct Retries {
    by_due: BTreeMap<Due, Tried>,
    by_expiry: BTreeSet<(u32, Due)>,
    inserted: u64,
}

impl Retries {
    pub(super) fn len(&self) -> usize {
        self.by_due.len()
    }

    pub(super) fn insert(&mut self, tried: Tried, due: Instant) {
        let due = (due, self.inserted);
        self.inserted += 1;
        self.by_expiry.insert((tried.expires, due));
        self.by_due.insert(due, tried);
    }

    /// When the first is due.
    pub(super) fn first_due(&self) -> Option<Instant> {
        Some(self.by_due.first_key_value()?.0.0)
    }

    /// The tick at which the first expires.
    pub(super) fn first_expires(&self) -> Option<u32> {
        Some(self.by_expiry.first()?.0)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Tried> {
        self.by_due.values_mut()
    }

    /// Takes the one that is due first.
    pub(super) fn pop(&mut self) -> Option<Tried> {
        let (due, tried) = self.by_due.pop_first()?;
        self.by_expiry.remove(&(tried.expires, due));
        Some(tried)
    }

    /// Takes one that has expired at this tick.
    pub(super) fn pop_expired(&mut self, present: u32) -> Option<Tried> {
        let (expires, due) = *self.by_expiry.first()?;
        if expires > present {
            return None;
        }
        self.by_expiry.pop_first();
        self.by_due.remove(&due)
    }
}
