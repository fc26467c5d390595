#![cfg_attr(all(feature = "client", feature = "derive"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "client", feature = "derive")),
    doc = "Annotate your structs, and Google Cloud Talent Solution knows what your users do."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(feature = "client")]
pub mod client;
pub mod event;
pub mod prelude;
pub mod sequence;
pub mod track;
#[cfg(feature = "client")]
pub mod wire;

#[cfg(feature = "client")]
pub use client::{ConnectError, TalentClient};
pub use event::{
    Answers, ClientEvent, EncodedEvent, EventId, InvalidEvent, InvalidField, JobEvent, JobEventType, JobName,
    RequestId, SelfContained, TalentContext, TalentEvent, TenantName, Timestamp, TypedEvent, types,
};
pub use sequence::{ApplicationFunnel, Checkpoint, StepError};
#[cfg(feature = "derive")]
pub use talent_events_derive::{TalentContext, TalentEvent};
pub use track::{BoxDestination, Destination, Track, TrackError};
