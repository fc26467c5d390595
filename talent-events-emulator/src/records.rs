//! What the emulator has recorded.

use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use talent_events::event::rules::{Checker, Defect};
use talent_events::{ClientEvent, EncodedEvent, RequestId, TenantName, Timestamp};
use tokio::sync::watch;
use tonic::Code;

use crate::{Settings, Stats};

/// An event that the emulator has answered `OK`, or has imported.
///
/// Serialised it is what the control API answers and an export holds: the fields in camelCase, the event in proto3 JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Recorded {
    /// Its place in the order of arrival, from 1, since the start or the last [`clear`](crate::Emulator::clear).
    pub number: usize,
    /// Whose event it is: the parent of the call.
    pub tenant: TenantName,
    /// When it came, by the emulator's clock.
    pub received_at: Timestamp,
    /// The event.
    pub event: ClientEvent,
    /// It does not count, as its request id is missing or not known. Only a [strict](crate::Builder::strict) emulator
    /// discards.
    pub discarded: bool,
}

/// How many events there are, how often they were cleared before, and how often something else was news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) clears: u64,
    pub(crate) count: usize,
    /// Changes of what decides about events: of the known request ids, and of the settings.
    pub(crate) turns: u64,
    /// Calls that recorded nothing.
    pub(crate) in_vain: u64,
}

/// How much is known of request ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Knowledge {
    /// How often all were forgotten.
    pub(crate) forgotten: u64,
    /// How many are known.
    pub(crate) count: usize,
    /// Whether all others count as made up.
    pub(crate) others_are_made_up: bool,
}

#[derive(Debug)]
pub(crate) struct Records {
    state: Mutex<State>,
    /// For those who wait for more.
    mark: watch::Sender<Mark>,
}

#[derive(Debug)]
struct State {
    settings: Settings,
    known: HashSet<RequestId>,
    /// How often what was known was forgotten.
    forgotten: u64,
    /// One copy of each name, for all events of that tenant.
    tenants: HashSet<TenantName>,
    events: Vec<Record>,
    /// The first event of each id; empty unless the emulator is idempotent.
    first: HashSet<ById>,
    stats: Stats,
}

/// Kept encoded: the readable form takes several times the memory.
#[derive(Clone, Debug)]
struct Record {
    event: EncodedEvent,
    received_at: Timestamp,
    discarded: bool,
}

impl Record {
    fn readable(&self, number: usize) -> Recorded {
        Recorded {
            number,
            tenant: self.event.tenant().clone(),
            received_at: self.received_at,
            event: self.event.to_client_event(),
            discarded: self.discarded,
        }
    }
}

/// An event, told from others by tenant and id.
#[derive(Debug)]
struct ById(EncodedEvent);

impl PartialEq for ById {
    fn eq(&self, other: &Self) -> bool {
        self.0.tenant() == other.0.tenant() && self.0.event_id() == other.0.event_id()
    }
}

impl Eq for ById {}

impl Hash for ById {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0.tenant(), self.0.event_id()).hash(state);
    }
}

impl Records {
    pub(crate) fn new(settings: Settings, known: HashSet<RequestId>) -> Self {
        let state = State {
            settings,
            known,
            forgotten: 0,
            tenants: HashSet::new(),
            events: Vec::new(),
            first: HashSet::new(),
            stats: Stats::default(),
        };
        Self { state: Mutex::new(state), mark: watch::Sender::default() }
    }

    pub(crate) fn settings(&self) -> Settings {
        self.state().settings
    }

    /// Changes the settings, and answers what they are then.
    pub(crate) fn set<E>(&self, change: impl FnOnce(Settings) -> Result<Settings, E>) -> Result<Settings, E> {
        let mut state = self.state();
        let settings = change(state.settings)?;
        if settings.idempotent != state.settings.idempotent {
            state.first = HashSet::new();
            if settings.idempotent {
                let State { first, events, .. } = &mut *state;
                // The first stays: `insert` replaces nothing.
                for record in events.iter() {
                    first.insert(ById(record.event.clone()));
                }
            }
        }
        state.settings = settings;
        self.turn();
        Ok(settings)
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
        let mut state = self.state();
        if state.known.insert(id) {
            self.turn();
        }
    }

    /// No request id is known any more. What was recorded stays as it is.
    pub(crate) fn forget_known(&self) {
        let mut state = self.state();
        state.known = HashSet::new();
        state.forgotten += 1;
        self.turn();
    }

    /// Under the lock, as all marks are set.
    fn turn(&self) {
        self.mark.send_modify(|mark| mark.turns += 1);
    }

    /// All request ids that are known, by their texts.
    pub(crate) fn known(&self) -> Vec<RequestId> {
        let mut known: Vec<_> = self.state().known.iter().cloned().collect();
        known.sort_unstable();
        known
    }

    pub(crate) fn knowledge(&self) -> Knowledge {
        let state = self.state();
        Knowledge {
            forgotten: state.forgotten,
            count: state.known.len(),
            others_are_made_up: state.settings.strict || !state.known.is_empty(),
        }
    }

    /// Records a call's event, unless there is one of the same id and the emulator is idempotent: then that is answered.
    pub(crate) fn add(&self, event: EncodedEvent, request_id: Option<&RequestId>) -> Option<EncodedEvent> {
        let mut state = self.state();
        if state.settings.idempotent
            && let Some(ById(first)) = state.first.get(&ById(event.clone()))
        {
            let first = first.clone();
            state.stats.repeated();
            self.mark.send_modify(|mark| mark.in_vain += 1);
            return Some(first);
        }
        let discarded = state.settings.strict && !request_id.is_some_and(|id| state.known.contains(id));
        self.push(&mut state, Record { event, received_at: Timestamp::now(), discarded });
        None
    }

    /// Records what was recorded elsewhere, as it was there, and answers how many: where the emulator is idempotent,
    /// what is there already is left out.
    pub(crate) fn restore(&self, events: impl IntoIterator<Item = (EncodedEvent, Timestamp, bool)>) -> usize {
        let mut state = self.state();
        let before = state.events.len();
        for (event, received_at, discarded) in events {
            if !(state.settings.idempotent && state.first.contains(&ById(event.clone()))) {
                self.push(&mut state, Record { event, received_at, discarded });
            }
        }
        state.events.len() - before
    }

    fn push(&self, state: &mut State, record: Record) {
        state.stats.add(record.event.event_type(), record.discarded);
        if state.settings.idempotent {
            state.first.insert(ById(record.event.clone()));
        }
        state.events.push(record);
        // Under the lock, so that the count never goes backwards.
        self.mark.send_modify(|mark| mark.count = state.events.len());
    }

    pub(crate) fn refuse(&self, code: Code) {
        let mut state = self.state();
        state.stats.refuse(code);
        self.mark.send_modify(|mark| mark.in_vain += 1);
    }

    pub(crate) fn marks(&self) -> watch::Receiver<Mark> {
        self.mark.subscribe()
    }

    /// At most `max` of the events after the first `from.count`; `None` where all were cleared since.
    pub(crate) fn page(&self, from: Mark, max: usize) -> Option<Vec<Recorded>> {
        self.select(from, max, |_| true)
    }

    /// Of the same events those that `keep` takes in their encoded form: only these are read back.
    pub(crate) fn select(&self, from: Mark, max: usize, keep: impl Fn(&EncodedEvent) -> bool) -> Option<Vec<Recorded>> {
        let records = {
            let state = self.state();
            if self.mark.borrow().clears != from.clears {
                return None;
            }
            let there = state.events.len();
            let start = from.count.min(there);
            state.events[start..there.min(start.saturating_add(max))].to_vec()
        };
        let kept = records.iter().enumerate().filter(|(_, record)| keep(&record.event));
        Some(kept.map(|(index, record)| record.readable(from.count + index + 1)).collect())
    }

    /// The events with these numbers, in this order, as far as they exist; `None` where all were cleared since.
    pub(crate) fn numbered(&self, clears: u64, numbers: impl IntoIterator<Item = usize>) -> Option<Vec<Recorded>> {
        let records: Vec<_> = {
            let state = self.state();
            if self.mark.borrow().clears != clears {
                return None;
            }
            let there = |number: usize| Some((number, state.events.get(number.checked_sub(1)?)?.clone()));
            numbers.into_iter().filter_map(there).collect()
        };
        Some(records.into_iter().map(|(number, record)| record.readable(number)).collect())
    }

    pub(crate) fn events(&self) -> Vec<Recorded> {
        let records = self.state().events.clone();
        readable(&records, 0)
    }

    pub(crate) async fn at_least(&self, count: usize) -> Vec<Recorded> {
        let mut marks = self.mark.subscribe();
        loop {
            // The sender is `self`'s, so that the wait can not fail.
            let _ = marks.wait_for(|there| there.count >= count).await;
            // Somebody may have cleared since.
            let records = self.state().events.clone();
            if records.len() >= count {
                return readable(&records, 0);
            }
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        self.state().stats.clone()
    }

    /// Each tenant's events by themselves: the request ids of two tenants have nothing to do with each other.
    pub(crate) fn defects(&self) -> Vec<Defect> {
        let (records, known, strict) = {
            let state = self.state();
            (state.events.clone(), state.known.clone(), state.settings.strict)
        };
        let searches_are_known = strict || !known.is_empty();
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
        state.first = HashSet::new();
        state.stats = Stats::default();
        self.mark.send_modify(|mark| *mark = Mark { clears: mark.clears + 1, count: 0, ..*mark });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics between two changes that belong together.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads them back, the first of them with the number after `before`: of a copy (which counts references), as it would
/// hold up the calls if it held the lock.
fn readable(records: &[Record], before: usize) -> Vec<Recorded> {
    records.iter().enumerate().map(|(index, record)| record.readable(before + index + 1)).collect()
}
