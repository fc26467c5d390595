//! An event in the queue: new, or tried before.

use std::sync::Arc;

use crate::EncodedEvent;
use crate::event::EncodedMeta;

use super::ticket::Slot;
use super::verdict::History;

/// The memory of a queued event beside its encoded bytes: an [`Entry`], and its share of what a block leaves empty.
pub(super) const OVERHEAD: usize = 40;

/// An event that was not tried yet. Its bytes are kept beside it, in the order of the entries.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) ticket: Option<Arc<Slot>>,
    pub(super) meta: EncodedMeta,
    /// The number of its bytes.
    pub(super) len: u32,
    /// In ticks of the queue's clock.
    pub(super) expires: u32,
    /// For flushes.
    pub(super) epoch: u32,
    /// An index into the queue's tenants.
    pub(super) tenant: u32,
}

const _: () = assert!(size_of::<Entry>() == 32 || cfg!(not(target_pointer_width = "64")));

impl Entry {
    pub(super) fn weight(&self) -> usize {
        self.len as usize + OVERHEAD
    }
}

/// An event that is in flight, or was tried and is to be sent again.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) event: EncodedEvent,
    pub(super) ticket: Option<Arc<Slot>>,
    pub(super) expires: u32,
    pub(super) epoch: u32,
    pub(super) history: History,
}

impl Tried {
    pub(super) fn weight(&self) -> usize {
        weight(&self.event)
    }
}

/// The memory that an event is accounted for.
pub(super) fn weight(event: &EncodedEvent) -> usize {
    event.as_bytes().len() + OVERHEAD
}
