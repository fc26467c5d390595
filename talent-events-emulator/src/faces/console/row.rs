//! An event as a row of a list.

use serde::Serialize;
use talent_events::{EventId, JobEventType, RequestId, TenantName, Timestamp};

use super::stages::Stage;
use crate::store::Recorded;

/// Maximum length of the notes, in characters. The page shows the whole event when it is opened.
const NOTES_CHARS: usize = 160;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    number: usize,
    tenant: TenantName,
    received_at: Timestamp,
    create_time: Timestamp,
    r#type: JobEventType,
    stage: Stage,
    event_id: EventId,
    request_id: Option<RequestId>,
    /// The id of the first job.
    job: String,
    /// The number of jobs.
    jobs: usize,
    notes: String,
    discarded: bool,
}

impl From<Recorded> for Row {
    fn from(recorded: Recorded) -> Self {
        let Recorded { number, tenant, received_at, event, discarded, .. } = recorded;
        let mut notes: String = event.event_notes.chars().take(NOTES_CHARS).collect();
        if notes.len() < event.event_notes.len() {
            notes.push('…');
        }
        Self {
            number,
            tenant,
            received_at,
            create_time: event.create_time,
            r#type: event.job_event.r#type,
            stage: Stage::of(event.job_event.r#type),
            event_id: event.event_id,
            request_id: event.request_id,
            job: event.job_event.jobs.first().map(|job| job.job().to_owned()).unwrap_or_default(),
            jobs: event.job_event.jobs.len(),
            notes,
            discarded,
        }
    }
}
