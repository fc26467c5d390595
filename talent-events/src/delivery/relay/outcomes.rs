//! The fates of a store's events, on their way back to the store.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit};

use crate::TrackError;

use super::super::Undelivered;
use super::super::store::{Outcome, Settlement};
use super::super::sync::{Mutex, lock};
use super::super::verdict::History;
use super::failed::{FailedAttempt, FailureHook};

/// Fates that the store has not heard of.
#[derive(Debug)]
pub(super) struct Outcomes {
    settled: Mutex<Vec<Settlement>>,
    notify: Notify,
    on_failed: FailureHook,
}

impl Outcomes {
    pub(super) fn new(on_failed: FailureHook) -> Self {
        Self { settled: Mutex::new(Vec::new()), notify: Notify::new(), on_failed }
    }

    fn push(&self, settlement: Settlement) {
        lock(&self.settled).push(settlement);
        self.notify.notify_one();
    }

    /// Takes all there are.
    pub(super) fn take(&self) -> Vec<Settlement> {
        std::mem::take(&mut *lock(&self.settled))
    }

    /// Puts back outcomes that the store did not take, in front of later ones.
    pub(super) fn put_back(&self, mut outcomes: Vec<Settlement>) {
        let mut settled = lock(&self.settled);
        outcomes.append(&mut settled);
        *settled = outcomes;
    }

    /// Waits until there is one.
    pub(super) async fn wait(&self) {
        self.notify.notified().await;
    }
}

/// Where the fate of one event of a store goes.
#[derive(Debug)]
pub(in crate::delivery) struct StoredSlot {
    position: u64,
    outcomes: Arc<Outcomes>,
    /// The event's place in the window, free again when this is dropped.
    _place: OwnedSemaphorePermit,
}

impl StoredSlot {
    pub(super) fn new(position: u64, outcomes: Arc<Outcomes>, place: OwnedSemaphorePermit) -> Self {
        Self { position, outcomes, _place: place }
    }

    pub(in crate::delivery) fn settle(&self, outcome: &Result<(), Undelivered>) {
        let dead = |reason, error: String| Outcome::Dead { reason, error };
        let outcome = match outcome {
            Ok(()) => Outcome::Delivered,
            Err(Undelivered::Rejected(error)) => dead("rejected", error.to_string()),
            Err(why @ Undelivered::Expired(_)) => dead("expired", why.to_string()),
            Err(Undelivered::Exhausted(error)) => dead("exhausted", error.to_string()),
            // The store still has the event, and hands it out to the next leader.
            Err(Undelivered::Overflow | Undelivered::Abandoned | Undelivered::HandedBack) => return,
        };
        self.outcomes.push(Settlement::new(self.position, outcome));
    }

    pub(in crate::delivery) fn is_watched(&self) -> bool {
        self.outcomes.on_failed.is_set()
    }

    /// An attempt failed. Says whether the relay goes on.
    pub(in crate::delivery) fn failed(&self, error: &TrackError, attempt: u32, took: Duration) -> ControlFlow<()> {
        self.outcomes.on_failed.call(&FailedAttempt { position: self.position, attempt, error, took })
    }

    /// The event waits in the store.
    pub(in crate::delivery) fn give_back(&self, history: &History, after: Duration) {
        let &History { counted: attempts, in_doubt, .. } = history;
        self.outcomes.push(Settlement::new(self.position, Outcome::Later { after, attempts, in_doubt }));
    }
}
