//! The filter of a page.

use memchr::memmem;
use serde::Deserialize;
use talent_events::{EncodedEvent, JobEventType};

use crate::store::Recorded;

/// An event has to match all conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Filter {
    r#type: Option<JobEventType>,
    /// A part of the request id.
    request_id: Option<String>,
    /// A part of the id of one of the jobs, or the whole name of a job.
    job: Option<String>,
}

impl Filter {
    /// Whether an encoded event may match. Most events that do not match need not be decoded.
    pub(super) fn may_match(&self, event: &EncodedEvent) -> bool {
        // The encoded form holds strings unchanged.
        let has = |text: &Option<String>| {
            text.as_ref().is_none_or(|text| memmem::find(event.as_bytes(), text.as_bytes()).is_some())
        };
        self.r#type.is_none_or(|t| t == event.event_type()) && has(&self.request_id) && has(&self.job)
    }

    /// Whether an event matches that [may match](Self::may_match).
    pub(super) fn matches(&self, recorded: &Recorded) -> bool {
        let event = &recorded.event;
        self.r#type.is_none_or(|t| t == event.job_event.r#type)
            && self
                .request_id
                .as_ref()
                .is_none_or(|part| event.request_id.as_ref().is_some_and(|id| id.as_str().contains(part)))
            && self.job.as_ref().is_none_or(|part| {
                event.job_event.jobs.iter().any(|job| job.job().contains(part) || job.as_str() == part)
            })
    }
}
