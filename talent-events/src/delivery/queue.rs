//! The order in which events are sent. A data structure alone: no lock, no clock, no accounts.
//!
//! Priority class first, strictly. Within a class the new events go in the order in which they came, and every fifth send is
//! an event that is due again.
//!
//! Retries have a budget: at most a quarter of the calls in flight while new events wait, and three quarters otherwise. So
//! events that fail slowly cannot keep the others from being sent. Events that break connections go one at a time.

use std::sync::Arc;

use tokio::time::Instant;

use super::blocks::{Blocks, ByteBlocks};
use super::entry::{Entry, Tried};
use super::priority::Priority;
use super::retries::Retries;
use super::ticket::Slot;
use super::verdict::History;
use crate::event::EncodedParts;
use crate::{EncodedEvent, TenantName};

/// A due retry goes after so many new events of its class.
const NEW_BETWEEN_RETRIES: u32 = 4;

#[derive(Debug)]
pub(super) struct Queue {
    classes: [Class; Priority::COUNT],
    /// The tenants of the new events, by [`Entry::tenant`].
    tenants: Vec<TenantName>,
}

/// All waiting events of one priority.
#[derive(Debug, Default)]
struct Class {
    new: New,
    retries: Retries,
    /// Those that broke connections.
    isolated: Retries,
    new_since_retry: u32,
    events: usize,
    bytes: usize,
}

#[derive(Debug)]
struct New {
    entries: Blocks<Entry>,
    bytes: ByteBlocks,
}

impl Default for New {
    fn default() -> Self {
        Self { entries: Blocks::new(), bytes: ByteBlocks::default() }
    }
}

/// How many calls are in flight, and of which kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct InFlight {
    pub(super) calls: usize,
    pub(super) retries: usize,
    pub(super) isolated: usize,
}

/// The event to send next; valid until the queue changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pick {
    class: usize,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    New,
    Retry,
    Isolated,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self { classes: Default::default(), tenants: Vec::new() }
    }

    /// The index for [`Entry::tenant`].
    pub(super) fn tenant(&mut self, tenant: &TenantName) -> u32 {
        let known = self.tenants.iter().position(|known| known == tenant);
        let index = known.unwrap_or_else(|| {
            self.tenants.push(tenant.clone());
            self.tenants.len() - 1
        });
        index as u32
    }

    /// Adds a new event.
    pub(super) fn push(&mut self, priority: Priority, entry: Entry, bytes: &[u8]) {
        let class = &mut self.classes[priority as usize];
        class.events += 1;
        class.bytes += entry.weight();
        class.new.bytes.push(bytes);
        class.new.entries.push(entry);
    }

    /// Adds an event that was tried.
    pub(super) fn retry(&mut self, priority: Priority, tried: Tried, due: Instant) {
        let class = &mut self.classes[priority as usize];
        class.events += 1;
        class.bytes += tried.weight();
        match tried.history.is_isolated() {
            true => class.isolated.insert(tried, due),
            false => class.retries.insert(tried, due),
        }
    }

    /// The event to send now, if there is one, with `limit` calls in flight at most.
    pub(super) fn pick(&self, now: Instant, in_flight: InFlight, limit: usize) -> Option<Pick> {
        let may_retry = self.may_retry(in_flight, limit);
        self.classes.iter().enumerate().find_map(|(class, of)| {
            let retry = of.due(now, in_flight).filter(|_| may_retry).map(|(kind, _)| kind);
            let kind = match (of.has_new(), retry) {
                (true, Some(retry)) if of.new_since_retry >= NEW_BETWEEN_RETRIES => retry,
                (true, _) => Kind::New,
                (false, retry) => retry?,
            };
            Some(Pick { class, kind })
        })
    }

    fn may_retry(&self, in_flight: InFlight, limit: usize) -> bool {
        let quarter = limit / 4;
        let budget = if self.classes.iter().any(Class::has_new) { quarter } else { limit - quarter };
        in_flight.retries < budget.max(1)
    }

    /// The event to send as a probe: a new one if there is one, else the one that is due first.
    pub(super) fn pick_probe(&self, now: Instant, in_flight: InFlight) -> Option<Pick> {
        if let Some(class) = self.classes.iter().position(Class::has_new) {
            return Some(Pick { class, kind: Kind::New });
        }
        let due = self.classes.iter().enumerate().filter_map(|(class, of)| Some((of.due(now, in_flight)?, class)));
        due.min_by_key(|((_, due), _)| *due).map(|((kind, _), class)| Pick { class, kind })
    }

    /// Takes what was picked.
    pub(super) fn take(&mut self, Pick { class, kind }: Pick) -> Option<Tried> {
        let class = &mut self.classes[class];
        let tried = match kind {
            Kind::New => {
                class.new_since_retry += 1;
                class.new.pop(&self.tenants)
            }
            Kind::Retry | Kind::Isolated => {
                class.new_since_retry = 0;
                if kind == Kind::Retry { class.retries.pop() } else { class.isolated.pop() }
            }
        }?;
        class.removed(tried.weight());
        Some(tried)
    }

    /// Takes an event that has expired at this tick. New events expire as they come to the front of their class.
    pub(super) fn pop_expired(&mut self, present: u32) -> Option<Tried> {
        self.classes.iter_mut().find_map(|class| {
            let tried = match class.new.first_expires().is_some_and(|expires| expires <= present) {
                true => class.new.pop(&self.tenants),
                false => class.retries.pop_expired(present).or_else(|| class.isolated.pop_expired(present)),
            }?;
            class.removed(tried.weight());
            Some(tried)
        })
    }

    /// Takes the event that matters least, of this priority or a lower one: the lowest priority first, within it the one
    /// whose retry is due first, then the oldest.
    pub(super) fn pop_least(&mut self, priority: Priority) -> Option<Tried> {
        let tenants = &self.tenants;
        self.classes[priority as usize..].iter_mut().rev().find_map(|class| class.pop(tenants))
    }

    /// Events and bytes of this priority and of lower ones.
    pub(super) fn least(&self, priority: Priority) -> (usize, usize) {
        let lower = &self.classes[priority as usize..];
        (lower.iter().map(|class| class.events).sum(), lower.iter().map(|class| class.bytes).sum())
    }

    /// Takes any event, in doubt or not, the more important first.
    pub(super) fn pop(&mut self) -> Option<Tried> {
        let tenants = &self.tenants;
        self.classes.iter_mut().find_map(|class| class.pop(tenants))
    }

    /// The tick at which the first expires, as far as [`pop_expired`](Self::pop_expired) looks.
    pub(super) fn first_expires(&self) -> Option<u32> {
        let of =
            |class: &Class| [class.new.first_expires(), class.retries.first_expires(), class.isolated.first_expires()];
        self.classes.iter().flat_map(of).flatten().min()
    }

    /// When the next retry is due, of those that may then be sent if no call ends before.
    pub(super) fn next_due(&self, in_flight: InFlight, limit: usize) -> Option<Instant> {
        if !self.may_retry(in_flight, limit) {
            return None;
        }
        let of = |class: &Class| [class.retries.first_due(), class.isolated_due(in_flight)];
        self.classes.iter().flat_map(of).flatten().min()
    }

    pub(super) fn len(&self) -> usize {
        self.classes.iter().map(|class| class.events).sum()
    }

    /// How many events of this priority wait for their next attempt.
    pub(super) fn retries(&self, priority: Priority) -> usize {
        let class = &self.classes[priority as usize];
        class.retries.len() + class.isolated.len()
    }

    /// Takes all events that wait for their next attempt, the more important first.
    pub(super) fn take_retries(&mut self) -> impl Iterator<Item = Tried> {
        self.classes.iter_mut().flat_map(|class| {
            std::iter::from_fn(|| {
                let tried = class.retries.pop().or_else(|| class.isolated.pop())?;
                class.removed(tried.weight());
                Some(tried)
            })
        })
    }

    /// The tickets of one slice of the events, taken out of them; `None` behind the last slice.
    pub(super) fn take_tickets(&mut self, slice: usize) -> Option<Vec<Arc<Slot>>> {
        if slice == 0 {
            let retries = self.classes.iter_mut().flat_map(|class| [&mut class.retries, &mut class.isolated]);
            return Some(retries.flat_map(Retries::iter_mut).filter_map(|tried| tried.ticket.take()).collect());
        }
        let mut blocks = self.classes.iter_mut().flat_map(|class| class.new.entries.blocks_mut());
        let block = blocks.nth(slice - 1)?;
        Some(block.iter_mut().filter_map(|entry| entry.ticket.take()).collect())
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self::new()
    }
}

impl Class {
    fn has_new(&self) -> bool {
        self.new.entries.front().is_some()
    }

    /// The retry that is due first, and since when.
    fn due(&self, now: Instant, in_flight: InFlight) -> Option<(Kind, Instant)> {
        let retry = self.retries.first_due().map(|due| (Kind::Retry, due));
        let isolated = self.isolated_due(in_flight).map(|due| (Kind::Isolated, due));
        retry.into_iter().chain(isolated).filter(|(_, due)| *due <= now).min_by_key(|(_, due)| *due)
    }

    /// When the first isolated event is due; they go one at a time.
    fn isolated_due(&self, in_flight: InFlight) -> Option<Instant> {
        self.isolated.first_due().filter(|_| in_flight.isolated == 0)
    }

    /// Retries first, then the oldest.
    fn pop(&mut self, tenants: &[TenantName]) -> Option<Tried> {
        let retry = self.retries.pop().or_else(|| self.isolated.pop());
        let tried = retry.or_else(|| self.new.pop(tenants))?;
        self.removed(tried.weight());
        Some(tried)
    }

    fn removed(&mut self, weight: usize) {
        self.events -= 1;
        self.bytes -= weight;
    }
}

impl New {
    fn first_expires(&self) -> Option<u32> {
        Some(self.entries.front()?.expires)
    }

    fn pop(&mut self, tenants: &[TenantName]) -> Option<Tried> {
        let Entry { ticket, meta, len, expires, epoch, tenant } = self.entries.pop()?;
        let tenant = tenants[tenant as usize].clone();
        let event =
            self.bytes.pop(len as usize, |bytes| EncodedEvent::from_parts(tenant, EncodedParts { bytes, meta }));
        Some(Tried { event, ticket, expires, epoch, history: History::default() })
    }
}
