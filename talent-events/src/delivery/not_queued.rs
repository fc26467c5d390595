//! An event that a queue did not take.

use std::fmt;

use crate::{EncodedEvent, TrackError};

/// An encoded event that was not queued: why, and the event. `?` makes a [`TrackError`] of it, and gives the event up.
#[derive(Debug)]
#[non_exhaustive]
pub struct NotQueued {
    /// Why it was not taken.
    pub error: TrackError,
    /// As it was given.
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
