//! talent-events
#[cfg(feature = "client")]
pub mod client;
pub mod event;
pub mod track;
#[cfg(feature = "client")]
pub mod wire;
#[cfg(feature = "client")]
pub use client::{ConnectError, TalentClient};
pub use event::{
    Answers, ClientEvent, EncodedEvent, EventId, InvalidEvent, InvalidField, JobEvent, JobEventType, JobName,
    RequestId, SelfContained, TalentEvent, TenantName, Timestamp, TypedEvent, types,
};
pub use track::{BoxDestination, Destination, Track, TrackError};
