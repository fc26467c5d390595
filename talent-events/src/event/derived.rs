//! What the derive calls of the writer.
//!
//! Each takes what a role trait answered, so that the generated code mentions each type of the user's once, in the call
//! of that trait. None answers an error: the first is kept until the end, since a `?` for each part is a quarter of what
//! the compiler spends on the generated code.

use std::fmt;

use super::{EventIdRef, EventWriter, InvalidEvent, InvalidField, JobEventType, JobRef, RequestIdRef, Timestamp};

#[doc(hidden)]
impl EventWriter<'_> {
    pub fn put_event_type(&mut self, event_type: JobEventType) {
        self.keep(|w| w.event_type(event_type));
    }

    pub fn put_job(&mut self, job: JobRef<'_>) {
        self.keep(|w| w.take_job(job));
    }

    pub fn put_request_id(&mut self, id: Option<RequestIdRef<'_>>) {
        self.keep(|w| w.take_request_id(id));
    }

    pub fn put_synthetic_request_id(&mut self, text: fmt::Arguments<'_>) {
        self.keep(|w| w.synthetic_request_id(text));
    }

    pub fn put_request_id_from_session(&mut self) {
        self.keep(Self::request_id_from_session);
    }

    pub fn put_no_request_id(&mut self) {
        self.keep(Self::no_request_id);
    }

    pub fn put_event_id(&mut self, id: EventIdRef<'_>) {
        self.keep(|w| w.take_event_id(id));
    }

    pub fn put_event_id_formatted(&mut self, text: fmt::Arguments<'_>) {
        self.keep(|w| w.event_id_formatted(text));
    }

    pub fn put_create_time(&mut self, time: Result<Timestamp, InvalidField>) {
        self.keep(|w| w.take_create_time(time));
    }

    pub fn put_notes(&mut self, notes: Option<&str>) {
        self.keep(|w| w.take_notes(notes));
    }

    pub fn put_notes_formatted(&mut self, text: fmt::Arguments<'_>) {
        self.keep(|w| w.notes(text));
    }

    /// The first error, if there was one.
    pub fn end(&mut self) -> Result<(), InvalidEvent> {
        self.kept()
    }
}
