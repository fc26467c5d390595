//! Delivery: a request of a user never waits for the service, and no event vanishes without a number that says so.
//!
//! A [`Tracker`] queues events in memory and delivers them in the background.
//!
//! ```no_run
//! use std::time::Duration;
//! use talent_events::{ClientEvent, EncodedEvent, JobEvent, JobEventType, TalentClient, TenantName, Tracker};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let tenant: TenantName = "projects/acme/tenants/board".parse()?;
//! let tracker = Tracker::spawn(TalentClient::connect(tenant.clone()).await?)?;
//!
//! // An event of the app goes in by `tracker.enqueue(&event)?`, or by `event.track(&tracker).await?` for a ticket.
//! let viewed = ClientEvent::new(JobEvent::new(JobEventType::View, [tenant.job("42")?]));
//! tracker.enqueue_encoded(EncodedEvent::from_client_event(&viewed, &tenant)?)?;
//!
//! let report = tracker.shutdown(Duration::from_secs(10)).await;
//! assert_eq!(report.stats.accepted, report.stats.settled() + report.stats.waiting);
//! # Ok(()) }
//! ```
#![doc = include_str!("../../docs/delivery.md")]

mod backoff;
mod blocks;
mod builder;
mod engine;
mod epochs;
mod hook;
mod lane;
mod not_queued;
mod outcome;
mod priority;
#[cfg(feature = "metrics")]
mod publish;
mod queue;
mod source;
mod stats;
mod sync;
#[cfg(test)]
mod tests;
mod tracker;
mod wait;

pub use crate::client::Quota;
pub use builder::{Overflow, SpawnError, TrackerBuilder};
pub use lane::Pause;
pub use not_queued::NotQueued;
pub use outcome::{Ticket, Undelivered};
pub use priority::Priority;
pub use stats::{Dropped, Refused, Stats};
pub use tracker::{Health, Report, Tracker};
