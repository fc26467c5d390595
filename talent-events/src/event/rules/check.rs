//! Checks a set of events by the rules between them.

use std::fmt;

use super::judge::Judge;
use super::search::{Search, by_identity, by_time};
use super::{Defect, RULES};
use crate::event::{ClientEvent, RequestId};

/// Returns the defects of a set of events. Like [`Checker::check`] without more knowledge.
pub fn check<'e>(events: impl IntoIterator<Item = &'e ClientEvent>) -> Vec<Defect> {
    Checker::new().check(events)
}

/// Checks sets of events by [`RULES`], and knows which request ids are made up.
///
/// ```
/// use std::collections::HashSet;
/// use talent_events::RequestId;
/// use talent_events::event::rules::Checker;
///
/// let answered: HashSet<RequestId> = HashSet::new();
/// let checker = Checker::new().synthetic(|id| !answered.contains(id));
/// assert!(checker.check([]).is_empty());
/// ```
#[derive(Clone, Copy)]
pub struct Checker<S = fn(&RequestId) -> bool> {
    synthetic: S,
}

impl Checker {
    /// A checker that takes every request id for a search's.
    pub fn new() -> Self {
        Self { synthetic: |_| false }
    }
}

impl<S: Fn(&RequestId) -> bool> Checker<S> {
    /// Sets which request ids are made up. The checker calls `is_made_up` once for each request id.
    pub fn synthetic<T: Fn(&RequestId) -> bool>(self, is_made_up: T) -> Checker<T> {
        Checker { synthetic: is_made_up }
    }

    /// Returns all defects: at most one for each rule, request id and job. Rules about one event alone
    /// (`request-id-missing`, `several-jobs`) have one for each event.
    ///
    /// The order of the events makes no difference. Defects are sorted by request id (none comes first), then in the order
    /// of [`RULES`], then by job or time.
    ///
    /// - Deliveries are made at least once. Events with the same event id, request id, type and jobs are one event, at the
    ///   earliest of their times. Events that share only an event id are different events.
    /// - Events without a request id are checked one by one.
    /// - Jobs are compared without their project, which has an id and a number.
    ///
    /// Takes O(n log n) time and O(n) memory, where n counts each job of each event.
    pub fn check<'e>(&self, events: impl IntoIterator<Item = &'e ClientEvent>) -> Vec<Defect> {
        let mut defects = Vec::new();
        self.check_with(events, |defect, _| defects.push(defect));
        defects
    }

    /// The same, with the events of each defect in the order of [`Defect::events`]. Several events may share an id.
    pub fn check_with<'e>(
        &self,
        events: impl IntoIterator<Item = &'e ClientEvent>,
        mut found: impl FnMut(Defect, &[&ClientEvent]),
    ) {
        let mut events: Vec<_> = events.into_iter().collect();
        events.sort_unstable_by(|a, b| by_identity(a, b).then(a.create_time.cmp(&b.create_time)));
        events.dedup_by(|again, first| by_identity(again, first).is_eq());
        // The remaining events differ in their identity, so this order is total.
        events.sort_unstable_by(|a, b| a.request_id.cmp(&b.request_id).then_with(|| by_time(a, b)));
        for events in events.chunk_by(|a, b| a.request_id == b.request_id) {
            self.check_search(events, &mut found);
        }
    }

    fn check_search(&self, events: &[&ClientEvent], found: &mut impl FnMut(Defect, &[&ClientEvent])) {
        let request_id = events.first().and_then(|e| e.request_id.as_ref());
        let search = request_id.map(|id| Search::new(events, (self.synthetic)(id)));
        for &rule in RULES {
            let mut broken = |job, shown_by: &[&ClientEvent]| {
                if !shown_by.is_empty() {
                    found(Defect::new(rule, job, shown_by), shown_by);
                }
            };
            match (rule.judge, &search) {
                (Judge::Event(is_broken), _) => {
                    for event in events.iter().filter(|e| is_broken(e)) {
                        let job = match &*event.job_event.jobs {
                            [job] => Some(job),
                            _ => None,
                        };
                        broken(job, &[event]);
                    }
                }
                (Judge::Search(judge), Some(search)) => broken(None, &judge(search)),
                (Judge::Job(judge), Some(search)) => {
                    search.jobs().for_each(|job| broken(Some(job.name()), &judge(search, &job)));
                }
                (_, None) => {}
            }
        }
    }
}

impl Default for Checker {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for Checker<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checker").finish_non_exhaustive()
    }
}
