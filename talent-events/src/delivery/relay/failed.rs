//! Failed attempts, for a program that watches its relay.

use std::fmt;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crate::TrackError;

/// A failed attempt of an event that the relay is going to send again. See
/// [`RelayBuilder::on_failed_attempt`](super::RelayBuilder::on_failed_attempt).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FailedAttempt<'a> {
    /// The position of the event in its store.
    pub position: u64,
    /// The number of this attempt, from 1, of those since the event was fetched and those that counted before.
    pub attempt: u32,
    /// How the attempt ended.
    pub error: &'a TrackError,
    /// How long the attempt took.
    pub took: Duration,
}

type OnFailed = dyn Fn(&FailedAttempt<'_>) -> ControlFlow<()> + Send + Sync;

#[derive(Clone, Default)]
pub(super) struct FailureHook(Option<Arc<OnFailed>>);

impl FailureHook {
    pub(super) fn new(hook: impl Fn(&FailedAttempt<'_>) -> ControlFlow<()> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn call(&self, failed: &FailedAttempt<'_>) -> ControlFlow<()> {
        let Some(hook) = &self.0 else { return ControlFlow::Continue(()) };
        catch_unwind(AssertUnwindSafe(|| hook(failed))).unwrap_or_else(|_| {
            tracing::error!(target: "talent_events::delivery", "the hook for failed attempts panicked");
            ControlFlow::Continue(())
        })
    }
}

impl fmt::Debug for FailureHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_set() { "FailureHook(set)" } else { "FailureHook(none)" })
    }
}
