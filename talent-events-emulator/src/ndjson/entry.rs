//! Reading a line.

use talent_events::{ClientEvent, InvalidField, RequestId, TenantName, Timestamp};

use super::error::{FirstError, LineError};
use super::explain::explain;
use super::form::{Keys, KnownForm, LetterForm, RecordedForm};
use crate::text::invalid;

/// Maximum size of a line. A call's body has the same limit.
pub const MAX_LINE_BYTES: usize = 4 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The meaning of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Entry {
    /// An event that a call could create.
    Event(Box<Event>),
    /// A search has answered this request id.
    KnownRequestId(RequestId),
}

/// An event, and the facts that a file may hold about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The event's tenant.
    pub tenant: TenantName,
    /// The event.
    pub event: ClientEvent,
    /// The event was answered with `OK` and did not count.
    pub discarded: bool,
    /// The client made the request id up.
    pub synthetic_request_id: bool,
    /// The time at which the event was recorded.
    pub received_at: Option<Timestamp>,
}

/// The `entry` of a dead letter, unchanged. `None`: the line is no dead letter.
pub fn dead_letter(line: &[u8]) -> Option<&str> {
    serde_json::from_slice::<LetterForm<'_>>(without_mark(line)).ok().map(|letter| letter.entry.get())
}

impl Entry {
    /// Reads a line, and checks an event as a call would.
    ///
    /// # Errors
    ///
    /// The message lists all errors of the line, as the REST face does. The column is that of the first.
    pub fn parse(line: &[u8]) -> Result<Self, LineError> {
        let text = without_mark(line);
        Self::read(text, Self::read_letter).map_err(|first| {
            let LineError { column, message } = explain(text, first);
            LineError { column: column.map(|column| column + line.len() - text.len()), message }
        })
    }

    fn read(line: &[u8], read_letter: fn(&[u8]) -> Result<Self, FirstError>) -> Result<Self, FirstError> {
        // serde reads an array as the fields of a struct.
        if line.trim_ascii_start().first() != Some(&b'{') {
            return Err(FirstError::Shape(None));
        }
        let keys: Keys<'_> = serde_json::from_slice(line)?;
        if keys.entry.is_some() {
            return read_letter(line);
        }
        if keys.known_request_id.is_some() {
            return Ok(Self::KnownRequestId(serde_json::from_slice::<KnownForm>(line)?.known_request_id));
        }
        let event = if keys.event.is_some() {
            let form: RecordedForm = serde_json::from_slice(line)?;
            Event {
                tenant: form.tenant,
                event: form.event,
                discarded: form.discarded,
                synthetic_request_id: form.synthetic_request_id.unwrap_or_default(),
                received_at: form.received_at,
            }
        } else {
            let event: ClientEvent = serde_json::from_slice(line)?;
            let tenant = tenant_of(&event)?;
            Event { tenant, event, discarded: false, synthetic_request_id: false, received_at: None }
        };
        event.event.check(&event.tenant).map_err(FirstError::Rules)?;
        Ok(Self::Event(Box::new(event)))
    }

    fn read_letter(line: &[u8]) -> Result<Self, FirstError> {
        let entry = serde_json::from_slice::<LetterForm<'_>>(line)?.entry.get();
        // A line that was no JSON is kept as a string. Columns of its text are not columns of this line.
        let text: Option<String> = serde_json::from_str(entry).ok();
        let start = text.is_none().then(|| entry.as_ptr().addr() - line.as_ptr().addr());
        let entry = text.as_deref().unwrap_or(entry).as_bytes();
        // Nested letters would allow a recursion as deep as the line is long.
        let nested = |_: &[u8]| {
            let message = "expected an event or a known request id in the dead letter, found another dead letter";
            Err(FirstError::Explained(LineError::new(message)))
        };
        Self::read(entry, nested).map_err(|first| {
            let LineError { column, message } = explain(entry, first);
            FirstError::Explained(LineError { column: start.and_then(|start| Some(start + column?)), message })
        })
    }
}

fn tenant_of(event: &ClientEvent) -> Result<TenantName, InvalidField> {
    let job = event.job_event.jobs.first();
    let job = job.ok_or_else(|| invalid("job_event.jobs", "1 to 500 jobs", "no job"))?;
    TenantName::new(format!("projects/{}/tenants/{}", job.project(), job.tenant()))
}

fn without_mark(line: &[u8]) -> &[u8] {
    line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line)
}
