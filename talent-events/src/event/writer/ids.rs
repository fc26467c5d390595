//! The two ids: of the search, and of the event itself.

use std::fmt;

use uuid::Uuid;
use uuid::fmt::Hyphenated;

use crate::event::encoded::RequestIdMark;
use crate::event::limits::{MAX_EVENT_ID_BYTES, MAX_REQUEST_ID_BYTES};
use crate::event::roles::{AsEventId, AsRequestId, Given, GivenId};
use crate::event::{EventId, EventIdRef, InvalidEvent, InvalidField, RequestId, RequestIdRef};

use super::fields::{TAG_EVENT_ID, TAG_REQUEST_ID};
use super::{EventWriter, twice};

impl EventWriter<'_> {
    /// Sets the request id of the search; `None` is an error.
    pub fn request_id<R: AsRequestId + ?Sized>(&mut self, id: &R) -> Result<(), InvalidEvent> {
        self.write_request_id(id.as_request_id())
    }

    /// Takes the request id from the session.
    pub fn request_id_from_session(&mut self) -> Result<(), InvalidEvent> {
        match self.envelope.request_id {
            Some(id) => self.write_request_id(Some(id.into())),
            None => Err(InvalidField::new(
                "request_id",
                "`from_session`, but no session sends this event",
                "send it by `session.track(&event)` or `funnel.record(&event)`, or give it a request id of its own",
            )
            .into()),
        }
    }

    /// Sets a synthetic request id. No search has it, so the event will not count.
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

    /// Says that there was no search. The event will not count.
    pub fn no_request_id(&mut self) -> Result<(), InvalidEvent> {
        match self.envelope.request_id {
            Some(_) => Err(self.envelope.other_request_id("`none`".into()).into()),
            None => self.mark_request_id(RequestIdMark::None),
        }
    }

    pub(crate) fn write_request_id(&mut self, id: Option<RequestIdRef<'_>>) -> Result<(), InvalidEvent> {
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

    /// Sets the event's own id.
    pub fn event_id<I: AsEventId + ?Sized>(&mut self, id: &I) -> Result<(), InvalidEvent> {
        self.write_event_id(id.as_event_id())
    }

    /// Sets the event's own id to this text.
    pub fn event_id_formatted(&mut self, text: fmt::Arguments<'_>) -> Result<(), InvalidEvent> {
        if self.event_id.is_some() {
            return Err(twice("event_id"));
        }
        self.event_id = Some(self.formatted(TAG_EVENT_ID, text, MAX_EVENT_ID_BYTES, "event_id", EventId::check)?);
        Ok(())
    }

    pub(crate) fn write_event_id(&mut self, EventIdRef(id): EventIdRef<'_>) -> Result<(), InvalidEvent> {
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

    /// Writes it in its final place: copying bytes that were just written waits for them.
    pub(super) fn add_uuid(&mut self, id: &Uuid) {
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

    /// Marks the last `len` bytes as the event id.
    fn mark_event_id(&mut self, len: usize) {
        let end = self.buf.len() - self.job_event_end;
        self.event_id = Some(end - len..end);
    }
}
