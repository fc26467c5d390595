//! What events have to keep among themselves, and the stages of an application: the one place where these rules stand.
//!
//! [`RULES`] are the rules between events. They speak of the *set* of events under one request id, and of those for one
//! job in it, by `create_time` and never by arrival, as networks and queues reorder. So they are judged when somebody
//! asks, over all that was recorded: by [`check`], or by a [`Checker`] that is told more.
//!
//! [`Stage`] is stricter: what may follow in the application of one person for one job, step by step.
//!
//! Each rule names its [`Source`]; only what Google says is put into Google's mouth.
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
//! # Ok::<(), talent_events::InvalidField>(())
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
pub use refusal::Refusal;
pub use rule::*;
pub use stage::{Stage, Step};
