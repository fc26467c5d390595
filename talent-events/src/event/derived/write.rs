//! The writer's calls for the derive.
//!
//! Each takes the answer of a role's trait, so that the generated code mentions each type of the user's once, in the call
//! of that trait. None returns an error: the writer latches the first, since a `?` for each part is a quarter of what the
//! compiler spends on the generated code.

use std::fmt;

use crate::event::{
    EventIdRef, EventWriter, InvalidEvent, InvalidField, JobEventType, JobRef, RequestIdRef, Timestamp,
};

#[doc(hidden)]
impl EventWriter<'_> {
    pub fn set_event_type(&mut self, event_type: JobEventType) {
        self.latch(|w| w.event_type(event_type));
    }

    pub fn set_job(&mut self, job: JobRef<'_>) {
        self.latch(|w| w.write_job(job));
    }

    pub fn set_job_from_funnel(&mut self) {
        self.latch(Self::job_from_funnel);
    }

    pub fn each_job(&mut self) -> impl FnMut(JobRef<'_>) -> Result<(), InvalidField> {
        |job| self.write_job(job)
    }

    pub fn set_request_id(&mut self, id: Option<RequestIdRef<'_>>) {
        self.latch(|w| w.write_request_id(id));
    }

    pub fn set_synthetic_request_id(&mut self, text: fmt::Arguments<'_>) {
        self.latch(|w| w.synthetic_request_id(text));
    }

    pub fn set_request_id_from_session(&mut self) {
        self.latch(Self::request_id_from_session);
    }

    pub fn set_no_request_id(&mut self) {
        self.latch(Self::no_request_id);
    }

    pub fn set_event_id(&mut self, id: EventIdRef<'_>) {
        self.latch(|w| w.write_event_id(id));
    }

    pub fn set_event_id_formatted(&mut self, text: fmt::Arguments<'_>) {
        self.latch(|w| w.event_id_formatted(text));
    }

    pub fn set_create_time(&mut self, time: Result<Timestamp, InvalidField>) {
        self.latch(|w| w.write_create_time(time));
    }

    pub fn set_notes(&mut self, notes: Option<&str>) {
        self.latch(|w| w.write_notes(notes));
    }

    pub fn set_notes_formatted(&mut self, text: fmt::Arguments<'_>) {
        self.latch(|w| w.notes(text));
    }

    pub fn set_long_notes_refused(&mut self) {
        self.latch(Self::refuse_long_notes);
    }

    /// From now on notes are kept apart: they are those of a context, which the event's own notes name.
    pub fn set_notes_aside(&mut self) {
        self.put_notes_aside();
    }

    /// The notes that were kept apart; from now on notes are the event's again.
    pub fn notes_aside(&mut self) -> ContextNotes {
        ContextNotes(self.take_notes_aside())
    }

    /// The first error, if there was one.
    pub fn outcome(&mut self) -> Result<(), InvalidEvent> {
        self.latched()
    }
}

/// A context's notes, as the event's own notes name them; empty if it has none.
pub struct ContextNotes(String);

impl fmt::Display for ContextNotes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ContextNotes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
