//! The verb `track`, and its futures.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::event::{Answer, EncodedEvent, InvalidEvent, InvalidField, SelfContained, SendPolicy, TalentEvent};

use super::{Destination, TrackError};

/// Sends events: `event.track(&destination).await`. Every event implements it.
///
/// The event must be [`SelfContained`]. Pointers to events and `dyn SelfContained` objects are events too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a talent event",
    label = "not a talent event",
    note = "write `#[derive(TalentEvent)]` on it, and `#[talent(event = …)]` with what happened"
)]
pub trait Track: TalentEvent {
    /// Encodes the event, and gives it to the destination when the future is awaited.
    ///
    /// The event is encoded at once, so the future does not borrow it and is `Send` for every event. It costs two
    /// allocations: the encoded event and the future.
    ///
    /// # Cancel safety
    ///
    /// Nothing is sent until the future is awaited. If it is dropped half-way, the event may or may not have arrived.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] if the event breaks a rule: then nothing is sent. Otherwise the destination's errors.
    fn track<'d, D>(&self, to: &'d D) -> TrackFuture<'d, D::Receipt, Self::Answer>
    where
        Self: SelfContained + SendPolicy,
        D: Destination + ?Sized,
    {
        TrackFuture::new(self, to)
    }

    /// Like [`track`](Self::track), but logs an error and returns `None`: for code that an event must never break.
    ///
    /// The log is `tracing`'s, with the target `talent_events::track`. Quota and time-outs are warnings, everything else
    /// is an error. A skipped event returns `None` too.
    fn track_or_log<'d, D>(&self, to: &'d D) -> TrackOrLogFuture<'d, D::Receipt>
    where
        Self: SelfContained,
        D: Destination + ?Sized,
    {
        TrackOrLogFuture::new(self, to)
    }
}

impl<E: TalentEvent + ?Sized> Track for E {}

/// An event in flight. Awaited, it returns the receipt, or an `Option` of it for events that may be skipped.
#[must_use = "an event is only sent when its tracking is awaited"]
pub struct TrackFuture<'d, R, A>(Sending<'d, R>, PhantomData<fn() -> A>);

/// An event in flight whose error is logged. Awaited, it returns the receipt if there is one.
#[must_use = "an event is only sent when its tracking is awaited"]
pub struct TrackOrLogFuture<'d, R>(Sending<'d, R>);

impl<'d, R: Send, A> TrackFuture<'d, R, A> {
    /// The caller knows that `to` fills in everything that the event lacks.
    pub(crate) fn new<E, D>(event: &E, to: &'d D) -> Self
    where
        E: TalentEvent + ?Sized,
        D: Destination<Receipt = R> + ?Sized,
    {
        Self(Sending::new(event, to), PhantomData)
    }

    /// For an event that is already encoded, or is invalid. `name` is for the log.
    pub(crate) fn of<D>(event: Result<EncodedEvent, InvalidEvent>, name: &'static str, to: &'d D) -> Self
    where
        D: Destination<Receipt = R> + ?Sized,
    {
        Self(Sending::of(event.map(Some), name, to), PhantomData)
    }

    pub(crate) fn or_log(self) -> TrackOrLogFuture<'d, R> {
        TrackOrLogFuture(self.0)
    }
}

impl<'d, R: Send> TrackOrLogFuture<'d, R> {
    pub(crate) fn new<E, D>(event: &E, to: &'d D) -> Self
    where
        E: TalentEvent + ?Sized,
        D: Destination<Receipt = R> + ?Sized,
    {
        Self(Sending::new(event, to))
    }
}

struct Sending<'d, R> {
    state: State<'d, R>,
    /// The Rust name, and the event if it is valid: for the log.
    name: &'static str,
    encoded: Option<EncodedEvent>,
}

enum State<'d, R> {
    Delivering(Pin<Box<dyn Future<Output = Result<R, TrackError>> + Send + 'd>>),
    Settled(Option<Result<Option<R>, TrackError>>),
}

impl<'d, R: Send> Sending<'d, R> {
    fn new<E, D>(event: &E, to: &'d D) -> Self
    where
        E: TalentEvent + ?Sized,
        D: Destination<Receipt = R> + ?Sized,
    {
        Self::of(EncodedEvent::encode(event, to.envelope()), event.descriptor().name, to)
    }

    fn of<D>(encoded: Result<Option<EncodedEvent>, InvalidEvent>, name: &'static str, to: &'d D) -> Self
    where
        D: Destination<Receipt = R> + ?Sized,
    {
        let (encoded, state) = match encoded {
            Ok(Some(event)) => (Some(event.clone()), State::Delivering(Box::pin(to.deliver(event)))),
            Ok(None) => (None, State::Settled(Some(Ok(None)))),
            Err(e) => (None, State::Settled(Some(Err(e.into())))),
        };
        Self { state, name, encoded }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<R>, TrackError>> {
        match &mut self.state {
            State::Delivering(future) => {
                let receipt = ready!(future.as_mut().poll(cx));
                self.state = State::Settled(None);
                Poll::Ready(receipt.map(Some))
            }
            State::Settled(outcome) => Poll::Ready(outcome.take().expect("`TrackFuture` polled after it was ready")),
        }
    }
}

// The future inside is boxed, and nothing else is pinned.
impl<R, A> Unpin for TrackFuture<'_, R, A> {}
impl<R> Unpin for TrackOrLogFuture<'_, R> {}

impl<R: Send, A: Answer> Future for TrackFuture<'_, R, A> {
    type Output = Result<A::Of<R>, TrackError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let receipt = ready!(self.0.poll(cx))?;
        Poll::Ready(A::answer(receipt).ok_or_else(|| {
            let error = InvalidField::new("client_event", "a skipped event", "an event, as `Answer = Always` says");
            TrackError::from(error.with_help("write `type Answer = Maybe;` for a type that may skip"))
        }))
    }
}

impl<R: Send> Future for TrackOrLogFuture<'_, R> {
    type Output = Option<R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<R>> {
        let outcome = ready!(self.0.poll(cx));
        Poll::Ready(outcome.unwrap_or_else(|error| {
            log(self.0.name, self.0.encoded.as_ref(), &error);
            None
        }))
    }
}

fn log(event: &'static str, encoded: Option<&EncodedEvent>, error: &TrackError) {
    let event_type = encoded.map(|e| e.event_type().google_name());
    let event_id = encoded.map(EncodedEvent::event_id);
    let kind = error.kind();
    match error {
        TrackError::OverQuota { .. } | TrackError::TimedOut { .. } => {
            tracing::warn!(target: "talent_events::track", event, event_type, event_id, kind, "event not delivered: {error}");
        }
        _ => {
            tracing::error!(target: "talent_events::track", event, event_type, event_id, kind, "event not delivered: {error}");
        }
    }
}

impl<R, A> std::fmt::Debug for TrackFuture<'_, R, A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrackFuture").field("event", &self.0.name).finish_non_exhaustive()
    }
}

impl<R> std::fmt::Debug for TrackOrLogFuture<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrackOrLogFuture").field("event", &self.0.name).finish_non_exhaustive()
    }
}
