//! A local EventService of Google Cloud Talent Solution, to develop and test against.
//!
//! ```no_run
//! use talent_events_emulator::Emulator;
//!
//! # async fn example() -> Result<(), talent_events_emulator::StartError> {
//! let emulator = Emulator::start().await?;
//! println!("export TALENT_EMULATOR_HOST={}", emulator.host());
//! // Any client in any language sends its events there.
//! let events = emulator.recorded(3).await;
//! assert!(events.iter().all(|recorded| !recorded.discarded));
//! assert!(emulator.defects().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! One port has these faces:
//!
//! - gRPC in plaintext.
//! - Google's REST form, `POST /v4/projects/*/tenants/*/clientEvents`.
//! - A stand-in for searches, over both, that returns request ids.
//! - A control API under `/emulator/v1/`.
//! - A console for people at `/`, where events appear as they arrive.
//!
//! The emulator needs no credentials unless [`Settings::require_token`] is set. It checks each call. A call that breaks a
//! rule about a field is refused with `INVALID_ARGUMENT`, and the details (`google.rpc.BadRequest`) name all invalid fields.
//! Google does not document which code and which message belong to which defect. It does not document either that an event
//! without a valid request id is answered with `OK`. In these cases the emulator's answers are ours.
//!
//! Events are kept **in memory**, encoded, until [`clear`](Emulator::clear) or the end of the [`Emulator`]. Each event takes
//! about 110 bytes besides its encoded form. [`Emulator::export`] writes all events to a file.

mod app;
mod builder;
mod emulator;
mod faces;
mod files;
mod gate;
mod http;
mod json;
pub mod ndjson;
#[allow(clippy::all, dead_code, unreachable_pub, missing_docs, rust_2018_idioms)]
#[rustfmt::skip]
mod proto;
mod search;
mod server;
mod settings;
mod store;
mod text;

pub use builder::{Builder, StartError};
pub use emulator::Emulator;
pub use files::FileError;
#[doc(hidden)]
pub use files::replace;
pub use gate::{QUOTA_REASON, Quota, faults};
pub use http::{ERROR_DOMAIN, ERROR_REASON};
pub use settings::Settings;
pub use store::{Change, Feed, Recorded, Stats};
pub use talent_events::track::Code;
