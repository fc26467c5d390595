//! A step by name.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

use crate::event::rules::types::{Cell, StageType};
use crate::event::{AsCreateTime, EventDescriptor, EventType, EventWriter, RequestIdSource};
use crate::{Destination, EventId, InvalidEvent, InvalidField, TalentEvent, Timestamp, TypedEvent};

use super::{ApplicationFunnel, Recording};

/// A step by name, which is taken when it is awaited.
#[must_use = "a step is only taken when it is awaited"]
pub struct NamedStep<'f, D: Destination, S, T> {
    funnel: ApplicationFunnel<D, S>,
    event: Named<T>,
    lives: PhantomData<&'f ()>,
}

impl<'f, D: Destination, S, T: EventType> NamedStep<'f, D, S, T> {
    pub(super) fn new(funnel: ApplicationFunnel<D, S>) -> Self {
        let event = Named { notes: None, create_time: None, event_id: None, what: PhantomData };
        Self { funnel, event, lives: PhantomData }
    }

    /// What is to be noted with it. More than 1,000 characters are cut to 999 and `…`.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.event.notes = Some(notes.into());
        self
    }

    /// When it happened, where that is not now.
    pub fn create_time(mut self, time: impl AsCreateTime) -> Self {
        self.event.create_time = Some(time.as_create_time());
        self
    }

    /// The event's own id in place of a fresh one: the same fact told twice has the same id then.
    pub fn event_id(mut self, id: EventId) -> Self {
        self.event.event_id = Some(id);
        self
    }
}

impl<'f, D, S, T> IntoFuture for NamedStep<'f, D, S, T>
where
    D: Destination + Send + 'f,
    S: Cell<T>,
    T: EventType,
{
    type Output = <Self::IntoFuture as Future>::Output;
    type IntoFuture = Recording<'f, D, S, S::Next>;

    fn into_future(self) -> Self::IntoFuture {
        Recording::of(self.funnel, &self.event)
    }
}

/// The event of a step by name.
struct Named<T> {
    notes: Option<String>,
    create_time: Option<Result<Timestamp, InvalidField>>,
    event_id: Option<EventId>,
    what: PhantomData<fn() -> T>,
}

impl<T: EventType> Named<T> {
    const DESCRIPTOR: EventDescriptor = {
        let mut descriptor = EventDescriptor::new(T::TYPE.google_name());
        descriptor.event_type = Some(T::TYPE);
        descriptor.jobs = "from_funnel";
        descriptor.request_id = RequestIdSource::FromSession;
        descriptor
    };
}

impl<T: EventType> TalentEvent for Named<T> {
    fn write(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
        w.event_type(T::TYPE)?;
        w.job_from_funnel()?;
        w.request_id_from_session()?;
        if let Some(id) = &self.event_id {
            w.event_id(id)?;
        }
        if let Some(time) = &self.create_time {
            w.put_create_time(time.clone())?;
        }
        w.put_notes(self.notes.as_deref())
    }

    fn descriptor(&self) -> &'static EventDescriptor {
        &Self::DESCRIPTOR
    }
}

impl<T: EventType> TypedEvent for Named<T> {
    type Type = T;
}

/// Without the notes, which may hold what no log should.
impl<D: Destination, S: StageType, T: EventType> fmt::Debug for NamedStep<'_, D, S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedStep").field("event_type", &T::TYPE).field("funnel", &self.funnel).finish_non_exhaustive()
    }
}
