//! The events under one request id, laid out for judging.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::event::{ClientEvent, EventId, JobEventType, JobName, RequestId};

/// The events that came from one search, or all that say they came from none.
pub(super) struct Search<'e> {
    /// By time of creation.
    pub(super) events: &'e [&'e ClientEvent],
    /// The request id is known to be made up: there was no search.
    pub(super) synthetic: bool,
    /// Those that are impressions.
    pub(super) impressions: Vec<&'e ClientEvent>,
    /// The first event that showed a job: an impression or an alert.
    shown: HashMap<&'e str, &'e ClientEvent>,
    /// What was done with each job: one entry for each job of each event, by job and then time.
    steps: Vec<Mention<'e>>,
}

struct Mention<'e> {
    key: &'e str,
    job: &'e JobName,
    event: &'e ClientEvent,
}

/// One job of a search, and what was done with it: at least one step.
pub(super) struct Job<'s, 'e> {
    steps: &'s [Mention<'e>],
    /// The first event that showed the job.
    pub(super) shown: Option<&'e ClientEvent>,
}

impl<'e> Search<'e> {
    /// `events` are in the order of time.
    pub(super) fn new(events: &'e [&'e ClientEvent], synthetic: bool) -> Self {
        let mut impressions = Vec::new();
        let mut shown = HashMap::new();
        let mut steps = Vec::new();
        for &event in events {
            let r#type = event.job_event.r#type;
            if r#type == JobEventType::Impression {
                impressions.push(event);
            }
            for job in &event.job_event.jobs {
                match r#type {
                    JobEventType::Impression | JobEventType::Notification => _ = shown.entry(key(job)).or_insert(event),
                    _ => steps.push(Mention { key: key(job), job, event }),
                }
            }
        }
        // Stable: inside a job the order of time stays.
        steps.sort_by_key(|step| step.key);
        steps.dedup_by(|a, b| a.key == b.key && std::ptr::eq(a.event, b.event));
        Self { events, synthetic, impressions, shown, steps }
    }

    pub(super) fn jobs(&self) -> impl Iterator<Item = Job<'_, 'e>> {
        self.steps
            .chunk_by(|a, b| a.key == b.key)
            .map(|steps| Job { steps, shown: self.shown.get(steps[0].key).copied() })
    }
}

impl<'e> Job<'_, 'e> {
    pub(super) fn name(&self) -> &'e JobName {
        self.steps[0].job
    }

    /// What was done, by time of creation.
    pub(super) fn events(&self) -> impl Iterator<Item = &'e ClientEvent> {
        self.steps.iter().map(|step| step.event)
    }

    pub(super) fn of(&self, types: &[JobEventType]) -> impl Iterator<Item = &'e ClientEvent> {
        self.events().filter(move |e| types.contains(&e.job_event.r#type))
    }

    pub(super) fn has(&self, types: &[JobEventType]) -> bool {
        self.of(types).next().is_some()
    }
}

/// What two names of one job have in common: all but the project, which has an id and a number.
pub(super) fn key(job: &JobName) -> &str {
    job.as_str().splitn(3, '/').nth(2).unwrap_or_default()
}

/// The order of time among the events under one request id; what happened at the same time is ordered by identity, so
/// that the order is one, however the events are given.
pub(super) fn by_time(a: &ClientEvent, b: &ClientEvent) -> Ordering {
    a.create_time.cmp(&b.create_time).then_with(|| identity(a).cmp(&identity(b)))
}

/// What the deliveries of one event have in common.
pub(super) fn identity(event: &ClientEvent) -> (&Option<RequestId>, &EventId, JobEventType, &[JobName]) {
    (&event.request_id, &event.event_id, event.job_event.r#type, &event.job_event.jobs)
}
