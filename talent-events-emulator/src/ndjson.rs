//! Events in files: one JSON object a line, in one of three forms.
//!
//! - A client event in proto3 JSON, as the REST API speaks it. Its tenant is that of its first job.
//! - A recorded event, as [`Emulator::export`](crate::Emulator::export) and `/emulator/v1/events` write it:
//!   `{"tenant": …, "event": {…}}`, with `discarded` and `receivedAt` where there is more to tell. (`number` is read over.)
//! - `{"knownRequestId": "…"}`: a search has answered this id.
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

use serde::Deserialize;
use serde::de::IgnoredAny;
use talent_events::{ClientEvent, InvalidEvent, InvalidField, RequestId, TenantName, Timestamp};

/// Most bytes of a line: as many as a call's body.
pub const MAX_LINE_BYTES: usize = 4 * 1024 * 1024;

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Entry {
    /// An event, valid as a call would have to be.
    Event(Box<Event>),
    /// A search has answered this id.
    KnownRequestId(RequestId),
}

/// An event, and what a file may tell of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Whose it is.
    pub tenant: TenantName,
    /// The event.
    pub event: ClientEvent,
    /// It was answered `OK` and did not count.
    pub discarded: bool,
    /// When it was recorded.
    pub received_at: Option<Timestamp>,
}

/// Why a line says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
#[non_exhaustive]
pub struct LineError {
    /// Where in the line, in bytes from 1, as far as it is one place.
    pub column: Option<usize>,
    /// What was found there.
    pub words: String,
}

/// Tells the forms apart, by names that no other has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
    event: Option<IgnoredAny>,
    known_request_id: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RecordedForm {
    tenant: TenantName,
    event: ClientEvent,
    #[serde(default)]
    discarded: bool,
    received_at: Option<Timestamp>,
    #[serde(rename = "number")]
    _number: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KnownForm {
    known_request_id: RequestId,
}

impl Entry {
    /// Reads a line, and checks an event as a call would be.
    pub fn parse(line: &[u8]) -> Result<Self, LineError> {
        let form: Form = read(line)?;
        if form.known_request_id.is_some() {
            return Ok(Self::KnownRequestId(read::<KnownForm>(line)?.known_request_id));
        }
        let event = if form.event.is_some() {
            let RecordedForm { tenant, event, discarded, received_at, .. } = read(line)?;
            Event { tenant, event, discarded, received_at }
        } else {
            let event: ClientEvent = read(line)?;
            let job = event.job_event.jobs.first().ok_or_else(|| {
                let field = InvalidField::new("job_event.jobs", "no job", "1 to 500 jobs");
                LineError { column: None, words: InvalidEvent::from(field).to_string() }
            })?;
            let tenant = TenantName::new(format!("projects/{}/tenants/{}", job.project(), job.tenant()));
            let tenant = tenant.map_err(|e| LineError { column: None, words: e.to_string() })?;
            Event { tenant, event, discarded: false, received_at: None }
        };
        event.event.check(&event.tenant).map_err(|e| LineError { column: None, words: e.to_string() })?;
        Ok(Self::Event(Box::new(event)))
    }
}

fn read<'l, T: Deserialize<'l>>(line: &'l [u8]) -> Result<T, LineError> {
    serde_json::from_slice(line).map_err(|e| {
        let words = e.to_string();
        // serde_json counts lines too, and mostly finds one.
        let place = format!(" at line {} column {}", e.line(), e.column());
        match (words.strip_suffix(&place), e.line()) {
            (Some(words), 1) => LineError { column: Some(e.column()), words: words.to_owned() },
            _ => LineError { column: None, words },
        }
    })
}
