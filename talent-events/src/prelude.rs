//! The verb, the traits and the derive: `use talent_events::prelude::*;`.

pub use crate::{Destination, SelfContained, TalentEvent, Track};
