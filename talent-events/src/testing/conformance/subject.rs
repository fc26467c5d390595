//! A store under test, and what the rules ask of it again and again.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::timeout;

use crate::delivery::{
    EventStore, Heartbeat, Leadership, Lease, Outcome, Priority, Settlement, StoreError, StoredEvent,
};
use crate::{ClientEvent, EncodedEvent, EventId, JobEvent, JobEventType, TenantName, Timestamp};

use super::StoreFixture;

/// For what a store does sooner or later.
pub(super) const LONG: Duration = Duration::from_secs(60);
/// The store has nothing to hand out if so many rounds over all priorities in a row were empty.
const EMPTY_ROUNDS: u32 = 2;
const PRIORITIES: [Priority; 3] = [Priority::High, Priority::Normal, Priority::Low];

/// A store, a handle of it, and what was stored.
pub(super) struct Subject<F: StoreFixture> {
    pub(super) fixture: F,
    pub(super) store: F::Store,
    stored: u64,
}

impl<F: StoreFixture> Subject<F> {
    pub(super) async fn new() -> Self {
        let fixture = F::new().await;
        Self { store: fixture.open().await, fixture, stored: 0 }
    }

    pub(super) async fn begin(&mut self, event_type: JobEventType) -> F::Transaction {
        self.stored += 1;
        self.fixture.begin(event(self.stored, event_type)).await
    }

    pub(super) async fn insert(&mut self, event_type: JobEventType) {
        let transaction = self.begin(event_type).await;
        self.fixture.commit(transaction).await;
    }

    pub(super) async fn insert_views(&mut self, count: u64) {
        for _ in 0..count {
            self.insert(JobEventType::View).await;
        }
    }

    /// Leads a store that nobody leads.
    pub(super) async fn lead(&self) -> Lease {
        match self.store.lead(None).await {
            Ok(Leadership::Leader(lease)) => lease,
            other => panic!("`lead` of a store that nobody leads: expected a lease, found {other:?}"),
        }
    }

    /// Leads in the place of another, whose heartbeat stands still.
    pub(super) async fn take_over(&self) -> Lease {
        let seen = standby(self.store.lead(None).await);
        match self.store.lead(Some(seen)).await {
            Ok(Leadership::Leader(lease)) => {
                assert!(lease > seen.lease, "a lease only grows: found {lease:?} after {:?}", seen.lease);
                lease
            }
            other => panic!("`lead` with the present heartbeat: expected a lease, found {other:?}"),
        }
    }

    /// All that the store hands out, until it seems to have no more.
    pub(super) async fn fetch_all(&self, lease: Lease) -> Vec<StoredEvent> {
        let (mut all, mut empty) = (Vec::new(), 0);
        while empty < EMPTY_ROUNDS {
            let before = all.len();
            self.fetch_round(lease, &mut all).await;
            empty = if all.len() == before { empty + 1 } else { 0 };
        }
        all
    }

    /// So many events; waits for them.
    pub(super) async fn fetch_some(&self, lease: Lease, count: usize) -> Vec<StoredEvent> {
        let mut some = Vec::new();
        let found = timeout(LONG, async {
            while some.len() < count {
                self.fetch_round(lease, &mut some).await;
            }
        });
        let found = found.await.is_ok();
        assert!(found, "expected {count} events, found {:?}", numbers(&some));
        some
    }

    /// The numbers of so many events; waits for them.
    pub(super) async fn fetch_numbers(&self, lease: Lease, count: usize) -> BTreeSet<u64> {
        let some = self.fetch_some(lease, count).await;
        let mut numbers = BTreeSet::new();
        for number in some.iter().map(number) {
            assert!(numbers.insert(number), "event {number} was handed out twice under one lease");
        }
        numbers
    }

    async fn fetch_round(&self, lease: Lease, to: &mut Vec<StoredEvent>) {
        for priority in PRIORITIES {
            to.extend(self.fetch(lease, priority, 100).await);
        }
    }

    pub(super) async fn fetch(&self, lease: Lease, priority: Priority, limit: usize) -> Vec<StoredEvent> {
        let fetched = timeout(LONG, self.store.fetch(lease, priority, limit)).await;
        fetched
            .expect("`fetch` waits for a while only")
            .unwrap_or_else(|e| panic!("`fetch` under the present lease: {e}"))
    }

    pub(super) async fn settle(&self, lease: Lease, outcomes: &[Settlement]) {
        let settled = self.store.settle(lease, outcomes).await;
        settled.unwrap_or_else(|e| panic!("`settle` under the present lease: {e}"));
    }
}

/// The heartbeat of the leader, whom the caller stands by.
pub(super) fn standby(led: Result<Leadership, StoreError>) -> Heartbeat {
    match led {
        Ok(Leadership::Standby(heartbeat)) => heartbeat,
        other => panic!("`lead` of a store that another relay leads: expected to stand by, found {other:?}"),
    }
}

pub(super) fn lost<T: std::fmt::Debug>(what: &str, answer: Result<T, StoreError>) {
    assert!(
        matches!(answer, Err(StoreError::LeaseLost)),
        "`{what}` under an earlier lease: expected `LeaseLost`, found {answer:?}"
    );
}

pub(super) fn dead() -> Outcome {
    Outcome::Dead { reason: "rejected", error: "the service refused the event".into() }
}

/// Its number is its event id.
pub(super) fn event(number: u64, event_type: JobEventType) -> EncodedEvent {
    let tenant = TenantName::new("projects/acme/tenants/board").expect("a name");
    let mut event = ClientEvent::new(JobEvent::new(event_type, [tenant.job("42").expect("a name")]));
    event.event_id = EventId::new(number.to_string()).expect("an id");
    // The same each time.
    event.create_time = Timestamp::new(1_790_000_000, 123_456_789).expect("a time");
    EncodedEvent::from_client_event(&event, &tenant).expect("a valid event")
}

pub(super) fn number(stored: &StoredEvent) -> u64 {
    stored.event.event_id().parse().expect("an event of this test")
}

pub(super) fn numbers(all: &[StoredEvent]) -> Vec<u64> {
    all.iter().map(number).collect()
}
