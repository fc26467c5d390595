//! Events that belong together: the events of one search, and the steps of one person's application.
//!
//! A [`SearchSession`] gives the request id of a search to every event that follows: the page, the opened and saved jobs,
//! the applications. A [`CollectedPage`] makes one impression of jobs that are rendered one by one. [`RequestMetadata`]
//! tells the search itself who searches.
//!
//! An [`ApplicationFunnel`] takes the steps of an application for one job, and only those that can follow. A
//! [`Checkpoint`] carries it over weeks and from process to process. One table, [`Stage`](crate::event::rules::Stage),
//! decides what can follow.

mod checkpoint;
mod funnel;
mod metadata;
mod named;
mod place;
mod session;
mod step;
mod step_error;

pub use checkpoint::Checkpoint;
pub use funnel::ApplicationFunnel;
pub use metadata::{DeviceInfo, DeviceType, RequestMetadata, RequestMetadataBuilder};
pub use named::NamedStep;
pub use session::{AllStages, CollectedPage, IncompleteStages, SearchSession, SessionEvent};
pub use step::{RecoverableStep, StepFuture};
pub use step_error::StepError;

pub use crate::event::rules::types::{Cell, Follows, StageType, Verdict};
#[doc(hidden)]
pub use crate::event::rules::verdict;

/// The stages of an application as types.
pub mod stage {
    pub use crate::event::rules::stage_types::*;
}
