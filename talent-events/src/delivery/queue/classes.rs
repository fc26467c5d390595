//! What waits, by priority.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tokio::time::Instant;

use super::super::blocks::Blocks;
use super::super::outcome::Slot;
use crate::TrackError;
use crate::event::Contents;

/// What an event takes up beside its encoded bytes: an entry, the counts of the bytes' `Arc`, its share of a block.
pub(super) const OVERHEAD: usize = 64;

/// 40 bytes, and 16 more in front of the event's own: an idle queue is full of these.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) contents: Contents,
    pub(super) ticket: Option<Arc<Slot>>,
    /// In ticks of the queue.
    pub(super) expires: u32,
    pub(super) epoch: u32,
}

const _: () = assert!(size_of::<Entry>() == 40 || cfg!(not(target_pointer_width = "64")));

impl Entry {
    pub(super) fn weight(&self) -> usize {
        self.contents.len() + OVERHEAD
    }
}

#[derive(Debug)]
pub(super) struct Tried {
    pub(super) entry: Entry,
    pub(super) attempts: u32,
    /// Which of all ends was its last failure; 0 where there was none.
    pub(super) failed: u64,
    /// It failed before others were delivered: from then on its failures count.
    pub(super) suspect: bool,
    /// How many had ended when its last attempt began.
    pub(super) began: u64,
    /// What its last attempt ended with.
    pub(super) last: Option<Arc<TrackError>>,
    /// The service may have it.
    pub(super) in_doubt: bool,
}

/// All of one priority.
#[derive(Debug)]
pub(super) struct Class {
    fresh: Blocks<Entry>,
    again: VecDeque<Tried>,
    /// By when to look at them again, and what came first of those of one moment.
    delayed: BTreeMap<(Instant, u64), Tried>,
    delays: u64,
    events: usize,
    bytes: usize,
}

/// Which of a class goes first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Row {
    Again,
    Fresh,
}

impl Class {
    pub(super) fn new() -> Self {
        let (fresh, again, delayed) = (Blocks::new(), VecDeque::new(), BTreeMap::new());
        Self { fresh, again, delayed, delays: 0, events: 0, bytes: 0 }
    }

    pub(super) fn events(&self) -> usize {
        self.events
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether it is the first of its row.
    pub(super) fn push(&mut self, entry: Entry) -> bool {
        self.events += 1;
        self.bytes += entry.weight();
        let first = self.fresh.front().is_none();
        self.fresh.push(entry);
        first
    }

    pub(super) fn put_back(&mut self, tried: Tried) {
        self.events += 1;
        self.bytes += tried.entry.weight();
        self.again.push_back(tried);
    }

    /// As [`put_back`](Self::put_back), not before then.
    pub(super) fn delay(&mut self, tried: Tried, until: Instant) {
        self.events += 1;
        self.bytes += tried.entry.weight();
        self.delayed.insert((until, self.delays), tried);
        self.delays += 1;
    }

    /// What was tried goes before what was not: it is older, as a rule.
    pub(super) fn first(&self) -> Option<Row> {
        [Row::Again, Row::Fresh].into_iter().find(|row| self.expires(*row).is_some())
    }

    pub(super) fn has_fresh(&self) -> bool {
        self.fresh.front().is_some()
    }

    /// When the first of those that go again failed.
    pub(super) fn failed(&self) -> Option<u64> {
        Some(self.again.front()?.failed)
    }

    pub(super) fn pop(&mut self, row: Row) -> Option<Tried> {
        let tried = match row {
            Row::Again => self.again.pop_front()?,
            Row::Fresh => Tried {
                entry: self.fresh.pop()?,
                attempts: 0,
                failed: 0,
                suspect: false,
                began: 0,
                last: None,
                in_doubt: false,
            },
        };
        Some(self.popped(tried))
    }

    /// First what is delayed, as it is due, then what goes again, then what was not tried: the oldest first, as far as that
    /// is known, and of that what is the least likely to be delivered.
    pub(super) fn pop_oldest(&mut self) -> Option<Tried> {
        match self.delayed.pop_first() {
            Some((_, tried)) => Some(self.popped(tried)),
            None => self.pop(self.first()?),
        }
    }

    /// One that is too old, as far as those have come to the front of a row. What is delayed and due takes its turn again.
    pub(super) fn pop_expired(&mut self, now: Instant, present: u32) -> Option<Tried> {
        while let Some(delayed) = self.delayed.first_entry().filter(|delayed| delayed.key().0 <= now) {
            let tried = delayed.remove();
            if tried.entry.expires <= present {
                return Some(self.popped(tried));
            }
            self.again.push_back(tried);
        }
        let expired = |row: &Row| self.expires(*row).is_some_and(|expires| expires <= present);
        let row = [Row::Again, Row::Fresh].into_iter().find(expired)?;
        self.pop(row)
    }

    /// Whether [`pop_expired`](Self::pop_expired) may have one.
    pub(super) fn may_expire(&self, now: Instant, present: u32) -> bool {
        self.due().is_some_and(|due| due <= now) || self.first_expires().is_some_and(|expires| expires <= present)
    }

    /// When the first of what is delayed is to be looked at.
    pub(super) fn due(&self) -> Option<Instant> {
        Some(self.delayed.first_key_value()?.0.0)
    }

    /// When one at the front of a row expires; what is delayed is [`due`](Self::due) then.
    pub(super) fn first_expires(&self) -> Option<u32> {
        [Row::Again, Row::Fresh].into_iter().filter_map(|row| self.expires(row)).min()
    }

    fn expires(&self, row: Row) -> Option<u32> {
        match row {
            Row::Again => Some(self.again.front()?.entry.expires),
            Row::Fresh => Some(self.fresh.front()?.expires),
        }
    }

    fn popped(&mut self, tried: Tried) -> Tried {
        self.events -= 1;
        self.bytes -= tried.entry.weight();
        tried
    }
}
