//! The rules between events and the stages of an application, by their public face.

mod order;
mod pairs;
mod stages;

use std::collections::BTreeSet;

use talent_events::event::rules::Defect;
use talent_events::{ClientEvent, EventId, JobEvent, JobEventType, JobName, RequestId, Timestamp};

/// An event of a made-up board: with this id, under this request id (none where empty), about these jobs, at this
/// second.
fn event(id: &str, request_id: &str, r#type: JobEventType, jobs: &[&str], second: i64) -> ClientEvent {
    let jobs = jobs.iter().map(|id| JobName::new(format!("projects/acme/tenants/board/jobs/{id}")).unwrap());
    let mut event = ClientEvent::new(JobEvent::new(r#type, jobs));
    event.event_id = EventId::new(id).unwrap();
    event.request_id = (!request_id.is_empty()).then(|| RequestId::new(request_id).unwrap());
    event.create_time = Timestamp::new(1_770_000_000 + second, 0).unwrap();
    event
}

/// Events of one search, one a second, each about these jobs, named `e0`, `e1` …
fn search(steps: &[(JobEventType, &[&str])]) -> Vec<ClientEvent> {
    (0..).zip(steps).map(|(i, (r#type, jobs))| event(&format!("e{i}"), "s", *r#type, jobs, i)).collect()
}

/// What is done with one job, after an impression that lists it.
fn with_one_job(types: &[JobEventType]) -> Vec<ClientEvent> {
    let steps: Vec<_> = [JobEventType::Impression].iter().chain(types).map(|t| (*t, &["a"][..])).collect();
    search(&steps)
}

fn ids(defects: &[Defect]) -> Vec<&'static str> {
    defects.iter().map(|d| d.rule.id()).collect()
}

fn id_set(defects: &[Defect]) -> BTreeSet<&'static str> {
    defects.iter().map(|d| d.rule.id()).collect()
}

fn events(defect: &Defect) -> Vec<&str> {
    defect.events.iter().map(EventId::as_str).collect()
}
