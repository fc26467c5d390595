//! What the pages know of all events: by search, judged once, so that a million events are shown as quickly as ten.
//!
//! It is kept up to date when a page asks, and costs nothing where none does. It holds numbers of events, never events:
//! about 16 bytes for each, and 200 for each search.

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::mem;

use indexmap::IndexMap;
use talent_events::event::rules::{Checker, Defect, RULES, Rule};
use talent_events::{ClientEvent, RequestId, TenantName};

use super::moments::Moment;
use super::stages::{FUNNEL, Stage};
use crate::Recorded;
use crate::records::{Mark, Records};

/// Events that are read back at a time.
const CHUNK: usize = 1_000;

#[derive(Default)]
pub(super) struct Book {
    seen: Mark,
    searches: IndexMap<Key, Search>,
    tenants: BTreeSet<TenantName>,
    /// Places in `searches` of those that were not judged since they changed.
    unjudged: Vec<usize>,
    known: HashSet<RequestId>,
    /// Whether request ids that are not known count as made up.
    others_are_made_up: bool,
    /// Of each of `RULES`.
    defects: Vec<u64>,
    moments: Vec<Moment>,
    hasher: RandomState,
}

/// Whose events are judged together. The request ids of two tenants have nothing to do with each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    tenant: TenantName,
    of: Of,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Of {
    Search(RequestId),
    /// Events without a request id have nothing in common: each is judged by itself, together with its repetitions.
    Event(u64),
}

#[derive(Debug, Default)]
struct Search {
    events: Vec<usize>,
    /// What the events that count tell of: bits of [`Stage`].
    stages: u8,
    unjudged: bool,
    /// Places in `RULES`, and how many defects.
    broken: Vec<(usize, u32)>,
}

/// The events that are judged together, and what is wrong with them.
pub(super) struct Judged {
    /// In the order in which they came.
    pub(super) events: Vec<Recorded>,
    pub(super) defects: Vec<Defect>,
}

impl Judged {
    /// What is wrong with one of the events.
    pub(super) fn of_event<'j>(&'j self, event: &'j ClientEvent) -> impl Iterator<Item = &'j Defect> {
        self.defects
            .iter()
            .filter(|defect| defect.typed_events().any(|(t, id)| *id == event.event_id && t == event.job_event.r#type))
    }
}

impl Book {
    /// Reads what came since the last time.
    pub(super) fn catch_up(&mut self, records: &Records) {
        let end = *records.marks().borrow();
        if end.clears != self.seen.clears {
            *self = Self { seen: Mark { clears: end.clears, count: 0 }, ..Self::default() };
        }
        while self.seen.count < end.count {
            // Where all were cleared meanwhile, the next time begins anew.
            let Some(events) = records.page(self.seen, CHUNK.min(end.count - self.seen.count)) else { break };
            self.seen.count += events.len();
            events.iter().for_each(|recorded| self.add(recorded));
        }
        self.learn(records);
    }

    /// How far it has read.
    pub(super) fn seen(&self) -> Mark {
        self.seen
    }

    fn add(&mut self, recorded: &Recorded) {
        let event = &recorded.event;
        let entry = self.searches.entry(key(&self.hasher, recorded));
        let place = entry.index();
        let search = entry.or_default();
        search.events.push(recorded.number);
        if !mem::replace(&mut search.unjudged, true) {
            self.unjudged.push(place);
        }
        if !recorded.discarded {
            search.stages |= Stage::of(event.job_event.r#type).bit();
            self.moments.push(Moment::new(event.create_time.seconds(), event.job_event.r#type));
        }
        if !self.tenants.contains(&recorded.tenant) {
            self.tenants.insert(recorded.tenant.clone());
        }
    }

    /// What is newly known of request ids settles defects of searches that were judged before.
    fn learn(&mut self, records: &Records) {
        let (count, others_are_made_up) = records.knowledge();
        if count != self.known.len() {
            for id in records.known() {
                if self.known.insert(id.clone()) {
                    self.places(&id).into_iter().for_each(|place| self.judge_again(place));
                }
            }
        }
        if others_are_made_up != self.others_are_made_up {
            self.others_are_made_up = others_are_made_up;
            (0..self.searches.len()).for_each(|place| self.judge_again(place));
        }
    }

    fn judge_again(&mut self, place: usize) {
        if !mem::replace(&mut self.searches[place].unjudged, true) {
            self.unjudged.push(place);
        }
    }

    /// Judges what changed.
    fn judge(&mut self, records: &Records) {
        self.defects.resize(RULES.len(), 0);
        for place in mem::take(&mut self.unjudged) {
            let Some(judged) = self.judged(records, place) else { continue };
            let mut broken: Vec<(usize, u32)> = Vec::new();
            for rule in judged.defects.iter().filter_map(|defect| position(defect.rule)) {
                self.defects[rule] += 1;
                match broken.iter_mut().find(|(other, _)| *other == rule) {
                    Some((_, count)) => *count += 1,
                    None => broken.push((rule, 1)),
                }
            }
            let search = &mut self.searches[place];
            search.unjudged = false;
            for (rule, count) in mem::replace(&mut search.broken, broken) {
                self.defects[rule] -= u64::from(count);
            }
        }
    }

    /// The events at a place, judged now; `None` where all were cleared meanwhile.
    pub(super) fn judged(&self, records: &Records, place: usize) -> Option<Judged> {
        let (_, search) = self.searches.get_index(place)?;
        let events = records.numbered(self.seen.clears, search.events.iter().copied())?;
        let checker = Checker::new().synthetic(|id| self.others_are_made_up && !self.known.contains(id));
        let defects = checker.check(events.iter().map(|recorded| &recorded.event));
        Some(Judged { events, defects })
    }

    /// Where the event is judged.
    pub(super) fn place(&self, recorded: &Recorded) -> Option<usize> {
        self.searches.get_index_of(&key(&self.hasher, recorded))
    }

    /// Where the events under a request id are judged, by tenant.
    pub(super) fn places(&self, id: &RequestId) -> Vec<usize> {
        let of = Of::Search(id.clone());
        let key = |tenant: &TenantName| Key { tenant: tenant.clone(), of: of.clone() };
        self.tenants.iter().filter_map(|tenant| self.searches.get_index_of(&key(tenant))).collect()
    }

    /// How many defects there are by each of [`RULES`].
    pub(super) fn defects(&mut self, records: &Records) -> &[u64] {
        self.judge(records);
        &self.defects
    }

    /// From this place on, where a rule is broken.
    pub(super) fn broken(&mut self, records: &Records, rule: &Rule, from: usize) -> Vec<usize> {
        self.judge(records);
        let breaks = |search: &Search| search.broken.iter().any(|(broken, _)| RULES[*broken] == rule);
        let searches = self.searches.values().enumerate().skip(from);
        searches.filter(|(_, search)| breaks(search)).map(|(place, _)| place).collect()
    }

    /// How many searches showed jobs, and to each stage of the [`FUNNEL`] how many of these led.
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

    /// When the events happened that count.
    pub(super) fn moments(&self) -> &[Moment] {
        &self.moments
    }
}

fn key(hasher: &RandomState, recorded: &Recorded) -> Key {
    let event = &recorded.event;
    let of = match &event.request_id {
        Some(id) => Of::Search(id.clone()),
        // What makes two events the same one for the rules.
        None => Of::Event(hasher.hash_one((&event.event_id, event.job_event.r#type, &event.job_event.jobs))),
    };
    Key { tenant: recorded.tenant.clone(), of }
}

/// In [`RULES`].
fn position(rule: &Rule) -> Option<usize> {
    RULES.iter().position(|other| *other == rule)
}
