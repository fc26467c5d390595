//! What the emulator has recorded.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use talent_events::event::rules::{Checker, Defect};
use talent_events::{ClientEvent, EncodedEvent, RequestId, TenantName};
use tokio::sync::watch;
use tonic::Code;

use crate::Stats;

/// An event that the emulator has answered `OK`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// Its place in the order of arrival, from 1, since the start or the last [`clear`](crate::Emulator::clear).
    pub number: usize,
    /// Whose event it is: the parent of the call.
    pub tenant: TenantName,
    /// The event.
    pub event: ClientEvent,
    /// It does not count, as its request id is missing or not known. Only a [strict](crate::Builder::strict) emulator
    /// discards.
    pub discarded: bool,
}

#[derive(Debug)]
pub(crate) struct Records {
    strict: bool,
    state: Mutex<State>,
    /// How many events there are, for those who wait for more.
    count: watch::Sender<usize>,
}

#[derive(Debug)]
struct State {
    known: HashSet<RequestId>,
    /// One copy of each name, for all events of that tenant.
    tenants: HashSet<TenantName>,
    events: Vec<Record>,
    stats: Stats,
}

/// Kept encoded: the readable form takes several times the memory.
#[derive(Clone, Debug)]
struct Record {
    event: EncodedEvent,
    discarded: bool,
}

impl Records {
    pub(crate) fn new(strict: bool, known: HashSet<RequestId>) -> Self {
        let state = State { known, tenants: HashSet::new(), events: Vec::new(), stats: Stats::default() };
        Self { strict, state: Mutex::new(state), count: watch::Sender::new(0) }
    }

    /// The same name, in the one copy that all events share.
    pub(crate) fn shared(&self, tenant: TenantName) -> TenantName {
        let mut state = self.state();
        if let Some(shared) = state.tenants.get(&tenant) {
            return shared.clone();
        }
        state.tenants.insert(tenant.clone());
        tenant
    }

    pub(crate) fn know(&self, id: RequestId) {
        self.state().known.insert(id);
    }

    pub(crate) fn add(&self, event: EncodedEvent, request_id: Option<&RequestId>) {
        let mut state = self.state();
        let discarded = self.strict && !request_id.is_some_and(|id| state.known.contains(id));
        state.stats.add(event.event_type(), discarded);
        state.events.push(Record { event, discarded });
        // Under the lock, so that the count never goes backwards.
        self.count.send_replace(state.events.len());
    }

    pub(crate) fn refuse(&self, code: Code) {
        self.state().stats.refuse(code);
    }

    pub(crate) fn events(&self) -> Vec<Recorded> {
        let records = self.state().events.clone();
        readable(&records)
    }

    pub(crate) async fn at_least(&self, count: usize) -> Vec<Recorded> {
        let mut counts = self.count.subscribe();
        loop {
            // The sender is `self`'s, so that the wait can not fail.
            let _ = counts.wait_for(|&there| there >= count).await;
            // Somebody may have cleared since.
            let records = self.state().events.clone();
            if records.len() >= count {
                return readable(&records);
            }
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        self.state().stats.clone()
    }

    /// Each tenant's events by themselves: the request ids of two tenants have nothing to do with each other.
    pub(crate) fn defects(&self) -> Vec<Defect> {
        let (records, known) = {
            let state = self.state();
            (state.events.clone(), state.known.clone())
        };
        let searches_are_known = self.strict || !known.is_empty();
        let checker = Checker::new().synthetic(|id| searches_are_known && !known.contains(id));
        let mut tenants = BTreeMap::<_, Vec<_>>::new();
        for record in &records {
            tenants.entry(record.event.tenant()).or_default().push(record.event.to_client_event());
        }
        tenants.values().flat_map(|events| checker.check(events)).collect()
    }

    pub(crate) fn clear(&self) {
        let mut state = self.state();
        state.events = Vec::new();
        state.tenants = HashSet::new();
        state.stats = Stats::default();
        self.count.send_replace(0);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics between two changes that belong together.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads them back: of a copy (which counts references), as it would hold up the calls if it held the lock.
fn readable(records: &[Record]) -> Vec<Recorded> {
    let recorded = |(index, record): (usize, &Record)| Recorded {
        number: index + 1,
        tenant: record.event.tenant().clone(),
        event: record.event.to_client_event(),
        discarded: record.discarded,
    };
    records.iter().enumerate().map(recorded).collect()
}
