//! Files of events: one JSON object per line, in one of four forms.
//!
//! | form | meaning |
//! |---|---|
//! | a client event in proto3 JSON, as in the REST API | an event of the tenant of its first job |
//! | `{"tenant": …, "event": {…}}` | a recorded event, as [`Emulator::export`](crate::Emulator::export) and `/emulator/v1/events` write it |
//! | `{"knownRequestId": "…"}` | a request id that a search has answered |
//! | `{"line": n, "error": "…", "entry": …}` | a dead letter of `talent-events replay`; `entry` is a line in one of the other forms |
//!
//! - A recorded event may have `discarded`, `receivedAt` and `syntheticRequestId`. `number` and `notesTruncated` are
//!   ignored. An [`EncodedEvent`](talent_events::EncodedEvent), as serde writes it, is a recorded event too.
//! - A byte order mark at the start of a line is skipped.
//!
//! ```
//! use talent_events_emulator::ndjson::Entry;
//!
//! let line = r#"{"eventId": "e-1", "createTime": "2026-02-03T09:30:00Z",
//!     "jobEvent": {"type": "VIEW", "jobs": ["projects/acme/tenants/board/jobs/42"]}}"#;
//! let Entry::Event(event) = Entry::parse(line.as_bytes())? else { panic!("it is an event") };
//! assert_eq!(event.tenant.as_str(), "projects/acme/tenants/board");
//!
//! let error = Entry::parse(br#"{"knownRequestId": 7}"#).unwrap_err();
//! assert_eq!(error.column, Some(20));
//! # Ok::<(), talent_events_emulator::ndjson::LineError>(())
//! ```

mod entry;
mod error;
mod explain;
mod form;
#[cfg(test)]
mod tests;

pub use entry::{Entry, Event, MAX_LINE_BYTES, dead_letter};
pub use error::LineError;
