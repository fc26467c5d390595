//! What the derive calls of the writer.
//!
//! Each takes what a role trait answered, so that the generated code mentions each type of the user's once, in the call
//! of that trait. None answers an error: the first is kept until the end, since a `?` for each part is a quarter of what
//! the compiler spends on the generated code.

use std::fmt;

use super::{EventIdRef, EventWriter, InvalidEvent, InvalidField, JobEventType, JobRef, RequestIdRef, Timestamp};

#[doc(hidden)]
impl EventWriter<'_> {
    pub fn tell_event_type(&mut self, event_type: JobEventType) {
        self.keep(|w| w.event_type(event_type));
    }

    pub fn tell_job(&mut self, job: JobRef<'_>) {
        self.keep(|w| w.put_job(job));
    }

    pub fn tell_request_id(&mut self, id: Option<RequestIdRef<'_>>) {
        self.keep(|w| w.put_request_id(id));
    }

    pub fn tell_synthetic_request_id(&mut self, text: fmt::Arguments<'_>) {
        self.keep(|w| w.synthetic_request_id(text));
    }

    pub fn tell_request_id_from_session(&mut self) {
        self.keep(Self::request_id_from_session);
    }

    pub fn tell_no_request_id(&mut self) {
        self.keep(Self::no_request_id);
    }

    pub fn tell_event_id(&mut self, id: EventIdRef<'_>) {
        self.keep(|w| w.put_event_id(id));
    }

    pub fn tell_event_id_formatted(&mut self, text: fmt::Arguments<'_>) {
        self.keep(|w| w.event_id_formatted(text));
    }

    pub fn tell_create_time(&mut self, time: Result<Timestamp, InvalidField>) {
        self.keep(|w| w.put_create_time(time));
    }

    pub fn tell_notes(&mut self, notes: Option<&str>) {
        self.keep(|w| w.put_notes(notes));
    }

    pub fn tell_notes_formatted(&mut self, text: fmt::Arguments<'_>) {
        self.keep(|w| w.notes(text));
    }

    /// The first error, if there was one.
    pub fn end(&mut self) -> Result<(), InvalidEvent> {
        self.kept()
    }
}
