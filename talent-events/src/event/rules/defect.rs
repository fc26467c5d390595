//! A broken rule.

use std::fmt;

use super::Rule;
use crate::event::{ClientEvent, EventId, InvalidField, JobEventType, JobName, RequestId};

/// Most events that the displayed form names.
const SHOWN_EVENTS: usize = 5;

/// A rule that a set of events breaks, and the events that break it.
///
/// Displayed it is one line: the rule, the job, the request id and up to five events. Foreign text is quoted and cut. No
/// form of it shows notes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Defect {
    /// Which rule.
    pub rule: &'static Rule,
    /// The request id. `None` if the events have none.
    pub request_id: Option<RequestId>,
    /// The job. `None` if the rule is about the request id or about several jobs.
    pub job: Option<JobName>,
    /// The events that break the rule, at least one, by time of creation.
    pub events: Vec<EventId>,
    /// What each of `events` is, in their order.
    types: Vec<JobEventType>,
}

impl Defect {
    /// `shown_by` holds at least one event; they share the request id.
    pub(super) fn new(rule: &'static Rule, job: Option<&JobName>, shown_by: &[&ClientEvent]) -> Self {
        Self {
            rule,
            request_id: shown_by.first().and_then(|e| e.request_id.clone()),
            job: job.cloned(),
            events: shown_by.iter().map(|e| e.event_id.clone()).collect(),
            types: shown_by.iter().map(|e| e.job_event.r#type).collect(),
        }
    }

    /// Each of [`events`](Self::events), and what it is.
    pub fn typed_events(&self) -> impl ExactSizeIterator<Item = (JobEventType, &EventId)> {
        self.types.iter().copied().zip(&self.events)
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rule)?;
        let mut lead = " [";
        if let Some(job) = &self.job {
            write!(f, "{lead}job {}", InvalidField::quote(job.as_str()))?;
            lead = ", ";
        }
        if let Some(id) = &self.request_id {
            write!(f, "{lead}request id {}", InvalidField::quote(id.as_str()))?;
            lead = ", ";
        }
        f.write_str(lead)?;
        for (i, (r#type, id)) in self.typed_events().take(SHOWN_EVENTS).enumerate() {
            write!(f, "{}{type} {}", if i > 0 { ", " } else { "" }, InvalidField::quote(id.as_str()))?;
        }
        match self.events.len().saturating_sub(SHOWN_EVENTS) {
            0 => f.write_str("]"),
            more => write!(f, " and {more} more]"),
        }
    }
}
