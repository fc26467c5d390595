//! How each rule is judged: which events show that it is broken. None: it is kept.

use super::search::{Job, Search, by_time};
use crate::event::ClientEvent;
use crate::event::JobEventType::{self, *};

/// What a rule looks at.
#[derive(Clone, Copy)]
pub(super) enum Judge {
    /// One event by itself, with or without a request id.
    Event(fn(&ClientEvent) -> bool),
    /// All events under one request id.
    Search(for<'e> fn(&Search<'e>) -> Vec<&'e ClientEvent>),
    /// The events for one job under one request id.
    Job(for<'e> fn(&Search<'e>, &Job<'_, 'e>) -> Vec<&'e ClientEvent>),
}

/// By which an application begins. A redirect begins one that goes on elsewhere.
const BEGINNINGS: [JobEventType; 4] =
    [ApplicationStart, ApplicationStartFromSearch, ApplicationRedirect, ApplicationRedirectFromSearch];

/// Which tell that somebody applies, whoever sends the papers.
const APPLICATIONS: [JobEventType; 8] = [
    ApplicationStart,
    ApplicationFinish,
    ApplicationQuickSubmission,
    ApplicationRedirect,
    ApplicationStartFromSearch,
    ApplicationRedirectFromSearch,
    ApplicationCompanySubmit,
    SentCv,
];

/// The steps that an application takes once. It starts once, whether from the search or not.
const ONCE: [&[JobEventType]; 4] =
    [&[ApplicationStart, ApplicationStartFromSearch], &[ApplicationFinish], &[InterviewGranted], &[Hired]];

/// Steps, and what the first of them cannot come before.
const FOLLOWS: [(JobEventType, &[JobEventType]); 4] = [
    (ApplicationFinish, &BEGINNINGS),
    (InterviewGranted, &APPLICATIONS),
    (Hired, &APPLICATIONS),
    (Hired, &[InterviewGranted]),
];

pub(super) fn request_id_missing(event: &ClientEvent) -> bool {
    event.request_id.is_none()
}

pub(super) fn several_jobs(event: &ClientEvent) -> bool {
    let jobs = &event.job_event.jobs;
    !event.job_event.r#type.speaks_of_many_jobs()
        && jobs.iter().any(|job| job.without_project() != jobs[0].without_project())
}

pub(super) fn request_id_synthetic<'e>(search: &Search<'e>) -> Vec<&'e ClientEvent> {
    if search.synthetic { search.events.to_vec() } else { Vec::new() }
}

pub(super) fn impressions_multiple<'e>(search: &Search<'e>) -> Vec<&'e ClientEvent> {
    if search.impressions.len() > 1 { search.impressions.clone() } else { Vec::new() }
}

pub(super) fn impressions_none<'e>(search: &Search<'e>) -> Vec<&'e ClientEvent> {
    if search.impressions.is_empty() { search.events.to_vec() } else { Vec::new() }
}

pub(super) fn quick_alone<'e>(_: &Search<'e>, job: &Job<'_, 'e>) -> Vec<&'e ClientEvent> {
    not_beside(job, ApplicationQuickSubmission, &[ApplicationStart, ApplicationFinish])
}

pub(super) fn start_from_search_no_view<'e>(_: &Search<'e>, job: &Job<'_, 'e>) -> Vec<&'e ClientEvent> {
    not_beside(job, ApplicationStartFromSearch, &[View])
}

pub(super) fn redirect_from_search_alone<'e>(_: &Search<'e>, job: &Job<'_, 'e>) -> Vec<&'e ClientEvent> {
    not_beside(job, ApplicationRedirectFromSearch, &[ApplicationStart, ApplicationFinish, View])
}

pub(super) fn hire_needs_application<'e>(_: &Search<'e>, job: &Job<'_, 'e>) -> Vec<&'e ClientEvent> {
    if job.has(&APPLICATIONS) { Vec::new() } else { job.of(&[InterviewGranted, Hired]).collect() }
}

pub(super) fn finish_without_start<'e>(_: &Search<'e>, job: &Job<'_, 'e>) -> Vec<&'e ClientEvent> {
    if job.has(&BEGINNINGS) { Vec::new() } else { job.of(&[ApplicationFinish]).collect() }
}

/// A job that an alert showed needs no impression to be known. Without any impression there is nothing to compare.
pub(super) fn job_not_shown<'e>(search: &Search<'e>, job: &Job<'_, 'e>) -> Vec<&'e ClientEvent> {
    let shown = job.shown.is_some() || search.impressions.is_empty();
    if shown { Vec::new() } else { job.events().collect() }
}

pub(super) fn step_repeated<'e>(_: &Search<'e>, job: &Job<'_, 'e>) -> Vec<&'e ClientEvent> {
    let repeated: Vec<_> = ONCE.into_iter().filter(|step| job.of(step).nth(1).is_some()).flatten().copied().collect();
    job.of(&repeated).collect()
}

/// Each step that is dated too early, and the first of what it follows from. At the same time is not before.
pub(super) fn time_order<'e>(_: &Search<'e>, job: &Job<'_, 'e>) -> Vec<&'e ClientEvent> {
    let mut shown_by = Vec::new();
    let mut compare = |origin: Option<&'e ClientEvent>, steps: &mut dyn Iterator<Item = &'e ClientEvent>| {
        let Some(origin) = origin else { return };
        let before = shown_by.len();
        shown_by.extend(steps.filter(|e| e.create_time < origin.create_time));
        if shown_by.len() > before {
            shown_by.push(origin);
        }
    };
    compare(job.shown, &mut job.events());
    for (step, origins) in FOLLOWS {
        compare(job.of(origins).next(), &mut job.of(&[step]));
    }
    shown_by.sort_by(|a, b| by_time(a, b));
    shown_by.dedup_by(|a, b| std::ptr::eq(*a, *b));
    shown_by
}

fn not_beside<'e>(job: &Job<'_, 'e>, alone: JobEventType, others: &[JobEventType]) -> Vec<&'e ClientEvent> {
    if !job.has(&[alone]) || !job.has(others) {
        return Vec::new();
    }
    job.events().filter(|e| e.job_event.r#type == alone || others.contains(&e.job_event.r#type)).collect()
}
