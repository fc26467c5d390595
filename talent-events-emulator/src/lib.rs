//! A local EventService of Google Cloud Talent Solution, to develop and test against.
//!
//! ```no_run
//! use talent_events_emulator::Emulator;
//!
//! # async fn example() -> Result<(), talent_events_emulator::StartError> {
//! let emulator = Emulator::start().await?;
//! println!("export TALENT_EMULATOR_HOST={}", emulator.host());
//! // … any client in any language sends its events there …
//! let events = emulator.recorded(3).await;
//! assert!(events.iter().all(|recorded| !recorded.discarded));
//! assert!(emulator.defects().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! One port has four faces: gRPC in plaintext; Google's REST form, `POST /v4/projects/*/tenants/*/clientEvents`, with a
//! stand-in for `…/jobs:search` that answers request ids; a control API under `/emulator/v1/`; and for people a console
//! at `/`, where events appear as they arrive. It asks for no credentials unless [told to](Settings), and checks each
//! call as strictly as it knows how: what breaks a rule about a field is refused with `INVALID_ARGUMENT` and every
//! field at fault in the details (`google.rpc.BadRequest`). Where Google has not written down how the real service
//! answers, this one's answer is ours: which code comes for which defect, the words, and that an event without a valid
//! request id is answered `OK`.
//!
//! Events are kept **in memory**, encoded, until [`clear`](Emulator::clear) or the end of the [`Emulator`]: about 110
//! bytes each beside the event's own. [`Emulator::export`] writes them to a file.

mod app;
mod builder;
mod calls;
mod console;
mod control;
mod emulator;
pub mod faults;
mod feed;
mod files;
mod front;
mod gate;
mod guard;
mod json;
pub mod ndjson;
mod quota;
mod records;
mod refusal;
#[doc(hidden)]
#[allow(missing_docs)]
pub mod replace;
mod rest;
mod search;
mod server;
mod settings;
mod similar;
mod stats;

#[allow(clippy::all, unreachable_pub, missing_docs, rust_2018_idioms)]
#[rustfmt::skip]
#[allow(dead_code)]
mod service;

pub use builder::{Builder, StartError};
pub use emulator::Emulator;
pub use feed::{Feed, News};
pub use files::FileError;
pub use gate::QUOTA_REASON;
pub use quota::Quota;
pub use records::Recorded;
pub use refusal::{ERROR_DOMAIN, ERROR_REASON};
pub use settings::Settings;
pub use stats::Stats;
/// The canonical code of a refused call.
pub use tonic::Code;
