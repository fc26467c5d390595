//! An event that a queue refused.

use std::fmt;

use crate::{EncodedEvent, TrackError};

/// An encoded event that was not queued: the reason, and the event. `?` turns it into a [`TrackError`] and drops the event.
#[derive(Debug)]
#[non_exhaustive]
pub struct NotQueued {
    /// The reason.
    pub error: TrackError,
    /// The event, unchanged.
    pub event: EncodedEvent,
}

impl From<NotQueued> for TrackError {
    fn from(not_queued: NotQueued) -> Self {
        not_queued.error
    }
}

impl fmt::Display for NotQueued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for NotQueued {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}
