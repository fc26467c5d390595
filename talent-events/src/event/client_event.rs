//! The readable form of an event.

use serde::{Deserialize, Serialize};

use super::limits::{MAX_JOBS, MAX_NOTES_CHARS};
use super::object::Object;
use super::{EventId, InvalidEvent, InvalidField, JobEventType, JobName, RequestId, TenantName, Timestamp};

/// An event in the service's form, to read, compare and store.
///
/// Its serde form is proto3 JSON, as in the REST API. Ids, names, type and time are valid by construction.
/// [`check`](Self::check) checks the number of jobs, their tenant and the length of the notes, and so does every sending.
///
/// Apps rarely build one by hand: they derive [`TalentEvent`](crate::event::TalentEvent).
///
/// ```
/// use talent_events::event::ClientEvent;
///
/// let event: ClientEvent = serde_json::from_str(
///     r#"{
///         "requestId": "search-7f",
///         "eventId": "e-1",
///         "createTime": "2026-02-03T09:30:00Z",
///         "jobEvent": {"type": "VIEW", "jobs": ["projects/acme/tenants/board/jobs/42"]}
///     }"#,
/// )?;
/// assert_eq!(event.job_event.jobs[0].job(), "42");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", from = "Object<ClientEventFields>")]
#[non_exhaustive]
pub struct ClientEvent {
    /// The request id of the search. Without one the event does not count: see [`RequestId`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
    /// The event's own id.
    pub event_id: EventId,
    /// When it happened.
    pub create_time: Timestamp,
    /// What happened, to which jobs.
    pub job_event: JobEvent,
    /// Free text, at most 1,000 characters. Empty if there are no notes.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub event_notes: String,
}

/// The fields of a [`ClientEvent`] in proto3 JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClientEventFields {
    #[serde(alias = "request_id", default, deserialize_with = "empty_is_none")]
    request_id: Option<RequestId>,
    #[serde(alias = "event_id")]
    event_id: EventId,
    #[serde(alias = "create_time")]
    create_time: Timestamp,
    #[serde(alias = "job_event")]
    job_event: JobEvent,
    #[serde(alias = "event_notes", default, deserialize_with = "null_is_empty")]
    event_notes: String,
}

impl From<Object<ClientEventFields>> for ClientEvent {
    fn from(Object(fields): Object<ClientEventFields>) -> Self {
        let ClientEventFields { request_id, event_id, create_time, job_event, event_notes } = fields;
        Self { request_id, event_id, create_time, job_event, event_notes }
    }
}

/// What happened, to which jobs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Object<JobEventFields>")]
#[non_exhaustive]
pub struct JobEvent {
    /// What happened.
    pub r#type: JobEventType,
    /// To which jobs: 1 to 500.
    pub jobs: Vec<JobName>,
}

/// The fields of a [`JobEvent`] in proto3 JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JobEventFields {
    r#type: JobEventType,
    jobs: Vec<JobName>,
}

impl From<Object<JobEventFields>> for JobEvent {
    fn from(Object(JobEventFields { r#type, jobs }): Object<JobEventFields>) -> Self {
        Self { r#type, jobs }
    }
}

impl JobEvent {
    /// An event of this type about these jobs.
    pub fn new(r#type: JobEventType, jobs: impl IntoIterator<Item = JobName>) -> Self {
        Self { r#type, jobs: jobs.into_iter().collect() }
    }
}

impl ClientEvent {
    /// An event of now with a fresh id, without request id and notes. Set the fields to change it.
    pub fn new(job_event: JobEvent) -> Self {
        Self {
            request_id: None,
            event_id: EventId::generate(),
            create_time: Timestamp::now(),
            job_event,
            event_notes: String::new(),
        }
    }

    /// Checks what construction leaves open: 1 to 500 jobs, all of them `tenant`'s, and at most 1,000 characters of notes.
    ///
    /// Tenants are compared without their project, as a project has an id and a number.
    pub fn check(&self, tenant: &TenantName) -> Result<(), InvalidEvent> {
        let mut wrong = Vec::new();
        wrong.extend(check_job_count(self.job_event.jobs.len()).err());
        for (index, job) in self.job_event.jobs.iter().enumerate().take(MAX_JOBS) {
            wrong.extend(check_tenant(job.as_str(), tenant).err().map(|e| e.at(job_field(index))));
        }
        wrong.extend(check_notes(&self.event_notes).err());
        InvalidEvent::from_fields(wrong).map_or(Ok(()), Err)
    }
}

/// proto3 JSON may spell a missing request id as an empty text.
fn empty_is_none<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<RequestId>, D::Error> {
    match Option::<std::borrow::Cow<'de, str>>::deserialize(deserializer)? {
        None => Ok(None),
        Some(text) if text.is_empty() => Ok(None),
        Some(text) => RequestId::new(text).map(Some).map_err(serde::de::Error::custom),
    }
}

/// proto3 JSON reads `null` as the default.
fn null_is_empty<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::<String>::deserialize(deserializer).map(Option::unwrap_or_default)
}

pub(crate) fn job_field(index: usize) -> String {
    format!("job_event.jobs[{index}]")
}

pub(crate) fn check_job_count(count: usize) -> Result<(), InvalidField> {
    match count {
        0 => Err(InvalidField::new("job_event.jobs", "no job", "1 to 500 jobs")),
        1..=MAX_JOBS => Ok(()),
        _ => Err(InvalidField::new("job_event.jobs", format!("{count} jobs"), "1 to 500 jobs")
            .with_help("send only the jobs that were shown")),
    }
}

/// Google requires a well-formed job name. That it is the parent's is our rule.
pub(crate) fn check_tenant(job: &str, tenant: &TenantName) -> Result<(), InvalidField> {
    if super::name::tenant_of(job) == tenant.tenant() {
        return Ok(());
    }
    Err(InvalidField::new("job_event.jobs", InvalidField::quote(job), format!("a job of `{tenant}`")))
}

pub(crate) fn check_notes(notes: &str) -> Result<(), InvalidField> {
    // Bytes bound characters from above, so that short notes need no count.
    if notes.len() <= MAX_NOTES_CHARS || notes.chars().count() <= MAX_NOTES_CHARS {
        return Ok(());
    }
    let found = format!("{} characters", notes.chars().count());
    Err(InvalidField::new("event_notes", found, "at most 1000 characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// protobuf's parsers refuse an array, which serde's derive would read as the fields in their order.
    #[test]
    fn no_array_is_read_for_a_message() {
        let job_event = r#"{"type": "VIEW", "jobs": ["projects/p/tenants/t/jobs/1"]}"#;
        let as_array = r#"["VIEW", ["projects/p/tenants/t/jobs/1"]]"#;
        let event = |job_event: &str| {
            format!(r#"{{"eventId": "e", "createTime": "2026-02-03T09:30:00Z", "jobEvent": {job_event}}}"#)
        };
        let read = |text: &str| serde_json::from_str::<ClientEvent>(text).map_err(|e| e.to_string());
        assert!(read(&event(job_event)).is_ok());
        let whole = format!(r#"[null, "e", "2026-02-03T09:30:00Z", {job_event}, ""]"#);
        for text in [event(as_array), whole] {
            let error = read(&text).unwrap_err();
            assert!(error.starts_with("invalid type: sequence, expected an object"), "{error}");
        }
    }

    #[test]
    fn json_that_proto3_reads_is_read() {
        let event = r#"{"request_id": null, "eventId": "e", "createTime": "2026-02-03T10:30:00+01:00",
            "jobEvent": {"type": 2, "jobs": ["projects/p/tenants/t/jobs/1"]}, "eventNotes": null}"#;
        let event: ClientEvent = serde_json::from_str(event).unwrap();
        assert_eq!((event.request_id.clone(), event.event_notes.as_str()), (None, ""));
        let written = serde_json::to_string(&event).unwrap();
        assert_eq!(
            written,
            r#"{"eventId":"e","createTime":"2026-02-03T09:30:00Z","jobEvent":{"type":"VIEW","jobs":["projects/p/tenants/t/jobs/1"]}}"#
        );
        let unknown = written.replace("eventId", "eventIdentity");
        assert!(serde_json::from_str::<ClientEvent>(&unknown).unwrap_err().to_string().contains("eventIdentity"));
    }
}
