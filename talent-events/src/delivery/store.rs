//! The seam between a durable store and the relay that drains it.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use crate::EncodedEvent;

use super::Priority;

/// A durable store of events, implemented by an outbox or a stream. A [`Relay`](super::Relay) drains it.
///
/// A store is of one project, and one relay leads it; the others stand by. Two leaders for a moment (a paused process) cost
/// duplicates with the same event id, and never a loss. The feature `testing` holds a conformance test
/// that every implementation runs.
///
/// # Cancel safety
///
/// The relay drops the futures of these methods at any await. An event that a dropped `fetch` has handed out must be handed
/// out again under the next lease.
pub trait EventStore: Send + Sync + 'static {
    /// Makes the caller the leader if nobody leads, or if the leader's heartbeat is still `seen`. Otherwise the caller stands
    /// by, and learns the present heartbeat.
    ///
    /// The relay calls this again and again. It passes `seen` once the heartbeat has not moved for the length of a lease, by
    /// its own monotonic clock: no wall clocks are compared.
    fn lead(&self, seen: Option<Heartbeat>) -> impl Future<Output = Result<Leadership, StoreError>> + Send;

    /// Moves the heartbeat of this lease.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`] if another relay leads.
    fn renew(&self, lease: Lease) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends this lease, so that another relay can lead at once. Does nothing if another relay leads already.
    fn release(&self, lease: Lease) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Hands out events of this priority: due, not settled, not handed out under this lease, in the order of their positions,
    /// at most `limit` of them. Waits for a while if there are none, then returns an empty batch.
    ///
    /// An event whose transaction commits late has a smaller position than events handed out before. It must be handed out
    /// too, without waiting for the oldest transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`] if another relay leads.
    fn fetch(
        &self,
        lease: Lease,
        priority: Priority,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<StoredEvent>, StoreError>> + Send;

    /// Stores the fates of events. [`Outcome::Delivered`] is stored under any lease and is idempotent. The other outcomes are
    /// stored only under the current lease.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`] if another relay leads; the delivered events are settled all the same. After another error the
    /// relay settles the same outcomes again.
    fn settle(&self, lease: Lease, outcomes: &[Settlement]) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The right to drain a store. Its number only grows, so that a store tells the current leader from an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lease(pub u64);

/// A sign of life of a leader: its lease, and how often it renewed that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Heartbeat {
    /// The leader's lease.
    pub lease: Lease,
    /// The number of its renewals.
    pub beat: u64,
}

/// Who leads a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leadership {
    /// The caller.
    Leader(Lease),
    /// Another relay, with this heartbeat.
    Standby(Heartbeat),
}

/// An event as a store hands it out.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoredEvent {
    /// What the event is settled by. Positions grow in the order in which events were stored.
    pub position: u64,
    /// The event.
    pub event: EncodedEvent,
    /// How long ago the event was stored.
    pub age: Duration,
    /// Its failed attempts that counted, by [`Outcome::Later`].
    pub attempts: u32,
    /// The service may have the event from an earlier attempt, by [`Outcome::Later`].
    pub in_doubt: bool,
}

impl StoredEvent {
    /// An event that was not tried yet.
    pub fn new(position: u64, event: EncodedEvent) -> Self {
        Self { position, event, age: Duration::ZERO, attempts: 0, in_doubt: false }
    }
}

/// The fate of one event of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settlement {
    /// [`StoredEvent::position`].
    pub position: u64,
    /// What became of the event.
    pub outcome: Outcome,
}

impl Settlement {
    /// This outcome for the event at this position.
    pub fn new(position: u64, outcome: Outcome) -> Self {
        Self { position, outcome }
    }
}

/// What became of an event of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The service has the event.
    Delivered,
    /// The event is to be handed out again, not before `after` from now.
    Later {
        /// How long to wait, by the store's clock.
        after: Duration,
        /// To be handed out as [`StoredEvent::attempts`].
        attempts: u32,
        /// To be handed out as [`StoredEvent::in_doubt`].
        in_doubt: bool,
    },
    /// The event is given up: a dead letter.
    Dead {
        /// `rejected`, `expired` or `exhausted`.
        reason: &'static str,
        /// The last error, in words.
        error: String,
    },
}

/// Why a store did not do what it was asked to.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// Another relay leads the store.
    LeaseLost,
    /// The store failed. The relay tries again later.
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// The store failed, for this reason.
    pub fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failed(error.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeaseLost => f.write_str("another relay leads the store"),
            Self::Failed(error) => write!(f, "the store failed: {error}"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::LeaseLost => None,
            Self::Failed(error) => Some(&**error),
        }
    }
}
