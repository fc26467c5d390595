//! What is known of a call while it runs.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use crate::event::EncodedEvent;

/// A call's event and progress. The layers that a call goes through share it.
#[derive(Debug)]
pub(super) struct CallState {
    pub(super) event: EncodedEvent,
    sent: AtomicBool,
    answering: AtomicBool,
}

impl CallState {
    pub(super) fn new(event: EncodedEvent) -> Self {
        Self { event, sent: AtomicBool::new(false), answering: AtomicBool::new(false) }
    }

    /// The connection takes the event's bytes: they may leave this machine from now on.
    pub(super) fn set_sent(&self) {
        self.sent.store(true, Relaxed);
    }

    /// Whether the event may have left this machine.
    pub(super) fn was_sent(&self) -> bool {
        self.sent.load(Relaxed)
    }

    /// Sets whether a gRPC service began to answer and still owes the call's status.
    pub(super) fn set_answering(&self, answering: bool) {
        self.answering.store(answering, Relaxed);
    }

    /// Whether a gRPC service began to answer and gave no status.
    pub(super) fn lacks_status(&self) -> bool {
        self.answering.load(Relaxed)
    }
}
