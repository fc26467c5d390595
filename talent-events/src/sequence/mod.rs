//! Events that belong together: those that follow from one search, and the steps of one person's application.
//!
//! A [`SearchSession`] holds the request id of a search and gives it to everything that follows: the page that was
//! shown, the jobs that were opened and saved, the applications. A [`CollectedPage`] makes one impression of jobs that
//! are rendered one by one. [`RequestMetadata`] is what the search itself is told of the user.
//!
//! [`ApplicationFunnel`] takes the steps of an application for one job, and only those that can follow; a
//! [`Checkpoint`] carries it over weeks and from process to process. What can follow stands in one table,
//! [`Stage`](crate::event::rules::Stage).

mod checkpoint;
mod funnel;
mod metadata;
mod named;
mod place;
mod session;
mod step;

pub use checkpoint::Checkpoint;
pub use funnel::ApplicationFunnel;
pub use metadata::{DeviceInfo, DeviceType, RequestMetadata, RequestMetadataBuilder};
pub use named::NamedStep;
pub use session::{CollectedPage, FunnelFuture, IncompleteFunnel, SearchSession, SessionEvent};
pub use step::{Recording, StepError};

pub use crate::event::rules::types::{Cell, Follows, StageType, Verdict};
#[doc(hidden)]
pub use crate::event::rules::verdict;

/// The stages of an application as types.
pub mod stage {
    pub use crate::event::rules::stage_types::*;
}
