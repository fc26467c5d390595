//! Judges a set of events by the rules between them.

use std::fmt;

use super::judge::Judge;
use super::search::{Search, by_identity, by_time};
use super::{Defect, RULES};
use crate::event::{ClientEvent, RequestId};

/// The defects of a set of events, by what the events themselves tell: [`Checker::check`] without more knowledge.
pub fn check<'e>(events: impl IntoIterator<Item = &'e ClientEvent>) -> Vec<Defect> {
    Checker::new().check(events)
}

/// Judges sets of events by [`RULES`], with what the events themselves can not tell: which request ids are made up.
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
    /// Takes every request id for one of a search.
    pub fn new() -> Self {
        Self { synthetic: |_| false }
    }
}

impl<S: Fn(&RequestId) -> bool> Checker<S> {
    /// Takes the request ids for made up of which `is_made_up` says so. It is asked once for each request id.
    pub fn synthetic<T: Fn(&RequestId) -> bool>(self, is_made_up: T) -> Checker<T> {
        Checker { synthetic: is_made_up }
    }

    /// All defects, at most one for each rule, request id and job; for rules about one event by itself
    /// (`request-id-missing`, `several-jobs`), one for each event.
    ///
    /// In which order the events are given makes no difference. Defects are listed by request id, then in the order of
    /// [`RULES`], then by job or time; what has no request id comes first.
    ///
    /// - Deliveries are made at least once. Events of the same event id, request id, type and jobs are one event, at
    ///   the earliest of their times. Events that share an id and nothing else are different events.
    /// - Events without a request id have nothing in common: they are only judged one by one.
    /// - Jobs are told apart by tenant and job, not by project, which has an id and a number.
    ///
    /// Costs time in proportion to n log n and memory in proportion to n, where n counts each job of each event.
    pub fn check<'e>(&self, events: impl IntoIterator<Item = &'e ClientEvent>) -> Vec<Defect> {
        let mut defects = Vec::new();
        self.check_with(events, |defect, _| defects.push(defect));
        defects
    }

    /// The same, and each defect with the events that show it, in the order in which it [names](Defect::events) them:
    /// for callers who know more of an event than its id, which several may share.
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
