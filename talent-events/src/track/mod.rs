//! One verb: `event.track(&destination).await`.
//!
//! An event goes to a [`Destination`]; what `Ok` means depends on the destination alone, and its receipt type says it.

mod code;
mod destination;
mod error;
mod parse;
mod tracking;

pub use code::Code;
pub use destination::{BoxDestination, Destination};
pub use error::{Progress, Rejected, TrackError};
pub use tracking::{Track, TrackFuture, TrackOrLogFuture};
