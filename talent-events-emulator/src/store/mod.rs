//! The recorded events, and what follows from them.

mod feed;
mod log;
mod record;
mod records;
mod revision;
mod stats;

pub use feed::{Change, Feed};
pub(crate) use record::Marks;
pub use record::Recorded;
pub(crate) use records::Records;
pub(crate) use revision::{KnownIds, Revision};
pub use stats::Stats;
