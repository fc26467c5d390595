//! Events: their parts and rules, the traits of an app's own events, and the encoding.
//!
//! This module needs neither a network nor a runtime. A crate that only describes events depends on
//! `default-features = false, features = ["derive"]`.

mod client_event;
mod context;
#[doc(hidden)]
pub mod derived;
mod descriptor;
mod encode;
mod encoded;
mod id;
mod invalid;
pub mod limits;
mod name;
mod object;
pub(crate) mod reader;
mod roles;
pub mod rules;
mod stored;
mod text;
mod times;
mod timestamp;
mod traits;
pub mod types;
mod writer;

pub(crate) use client_event::job_field;
pub use client_event::{ClientEvent, JobEvent};
#[cfg(feature = "client")]
pub(crate) use client_event::{check_job_count, check_notes, check_tenant};
pub use context::{ContextDescriptor, SelfContainedContext, TalentContext};
#[doc(hidden)]
pub use descriptor::Kind;
pub use descriptor::{EventDescriptor, RequestIdSource};
pub use encoded::EncodedEvent;
#[cfg(feature = "client")]
pub(crate) use encoded::{EncodedMeta, EncodedParts};
pub use id::{EventId, RequestId};
pub use invalid::{InvalidEvent, InvalidField};
pub use name::{JobName, TenantName};
pub use roles::{AsCreateTime, AsEventId, AsJob, AsJobs, AsNotes, AsRequestId, EventIdRef, JobRef, RequestIdRef};
pub use timestamp::Timestamp;
pub use traits::{Always, Answer, InFunnel, Maybe, OutsideFunnel, SelfContained, SendPolicy, TalentEvent, TypedEvent};
pub use types::{EventType, JobEventType};
pub use writer::{Envelope, EventWriter};
