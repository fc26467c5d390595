//! A step on its way, and what is left when it fails.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::event::rules::stage_types::AnyStage;
use crate::event::rules::types::{Cell, Follows, StageType};
use crate::event::rules::{Refusal, Stage};
use crate::event::{EncodedEvent, EventType, InvalidEvent, InvalidField, JobEventType};
use crate::{Destination, TalentEvent, TrackError, TypedEvent};

use super::ApplicationFunnel;
use super::place::Place;

impl<D: Destination + Send, S: StageType> ApplicationFunnel<D, S> {
    /// Takes a step by an event of the app's own. It compiles only where the event's type can follow at this stage.
    ///
    /// The funnel fills in the request id and the job where the event says `from_session` and `from_funnel`. The event
    /// is encoded before the future is made, so the future does not borrow it and is `Send` for any event.
    ///
    /// # Errors
    ///
    /// The event breaks a rule, names another request id or job than the funnel's (then nothing is sent), or the
    /// destination did not take it. The error holds the funnel.
    pub fn record<'f, E>(self, event: &E) -> Recording<'f, D, S, S::Next>
    where
        D: 'f,
        S: Cell<E::Type>,
        E: TypedEvent + Follows<S::Verdict> + ?Sized,
    {
        Recording::of(self, event)
    }
}

impl<D: Destination + Send> ApplicationFunnel<D, AnyStage> {
    /// Takes a step by any event, also by an enum or an object, by the same table at run time.
    ///
    /// A skipped event sends nothing and leaves the funnel where it is.
    ///
    /// # Errors
    ///
    /// Those of [`record`](Self::record), and [`TrackError::Invalid`](crate::TrackError::Invalid) where the event can
    /// not follow, in the words that the compiler would have used. The error holds the funnel at its old stage.
    pub fn record_any<'f, E>(self, event: &E) -> Recording<'f, D, AnyStage, AnyStage>
    where
        D: 'f,
        E: TalentEvent + ?Sized,
    {
        Recording::of_any(self, event)
    }
}

/// A step on its way, from stage `S` to `N`; awaited, it answers the funnel at `N`.
///
/// Dropped before it is done, it loses the funnel; see [`ApplicationFunnel`].
#[must_use = "a step is only taken when it is awaited"]
pub struct Recording<'f, D: Destination, S, N>(State<'f, D, S, N>);

type Outcome<D, S, N> = Result<ApplicationFunnel<D, N>, StepError<D, S, N>>;

enum State<'f, D: Destination, S, N> {
    Delivering(Pin<Box<dyn Future<Output = Outcome<D, S, N>> + Send + 'f>>),
    Settled(Option<Outcome<D, S, N>>),
}

impl<'f, D: Destination + Send + 'f, S: StageType, N: StageType> Recording<'f, D, S, N> {
    /// An event of a type that is known.
    pub(super) fn of<E>(funnel: ApplicationFunnel<D, S>, event: &E) -> Self
    where
        S: Cell<E::Type, Next = N>,
        E: TypedEvent + ?Sized,
    {
        let event_type = <E::Type as EventType>::TYPE;
        match funnel.place.encode(event) {
            Ok(Some(encoded)) if encoded.event_type() == event_type => match funnel.stage.next() {
                Ok(next) => Self::send(funnel.place, funnel.stage, encoded, next),
                Err(refusal) => Self::refused(funnel, event, event_type, refusal),
            },
            Ok(other) => {
                let found = other.map_or_else(|| "a skipped event".into(), |e| e.event_type().to_string());
                let expected = format!("{event_type}, the event's `TypedEvent::Type`");
                Self::invalid(
                    funnel,
                    InvalidEvent::from(InvalidField::new("job_event.type", found, expected))
                        .of(event.descriptor().name),
                )
            }
            Err(e) => Self::invalid(funnel, e),
        }
    }

    fn send(place: Place<D>, stage: S, event: EncodedEvent, next: N) -> Self {
        Self(State::Delivering(Box::pin(async move {
            let answer = place.destination.deliver(event.clone()).await;
            match answer {
                Ok(receipt) => Ok(ApplicationFunnel { place, stage: next, receipt: Some(receipt) }),
                Err(error) => Err(StepError::new(place, stage, error, None, Some((event, next)))),
            }
        })))
    }

    fn settled(outcome: Outcome<D, S, N>) -> Self {
        Self(State::Settled(Some(outcome)))
    }

    fn invalid(funnel: ApplicationFunnel<D, S>, error: InvalidEvent) -> Self {
        Self::settled(Err(StepError::new(funnel.place, funnel.stage, error.into(), None, None)))
    }

    fn refused<E>(funnel: ApplicationFunnel<D, S>, event: &E, event_type: JobEventType, refusal: Refusal) -> Self
    where
        E: TalentEvent + ?Sized,
    {
        let expected = format!("an event that can follow at the stage {}", funnel.stage());
        let error = InvalidField::new("job_event.type", event_type.google_name(), expected);
        let error = InvalidEvent::from(error.with_help(refusal.to_string()));
        let error = error.of(event.descriptor().name).into();
        Self::settled(Err(StepError::new(funnel.place, funnel.stage, error, Some(refusal), None)))
    }
}

impl<'f, D: Destination + Send + 'f> Recording<'f, D, AnyStage, AnyStage> {
    /// An event of any type, or a skipped one.
    pub(super) fn of_any<E: TalentEvent + ?Sized>(funnel: ApplicationFunnel<D, AnyStage>, event: &E) -> Self {
        match funnel.place.encode(event) {
            Ok(Some(encoded)) => match funnel.stage.step(encoded.event_type()) {
                Ok(next) => Self::send(funnel.place, funnel.stage, encoded, next),
                Err(refusal) => Self::refused(funnel, event, encoded.event_type(), refusal),
            },
            Ok(None) => Self::settled(Ok(ApplicationFunnel { receipt: None, ..funnel })),
            Err(e) => Self::invalid(funnel, e),
        }
    }
}

// The future inside is boxed, and nothing else is pinned.
impl<D: Destination, S, N> Unpin for Recording<'_, D, S, N> {}

impl<D: Destination, S, N> Future for Recording<'_, D, S, N> {
    type Output = Result<ApplicationFunnel<D, N>, StepError<D, S, N>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Delivering(future) => {
                let outcome = ready!(future.as_mut().poll(cx));
                self.0 = State::Settled(None);
                Poll::Ready(outcome)
            }
            State::Settled(outcome) => Poll::Ready(outcome.take().expect("`Recording` polled after it was ready")),
        }
    }
}

impl<D: Destination, S, N> fmt::Debug for Recording<'_, D, S, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").finish_non_exhaustive()
    }
}

/// A step from stage `S` to `N` that was not taken: why, and the funnel as it was before.
///
/// One pointer in size. `?` turns it into a [`TrackError`], and with that gives the funnel up.
pub struct StepError<D, S, N>(Box<Failure<D, S, N>>);

struct Failure<D, S, N> {
    error: TrackError,
    refusal: Option<Refusal>,
    place: Place<D>,
    stage: S,
    /// What was to be sent, and where that leads; `None` where there was nothing fit to be sent.
    unsent: Option<(EncodedEvent, N)>,
}

impl<D, S, N> StepError<D, S, N> {
    fn new(
        place: Place<D>,
        stage: S,
        error: TrackError,
        refusal: Option<Refusal>,
        unsent: Option<(EncodedEvent, N)>,
    ) -> Self {
        Self(Box::new(Failure { error, refusal, place, stage, unsent }))
    }

    /// Why the step was not taken.
    pub fn error(&self) -> &TrackError {
        &self.0.error
    }

    /// Whether the same event may be taken when it is sent again; see [`TrackError::is_retryable`].
    pub fn is_retryable(&self) -> bool {
        self.0.error.is_retryable()
    }

    /// The least time to wait before a [`retry`](Self::retry), where the service asks for one.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.error.retry_after()
    }

    /// Why the table of stages refuses the event, where that is the reason: at [`AnyStage`] only, elsewhere the
    /// compiler says it.
    pub fn refusal(&self) -> Option<Refusal> {
        self.0.refusal
    }

    /// The event that was not taken; `None` where it was invalid or can not follow.
    pub fn event(&self) -> Option<&EncodedEvent> {
        self.0.unsent.as_ref().map(|(event, _)| event)
    }
}

impl<D: Destination, S: StageType, N: StageType> StepError<D, S, N> {
    /// The funnel at the stage where it was, without a receipt.
    pub fn into_funnel(self) -> ApplicationFunnel<D, S> {
        let Failure { place, stage, .. } = *self.0;
        ApplicationFunnel { place, stage, receipt: None }
    }

    /// How far the application has come: as far as before the step.
    pub fn stage(&self) -> Stage {
        self.0.stage.stage()
    }

    /// Takes the step once more with the same event, so under the same event id. Wait as long as
    /// [`retry_after`](Self::retry_after) says before.
    ///
    /// What was not fit to be sent is not sent now either: that fails once more for the same reason.
    pub fn retry<'f>(self) -> Recording<'f, D, S, N>
    where
        D: Send + 'f,
    {
        match *self.0 {
            Failure { place, stage, unsent: Some((event, next)), .. } => Recording::send(place, stage, event, next),
            failure => Recording::settled(Err(Self(Box::new(failure)))),
        }
    }
}

impl<D, S, N> From<StepError<D, S, N>> for TrackError {
    fn from(e: StepError<D, S, N>) -> Self {
        e.0.error
    }
}

impl<D, S, N> fmt::Display for StepError<D, S, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.error.fmt(f)
    }
}

impl<D, S, N> fmt::Debug for StepError<D, S, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepError").field("error", &self.0.error).field("event", &self.event()).finish_non_exhaustive()
    }
}

impl<D, S, N> std::error::Error for StepError<D, S, N> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.error.source()
    }
}
