//! Steps by name.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

use crate::event::rules::types::{Cell, Follows, StageType};
use crate::event::{AsCreateTime, AsEventId, AsNotes, EventDescriptor, EventType, EventWriter, RequestIdSource};
use crate::{Destination, EventId, InvalidEvent, InvalidField, TalentEvent, Timestamp, TypedEvent, types};

use super::step::RecoverableStep;
use super::{ApplicationFunnel, StepFuture};

/// Steps by name.
///
/// A step sends nothing until it is awaited. Before that it takes notes, a time and an event id:
/// `funnel.finish().notes("3 pages").await?`. The compiler infers `V`: it is the table's answer, and lets the compiler
/// say why a step cannot follow.
// Without `V`, rustc would report a step that cannot follow as a missing method, without the reason. If a macro wrote
// these methods, ten lines of that macro would follow the reason.
impl<D: Destination + Send, S: StageType> ApplicationFunnel<D, S> {
    /// The full description was opened.
    pub fn view<'f, V>(self) -> NamedStep<'f, D, S, types::View>
    where
        S: Cell<types::View, Verdict = V>,
        types::View: Follows<V>,
    {
        NamedStep::new(self)
    }

    /// Viewing led to another site.
    pub fn view_redirect<'f, V>(self) -> NamedStep<'f, D, S, types::ViewRedirect>
    where
        S: Cell<types::ViewRedirect, Verdict = V>,
        types::ViewRedirect: Follows<V>,
    {
        NamedStep::new(self)
    }

    /// Somebody began, or clearly meant, to apply.
    pub fn start<'f, V>(self) -> NamedStep<'f, D, S, types::ApplicationStart>
    where
        S: Cell<types::ApplicationStart, Verdict = V>,
        types::ApplicationStart: Follows<V>,
    {
        NamedStep::new(self)
    }

    /// Somebody began to apply from the result page, without a view of the job.
    pub fn start_from_search<'f, V>(self) -> NamedStep<'f, D, S, types::ApplicationStartFromSearch>
    where
        S: Cell<types::ApplicationStartFromSearch, Verdict = V>,
        types::ApplicationStartFromSearch: Follows<V>,
    {
        NamedStep::new(self)
    }

    /// The application was submitted.
    pub fn finish<'f, V>(self) -> NamedStep<'f, D, S, types::ApplicationFinish>
    where
        S: Cell<types::ApplicationFinish, Verdict = V>,
        types::ApplicationFinish: Follows<V>,
    {
        NamedStep::new(self)
    }

    /// The application was submitted by one click, nothing entered.
    pub fn quick_submit<'f, V>(self) -> NamedStep<'f, D, S, types::ApplicationQuickSubmission>
    where
        S: Cell<types::ApplicationQuickSubmission, Verdict = V>,
        types::ApplicationQuickSubmission: Follows<V>,
    {
        NamedStep::new(self)
    }

    /// Applying led to another site.
    pub fn redirect<'f, V>(self) -> NamedStep<'f, D, S, types::ApplicationRedirect>
    where
        S: Cell<types::ApplicationRedirect, Verdict = V>,
        types::ApplicationRedirect: Follows<V>,
    {
        NamedStep::new(self)
    }

    /// One click on the result page led to another site.
    pub fn redirect_from_search<'f, V>(self) -> NamedStep<'f, D, S, types::ApplicationRedirectFromSearch>
    where
        S: Cell<types::ApplicationRedirectFromSearch, Verdict = V>,
        types::ApplicationRedirectFromSearch: Follows<V>,
    {
        NamedStep::new(self)
    }

    /// A recruiter or agency submitted the application on the candidate's behalf.
    pub fn send_cv<'f, V>(self) -> NamedStep<'f, D, S, types::SentCv>
    where
        S: Cell<types::SentCv, Verdict = V>,
        types::SentCv: Follows<V>,
    {
        NamedStep::new(self)
    }

    /// A company (for staffing agencies) submitted the application on the seeker's behalf.
    pub fn company_submit<'f, V>(self) -> NamedStep<'f, D, S, types::ApplicationCompanySubmit>
    where
        S: Cell<types::ApplicationCompanySubmit, Verdict = V>,
        types::ApplicationCompanySubmit: Follows<V>,
    {
        NamedStep::new(self)
    }

    /// An initial interview was granted.
    pub fn grant_interview<'f, V>(self) -> NamedStep<'f, D, S, types::InterviewGranted>
    where
        S: Cell<types::InterviewGranted, Verdict = V>,
        types::InterviewGranted: Follows<V>,
    {
        NamedStep::new(self)
    }

    /// The applicant was employed.
    pub fn hire<'f, V>(self) -> NamedStep<'f, D, S, types::Hired>
    where
        S: Cell<types::Hired, Verdict = V>,
        types::Hired: Follows<V>,
    {
        NamedStep::new(self)
    }

    /// The job was saved.
    pub fn bookmark<'f, V>(self) -> NamedStep<'f, D, S, types::Bookmark>
    where
        S: Cell<types::Bookmark, Verdict = V>,
        types::Bookmark: Follows<V>,
    {
        NamedStep::new(self)
    }
}

/// A step by name, taken when it is awaited. [`recoverable`](Self::recoverable) keeps the funnel if it fails.
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

    /// Sets the notes. More than 1,000 characters are cut to 999 and `…`. `None`: no notes.
    pub fn notes(mut self, notes: impl AsNotes) -> Self {
        self.event.notes = notes.as_notes().map(str::to_owned);
        self
    }

    /// Sets when it happened. The default is now.
    pub fn create_time(mut self, time: impl AsCreateTime) -> Self {
        self.event.create_time = Some(time.as_create_time());
        self
    }

    /// Sets the event's own id. The default is a fresh one. With an id of your own, the same fact sent twice has one id.
    pub fn event_id(mut self, id: impl AsEventId) -> Self {
        self.event.event_id = Some(id.as_event_id().resolve());
        self
    }
}

impl<'f, D, S, T> NamedStep<'f, D, S, T>
where
    D: Destination + Send + 'f,
    S: Cell<T>,
    T: EventType,
{
    /// Keeps the funnel if the step fails: see [`StepFuture::recoverable`].
    pub fn recoverable(self) -> RecoverableStep<'f, D, S, S::Next> {
        self.into_future().recoverable()
    }
}

impl<'f, D, S, T> IntoFuture for NamedStep<'f, D, S, T>
where
    D: Destination + Send + 'f,
    S: Cell<T>,
    T: EventType,
{
    type Output = <Self::IntoFuture as Future>::Output;
    type IntoFuture = StepFuture<'f, D, S, S::Next>;

    fn into_future(self) -> Self::IntoFuture {
        StepFuture::named(self.funnel, &self.event)
    }
}

/// The event of a step by name.
struct Named<T> {
    notes: Option<String>,
    create_time: Option<Result<Timestamp, InvalidField>>,
    event_id: Option<Result<EventId, InvalidField>>,
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
            w.event_id(id.as_ref().map_err(Clone::clone)?)?;
        }
        if let Some(time) = &self.create_time {
            w.write_create_time(time.clone())?;
        }
        w.write_notes(self.notes.as_deref())
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
