//! All that the emulator has recorded, behind one lock.

use std::collections::{BTreeMap, HashSet};
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use talent_events::event::rules::{Checker, Defect};
use talent_events::track::Code;
use talent_events::{EncodedEvent, RequestId, TenantName, Timestamp};
use tokio::sync::watch;

use super::log::Log;
use super::record::{ById, Marks, Record, Recorded};
use super::revision::{KnownIds, Revision};
use super::stats::Stats;
use crate::settings::Settings;

#[derive(Debug)]
pub(crate) struct Records {
    state: Mutex<State>,
    revision: watch::Sender<Revision>,
}

#[derive(Debug, Default)]
struct State {
    settings: Settings,
    known: HashSet<RequestId>,
    /// How often the known ids were forgotten.
    forgotten: u64,
    /// One copy of each name, for all events of that tenant.
    tenants: HashSet<TenantName>,
    events: Log,
    /// The first event of each id. It is empty unless the emulator is idempotent.
    first: HashSet<ById>,
    stats: Stats,
}

impl Records {
    pub(crate) fn new(settings: Settings, known: HashSet<RequestId>) -> Self {
        let state = State { settings, known, ..State::default() };
        Self { state: Mutex::new(state), revision: watch::Sender::default() }
    }

    pub(crate) fn settings(&self) -> Settings {
        self.state().settings
    }

    /// Changes the settings and returns the new ones.
    pub(crate) fn change_settings<E>(
        &self,
        change: impl FnOnce(Settings) -> Result<Settings, E>,
    ) -> Result<Settings, E> {
        let mut state = self.state();
        let settings = change(state.settings)?;
        if settings.idempotent != state.settings.idempotent {
            state.first = HashSet::new();
            if settings.idempotent {
                let State { first, events, .. } = &mut *state;
                // `insert` replaces nothing, so the first event of an id stays.
                for record in events.iter() {
                    first.insert(ById(record.event.clone()));
                }
            }
        }
        state.settings = settings;
        self.rules_changed();
        Ok(settings)
    }

    /// The same name, in the copy that all events share.
    pub(crate) fn shared(&self, tenant: TenantName) -> TenantName {
        let mut state = self.state();
        if let Some(shared) = state.tenants.get(&tenant) {
            return shared.clone();
        }
        state.tenants.insert(tenant.clone());
        tenant
    }

    /// Adds an id that a search has answered.
    pub(crate) fn add_known(&self, id: RequestId) {
        let mut state = self.state();
        if state.known.insert(id) {
            self.rules_changed();
        }
    }

    /// Forgets all known ids. Recorded events keep their marks.
    pub(crate) fn forget_known(&self) {
        let mut state = self.state();
        state.known = HashSet::new();
        state.forgotten += 1;
        self.rules_changed();
    }

    /// Is called under the lock, like all changes of the revision.
    fn rules_changed(&self) {
        self.revision.send_modify(|revision| revision.rule_changes += 1);
    }

    /// All known ids, sorted.
    pub(crate) fn known(&self) -> Vec<RequestId> {
        let mut known: Vec<_> = self.state().known.iter().cloned().collect();
        known.sort_unstable();
        known
    }

    pub(crate) fn known_ids(&self) -> KnownIds {
        let state = self.state();
        KnownIds {
            forgotten: state.forgotten,
            count: state.known.len(),
            others_are_synthetic: state.settings.strict || !state.known.is_empty(),
        }
    }

    /// Records the event of a call.
    ///
    /// An idempotent emulator records an event id once. For a repetition this returns the first event of that id.
    pub(crate) fn add(
        &self,
        event: EncodedEvent,
        request_id: Option<&RequestId>,
        synthetic_request_id: bool,
    ) -> Option<EncodedEvent> {
        let mut state = self.state();
        if state.settings.idempotent
            && let Some(ById(first)) = state.first.get(&ById(event.clone()))
        {
            let first = first.clone();
            state.stats.add_repeated();
            self.revision.send_modify(|revision| revision.unrecorded += 1);
            return Some(first);
        }
        let discarded = state.settings.strict && !request_id.is_some_and(|id| state.known.contains(id));
        let marks = Marks { discarded, synthetic_request_id: synthetic_request_id && request_id.is_some() };
        self.push(&mut state, Record { event, received_at: Timestamp::now(), marks });
        None
    }

    /// Records imported events with their marks, and returns how many. An idempotent emulator leaves out events that it
    /// has.
    pub(crate) fn restore(&self, events: impl IntoIterator<Item = (EncodedEvent, Timestamp, Marks)>) -> usize {
        let mut state = self.state();
        let before = state.events.len();
        for (event, received_at, marks) in events {
            if !(state.settings.idempotent && state.first.contains(&ById(event.clone()))) {
                self.push(&mut state, Record { event, received_at, marks });
            }
        }
        state.events.len() - before
    }

    fn push(&self, state: &mut State, record: Record) {
        state.stats.add(record.event.event_type(), record.marks.discarded);
        if state.settings.idempotent {
            state.first.insert(ById(record.event.clone()));
        }
        state.events.push(record);
        // Under the lock, so that the count never decreases.
        self.revision.send_modify(|revision| revision.count = state.events.len());
    }

    /// Counts a refused call.
    pub(crate) fn add_refused(&self, code: Code) {
        let mut state = self.state();
        state.stats.add_refused(code);
        self.revision.send_modify(|revision| revision.unrecorded += 1);
    }

    pub(crate) fn revisions(&self) -> watch::Receiver<Revision> {
        self.revision.subscribe()
    }

    pub(crate) fn revision(&self) -> Revision {
        *self.revision.borrow()
    }

    /// At most `max` events after the first `from.count`. `None`: all were cleared since.
    pub(crate) fn page(&self, from: Revision, max: usize) -> Option<Vec<Recorded>> {
        self.select(from, max, |_| true)
    }

    /// The same page, with only those events whose encoded form `keep` accepts. The others are not decoded.
    pub(crate) fn select(
        &self,
        from: Revision,
        max: usize,
        keep: impl Fn(&EncodedEvent) -> bool,
    ) -> Option<Vec<Recorded>> {
        let records: Vec<_> = {
            let state = self.state();
            if self.revision().clears != from.clears {
                return None;
            }
            state.events.range(from.count, max).cloned().collect()
        };
        let kept = records.iter().enumerate().filter(|(_, record)| keep(&record.event));
        Some(kept.map(|(index, record)| record.read(from.count + index + 1)).collect())
    }

    /// The existing events with these numbers, in this order. `None`: all were cleared since.
    pub(crate) fn numbered(&self, clears: u64, numbers: impl IntoIterator<Item = usize>) -> Option<Vec<Recorded>> {
        let records: Vec<_> = {
            let state = self.state();
            if self.revision().clears != clears {
                return None;
            }
            let record = |number: usize| Some((number, state.events.get(number.checked_sub(1)?)?.clone()));
            numbers.into_iter().filter_map(record).collect()
        };
        Some(records.into_iter().map(|(number, record)| record.read(number)).collect())
    }

    /// All events.
    pub(crate) fn events(&self) -> Vec<Recorded> {
        let events = self.state().events.clone();
        read(&events)
    }

    /// Waits until there are at least `count` events, and returns all of them.
    pub(crate) async fn at_least(&self, count: usize) -> Vec<Recorded> {
        let mut revisions = self.revisions();
        loop {
            // `self` holds the sender, so the wait cannot fail.
            let _ = revisions.wait_for(|revision| revision.count >= count).await;
            let events = self.state().events.clone();
            // They may have been cleared since.
            if events.len() >= count {
                return read(&events);
            }
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        self.state().stats.clone()
    }

    /// The defects of each tenant by itself, because two tenants do not share request ids.
    pub(crate) fn defects(&self) -> Vec<Defect> {
        let (events, known, strict) = {
            let state = self.state();
            (state.events.clone(), state.known.clone(), state.settings.strict)
        };
        let others_are_synthetic = strict || !known.is_empty();
        let mut tenants = BTreeMap::<_, (Vec<_>, HashSet<_>)>::new();
        for record in events.iter() {
            let (events, synthetic) = tenants.entry(record.event.tenant().tenant()).or_default();
            let event = record.event.to_client_event();
            if record.marks.synthetic_request_id {
                synthetic.extend(event.request_id.clone());
            }
            events.push(event);
        }
        let defects = tenants.values().flat_map(|(events, synthetic)| {
            let is_synthetic = |id: &RequestId| synthetic.contains(id) || (others_are_synthetic && !known.contains(id));
            Checker::new().synthetic(is_synthetic).check(events)
        });
        defects.collect()
    }

    pub(crate) fn clear(&self) {
        let mut state = self.state();
        let cleared = (mem::take(&mut state.events), mem::take(&mut state.first));
        state.tenants = HashSet::new();
        state.stats = Stats::default();
        self.revision
            .send_modify(|revision| *revision = Revision { clears: revision.clears + 1, count: 0, ..*revision });
        // Freeing very many events takes a while: calls do not wait for it.
        drop(state);
        drop(cleared);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No panic leaves a half-made change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Decodes a copy, so that calls do not wait for it.
fn read(events: &Log) -> Vec<Recorded> {
    events.iter().enumerate().map(|(index, record)| record.read(index + 1)).collect()
}
