#![cfg_attr(all(feature = "client", feature = "derive"), doc = include_str!("../docs/start.md"))]
#![cfg_attr(
    not(all(feature = "client", feature = "derive")),
    doc = "Annotate your structs, and Google Cloud Talent Solution knows what your users do."
)]
#![cfg_attr(all(feature = "client", feature = "derive", feature = "testing"), doc = include_str!("../docs/chapters.md"))]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod catalog;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "client")]
pub mod delivery;
pub mod event;
pub mod guide;
pub mod prelude;
pub mod sequence;
#[cfg(feature = "testing")]
pub mod testing;
pub mod track;
#[cfg(feature = "client")]
pub mod wire;

#[cfg(feature = "client")]
pub use client::{ConnectError, TalentClient};
#[cfg(feature = "client")]
pub use delivery::{Ticket, Tracker};
#[doc(hidden)]
pub use event::derived as __private;
pub use event::{
    ClientEvent, EncodedEvent, EventId, InvalidEvent, InvalidField, JobEvent, JobEventType, JobName, RequestId,
    SelfContained, SendPolicy, TalentContext, TalentEvent, TenantName, Timestamp, TypedEvent, types,
};
pub use sequence::{ApplicationFunnel, Checkpoint, SearchSession, StepError};
#[cfg(feature = "derive")]
pub use talent_events_derive::TalentContext;
#[cfg(feature = "derive")]
#[doc = include_str!("../docs/attributes.md")]
pub use talent_events_derive::TalentEvent;
pub use track::{BoxDestination, Destination, Track, TrackError};

/// The README's examples run as tests.
#[cfg(all(doctest, feature = "client", feature = "derive"))]
#[doc = include_str!("../README.md")]
struct Readme;
