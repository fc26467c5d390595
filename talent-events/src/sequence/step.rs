//! Steps: an event of the app's own, and the futures of every step.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::event::rules::CannotFollow;
use crate::event::rules::stage_types::AnyStage;
use crate::event::rules::types::{Cell, Follows, StageType};
use crate::event::{EncodedEvent, EventType, InvalidEvent, InvalidField, JobEventType};
use crate::{Destination, TalentEvent, TrackError, TypedEvent};

use super::place::Place;
use super::step_error::Failure;
use super::{ApplicationFunnel, StepError};

impl<D: Destination + Send, S: StageType> ApplicationFunnel<D, S> {
    /// Takes a step by an event of the app's own. It compiles only if the event's type can follow at this stage.
    ///
    /// The funnel fills in the request id for `request_id = from_session` and the job for `job = from_funnel`. The event
    /// is encoded at once, so the future does not borrow it and is `Send` for every event.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] if the event breaks a rule, or has another request id or job than the funnel: then
    /// nothing is sent. Otherwise the destination's errors. [`StepFuture::recoverable`] keeps the funnel.
    pub fn record<'f, E>(self, event: &E) -> StepFuture<'f, D, S, S::Next>
    where
        D: 'f,
        S: Cell<E::Type>,
        E: TypedEvent + Follows<S::Verdict> + ?Sized,
    {
        StepFuture(RecoverableStep::of(self, event))
    }
}

impl<D: Destination + Send> ApplicationFunnel<D, AnyStage> {
    /// Takes a step by any event, an enum or an object too. The table of stages is checked at run time.
    ///
    /// A skipped event sends nothing and leaves the funnel at its stage.
    ///
    /// # Errors
    ///
    /// Those of [`record`](Self::record), and [`TrackError::Invalid`] if the event cannot follow, in the compiler's
    /// words. [`StepFuture::recoverable`] keeps the funnel at its old stage.
    pub fn record_any<'f, E>(self, event: &E) -> StepFuture<'f, D, AnyStage, AnyStage>
    where
        D: 'f,
        E: TalentEvent + ?Sized,
    {
        StepFuture(RecoverableStep::of_any(self, event))
    }
}

/// A step in flight, from stage `S` to `N`. Awaited, it returns the funnel at `N`, or a [`TrackError`].
///
/// A step that fails or is dropped loses the funnel. [`recoverable`](Self::recoverable) keeps it when the step fails; a
/// [`checkpoint`](ApplicationFunnel::checkpoint) keeps it in both cases.
#[must_use = "a step is only taken when it is awaited"]
pub struct StepFuture<'f, D: Destination, S, N>(RecoverableStep<'f, D, S, N>);

impl<'f, D: Destination, S, N> StepFuture<'f, D, S, N> {
    /// Keeps the funnel if the step fails. The error is then a [`StepError`], which holds the funnel and the event.
    pub fn recoverable(self) -> RecoverableStep<'f, D, S, N> {
        self.0
    }

    pub(super) fn named<E>(funnel: ApplicationFunnel<D, S>, event: &E) -> Self
    where
        D: Send + 'f,
        S: Cell<E::Type, Next = N>,
        N: StageType,
        E: TypedEvent,
    {
        Self(RecoverableStep::of(funnel, event))
    }
}

impl<D: Destination, S, N> Future for StepFuture<'_, D, S, N> {
    type Output = Result<ApplicationFunnel<D, N>, TrackError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map_err(TrackError::from)
    }
}

/// A step in flight that keeps the funnel if it fails: [`StepFuture::recoverable`].
#[must_use = "a step is only taken when it is awaited"]
pub struct RecoverableStep<'f, D: Destination, S, N>(State<'f, D, S, N>);

type Outcome<D, S, N> = Result<ApplicationFunnel<D, N>, StepError<D, S, N>>;

enum State<'f, D: Destination, S, N> {
    Delivering(Pin<Box<dyn Future<Output = Outcome<D, S, N>> + Send + 'f>>),
    Settled(Option<Outcome<D, S, N>>),
}

impl<'f, D: Destination + Send + 'f, S: StageType, N: StageType> RecoverableStep<'f, D, S, N> {
    /// An event of a type that is known.
    fn of<E>(funnel: ApplicationFunnel<D, S>, event: &E) -> Self
    where
        S: Cell<E::Type, Next = N>,
        E: TypedEvent + ?Sized,
    {
        let event_type = <E::Type as EventType>::TYPE;
        match funnel.place.encode(event) {
            Ok(Some(encoded)) if encoded.event_type() == event_type => match funnel.stage.next() {
                Ok(next) => Self::send(funnel.place, funnel.stage, encoded, next),
                Err(reason) => Self::refuse(funnel, event, event_type, reason),
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

    fn refuse<E>(funnel: ApplicationFunnel<D, S>, event: &E, event_type: JobEventType, reason: CannotFollow) -> Self
    where
        E: TalentEvent + ?Sized,
    {
        let expected = format!("an event that can follow at the stage {}", funnel.stage());
        let error = InvalidField::new("job_event.type", event_type.google_name(), expected);
        let error = InvalidEvent::from(error.with_help(reason.to_string()));
        let error = error.of(event.descriptor().name).into();
        Self::settled(Err(StepError::new(funnel.place, funnel.stage, error, Some(reason), None)))
    }
}

impl<'f, D: Destination + Send + 'f> RecoverableStep<'f, D, AnyStage, AnyStage> {
    /// An event of any type, or a skipped one.
    fn of_any<E: TalentEvent + ?Sized>(funnel: ApplicationFunnel<D, AnyStage>, event: &E) -> Self {
        match funnel.place.encode(event) {
            Ok(Some(encoded)) => match funnel.stage.step(encoded.event_type()) {
                Ok(next) => Self::send(funnel.place, funnel.stage, encoded, next),
                Err(reason) => Self::refuse(funnel, event, encoded.event_type(), reason),
            },
            Ok(None) => Self::settled(Ok(ApplicationFunnel { receipt: None, ..funnel })),
            Err(e) => Self::invalid(funnel, e),
        }
    }
}

// The future inside is boxed, and nothing else is pinned.
impl<D: Destination, S, N> Unpin for RecoverableStep<'_, D, S, N> {}

impl<D: Destination, S, N> Future for RecoverableStep<'_, D, S, N> {
    type Output = Result<ApplicationFunnel<D, N>, StepError<D, S, N>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Delivering(future) => {
                let outcome = ready!(future.as_mut().poll(cx));
                self.0 = State::Settled(None);
                Poll::Ready(outcome)
            }
            State::Settled(outcome) => {
                Poll::Ready(outcome.take().expect("`RecoverableStep` polled after it was ready"))
            }
        }
    }
}

impl<D: Destination, S, N> fmt::Debug for StepFuture<'_, D, S, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepFuture").finish_non_exhaustive()
    }
}

impl<D: Destination, S, N> fmt::Debug for RecoverableStep<'_, D, S, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoverableStep").finish_non_exhaustive()
    }
}

impl<D: Destination, S: StageType, N: StageType> StepError<D, S, N> {
    /// Takes the step again with the same event and event id. Wait for [`retry_after`](Self::retry_after) first.
    ///
    /// A step without a valid event fails again for the same reason.
    pub fn retry<'f>(self) -> RecoverableStep<'f, D, S, N>
    where
        D: Send + 'f,
    {
        match *self.0 {
            Failure { place, stage, unsent: Some((event, next)), .. } => {
                RecoverableStep::send(place, stage, event, next)
            }
            failure => RecoverableStep::settled(Err(Self(Box::new(failure)))),
        }
    }
}
