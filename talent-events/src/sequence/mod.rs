//! Events that belong together: those that follow from one search, and in what order they may.
//!
//! A [`SearchSession`] holds the request id of a search and gives it to everything that follows: the page that was
//! shown, the jobs that were opened and saved, the applications. A [`CollectedPage`] makes one impression of jobs that
//! are rendered one by one. [`RequestMetadata`] is what the search itself is told of the user.

mod collect;
mod metadata;
mod session;

pub use collect::CollectedPage;
pub use metadata::{DeviceInfo, DeviceType, RequestMetadata, RequestMetadataBuilder};
pub use session::{FunnelFuture, IncompleteFunnel, SearchSession, SessionEvent};
