//! The events that a shutdown left.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use crate::EncodedEvent;

use super::entry::Tried;
use super::queue::Queue;
use super::ticket::Slot;

/// The events that a shutdown left undelivered: an iterator over them.
///
/// The first [`in_doubt`](Self::in_doubt) of them may have reached the service; sent again, they keep their event ids. The
/// others follow, the more important first. An event is encoded into its own memory when the iterator comes to it, which
/// costs one allocation.
#[derive(Default)]
pub struct Remaining {
    first: VecDeque<Tried>,
    in_doubt: usize,
    queue: Queue,
}

impl Remaining {
    /// `in_flight` are the events of calls that were not answered.
    pub(super) fn new(in_flight: VecDeque<Tried>, queue: Queue) -> Self {
        Self { in_doubt: in_flight.len(), first: in_flight, queue }
    }

    /// Puts the events that may have reached the service first.
    pub(super) fn sort(&mut self) {
        let (in_doubt, others): (Vec<_>, Vec<_>) = self.queue.take_retries().partition(|tried| tried.history.in_doubt);
        self.first.extend(in_doubt);
        self.in_doubt = self.first.len();
        self.first.extend(others);
    }

    /// The tickets of one slice of the events, taken out of them; `None` behind the last slice.
    pub(super) fn take_tickets(&mut self, slice: usize) -> Option<Vec<Arc<Slot>>> {
        match slice {
            0 => Some(self.first.iter_mut().filter_map(|tried| tried.ticket.take()).collect()),
            _ => self.queue.take_tickets(slice - 1),
        }
    }

    pub(super) fn pop(&mut self) -> Option<Tried> {
        let first = self.first.pop_front();
        if first.is_some() {
            self.in_doubt = self.in_doubt.saturating_sub(1);
        }
        first.or_else(|| self.queue.pop())
    }

    /// How many events are left.
    pub fn len(&self) -> usize {
        self.first.len() + self.queue.len()
    }

    /// Whether no event is left.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of the first of them may have reached the service: they were in flight, or an earlier attempt got no answer.
    pub fn in_doubt(&self) -> usize {
        self.in_doubt
    }
}

impl Iterator for Remaining {
    type Item = EncodedEvent;

    fn next(&mut self) -> Option<EncodedEvent> {
        Some(self.pop()?.event)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl ExactSizeIterator for Remaining {}

/// Without the events.
impl fmt::Debug for Remaining {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remaining").field("len", &self.len()).field("in_doubt", &self.in_doubt).finish_non_exhaustive()
    }
}
