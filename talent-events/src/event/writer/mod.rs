//! One pass from an app's value to the bytes that travel.
//!
//! The message is `google.cloud.talent.v4.ClientEvent` (field numbers in `proto/`). Its job event is a message inside
//! the message, with its length in front, so it is written first, into the front of one scratch buffer; everything
//! else follows. Room for the job event's header is left in front and filled in at the end, so that nothing moves
//! when the calls come in the order the derive makes them. Any other order works too: what belongs to the job event is
//! then rotated into its place.

mod envelope;
mod fields;
mod finish;
mod ids;
mod jobs;
mod notes;
mod time;

use std::cell::Cell;
use std::fmt;
use std::ops::Range;

use super::encoded::RequestIdMark;
use super::{InvalidEvent, InvalidField, JobEventType};

pub use envelope::Envelope;

/// Checks and encodes the parts of an event: in any order, each at most once, except jobs, which may come one by one.
///
/// An event id that is not set is made, and the time is now. Type, jobs and request id have no default.
pub struct EventWriter<'e> {
    envelope: Envelope<'e>,
    /// The first error of the derive's calls. It stands apart from the small fields, which are set together: every call
    /// reads it, and the first would wait for them.
    failed: Option<InvalidEvent>,
    /// Header room, then the job event, then everything else.
    buf: Vec<u8>,
    job_event_end: usize,
    jobs: usize,
    event_type: Option<JobEventType>,
    request_id: Option<RequestIdMark>,
    /// Where the event id stands, counted from `job_event_end`.
    event_id: Option<Range<usize>>,
    has_create_time: bool,
    has_notes: bool,
    notes_truncated: bool,
    refuses_long_notes: bool,
    skipped: bool,
    /// Notes of contexts, innermost last, that an event's own notes name: none of them is the event's by itself.
    aside: Vec<Vec<u8>>,
}

/// The job event's header: one byte of tag, up to five of length.
const HEADER: usize = 6;

/// A scratch buffer that grew beyond this is not kept for the next event.
const MAX_KEPT_SCRATCH: usize = 64 * 1024;

thread_local! {
    /// Holds the room for a header, or nothing.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl<'e> EventWriter<'e> {
    pub(crate) fn new(envelope: Envelope<'e>) -> Self {
        // The thread-local is gone while its thread ends; then the buffer is a fresh one.
        let mut buf = SCRATCH.try_with(Cell::take).unwrap_or_default();
        if buf.is_empty() {
            buf = vec![0; HEADER];
        }
        Self {
            envelope,
            buf,
            job_event_end: HEADER,
            jobs: 0,
            event_type: None,
            request_id: None,
            event_id: None,
            has_create_time: false,
            has_notes: false,
            notes_truncated: false,
            refuses_long_notes: false,
            skipped: false,
            aside: Vec::new(),
            failed: None,
        }
    }

    /// Skips the event: nothing is sent, whatever else is set.
    pub fn skip(&mut self) {
        self.skipped = true;
    }

    /// Takes a part, unless one before it failed, and latches its error.
    pub(super) fn latch<E: Into<InvalidEvent>>(&mut self, take: impl FnOnce(&mut Self) -> Result<(), E>) {
        if self.failed.is_none()
            && let Err(e) = take(self)
        {
            self.failed = Some(e.into());
        }
    }

    /// The latched error.
    pub(super) fn latched(&mut self) -> Result<(), InvalidEvent> {
        self.failed.take().map_or(Ok(()), Err)
    }
}

/// Without the contents: notes and a synthetic request id may hold what no log should.
impl fmt::Debug for EventWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventWriter")
            .field("envelope", &self.envelope)
            .field("event_type", &self.event_type)
            .field("jobs", &self.jobs)
            .field("request_id", &self.request_id)
            .field("bytes", &self.buf.len())
            .finish_non_exhaustive()
    }
}

impl Drop for EventWriter<'_> {
    fn drop(&mut self) {
        let mut buf = std::mem::take(&mut self.buf);
        if buf.capacity() <= MAX_KEPT_SCRATCH {
            buf.truncate(HEADER);
            let _ = SCRATCH.try_with(|scratch| scratch.set(buf));
        }
    }
}

fn twice(field: &'static str) -> InvalidEvent {
    InvalidField::new(field, "two of them", "one: `write` says each part once").into()
}
