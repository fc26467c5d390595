//! A term: what a relay does from when it takes the lead until it loses or gives it up.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, sleep_until};

use super::super::Priority;
use super::super::backlog::Backlog;
use super::super::backoff::{Backoff, jitter};
use super::super::engine::{self, Carrier};
use super::super::store::{EventStore, Lease, StoreError, StoredEvent};
use super::super::ticket::Slot;
use super::failed::FailureHook;
use super::outcomes::{Outcomes, StoredSlot};

/// Between two attempts of the store.
const STORE: Backoff = Backoff { first: Duration::from_millis(100), longest: Duration::from_secs(5) };
/// A leader stops so long before its lease may lapse.
pub(super) const MARGIN: Duration = Duration::from_secs(1);
/// The most events of one fetch.
const BATCH: usize = 256;

/// How a term ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Another relay leads, or the lease could not be renewed in time.
    LeaseLost,
    /// The relay was shut down, or the program that watches it said so. Its lease was released.
    Stopped,
}

pub(super) struct Term<S, C> {
    pub(super) store: Arc<S>,
    pub(super) carrier: Arc<C>,
    pub(super) backlog: Arc<Backlog>,
    pub(super) lease: Lease,
    /// The length of the lease.
    pub(super) length: Duration,
    /// When the lease was taken or renewed last, by this machine's monotonic clock.
    pub(super) confirmed: Instant,
    /// The events of each priority in memory at most.
    pub(super) share: usize,
    pub(super) on_failed: FailureHook,
}

impl<S: EventStore, C: Carrier> Term<S, C> {
    /// Delivers until the lease is lost, or `stopped` says that the relay is shut down: then until the backlog is closed.
    pub(super) async fn run(&self, stopped: impl Future<Output = ()>) -> End {
        let outcomes = Arc::new(Outcomes::new(self.on_failed.clone()));
        let end = {
            let engine = async {
                engine::run(&self.backlog, &self.carrier, &|| {}).await;
                // At the deadline events may be left.
                self.backlog.stop();
            };
            let [high, normal, low] = [Priority::High, Priority::Normal, Priority::Low];
            let feed = async {
                tokio::join!(self.feed(high, &outcomes), self.feed(normal, &outcomes), self.feed(low, &outcomes))
            };
            let feed = async {
                tokio::select! {
                    _ = feed => {}
                    () = stopped => {}
                }
                std::future::pending::<()>().await;
            };
            tokio::select! {
                // The engine ends when the backlog is closed.
                () = engine => End::Stopped,
                () = feed => End::Stopped,
                () = self.keep_lease() => End::LeaseLost,
                () = self.settle(&outcomes) => End::LeaseLost,
            }
        };
        // Calls that were in flight are dropped; the store hands their events out again.
        self.backlog.stop();
        let _ = self.settle_once(&outcomes).await;
        if end == End::Stopped
            && let Err(error) = self.store.release(self.lease).await
        {
            tracing::warn!(target: "talent_events::delivery", %error, "the lease was not released: it lapses");
        }
        end
    }

    /// Renews the lease until it is lost.
    async fn keep_lease(&self) {
        let mut confirmed = self.confirmed;
        loop {
            let lapses = confirmed + self.length.saturating_sub(MARGIN);
            sleep_until((confirmed + self.length / 3).min(lapses)).await;
            let asked = Instant::now();
            let renewed = tokio::time::timeout_at(lapses, self.store.renew(self.lease)).await;
            match renewed {
                Ok(Ok(())) => confirmed = asked,
                Ok(Err(StoreError::LeaseLost)) => return,
                Ok(Err(error)) if Instant::now() < lapses => {
                    tracing::warn!(target: "talent_events::delivery", %error, "the lease was not renewed");
                    sleep(STORE.first).await;
                }
                Ok(Err(_)) | Err(_) => return,
            }
        }
    }

    /// Takes events of one priority from the store, as there is room for them, until the backlog is closed.
    async fn feed(&self, priority: Priority, outcomes: &Arc<Outcomes>) {
        let window = Arc::new(Semaphore::new(self.share));
        let mut failures = 0;
        loop {
            // A place for one event at least.
            let Ok(place) = window.acquire().await else { return };
            drop(place);
            let limit = window.available_permits().min(BATCH);
            match self.store.fetch(self.lease, priority, limit).await {
                Ok(batch) => {
                    failures = 0;
                    for stored in batch {
                        if self.supply(stored, &window, outcomes).await.is_err() {
                            return;
                        }
                    }
                }
                // The heartbeat finds out.
                Err(StoreError::LeaseLost) => return std::future::pending().await,
                Err(error) => {
                    failures += 1;
                    tracing::warn!(target: "talent_events::delivery", %error, "no events from the store");
                    sleep(jitter(STORE.bound(failures)).max(STORE.first / 2)).await;
                }
            }
        }
    }

    async fn supply(&self, stored: StoredEvent, window: &Arc<Semaphore>, outcomes: &Arc<Outcomes>) -> Result<(), ()> {
        let place = Arc::clone(window).acquire_owned().await.map_err(drop)?;
        let slot = StoredSlot::new(stored.position, Arc::clone(outcomes), place);
        self.backlog.supply(stored, Arc::new(Slot::Stored(slot))).await.map_err(drop)
    }

    /// Tells the store what became of events, until the lease is lost.
    async fn settle(&self, outcomes: &Outcomes) {
        let mut failures = 0;
        loop {
            outcomes.wait().await;
            while let Err(error) = self.settle_once(outcomes).await {
                if matches!(error, StoreError::LeaseLost) {
                    return;
                }
                failures += 1;
                tracing::warn!(target: "talent_events::delivery", %error, "the store did not settle events");
                sleep(jitter(STORE.bound(failures)).max(STORE.first / 2)).await;
            }
            failures = 0;
        }
    }

    async fn settle_once(&self, outcomes: &Outcomes) -> Result<(), StoreError> {
        let taken = Taken { outcomes, settlements: outcomes.take() };
        if taken.settlements.is_empty() {
            return Ok(());
        }
        self.store.settle(self.lease, &taken.settlements).await?;
        taken.settled();
        Ok(())
    }
}

/// Outcomes that go back where they were, unless the store took them: this may be dropped at any await.
struct Taken<'o> {
    outcomes: &'o Outcomes,
    settlements: Vec<super::super::store::Settlement>,
}

impl Taken<'_> {
    fn settled(mut self) {
        self.settlements.clear();
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.settlements.is_empty() {
            self.outcomes.put_back(std::mem::take(&mut self.settlements));
        }
    }
}
