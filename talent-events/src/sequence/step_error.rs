//! A failed step, which keeps the funnel.

use std::fmt;
use std::time::Duration;

use crate::event::EncodedEvent;
use crate::event::rules::types::StageType;
use crate::event::rules::{CannotFollow, Stage};
use crate::{Destination, TrackError};

use super::ApplicationFunnel;
use super::place::Place;

/// A failed step from stage `S` to `N`: the error, and the funnel as it was before. A step returns it after
/// [`recoverable`](super::StepFuture::recoverable).
///
/// One pointer in size. `?` converts it to a [`TrackError`], which drops the funnel.
pub struct StepError<D, S, N>(pub(super) Box<Failure<D, S, N>>);

pub(super) struct Failure<D, S, N> {
    error: TrackError,
    cannot_follow: Option<CannotFollow>,
    pub(super) place: Place<D>,
    pub(super) stage: S,
    /// The event, and the stage that it leads to; `None` if no valid event could be made.
    pub(super) unsent: Option<(EncodedEvent, N)>,
}

impl<D, S, N> StepError<D, S, N> {
    pub(super) fn new(
        place: Place<D>,
        stage: S,
        error: TrackError,
        cannot_follow: Option<CannotFollow>,
        unsent: Option<(EncodedEvent, N)>,
    ) -> Self {
        Self(Box::new(Failure { error, cannot_follow, place, stage, unsent }))
    }

    /// Why the step failed.
    pub fn error(&self) -> &TrackError {
        &self.0.error
    }

    /// Whether a [`retry`](Self::retry) may succeed; see [`TrackError::is_retryable`].
    pub fn is_retryable(&self) -> bool {
        self.0.error.is_retryable()
    }

    /// The least time to wait before a [`retry`](Self::retry), if the service asks for one.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.error.retry_after()
    }

    /// The reason why the event cannot follow, if that is the error. It happens at
    /// [`AnyStage`](super::stage::AnyStage) only: at every other stage the compiler refuses the step.
    pub fn cannot_follow(&self) -> Option<CannotFollow> {
        self.0.cannot_follow
    }

    /// The event; `None` if it is invalid or cannot follow.
    pub fn event(&self) -> Option<&EncodedEvent> {
        self.0.unsent.as_ref().map(|(event, _)| event)
    }
}

impl<D: Destination, S: StageType, N: StageType> StepError<D, S, N> {
    /// The funnel at the stage before the step, without a receipt.
    pub fn into_funnel(self) -> ApplicationFunnel<D, S> {
        let Failure { place, stage, .. } = *self.0;
        ApplicationFunnel { place, stage, receipt: None }
    }

    /// The stage before the step.
    pub fn stage(&self) -> Stage {
        self.0.stage.stage()
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
