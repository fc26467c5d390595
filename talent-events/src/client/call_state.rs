//! What is known of a call while it runs.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Shared by the layers that a call goes through.
#[derive(Debug, Default)]
pub(super) struct CallState {
    sent: AtomicBool,
    answering: AtomicBool,
}

impl CallState {
    /// The connection takes the event's bytes now: they may leave this machine.
    pub(super) fn set_sent(&self) {
        self.sent.store(true, Relaxed);
    }

    /// Whether the event may have left this machine.
    pub(super) fn was_sent(&self) -> bool {
        self.sent.load(Relaxed)
    }

    /// A gRPC service answers, and the status of the call is still to come or not.
    pub(super) fn set_answering(&self, answering: bool) {
        self.answering.store(answering, Relaxed);
    }

    /// Whether a gRPC service began to answer and gave no status.
    pub(super) fn lacks_status(&self) -> bool {
        self.answering.load(Relaxed)
    }
}
