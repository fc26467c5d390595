//! Background delivery: a [`Tracker`] queues events in memory, delivers them, and accounts for each of them.
//!
//! ```no_run
//! use std::time::Duration;
//! use talent_events::{ClientEvent, EncodedEvent, JobEvent, JobEventType, TalentClient, TenantName, Tracker};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let tenant: TenantName = "projects/acme/tenants/board".parse()?;
//! let tracker = Tracker::spawn(TalentClient::connect(tenant.clone()).await?)?;
//!
//! // `tracker.enqueue(&event)?` queues an event of the app; `event.track(&tracker).await?` returns a ticket too.
//! let viewed = ClientEvent::new(JobEvent::new(JobEventType::View, [tenant.job("42")?]));
//! tracker.enqueue_encoded(EncodedEvent::from_client_event(&viewed, &tenant)?)?;
//!
//! let report = tracker.shutdown(Duration::from_secs(10)).await;
//! assert_eq!(report.stats.accepted, report.stats.settled() + report.stats.waiting);
//! # Ok(()) }
//! ```
#![doc = include_str!("../../docs/delivery.md")]

mod backlog;
mod backoff;
mod blocks;
mod builder;
mod effects;
mod engine;
mod entry;
mod epochs;
mod health;
mod hook;
mod intake;
mod ledger;
mod limits;
mod not_queued;
mod priority;
#[cfg(feature = "metrics")]
mod publish;
mod queue;
mod relay;
mod remaining;
mod retries;
mod stats;
mod store;
mod sync;
#[cfg(test)]
mod tests;
mod throttle;
mod ticket;
mod ticks;
mod tracker;
mod verdict;
mod wait;
mod waiters;

pub use crate::client::Quota;
pub use builder::{Overflow, SpawnError, TrackerBuilder};
pub use health::{Flow, Health, Pause};
pub use not_queued::NotQueued;
pub use priority::Priority;
pub use relay::{FailedAttempt, Relay, RelayBuilder};
pub use remaining::Remaining;
pub use stats::{Dropped, Refused, Stats};
pub use store::{EventStore, Heartbeat, Leadership, Lease, Outcome, Settlement, StoreError, StoredEvent};
pub use ticket::{Ticket, Undelivered};
pub use tracker::{Report, Tracker};
