//! The verb.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::event::{Answer, Answers, EncodedEvent, InvalidEvent, InvalidField, SelfContained, TalentEvent};

use super::{Destination, TrackError};

/// Sends events: `event.track(&destination).await`.
///
/// In scope for every event, and usable for those that are [`SelfContained`], also behind a pointer or as an object.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a talent event",
    label = "not a talent event",
    note = "write `#[derive(TalentEvent)]` on it, and `#[talent(event = …)]` with what happened"
)]
pub trait Track: TalentEvent {
    /// Encodes the event, and gives it to the destination when awaited.
    ///
    /// The event is encoded before the future is made, so the future does not borrow it and is `Send` for any event.
    /// Nothing is sent unless it is awaited; dropped half-way, the event may or may not have arrived.
    ///
    /// Costs two allocations: the encoded event, and the future.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] where the event breaks a rule, then nothing is sent; the rest is the destination's.
    fn track<'d, D>(&self, to: &'d D) -> Tracking<'d, D::Receipt, Self::Answer>
    where
        Self: SelfContained + Answers,
        D: Destination + ?Sized,
    {
        Tracking::new(self, to)
    }

    /// Like [`track`](Self::track), for where an event must never break what the user came for: the error goes to the
    /// log (`tracing`, target `talent_events::track`) and the answer is `None`.
    ///
    /// Quota and time-outs are warnings; everything else is an error. A skipped event answers `None` too.
    fn track_or_log<'d, D>(&self, to: &'d D) -> TrackingOrLog<'d, D::Receipt>
    where
        Self: SelfContained,
        D: Destination + ?Sized,
    {
        TrackingOrLog::new(self, to)
    }
}

impl<E: TalentEvent + ?Sized> Track for E {}

/// An event on its way; awaited, it answers the receipt, or an `Option` of it for events that may be skipped.
#[must_use = "an event is only sent when its tracking is awaited"]
pub struct Tracking<'d, R, A>(Sending<'d, R>, PhantomData<fn() -> A>);

/// An event on its way, whose error is logged; awaited, it answers the receipt where there is one.
#[must_use = "an event is only sent when its tracking is awaited"]
pub struct TrackingOrLog<'d, R>(Sending<'d, R>);

impl<'d, R: Send, A> Tracking<'d, R, A> {
    /// Whether the event can do without more than `to` fills in is the caller's to know.
    pub(crate) fn new<E, D>(event: &E, to: &'d D) -> Self
    where
        E: TalentEvent + ?Sized,
        D: Destination<Receipt = R> + ?Sized,
    {
        Self(Sending::new(event, to), PhantomData)
    }

    /// Of an event that is encoded already, or could not be; `name` is for the log.
    pub(crate) fn of<D>(event: Result<EncodedEvent, InvalidEvent>, name: &'static str, to: &'d D) -> Self
    where
        D: Destination<Receipt = R> + ?Sized,
    {
        Self(Sending::of(event.map(Some), name, to), PhantomData)
    }

    pub(crate) fn or_log(self) -> TrackingOrLog<'d, R> {
        TrackingOrLog(self.0)
    }
}

impl<'d, R: Send> TrackingOrLog<'d, R> {
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
    /// The Rust name, and the event where it could be encoded: what a log names it by.
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
            State::Settled(outcome) => Poll::Ready(outcome.take().expect("`Tracking` polled after it was ready")),
        }
    }
}

// The future inside is boxed, and nothing else is pinned.
impl<R, A> Unpin for Tracking<'_, R, A> {}
impl<R> Unpin for TrackingOrLog<'_, R> {}

impl<R: Send, A: Answer> Future for Tracking<'_, R, A> {
    type Output = Result<A::Of<R>, TrackError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let receipt = ready!(self.0.poll(cx))?;
        Poll::Ready(A::answer(receipt).ok_or_else(|| {
            let error = InvalidField::new("client_event", "a skipped event", "an event, as `Answer = Always` says");
            TrackError::from(error.with_help("write `type Answer = Maybe;` for a type that may skip"))
        }))
    }
}

impl<R: Send> Future for TrackingOrLog<'_, R> {
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

impl<R, A> std::fmt::Debug for Tracking<'_, R, A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tracking").field("event", &self.0.name).finish_non_exhaustive()
    }
}

impl<R> std::fmt::Debug for TrackingOrLog<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrackingOrLog").field("event", &self.0.name).finish_non_exhaustive()
    }
}
