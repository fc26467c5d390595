//! An event in the form in which it travels.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::{ClientEvent, JobEventType, TenantName, reader};

/// An event, valid and encoded: the bytes that are queued, stored, sent and sent again, and whose they are.
///
/// Cloning counts references; nothing is encoded twice. It owns its encoded size plus 56 bytes (and 8 more of the
/// allocator's, as a rule).
///
/// Its serde form keeps it over a restart, a line of JSON each as a rule: whose it is, the [`ClientEvent`], and what is
/// to be counted of it where that is so. It is stable, for formats that describe themselves, and `talent-events replay`
/// reads it.
///
/// ```
/// use talent_events::EncodedEvent;
///
/// let line = r#"{
///     "tenant": "projects/acme/tenants/board",
///     "event": {
///         "requestId": "application-u1-42",
///         "eventId": "e-1",
///         "createTime": "2026-02-03T09:30:00Z",
///         "jobEvent": {"type": "VIEW", "jobs": ["projects/acme/tenants/board/jobs/42"]}
///     },
///     "notesTruncated": false,
///     "syntheticRequestId": true
/// }"#;
/// let event: EncodedEvent = serde_json::from_str(line)?;
/// assert!(event.synthetic_request_id() && !event.notes_truncated());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// What is read is checked as [`from_client_event`](Self::from_client_event) does it; a field that is not known is an
/// error. An event that was read has the same fields, its event id among them, and perhaps its bytes in another order. A
/// request id that was made up may name a user: keep such files where users do not reach.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodedEvent {
    pub(super) tenant: TenantName,
    /// The protobuf message `google.cloud.talent.v4.ClientEvent`.
    pub(super) bytes: Arc<[u8]>,
    pub(super) meta: EncodedMeta,
}

/// What the writer noticed on the way and somebody may want to count, in one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks(u8);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestIdMark {
    Given = 0,
    Synthetic = 1,
    None = 2,
}

impl Marks {
    const NOTES_TRUNCATED: u8 = 4;

    pub(super) fn new(request_id: RequestIdMark, notes_truncated: bool) -> Self {
        Self(request_id as u8 | if notes_truncated { Self::NOTES_TRUNCATED } else { 0 })
    }

    fn request_id_is(self, mark: RequestIdMark) -> bool {
        self.0 & !Self::NOTES_TRUNCATED == mark as u8
    }
}

impl EncodedEvent {
    pub(super) fn new(bytes: &[u8], meta: EncodedMeta, tenant: &TenantName) -> Self {
        Self { tenant: tenant.clone(), bytes: bytes.into(), meta }
    }

    /// The tenant it is for: the parent of the call.
    pub fn tenant(&self) -> &TenantName {
        &self.tenant
    }

    /// What happened.
    pub fn event_type(&self) -> JobEventType {
        self.meta.event_type
    }

    /// The event's own id, the same however often it is sent.
    pub fn event_id(&self) -> &str {
        std::str::from_utf8(&self.bytes[self.id_range()]).unwrap_or_default()
    }

    /// The protobuf message `google.cloud.talent.v4.ClientEvent`.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The notes were longer than 1,000 characters, and cut.
    pub fn notes_truncated(&self) -> bool {
        self.meta.marks.0 & Marks::NOTES_TRUNCATED != 0
    }

    /// The event has no request id, because it says that there was no search: it will not count.
    pub fn without_request_id(&self) -> bool {
        self.meta.marks.request_id_is(RequestIdMark::None)
    }

    /// The request id was made up by a template: no search has it, so the event will not count.
    pub fn synthetic_request_id(&self) -> bool {
        self.meta.marks.request_id_is(RequestIdMark::Synthetic)
    }

    /// The readable form, read back from the bytes.
    pub fn to_client_event(&self) -> ClientEvent {
        reader::client_event(&self.bytes).expect("an encoded event holds what its writer checked and wrote")
    }

    fn id_range(&self) -> Range<usize> {
        let start = self.meta.id_start as usize;
        start..start + usize::from(self.meta.id_len)
    }
}

/// An encoded event without its tenant, borrowed from wherever its bytes are: a queue copies it.
#[cfg(feature = "client")]
#[derive(Clone, Copy)]
pub(crate) struct EncodedParts<'b> {
    pub(crate) bytes: &'b [u8],
    pub(crate) meta: EncodedMeta,
}

/// What tells an encoded event apart without reading its bytes: 8 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EncodedMeta {
    pub(super) id_start: u32,
    pub(super) id_len: u16,
    pub(super) event_type: JobEventType,
    pub(super) marks: Marks,
}

#[cfg(feature = "client")]
impl EncodedMeta {
    pub(crate) fn event_type(self) -> JobEventType {
        self.event_type
    }
}

#[cfg(feature = "client")]
impl EncodedEvent {
    pub(crate) fn parts(&self) -> EncodedParts<'_> {
        EncodedParts { bytes: &self.bytes, meta: self.meta }
    }

    pub(crate) fn from_parts(tenant: TenantName, EncodedParts { bytes, meta }: EncodedParts<'_>) -> Self {
        Self { tenant, bytes: bytes.into(), meta }
    }
}

/// Without the contents: notes may hold what no log should.
impl fmt::Debug for EncodedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncodedEvent")
            .field("tenant", &self.tenant.as_str())
            .field("event_type", &self.event_type())
            .field("event_id", &self.event_id())
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
