//! Events that belong together, in an order that holds: the steps of one person's application for one job.
//!
//! [`ApplicationFunnel`] takes the steps, and only those that can follow; a [`Checkpoint`] carries it over weeks and
//! from process to process. What can follow stands in one table, [`Stage`](crate::event::rules::Stage).

mod checkpoint;
mod funnel;
mod named;
mod step;

pub use checkpoint::Checkpoint;
pub use funnel::ApplicationFunnel;
pub use named::NamedStep;
pub use step::{Recording, StepError};

pub use crate::event::rules::refusal::{allows, verdict};
pub use crate::event::rules::types::{Cell, Follows, StageType, Verdict};

/// The stages of an application as types.
pub mod stage {
    pub use crate::event::rules::stage::types::*;
    pub use crate::event::rules::types::AnyStage;
}
