//! Events with something in every field.

use serde_json::{Value, json};
use talent_events::{ClientEvent, JobEvent, JobEventType, JobName, RequestId, TenantName, Timestamp};

use crate::Result;

pub(crate) const TENANT: &str = "projects/acme/tenants/board";

pub(crate) const NOTES: [&str; 6] = [
    "größer als erwartet ✓",
    "求人に応募しました、第三面接",
    "\u{202e}مرحبا\u{202c} 👩‍🚀🇧🇷 e\u{301}",
    "\"quoted\" \\ <script>alert(1)</script> & {braces}",
    "a\ttab, a line\r\nbreak and \u{0} nothing",
    "",
];

pub(crate) const REQUEST_IDS: [&str; 4] = ["search:7f/1==", "a b+c%2F?x=1&y=2#z", "запрос \"7\"\\", "🦀"];

pub(crate) fn tenant() -> Result<TenantName> {
    Ok(TENANT.parse()?)
}

pub(crate) fn job(id: &str) -> Result<JobName> {
    Ok(tenant()?.job(id)?)
}

/// One of each type, and those that end where the limits are.
pub(crate) fn events() -> Result<Vec<ClientEvent>> {
    let mut events = Vec::new();
    for (n, r#type) in JobEventType::ALL.into_iter().enumerate() {
        let jobs =
            if r#type.speaks_of_many_jobs() { vec![job("3")?, job("1 ü")?, job("2")?] } else { vec![job("42")?] };
        let mut event = ClientEvent::new(JobEvent::new(r#type, jobs));
        event.request_id = Some(RequestId::new(REQUEST_IDS[n % REQUEST_IDS.len()])?);
        event.event_id = format!("e-{:02}/{}", n, r#type.google_name()).parse()?;
        event.create_time = Timestamp::new(1_770_111_000 + n as i64, 123_456_789)?;
        event.event_notes = NOTES[n % NOTES.len()].into();
        events.push(event);
    }
    let mut first = events[0].clone();
    first.event_id = "first of times".parse()?;
    first.create_time = Timestamp::new(-62_135_596_800, 1)?;
    first.job_event.jobs = (0..500).map(|n| job(&n.to_string())).collect::<Result<_>>()?;
    let mut last = events[1].clone();
    last.event_id = "last of times".parse()?;
    last.create_time = Timestamp::new(253_402_300_799, 999_999_999)?;
    last.event_notes = "🦀".repeat(1_000);
    let mut bare = events[1].clone();
    bare.event_id = "without request id and notes, in 1970".parse()?;
    bare.request_id = None;
    bare.create_time = Timestamp::new(0, 0)?;
    bare.event_notes = String::new();
    events.extend([first, last, bare]);
    Ok(events)
}

/// In the form of the scripts in `tests/python`: each field by itself, the time to the nanosecond, the type by name.
pub(crate) fn fields(event: &ClientEvent) -> Value {
    json!({
        "requestId": event.request_id.as_ref().map_or("", RequestId::as_str),
        "eventId": event.event_id.as_str(),
        "createTime": {"seconds": event.create_time.seconds(), "nanos": event.create_time.nanos()},
        "jobEvent": {
            "type": event.job_event.r#type.google_name(),
            "jobs": event.job_event.jobs.iter().map(JobName::as_str).collect::<Vec<_>>(),
        },
        "eventNotes": event.event_notes,
    })
}
