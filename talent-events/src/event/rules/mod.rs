//! The rules between events, and the stages of an application.
//!
//! [`RULES`] are the rules between events. They apply to the *set* of events under one request id, and to those of one job
//! in it. They use `create_time` and never the order of arrival, as networks and queues reorder. [`check`] checks a set of
//! recorded events, and a [`Checker`] does so with more knowledge.
//!
//! [`Stage`] is stricter: it says what may follow in one person's application for one job, step by step.
//!
//! Each rule names its [`Source`]. A rule of Google's is one that Google states.
//!
//! ```
//! use talent_events::event::rules::{self, QUICK_ALONE};
//! use talent_events::{ClientEvent, JobEvent, JobEventType, JobName, RequestId};
//!
//! let job: JobName = "projects/acme/tenants/board/jobs/42".parse()?;
//! let search: RequestId = "search-7f".parse()?;
//! let events = [JobEventType::Impression, JobEventType::ApplicationStart, JobEventType::ApplicationQuickSubmission]
//!     .map(|what| {
//!         let mut event = ClientEvent::new(JobEvent::new(what, [job.clone()]));
//!         event.request_id = Some(search.clone());
//!         event
//!     });
//!
//! let defects = rules::check(&events);
//! assert_eq!(defects[0].rule, &QUICK_ALONE);
//! assert_eq!(defects[0].job, Some(job));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod defect;
mod judge;
mod refusal;
mod rule;
mod search;
mod stage;
pub(crate) mod stage_types;
pub(crate) mod types;
#[doc(hidden)]
pub mod verdict;

pub use check::{Checker, check};
pub use defect::Defect;
pub use refusal::CannotFollow;
pub use rule::*;
pub use stage::{Stage, Step};
