//! An index of all events by search, with the judgement of each search, so that the pages are fast over a million events.
//!
//! It is updated when a page asks, and costs nothing without pages. It holds numbers of events, not events: about 20 bytes
//! per event and 250 per search.

mod judge;
mod key;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::RandomState;
use std::mem;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use talent_events::event::rules::{Defect, RULES, Rule};
use talent_events::{ClientEvent, RequestId};

use super::buckets::TypedTime;
use super::stages::{FUNNEL, Stage};
use crate::store::{KnownIds, Recorded, Records, Revision};
use judge::{Judgement, judge};
use key::{Key, Of, Tenant};

/// The number of events to read at a time.
const CHUNK: usize = 1_000;

/// Maximum number of events of a search in a timeline.
pub(super) const MAX_TIMELINE: usize = 500;

/// A larger search is judged again after this many times the duration of its last judgement. Otherwise a load test under
/// one request id would delay all pages.
const JUDGEMENT_PAUSE: u32 = 10;

#[derive(Default)]
pub(super) struct Index {
    seen: Revision,
    searches: IndexMap<Key, Search>,
    /// The searches with more than [`MAX_TIMELINE`] events, by their index in `searches`.
    large: HashMap<usize, Large>,
    tenants: BTreeSet<Tenant>,
    /// The searches that have changed since their last judgement, by their index in `searches`.
    unjudged: Vec<usize>,
    known: HashSet<RequestId>,
    known_ids: KnownIds,
    /// The number of defects for each of [`RULES`].
    defects: Vec<u64>,
    times: Vec<TypedTime>,
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Search {
    /// The numbers of its events, in the order of arrival.
    events: Vec<usize>,
    /// The stages of the events that count, as bits.
    stages: u8,
    unjudged: bool,
    /// The last judgement, of the events at that time.
    judgement: Judgement,
}

#[derive(Debug)]
struct Large {
    /// The numbers of the first [`MAX_TIMELINE`] events by time of creation, as of the last judgement.
    earliest: Vec<usize>,
    /// The earliest time of the next judgement.
    due: Instant,
}

impl Index {
    /// Adds the events since the last update.
    pub(super) fn update(&mut self, records: &Records) {
        let end = records.revision();
        if end.clears != self.seen.clears {
            *self = Self { seen: Revision { count: 0, ..end }, ..Self::default() };
        }
        while self.seen.count < end.count {
            // If all events were cleared meanwhile, the next update starts over.
            let Some(events) = records.page(self.seen, CHUNK.min(end.count - self.seen.count)) else { break };
            self.seen.count += events.len();
            events.iter().for_each(|recorded| self.add(recorded));
        }
        self.update_known(records);
    }

    /// The revision of the last update.
    pub(super) fn seen(&self) -> Revision {
        self.seen
    }

    fn add(&mut self, recorded: &Recorded) {
        let event = &recorded.event;
        let entry = self.searches.entry(Key::of(&self.hasher, recorded));
        let index = entry.index();
        let search = entry.or_default();
        search.events.push(recorded.number);
        if !mem::replace(&mut search.unjudged, true) {
            self.unjudged.push(index);
        }
        if !recorded.discarded {
            search.stages |= Stage::of(event.job_event.r#type).bit();
            self.times.push(TypedTime::new(event.create_time.seconds(), event.job_event.r#type));
        }
        let tenant = Tenant(recorded.tenant.clone());
        if !self.tenants.contains(&tenant) {
            self.tenants.insert(tenant);
        }
    }

    /// A newly known request id may settle defects of a judged search.
    fn update_known(&mut self, records: &Records) {
        let known_ids = records.known_ids();
        if known_ids.forgotten != self.known_ids.forgotten {
            self.known = HashSet::new();
        }
        if known_ids.count != self.known.len() {
            for id in records.known() {
                if self.known.insert(id.clone()) {
                    self.searches_of(&id).into_iter().for_each(|search| self.mark_unjudged(search));
                }
            }
        }
        let without_count = |known_ids: KnownIds| KnownIds { count: 0, ..known_ids };
        if without_count(known_ids) != without_count(self.known_ids) {
            (0..self.searches.len()).for_each(|search| self.mark_unjudged(search));
        }
        self.known_ids = known_ids;
    }

    fn mark_unjudged(&mut self, search: usize) {
        if !mem::replace(&mut self.searches[search].unjudged, true) {
            self.unjudged.push(search);
        }
    }

    /// Judges all changed searches. Returns whether some are not due yet.
    fn judge_all(&mut self, records: &Records) -> bool {
        let unjudged = mem::take(&mut self.unjudged);
        let later = unjudged.into_iter().filter(|search| !self.judge_search(records, *search)).collect();
        self.unjudged = later;
        !self.unjudged.is_empty()
    }

    /// Judges a search if it has changed. Returns whether its judgement is up to date.
    pub(super) fn judge_search(&mut self, records: &Records, index: usize) -> bool {
        let Some((_, search)) = self.searches.get_index(index) else { return true };
        if !search.unjudged {
            return true;
        }
        let start = Instant::now();
        if self.large.get(&index).is_some_and(|large| start < large.due) {
            return false;
        }
        // If all events were cleared meanwhile, the next update starts over.
        let Some(events) = self.events(records, index) else { return true };
        let judgement = judge(&events, |id| self.is_synthetic(id));
        if events.len() > MAX_TIMELINE {
            let earliest = earliest(&events);
            drop(events);
            self.large.insert(index, Large { earliest, due: after_pause(start.elapsed()) });
        }
        self.defects.resize(RULES.len(), 0);
        judgement.broken.iter().for_each(|(rule, count)| self.defects[*rule] += u64::from(*count));
        let search = &mut self.searches[index];
        search.unjudged = false;
        for (rule, count) in mem::replace(&mut search.judgement, judgement).broken {
            self.defects[rule] -= u64::from(count);
        }
        true
    }

    /// The events of a search, in the order of arrival. `None`: all were cleared meanwhile.
    pub(super) fn events(&self, records: &Records, search: usize) -> Option<Vec<Recorded>> {
        let (_, search) = self.searches.get_index(search)?;
        records.numbered(self.seen.clears, search.events.iter().copied())
    }

    /// Reports each defect of a search, with the events that show it.
    pub(super) fn check(&self, events: &[Recorded], found: impl FnMut(Defect, &[&ClientEvent])) {
        judge::check(events, |id| self.is_synthetic(id), found);
    }

    fn is_synthetic(&self, id: &RequestId) -> bool {
        self.known_ids.others_are_synthetic && !self.known.contains(id)
    }

    /// The rules that an event breaks, by the last judgement of its search.
    pub(super) fn warnings(&self, search: usize, number: usize) -> impl Iterator<Item = &'static Rule> {
        let search = self.searches.get_index(search).map(|(_, search)| search);
        let rules = search
            .and_then(|search| search.judgement.by_event.get(search.events.binary_search(&number).ok()?))
            .copied()
            .unwrap_or(0);
        RULES.iter().enumerate().filter(move |(rule, _)| rules & 1 << rule != 0).map(|(_, rule)| *rule)
    }

    /// The number of events of a search, and its first [`MAX_TIMELINE`] events by time of creation. For a larger search they
    /// are as of its last judgement. `None`: all were cleared meanwhile.
    pub(super) fn timeline(&self, records: &Records, search: usize) -> Option<(usize, Vec<Recorded>)> {
        let numbers = match self.large.get(&search) {
            Some(large) => &large.earliest,
            None => &self.searches.get_index(search)?.1.events,
        };
        let mut events = records.numbered(self.seen.clears, numbers.iter().copied())?;
        events.sort_by_key(|recorded| (recorded.event.create_time, recorded.number));
        Some((self.searches.get_index(search)?.1.events.len(), events))
    }

    /// The search of an event.
    pub(super) fn search_of(&self, recorded: &Recorded) -> Option<usize> {
        self.searches.get_index_of(&Key::of(&self.hasher, recorded))
    }

    /// The searches with this request id, one per tenant.
    pub(super) fn searches_of(&self, id: &RequestId) -> Vec<usize> {
        let index = |tenant: &Tenant| self.searches.get_index_of(&Key::search(tenant, id));
        self.tenants.iter().filter_map(index).collect()
    }

    /// The number of defects for each of [`RULES`], and whether some searches are not judged yet.
    pub(super) fn defects(&mut self, records: &Records) -> (&[u64], bool) {
        let unfinished = self.judge_all(records);
        self.defects.resize(RULES.len(), 0);
        (&self.defects, unfinished)
    }

    /// The searches from this one on that break a rule.
    pub(super) fn searches_that_break(&mut self, records: &Records, rule: &Rule, from: usize) -> Vec<usize> {
        self.judge_all(records);
        let breaks = |search: &Search| search.judgement.broken.iter().any(|(broken, _)| RULES[*broken] == rule);
        let searches = self.searches.values().enumerate().skip(from);
        searches.filter(|(_, search)| breaks(search)).map(|(index, _)| index).collect()
    }

    /// For each stage of the [`FUNNEL`], the number of searches that showed jobs and reached the stage.
    pub(super) fn funnel(&self) -> [usize; FUNNEL.len()] {
        let mut searches = [0; FUNNEL.len()];
        for (key, search) in &self.searches {
            if matches!(key.of, Of::Search(_)) && search.stages & Stage::Shown.bit() != 0 {
                for (stage, count) in FUNNEL.iter().zip(&mut searches) {
                    *count += usize::from(search.stages & stage.bit() != 0);
                }
            }
        }
        searches
    }

    /// The times of the events that count.
    pub(super) fn times(&self) -> &[TypedTime] {
        &self.times
    }
}

fn earliest(events: &[Recorded]) -> Vec<usize> {
    let mut order: Vec<_> = events.iter().map(|recorded| (recorded.event.create_time, recorded.number)).collect();
    order.select_nth_unstable(MAX_TIMELINE - 1);
    order[..MAX_TIMELINE].iter().map(|(_, number)| *number).collect()
}

fn after_pause(took: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(took * JUDGEMENT_PAUSE).unwrap_or(now)
}
