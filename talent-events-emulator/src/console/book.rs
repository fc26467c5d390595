//! What the pages know of all events: by search, judged once, so that a million events are shown as quickly as ten.
//!
//! It is kept up to date when a page asks, and costs nothing where none does. It holds numbers of events, never events:
//! about 20 bytes for each, and 250 for each search.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash, RandomState};
use std::mem;
use std::ptr;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use talent_events::event::rules::{Checker, Defect, RULES, Rule};
use talent_events::{ClientEvent, RequestId, TenantName};

use super::moments::Moment;
use super::stages::{FUNNEL, Stage};
use crate::Recorded;
use crate::records::{Knowledge, Mark, Records};

/// Events that are read back at a time.
const CHUNK: usize = 1_000;

/// Most events of a search that are shown in the order of time.
pub(super) const SHOWN: usize = 500;

/// A larger search is judged again only after so many times as long as judging it took: a load test under one request id
/// would else keep all pages waiting.
const REST: u32 = 10;

#[derive(Default)]
pub(super) struct Book {
    seen: Mark,
    searches: IndexMap<Key, Search>,
    /// Of the searches with more than [`SHOWN`] events, by their places.
    large: HashMap<usize, Large>,
    tenants: BTreeSet<TenantName>,
    /// Places in `searches` of those that were not judged since they changed.
    unjudged: Vec<usize>,
    known: HashSet<RequestId>,
    knowledge: Knowledge,
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
    /// Their numbers, in the order in which they came.
    events: Vec<usize>,
    /// What the events that count tell of: bits of [`Stage`].
    stages: u8,
    unjudged: bool,
    /// What is wrong with each of the events that there were at the last judgement: bits by the places in `RULES`.
    wrong: Box<[u16]>,
    /// Places in `RULES`, and how many defects.
    broken: Vec<(usize, u32)>,
}

const _: () = assert!(RULES.len() <= u16::BITS as usize);

#[derive(Debug)]
struct Large {
    /// The numbers of the first [`SHOWN`] events by the time when they happened, as of the last judgement.
    earliest: Vec<usize>,
    /// Not to be judged again before.
    due: Instant,
}

impl Book {
    /// Reads what came since the last time.
    pub(super) fn catch_up(&mut self, records: &Records) {
        let end = *records.marks().borrow();
        if end.clears != self.seen.clears {
            *self = Self { seen: Mark { count: 0, ..end }, ..Self::default() };
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
        let knowledge = records.knowledge();
        if knowledge.forgotten != self.knowledge.forgotten {
            self.known = HashSet::new();
        }
        if knowledge.count != self.known.len() {
            for id in records.known() {
                if self.known.insert(id.clone()) {
                    self.places(&id).into_iter().for_each(|place| self.judge_again(place));
                }
            }
        }
        let all = |knowledge: Knowledge| Knowledge { count: 0, ..knowledge };
        if all(knowledge) != all(self.knowledge) {
            (0..self.searches.len()).for_each(|place| self.judge_again(place));
        }
        self.knowledge = knowledge;
    }

    fn judge_again(&mut self, place: usize) {
        if !mem::replace(&mut self.searches[place].unjudged, true) {
            self.unjudged.push(place);
        }
    }

    /// Judges what changed, and answers whether there is still something to judge, as it is not due.
    fn judge(&mut self, records: &Records) -> bool {
        let places = mem::take(&mut self.unjudged);
        let later = places.into_iter().filter(|place| !self.judge_search(records, *place)).collect();
        self.unjudged = later;
        !self.unjudged.is_empty()
    }

    /// Judges the search at a place if it changed, and answers whether that is done.
    pub(super) fn judge_search(&mut self, records: &Records, place: usize) -> bool {
        let Some((_, search)) = self.searches.get_index(place) else { return true };
        if !search.unjudged {
            return true;
        }
        let start = Instant::now();
        if self.large.get(&place).is_some_and(|large| start < large.due) {
            return false;
        }
        // Where all were cleared meanwhile, the next time begins anew.
        let Some(events) = self.events(records, place) else { return true };
        let (wrong, broken) = self.verdict(&events);
        if events.len() > SHOWN {
            let earliest = earliest(&events);
            drop(events);
            self.large.insert(place, Large { earliest, due: due(start.elapsed()) });
        }
        self.defects.resize(RULES.len(), 0);
        broken.iter().for_each(|(rule, count)| self.defects[*rule] += u64::from(*count));
        let search = &mut self.searches[place];
        search.unjudged = false;
        search.wrong = wrong;
        for (rule, count) in mem::replace(&mut search.broken, broken) {
            self.defects[rule] -= u64::from(count);
        }
        true
    }

    fn verdict(&self, events: &[Recorded]) -> (Box<[u16]>, Vec<(usize, u32)>) {
        let mut shown = HashMap::<_, u16>::new();
        let mut broken: Vec<(usize, u32)> = Vec::new();
        self.check(events, |defect, shown_by| {
            let Some(rule) = position(defect.rule) else { return };
            shown_by.iter().for_each(|event| *shown.entry(ptr::from_ref(*event)).or_default() |= 1 << rule);
            match broken.iter_mut().find(|(other, _)| *other == rule) {
                Some((_, count)) => *count += 1,
                None => broken.push((rule, 1)),
            }
        });
        if broken.is_empty() {
            return Default::default();
        }
        let of = |event: &ClientEvent| shown.get(&ptr::from_ref(event)).copied();
        let events = events.iter().map(|recorded| &recorded.event);
        // One of the repetitions stands for all.
        let wrong: HashMap<_, u16> = events.clone().filter_map(|e| Some((identity(e), of(e)?))).collect();
        (events.map(|event| wrong.get(&identity(event)).copied().unwrap_or(0)).collect(), broken)
    }

    /// The events that are judged together at a place, in the order in which they came; `None` where all were cleared
    /// meanwhile.
    pub(super) fn events(&self, records: &Records, place: usize) -> Option<Vec<Recorded>> {
        let (_, search) = self.searches.get_index(place)?;
        records.numbered(self.seen.clears, search.events.iter().copied())
    }

    /// What is wrong with events that are judged together, and which of them show it.
    pub(super) fn check(&self, events: &[Recorded], found: impl FnMut(Defect, &[&ClientEvent])) {
        let others_are_made_up = self.knowledge.others_are_made_up;
        let checker = Checker::new().synthetic(|id| others_are_made_up && !self.known.contains(id));
        checker.check_with(events.iter().map(|recorded| &recorded.event), found);
    }

    /// Which rules an event breaks, as its search was judged last.
    pub(super) fn warnings(&self, place: usize, number: usize) -> impl Iterator<Item = &'static Rule> {
        let search = self.searches.get_index(place).map(|(_, search)| search);
        let wrong = search.and_then(|search| search.wrong.get(search.events.binary_search(&number).ok()?));
        let wrong = wrong.copied().unwrap_or(0);
        RULES.iter().enumerate().filter(move |(rule, _)| wrong & 1 << rule != 0).map(|(_, rule)| *rule)
    }

    /// How many events there are at a place, and the first [`SHOWN`] of them by the time when they happened: of a larger
    /// search, as of its last judgement. `None` where all were cleared meanwhile.
    pub(super) fn timeline(&self, records: &Records, place: usize) -> Option<(usize, Vec<Recorded>)> {
        let (_, search) = self.searches.get_index(place)?;
        let numbers = match self.large.get(&place) {
            Some(large) => &large.earliest,
            None => &search.events,
        };
        let mut events = records.numbered(self.seen.clears, numbers.iter().copied())?;
        events.sort_by_key(|recorded| (recorded.event.create_time, recorded.number));
        Some((search.events.len(), events))
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

    /// How many defects there are by each of [`RULES`], and whether there is still something to judge.
    pub(super) fn defects(&mut self, records: &Records) -> (&[u64], bool) {
        let unfinished = self.judge(records);
        self.defects.resize(RULES.len(), 0);
        (&self.defects, unfinished)
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

/// What the deliveries of one event have in common, among the events that are judged together.
fn identity(event: &ClientEvent) -> impl Eq + Hash + use<'_> {
    (&event.event_id, event.job_event.r#type, &event.job_event.jobs)
}

fn earliest(events: &[Recorded]) -> Vec<usize> {
    let mut order: Vec<_> = events.iter().map(|recorded| (recorded.event.create_time, recorded.number)).collect();
    order.select_nth_unstable(SHOWN - 1);
    order[..SHOWN].iter().map(|(_, number)| *number).collect()
}

fn due(took: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(took * REST).unwrap_or(now)
}

/// In [`RULES`].
fn position(rule: &Rule) -> Option<usize> {
    RULES.iter().position(|other| *other == rule)
}

#[cfg(test)]
mod tests {
    use talent_events::JobEventType::{Impression, View};
    use talent_events::event::rules::{IMPRESSIONS_MULTIPLE, IMPRESSIONS_NONE, JOB_NOT_SHOWN};
    use talent_events::{EncodedEvent, EventId, JobEvent, JobEventType, Timestamp};

    use super::*;
    use crate::Settings;

    const TENANT: &str = "projects/acme/tenants/board";

    fn add(records: &Records, what: JobEventType, event_id: &str, job: &str) {
        let mut event = ClientEvent::new(JobEvent::new(what, [format!("{TENANT}/jobs/{job}").parse().unwrap()]));
        event.event_id = EventId::new(event_id).unwrap();
        event.request_id = Some("s".parse().unwrap());
        event.create_time = Timestamp::new(7, 0).unwrap();
        let encoded = EncodedEvent::from_client_event(&event, &TENANT.parse().unwrap()).unwrap();
        records.restore([(encoded, Timestamp::now(), false)]);
    }

    fn warnings(book: &mut Book, records: &Records, number: usize) -> Vec<&'static Rule> {
        book.catch_up(records);
        let recorded = records.numbered(book.seen.clears, [number]).unwrap().remove(0);
        let place = book.place(&recorded).unwrap();
        book.judge_search(records, place);
        book.warnings(place, number).collect()
    }

    #[test]
    fn warnings_are_those_of_the_event_and_of_its_repetitions_alone() {
        let (mut book, records) = (Book::default(), Records::new(Settings::default(), HashSet::new()));
        add(&records, Impression, "e", "shown");
        add(&records, View, "same", "shown");
        // The same id and type, and another event all the same.
        add(&records, View, "same", "other");
        add(&records, View, "same", "other");
        let found: Vec<_> = (1..=4).map(|number| warnings(&mut book, &records, number)).collect();
        assert_eq!(found, [vec![], vec![], vec![&JOB_NOT_SHOWN], vec![&JOB_NOT_SHOWN]]);
        add(&records, Impression, "e", "other");
        assert_eq!(warnings(&mut book, &records, 5), [&IMPRESSIONS_MULTIPLE]);
        assert!(warnings(&mut book, &records, 3).is_empty());
    }

    /// A load test under one request id: the more there is, the longer it takes.
    #[test]
    fn a_large_search_is_judged_when_it_changed_and_not_all_the_time() {
        let (mut book, records) = (Book::default(), Records::new(Settings::default(), HashSet::new()));
        for n in 0..=SHOWN {
            add(&records, View, &n.to_string(), "42");
        }
        assert_eq!(warnings(&mut book, &records, 7), [&IMPRESSIONS_NONE]);
        let due = |book: &Book| book.large[&0].due;
        let judged = due(&book);
        assert_eq!(book.defects(&records), (&book_defects(&[&IMPRESSIONS_NONE])[..], false));
        assert_eq!(warnings(&mut book, &records, 8), [&IMPRESSIONS_NONE]);
        assert_eq!(due(&book), judged, "nothing changed: what was found still holds");

        // It settles all, but what was judged a moment ago is not judged again.
        add(&records, Impression, "shown", "42");
        let now = Instant::now();
        book.large.get_mut(&0).unwrap().due = now + Duration::from_secs(3_600);
        assert_eq!(warnings(&mut book, &records, 7), [&IMPRESSIONS_NONE]);
        assert!(book.defects(&records).1, "there is something left to judge");
        book.large.get_mut(&0).unwrap().due = now;
        assert!(warnings(&mut book, &records, 7).is_empty());
        assert_eq!(book.defects(&records), (&book_defects(&[])[..], false));

        let (count, events) = book.timeline(&records, 0).unwrap();
        assert_eq!((count, events.len(), events[0].number, events[SHOWN - 1].number), (SHOWN + 2, SHOWN, 1, SHOWN));
    }

    fn book_defects(broken: &[&Rule]) -> Vec<u64> {
        RULES.iter().map(|rule| broken.contains(rule).into()).collect()
    }

    #[test]
    fn what_is_forgotten_is_judged_anew() {
        let (mut book, records) = (Book::default(), Records::new(Settings::default(), HashSet::new()));
        add(&records, Impression, "e", "42");
        assert_eq!(warnings(&mut book, &records, 1).len(), 0);
        records.know("other".parse().unwrap());
        assert_eq!(warnings(&mut book, &records, 1).len(), 1, "made up");
        // As many as before, and others.
        records.forget_known();
        records.know("s".parse().unwrap());
        assert_eq!(warnings(&mut book, &records, 1).len(), 0);
        records.forget_known();
        records.know("other".parse().unwrap());
        assert_eq!(warnings(&mut book, &records, 1).len(), 1);
        records.forget_known();
        assert_eq!(warnings(&mut book, &records, 1).len(), 0);
    }
}
