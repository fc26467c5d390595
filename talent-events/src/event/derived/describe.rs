//! The descriptors that the derive writes, as constants.

use std::marker::PhantomData;

use crate::event::{ContextDescriptor, EventDescriptor, JobEventType, Kind, RequestIdSource, SendPolicy};

/// The descriptor of an event.
pub const fn descriptor(
    name: &'static str,
    event_type: Option<JobEventType>,
    jobs: &'static str,
    request_id: RequestIdSource,
    notes: Option<&'static str>,
    doc: &'static str,
) -> EventDescriptor {
    EventDescriptor { name, event_type, jobs, request_id, notes, doc, skipped: false }
}

/// The descriptor of a variant that is not sent.
pub const fn skipped(name: &'static str, doc: &'static str) -> EventDescriptor {
    EventDescriptor { doc, skipped: true, ..EventDescriptor::new(name) }
}

/// The descriptor that the derive put at this place.
pub const fn kind<E: SendPolicy + ?Sized>(index: usize) -> &'static EventDescriptor {
    match &E::KINDS[index] {
        Kind::Event(descriptor) => descriptor,
        Kind::Inner(_) | Kind::Unknown(_) => unreachable!(),
    }
}

/// `Of::<T>::kinds` is the function here if `T` has a catalog, else that of [`KindsUnknown`]: the event in a transparent
/// variant need not have one.
#[doc(hidden)]
pub struct Of<T: ?Sized>(PhantomData<T>);

impl<T: SendPolicy + ?Sized> Of<T> {
    pub fn kinds() -> &'static [Kind] {
        T::KINDS
    }
}

#[doc(hidden)]
pub trait KindsUnknown {
    fn kinds() -> &'static [Kind];
}

impl<T: ?Sized> KindsUnknown for Of<T> {
    fn kinds() -> &'static [Kind] {
        const { &[Kind::Unknown(std::any::type_name::<T>)] }
    }
}

/// The descriptor of what a context gives.
pub const fn context(
    jobs: Option<&'static str>,
    several_jobs: bool,
    request_id: Option<RequestIdSource>,
    event_id: bool,
    create_time: bool,
    notes: Option<&'static str>,
    job_from_funnel: bool,
) -> ContextDescriptor {
    let mut context = ContextDescriptor::new();
    context.jobs = jobs;
    context.several_jobs = several_jobs;
    context.request_id = request_id;
    context.event_id = event_id;
    context.create_time = create_time;
    context.notes = notes;
    context.job_from_funnel = job_from_funnel;
    context
}

/// In place of a context with an error in it.
pub const BROKEN_CONTEXT: ContextDescriptor = {
    let mut context = ContextDescriptor::new();
    context.broken = true;
    context
};

/// A context and those that it flattens, as one.
pub const fn context_with_contexts(own: ContextDescriptor, contexts: &[ContextDescriptor]) -> ContextDescriptor {
    let mut all = own;
    let mut i = 0;
    while i < contexts.len() {
        let more = &contexts[i];
        if more.jobs.is_some() {
            (all.jobs, all.several_jobs) = (more.jobs, more.several_jobs);
        }
        if more.request_id.is_some() {
            all.request_id = more.request_id;
        }
        all.event_id |= more.event_id;
        all.create_time |= more.create_time;
        all.job_from_funnel |= more.job_from_funnel;
        all.broken |= more.broken;
        // Its own notes may name those of the contexts.
        if all.notes.is_none() {
            all.notes = more.notes;
        }
        i += 1;
    }
    all
}

/// The descriptor of an event that flattens contexts.
pub const fn with_contexts(own: EventDescriptor, contexts: &[ContextDescriptor]) -> EventDescriptor {
    let all = context_with_contexts(ContextDescriptor::new(), contexts);
    let mut event = own;
    if let Some(jobs) = all.jobs {
        event.jobs = jobs;
    }
    if let Some(request_id) = all.request_id {
        event.request_id = request_id;
    }
    if event.notes.is_none() {
        event.notes = all.notes;
    }
    event
}
