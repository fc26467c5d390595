//! The events under one request id, laid out for judging.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::event::{ClientEvent, JobEventType, JobName};

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
                    JobEventType::Impression | JobEventType::Notification => {
                        _ = shown.entry(job.without_project()).or_insert(event)
                    }
                    _ => steps.push(Mention { key: job.without_project(), job, event }),
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

/// The order of time among the events under one request id; what happened at the same time is ordered by identity, so
/// that the order is one, however the events are given.
pub(super) fn by_time(a: &ClientEvent, b: &ClientEvent) -> Ordering {
    a.create_time.cmp(&b.create_time).then_with(|| by_identity(a, b))
}

/// The order of events by what all deliveries of one event have in common. Deliveries of one event are equal in it.
pub(super) fn by_identity(a: &ClientEvent, b: &ClientEvent) -> Ordering {
    let by_ids = a.request_id.cmp(&b.request_id).then_with(|| a.event_id.cmp(&b.event_id));
    by_ids.then_with(|| a.job_event.r#type.cmp(&b.job_event.r#type)).then_with(|| jobs(a).cmp(jobs(b)))
}

fn jobs(event: &ClientEvent) -> impl Iterator<Item = &str> {
    event.job_event.jobs.iter().map(JobName::without_project)
}
