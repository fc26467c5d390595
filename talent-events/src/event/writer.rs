//! One pass from an app's value to the bytes that travel.
//!
//! The message is `google.cloud.talent.v4.ClientEvent` (field numbers in `proto/`). Its job event is a message inside
//! the message, with its length in front, so it is written first, into the front of one scratch buffer; everything
//! else follows. Room for the job event's header is left in front and filled in at the end, so that nothing moves
//! when the calls come in the order the derive makes them. Any other order works too: what belongs to the job event is
//! then rotated into its place.

use std::cell::Cell;
use std::fmt::{self, Write as _};
use std::ops::Range;

use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::client_event::{check_job_count, check_tenant, job_field};
use super::encoded::{EncodedMeta, Marks, RequestIdMark};
use super::limits::{MAX_EVENT_ID_BYTES, MAX_JOBS, MAX_NOTES_CHARS, MAX_REQUEST_ID_BYTES};
use super::roles::{AsCreateTime, AsEventId, AsJob, AsJobs, AsRequestId, Given, GivenId};
use super::{
    EncodedEvent, EventDescriptor, EventId, EventIdRef, InvalidEvent, InvalidField, JobEventType, JobName, JobRef,
    RequestId, RequestIdRef, TenantName, Timestamp, name,
};

/// Whom an event is for, and what a session or funnel fills in.
#[derive(Clone, Copy)]
pub struct Envelope<'a> {
    tenant: &'a TenantName,
    request_id: Option<&'a RequestId>,
    synthetic: bool,
    job: Option<&'a JobName>,
}

impl<'a> Envelope<'a> {
    /// For this tenant, from no session.
    pub fn new(tenant: &'a TenantName) -> Self {
        Self { tenant, request_id: None, synthetic: false, job: None }
    }

    /// From a session: events that say `from_session` get this request id, others must have the same.
    #[must_use]
    pub fn with_request_id(self, request_id: &'a RequestId) -> Self {
        Self { request_id: Some(request_id), synthetic: false, ..self }
    }

    /// From a session whose request id is made up: like [`with_request_id`](Self::with_request_id), and the events are
    /// marked as synthetic.
    #[must_use]
    pub fn with_synthetic_request_id(self, request_id: &'a RequestId) -> Self {
        Self { request_id: Some(request_id), synthetic: true, ..self }
    }

    /// From a funnel: events that say `from_funnel` get this job, others must have the same.
    #[must_use]
    pub fn with_job(self, job: &'a JobName) -> Self {
        Self { job: Some(job), ..self }
    }

    /// That an event's own request id is the session's. One that is made up is not shown: it may name a user.
    fn check_request_id(&self, own: &str, made_up: bool) -> Result<(), InvalidField> {
        match self.request_id {
            Some(session) if session.as_str() != own => Err(self.other_request_id(if made_up {
                "another one, made up".into()
            } else {
                InvalidField::quote(own)
            })),
            _ => Ok(()),
        }
    }

    fn other_request_id(&self, found: String) -> InvalidField {
        let allowed = match self.request_id {
            Some(session) if !self.synthetic => format!("the session's own, {}", InvalidField::quote(session.as_str())),
            _ => "the session's own, which is made up and not shown".into(),
        };
        InvalidField::new("request_id", found, allowed)
    }

    /// Whom it is for.
    pub fn tenant(&self) -> &'a TenantName {
        self.tenant
    }
}

/// Without a request id that is made up: it may name a user.
impl fmt::Debug for Envelope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("tenant", &self.tenant)
            .field("request_id", &self.request_id.filter(|_| !self.synthetic))
            .field("synthetic", &self.synthetic)
            .field("job", &self.job)
            .finish()
    }
}

/// Takes an event's parts, in any order, each at most once (jobs may come one by one), and checks them.
///
/// What is not said gets its default: an event id is made, the time is now. Type, jobs and request id have none.
pub struct EventWriter<'e> {
    envelope: Envelope<'e>,
    /// The first error of those that the derive's calls leave here. Apart from the small fields, which are set together:
    /// each call asks it, and the first would wait for them.
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
}

/// The job event's header: one byte of tag, up to five of length.
const HEADER: usize = 6;

const MAX_VARINT: usize = 10;

/// A scratch buffer that grew beyond this is not kept for the next event.
const MAX_KEPT_SCRATCH: usize = 64 * 1024;

thread_local! {
    /// Holds the room for a header, or nothing.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

// Tags: the field's number, then wire type 0 (varint) or 2 (length-delimited).
const TAG_REQUEST_ID: u8 = (1 << 3) | 2;
const TAG_EVENT_ID: u8 = (2 << 3) | 2;
const TAG_CREATE_TIME: u8 = (4 << 3) | 2;
const TAG_JOB_EVENT: u8 = (5 << 3) | 2;
const TAG_EVENT_NOTES: u8 = (9 << 3) | 2;
const TAG_JOB_EVENT_TYPE: u8 = 1 << 3;
const TAG_JOB_EVENT_JOBS: u8 = (2 << 3) | 2;
const TAG_TIMESTAMP_SECONDS: u8 = 1 << 3;
const TAG_TIMESTAMP_NANOS: u8 = 2 << 3;

const ELLIPSIS: &str = "…";

impl<'e> EventWriter<'e> {
    pub(crate) fn new(envelope: Envelope<'e>) -> Self {
        // Gone while a thread ends; then the buffer is a fresh one.
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
            failed: None,
        }
    }

    /// What happened.
    pub fn event_type(&mut self, event_type: JobEventType) -> Result<(), InvalidEvent> {
        if self.event_type.is_some() {
            return Err(twice("job_event.type"));
        }
        self.event_type = Some(event_type);
        self.in_job_event(|buf| buf.extend_from_slice(&[TAG_JOB_EVENT_TYPE, event_type as u8]));
        Ok(())
    }

    /// One more job.
    ///
    /// A bare id gets the tenant in front. A job of another tenant is refused, and the 501st.
    pub fn job<J: AsJob + ?Sized>(&mut self, job: &J) -> Result<(), InvalidEvent> {
        Ok(self.put_job(job.as_job())?)
    }

    /// Several more jobs, in order.
    pub fn jobs<J: AsJobs + ?Sized>(&mut self, jobs: &J) -> Result<(), InvalidEvent> {
        Ok(jobs.for_each_job(&mut self.each_job())?)
    }

    /// The job is the funnel's.
    pub fn job_from_funnel(&mut self) -> Result<(), InvalidEvent> {
        match self.envelope.job {
            Some(job) => self.job(job),
            None => Err(InvalidField::new(
                "job_event.jobs",
                "`from_funnel`, but no funnel sends this event",
                "send it by `funnel.record(&event)`, or give it a job of its own",
            )
            .into()),
        }
    }

    /// The request id of the search this came from; `None` is an error.
    pub fn request_id<R: AsRequestId + ?Sized>(&mut self, id: &R) -> Result<(), InvalidEvent> {
        self.put_request_id(id.as_request_id())
    }

    /// The request id is the session's.
    pub fn request_id_from_session(&mut self) -> Result<(), InvalidEvent> {
        match self.envelope.request_id {
            Some(id) => self.put_request_id(Some(id.into())),
            None => Err(InvalidField::new(
                "request_id",
                "`from_session`, but no session sends this event",
                "send it by `session.track(&event)` or `funnel.record(&event)`, or give it a request id of its own",
            )
            .into()),
        }
    }

    /// The request id is made up from this text. No search has it, so the event will not count.
    pub fn synthetic_request_id(&mut self, text: fmt::Arguments<'_>) -> Result<(), InvalidEvent> {
        let envelope = self.envelope;
        if self.request_id.is_some() {
            return Err(twice("request_id"));
        }
        self.formatted(TAG_REQUEST_ID, text, MAX_REQUEST_ID_BYTES, "request_id", |id| {
            RequestId::check_made_up(id)?;
            envelope.check_request_id(id, true)
        })?;
        self.mark_request_id(RequestIdMark::Synthetic)
    }

    /// There was no search. The event will not count.
    pub fn no_request_id(&mut self) -> Result<(), InvalidEvent> {
        match self.envelope.request_id {
            Some(_) => Err(self.envelope.other_request_id("`none`".into()).into()),
            None => self.mark_request_id(RequestIdMark::None),
        }
    }

    /// The event's own id.
    pub fn event_id<I: AsEventId + ?Sized>(&mut self, id: &I) -> Result<(), InvalidEvent> {
        self.put_event_id(id.as_event_id())
    }

    /// The event's own id is this text.
    pub fn event_id_formatted(&mut self, text: fmt::Arguments<'_>) -> Result<(), InvalidEvent> {
        if self.event_id.is_some() {
            return Err(twice("event_id"));
        }
        self.event_id = Some(self.formatted(TAG_EVENT_ID, text, MAX_EVENT_ID_BYTES, "event_id", EventId::check)?);
        Ok(())
    }

    /// When it happened.
    pub fn create_time<T: AsCreateTime + ?Sized>(&mut self, time: &T) -> Result<(), InvalidEvent> {
        self.put_create_time(time.as_create_time())
    }

    /// Notes made from this text. More than 1,000 characters are cut to 999 and `…`, and counted, unless
    /// [refused](Self::refuse_long_notes).
    pub fn notes(&mut self, text: fmt::Arguments<'_>) -> Result<(), InvalidEvent> {
        match text.as_str() {
            Some(text) => self.notes_text(text),
            None => self.add_notes(|notes| notes.write_fmt(text)),
        }
    }

    /// These notes. More than 1,000 characters are cut to 999 and `…`, and counted, unless
    /// [refused](Self::refuse_long_notes).
    pub fn notes_text(&mut self, text: &str) -> Result<(), InvalidEvent> {
        self.add_notes(|notes| notes.write_str(text))
    }

    /// Notes of more than 1,000 characters are an error, and are not cut.
    pub fn refuse_long_notes(&mut self) -> Result<(), InvalidEvent> {
        self.refuses_long_notes = true;
        if self.notes_truncated { Err(long_notes()) } else { Ok(()) }
    }

    /// Nothing is sent for this event, whatever else is said of it.
    pub fn skip(&mut self) {
        self.skipped = true;
    }

    #[doc(hidden)]
    pub fn each_job(&mut self) -> impl FnMut(JobRef<'_>) -> Result<(), InvalidField> {
        |job| self.put_job(job)
    }

    #[doc(hidden)]
    pub fn put_job(&mut self, JobRef(job): JobRef<'_>) -> Result<(), InvalidField> {
        let tenant = self.envelope.tenant;
        let index = self.jobs;
        if index == MAX_JOBS {
            return check_job_count(index + 1);
        }
        let here = |e: InvalidField| e.at(job_field(index));
        let full_name = match job {
            Given::Checked(job) => job.as_str(),
            Given::Text(id) if name::is_bare_id(id) => {
                name::check_job_id(id).map_err(here)?;
                return self.add_job(&[tenant.as_str(), "/jobs/", id]);
            }
            Given::Text(text) => {
                JobName::check(text).map_err(here)?;
                text
            }
        };
        let own = full_name.strip_prefix(tenant.as_str()).is_some_and(|rest| rest.starts_with('/'));
        if !own {
            check_tenant(full_name, tenant).map_err(here)?;
        }
        self.add_job(&[full_name])
    }

    fn add_job(&mut self, parts: &[&str]) -> Result<(), InvalidField> {
        if let Some(funnel) = self.envelope.job {
            same_job(funnel, parts)?;
        }
        self.in_job_event(|buf| {
            put_header(buf, TAG_JOB_EVENT_JOBS, parts.iter().map(|part| part.len()).sum());
            for part in parts {
                buf.extend_from_slice(part.as_bytes());
            }
        });
        self.jobs += 1;
        Ok(())
    }

    #[doc(hidden)]
    pub fn put_request_id(&mut self, id: Option<RequestIdRef<'_>>) -> Result<(), InvalidEvent> {
        let text = match id {
            Some(RequestIdRef(Given::Checked(id))) => id.as_str(),
            Some(RequestIdRef(Given::Text(text))) => {
                match self.envelope.synthetic {
                    true => RequestId::check_made_up(text)?,
                    false => RequestId::check(text)?,
                }
                text
            }
            None => {
                let allowed =
                    "the request id of the search this came from; where there was no search, say `request_id = none`";
                return Err(InvalidField::new("request_id", "`None`", allowed).into());
            }
        };
        self.envelope.check_request_id(text, self.envelope.synthetic)?;
        self.mark_request_id(match self.envelope.synthetic {
            true => RequestIdMark::Synthetic,
            false => RequestIdMark::Given,
        })?;
        self.text(TAG_REQUEST_ID, text);
        Ok(())
    }

    fn mark_request_id(&mut self, mark: RequestIdMark) -> Result<(), InvalidEvent> {
        if self.request_id.is_some() {
            return Err(twice("request_id"));
        }
        self.request_id = Some(mark);
        Ok(())
    }

    #[doc(hidden)]
    pub fn put_event_id(&mut self, EventIdRef(id): EventIdRef<'_>) -> Result<(), InvalidEvent> {
        if self.event_id.is_some() {
            return Err(twice("event_id"));
        }
        match id {
            GivenId::Uuid(id) => self.add_uuid(id),
            GivenId::Text(Given::Checked(id)) => self.add_event_id(id.as_str()),
            GivenId::Text(Given::Text(id)) => {
                EventId::check(id)?;
                self.add_event_id(id);
            }
        }
        Ok(())
    }

    fn add_event_id(&mut self, id: &str) {
        self.text(TAG_EVENT_ID, id);
        self.mark_event_id(id.len());
    }

    /// Written where it is to stand: bytes that are copied as soon as they are written are waited for.
    fn add_uuid(&mut self, id: &Uuid) {
        const FIELD: [u8; 2 + Hyphenated::LENGTH] = {
            let mut field = [0; 2 + Hyphenated::LENGTH];
            (field[0], field[1]) = (TAG_EVENT_ID, Hyphenated::LENGTH as u8);
            field
        };
        let start = self.buf.len() + 2;
        self.buf.extend_from_slice(&FIELD);
        id.hyphenated().encode_lower(&mut self.buf[start..]);
        self.mark_event_id(Hyphenated::LENGTH);
    }

    /// The last bytes, so many, are the event id.
    fn mark_event_id(&mut self, len: usize) {
        let end = self.buf.len() - self.job_event_end;
        self.event_id = Some(end - len..end);
    }

    #[doc(hidden)]
    pub fn put_create_time(&mut self, time: Result<Timestamp, InvalidField>) -> Result<(), InvalidEvent> {
        if self.has_create_time {
            return Err(twice("create_time"));
        }
        self.add_create_time(time?);
        Ok(())
    }

    #[doc(hidden)]
    pub fn put_notes(&mut self, notes: Option<&str>) -> Result<(), InvalidEvent> {
        notes.map_or(Ok(()), |notes| self.notes_text(notes))
    }

    fn add_create_time(&mut self, time: Timestamp) {
        const SECONDS: usize = 1 + MAX_VARINT;
        const NANOS: usize = 1 + 5;
        self.has_create_time = true;
        let start = self.buf.len();
        self.buf.extend_from_slice(&[0; 2 + SECONDS + NANOS]);
        let field = &mut self.buf[start..];
        let mut len = 2;
        // protobuf leaves out what is zero.
        for (tag, value) in [(TAG_TIMESTAMP_SECONDS, time.seconds() as u64), (TAG_TIMESTAMP_NANOS, time.nanos().into())]
        {
            if value != 0 {
                field[len] = tag;
                len += 1 + put_varint(&mut field[len + 1..], value);
            }
        }
        (field[0], field[1]) = (TAG_CREATE_TIME, (len - 2) as u8);
        self.buf.truncate(start + len);
    }

    fn add_notes(&mut self, write: impl FnOnce(&mut Bounded<'_>) -> fmt::Result) -> Result<(), InvalidEvent> {
        if self.has_notes {
            return Err(twice("event_notes"));
        }
        let start = self.open(TAG_EVENT_NOTES);
        // Beyond four bytes for each character and one more, the text is too long whatever it says.
        let mut notes = Bounded { buf: &mut self.buf, room: 4 * (MAX_NOTES_CHARS + 1), full: false };
        if write(&mut notes).is_err() && !notes.full {
            self.abandon(start);
            return Err(display_failed("event_notes"));
        }
        self.has_notes = true;
        if self.buf.len() == start {
            // protobuf leaves out what is empty.
            self.abandon(start);
            return Ok(());
        }
        // Bytes bound characters from above, so that short notes need no count.
        if self.buf.len() - start > MAX_NOTES_CHARS {
            let mut from_the_last = self.text_at(start..self.buf.len()).char_indices().skip(MAX_NOTES_CHARS - 1);
            if let (Some((cut, _)), Some(_)) = (from_the_last.next(), from_the_last.next()) {
                if self.refuses_long_notes {
                    self.abandon(start);
                    self.has_notes = false;
                    return Err(long_notes());
                }
                self.buf.truncate(start + cut);
                self.buf.extend_from_slice(ELLIPSIS.as_bytes());
                self.notes_truncated = true;
            }
        }
        self.close(start);
        Ok(())
    }

    /// A field of text that Display makes, refused beyond `max` bytes and by `check`; where it stands, counted from
    /// `job_event_end`.
    fn formatted(
        &mut self,
        tag: u8,
        text: fmt::Arguments<'_>,
        max: usize,
        field: &'static str,
        check: impl FnOnce(&str) -> Result<(), InvalidField>,
    ) -> Result<Range<usize>, InvalidEvent> {
        let start = self.open(tag);
        let mut bounded = Bounded { buf: &mut self.buf, room: max, full: false };
        let outcome = match bounded.write_fmt(text) {
            _ if bounded.full => {
                let found = format!("more than {max} bytes");
                Err(InvalidField::new(field, found, format!("at most {max} bytes")).into())
            }
            Err(_) => Err(display_failed(field)),
            Ok(()) => check(self.text_at(start..self.buf.len())).map_err(InvalidEvent::from),
        };
        if let Err(e) = outcome {
            self.abandon(start);
            return Err(e);
        }
        let len = self.buf.len() - start;
        self.close(start);
        let end = self.buf.len() - self.job_event_end;
        Ok(end - len..end)
    }

    /// Begins a length-delimited field of below 16,384 bytes whose length is not known yet; answers where it starts.
    fn open(&mut self, tag: u8) -> usize {
        self.buf.extend_from_slice(&[tag, 0]);
        self.buf.len()
    }

    /// Takes back what `open` began: an implementation may go on after an error, with another text for the field.
    fn abandon(&mut self, start: usize) {
        self.buf.truncate(start - 2);
    }

    fn close(&mut self, start: usize) {
        let len = self.buf.len() - start;
        if len < 0x80 {
            self.buf[start - 1] = len as u8;
        } else {
            // Room was left for one byte of length, as most texts are short.
            self.buf[start - 1] = (len & 0x7f) as u8 | 0x80;
            self.buf.insert(start, (len >> 7) as u8);
        }
    }

    fn text(&mut self, tag: u8, text: &str) {
        put_header(&mut self.buf, tag, text.len());
        self.buf.extend_from_slice(text.as_bytes());
    }

    fn text_at(&self, at: Range<usize>) -> &str {
        std::str::from_utf8(&self.buf[at]).unwrap_or_default()
    }

    fn in_job_event(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let before = self.buf.len();
        write(&mut self.buf);
        let written = self.buf.len() - before;
        if before > self.job_event_end {
            self.buf[self.job_event_end..].rotate_right(written);
        }
        self.job_event_end += written;
    }

    /// Takes a part, unless one before it failed; keeps its error.
    pub(super) fn keep<E: Into<InvalidEvent>>(&mut self, take: impl FnOnce(&mut Self) -> Result<(), E>) {
        if self.failed.is_none()
            && let Err(e) = take(self)
        {
            self.failed = Some(e.into());
        }
    }

    /// The error that was kept.
    pub(super) fn kept(&mut self) -> Result<(), InvalidEvent> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Ends an event for which `write` returned `written`; `take` gets the bytes. `None`: the event is skipped.
    #[inline(always)]
    pub(super) fn finish_unless_skipped<R>(
        &mut self,
        written: Result<(), InvalidEvent>,
        descriptor: &EventDescriptor,
        take: impl FnOnce(&[u8], EncodedMeta, &TenantName) -> R,
    ) -> Result<Option<R>, InvalidEvent> {
        let complete = written.and_then(|()| if self.skipped { Ok(None) } else { self.complete().map(Some) });
        match complete {
            Ok(Some((start, meta))) => Ok(Some(take(&self.buf[start..], meta, self.envelope.tenant))),
            Ok(None) => Ok(None),
            Err(e) => Err(e.of(descriptor.name)),
        }
    }

    pub(crate) fn finish(&mut self) -> Result<EncodedEvent, InvalidEvent> {
        let (start, meta) = self.complete()?;
        Ok(EncodedEvent::new(&self.buf[start..], meta, self.envelope.tenant))
    }

    /// Adds defaults for what is missing; returns where the message starts in the buffer, and what tells it apart.
    #[inline(always)]
    fn complete(&mut self) -> Result<(usize, EncodedMeta), InvalidEvent> {
        self.kept()?;
        let Some(event_type) = self.event_type else {
            return Err(InvalidField::new("job_event.type", "none", "call `event_type` in `write`").into());
        };
        check_job_count(self.jobs)?;
        let Some(request_id) = self.request_id else {
            let ways =
                "call `request_id`, `request_id_from_session`, `synthetic_request_id` or `no_request_id` in `write`";
            return Err(InvalidField::new("request_id", "nothing said of it", ways).into());
        };
        if !self.has_create_time {
            self.add_create_time(Timestamp::now());
        }
        if self.event_id.is_none() {
            self.add_uuid(&Uuid::now_v7());
        }
        let len = (self.job_event_end - HEADER) as u64;
        let start = HEADER - 1 - varint_len(len);
        self.buf[start] = TAG_JOB_EVENT;
        put_varint(&mut self.buf[start + 1..HEADER], len);

        let id = self.event_id.clone().unwrap_or_default();
        // Both fit: 500 names of three segments and the notes stay far below 4 GiB, an id below 64 KiB.
        let (id_start, id_len) = ((self.job_event_end - start + id.start) as u32, id.len() as u16);
        Ok((start, EncodedMeta { id_start, id_len, event_type, marks: Marks::new(request_id, self.notes_truncated) }))
    }
}

/// Without the contents: notes and a request id that is made up may hold what no log should.
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

/// Takes text up to a number of bytes, at a character's edge, and says when there was more.
struct Bounded<'b> {
    buf: &'b mut Vec<u8>,
    room: usize,
    full: bool,
}

impl fmt::Write for Bounded<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() <= self.room {
            self.room -= text.len();
            self.buf.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        let fits = text.floor_char_boundary(self.room);
        self.buf.extend_from_slice(&text.as_bytes()[..fits]);
        self.room = 0;
        self.full = true;
        Err(fmt::Error)
    }
}

fn twice(field: &'static str) -> InvalidEvent {
    InvalidField::new(field, "two of them", "one: `write` says each part once").into()
}

fn long_notes() -> InvalidEvent {
    let allowed = "at most 1000 characters; `notes_overflow = truncate` cuts what is longer";
    InvalidField::new("event_notes", "more than 1000 characters", allowed).into()
}

fn display_failed(field: &'static str) -> InvalidEvent {
    InvalidField::new(field, "an error of a `Display` in its template", "a `Display` that succeeds").into()
}

/// The project is not compared: it has an id and a number.
fn same_job(funnel: &JobName, parts: &[&str]) -> Result<(), InvalidField> {
    let own = parts.concat();
    if name::without_project(&own) == funnel.without_project() {
        return Ok(());
    }
    let allowed = format!("the funnel's own, {}", InvalidField::quote(funnel.as_str()));
    Err(InvalidField::new("job_event.jobs", InvalidField::quote(&own), allowed))
}

fn varint_len(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Tag and length of a field.
fn put_header(buf: &mut Vec<u8>, tag: u8, len: usize) {
    if len < 0x80 {
        buf.extend_from_slice(&[tag, len as u8]);
        return;
    }
    let mut bytes = [0; MAX_VARINT];
    let written = put_varint(&mut bytes, len as u64);
    buf.push(tag);
    buf.extend_from_slice(&bytes[..written]);
}

fn put_varint(bytes: &mut [u8], mut value: u64) -> usize {
    let mut len = 0;
    while value >= 0x80 {
        bytes[len] = value as u8 | 0x80;
        value >>= 7;
        len += 1;
    }
    bytes[len] = value as u8;
    len + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_funnel_knows_its_job_by_the_project_number_too() {
        let tenant: TenantName = "projects/acme/tenants/board".parse().unwrap();
        let job = tenant.job("1").unwrap();
        let envelope = Envelope::new(&tenant).with_job(&job);
        for same in ["1", "projects/acme/tenants/board/jobs/1", "projects/123/tenants/board/jobs/1"] {
            EventWriter::new(envelope).job(same).unwrap();
        }
        let error = EventWriter::new(envelope).job("2").unwrap_err().to_string();
        assert!(
            error.contains("jobs/2\"") && error.contains("the funnel's own, \"projects/acme/tenants/board/jobs/1\"")
        );
    }
}
