//! The protobuf messages of the service and its generated gRPC client, for the raw call.
//!
//! The readable form of an event is [`ClientEvent`](crate::ClientEvent); these are its bytes' types, as prost
//! generates them from `proto/event_service.proto`.

#[allow(clippy::all, unreachable_pub, missing_docs, rust_2018_idioms)]
#[rustfmt::skip]
mod generated;

pub use generated::*;
/// protobuf's `Timestamp`.
pub use prost_types::Timestamp;

use crate::event::{
    AsCreateTime, AsRequestId, InvalidField, JobEvent as ReadableJobEvent, RequestIdRef, check_job_count, check_notes,
    check_tenant, job_field,
};
use crate::{ClientEvent as Readable, EventId, InvalidEvent, JobEventType, JobName, RequestId, TenantName};

impl AsCreateTime for Timestamp {
    fn as_create_time(&self) -> Result<crate::Timestamp, InvalidField> {
        let nanos = u32::try_from(self.nanos).map_err(|_| {
            InvalidField::new("create_time", format!("{} nanoseconds", self.nanos), "0 to 999999999 nanoseconds")
        })?;
        crate::Timestamp::new(self.seconds, nanos)
    }
}

/// The request id that a search answered: what a session begins with.
impl AsRequestId for ResponseMetadata {
    fn as_request_id(&self) -> Option<RequestIdRef<'_>> {
        Some(self.request_id.as_str().into())
    }
}

impl From<crate::Timestamp> for Timestamp {
    fn from(time: crate::Timestamp) -> Self {
        // Below 10⁹ by construction.
        Self { seconds: time.seconds(), nanos: time.nanos() as i32 }
    }
}

impl From<&Readable> for ClientEvent {
    fn from(event: &Readable) -> Self {
        Self {
            request_id: event.request_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            event_id: event.event_id.to_string(),
            create_time: Some(event.create_time.into()),
            event_notes: event.event_notes.clone(),
            event: Some(client_event::Event::JobEvent(JobEvent {
                r#type: event.job_event.r#type.number(),
                jobs: event.job_event.jobs.iter().map(ToString::to_string).collect(),
            })),
        }
    }
}

/// Checks every field and tells all that is wrong; only whose jobs they are depends on the tenant and is left to
/// [`ClientEvent::check`](crate::ClientEvent::check), or to [`CreateClientEventRequest::read`].
impl TryFrom<&ClientEvent> for Readable {
    type Error = InvalidEvent;

    fn try_from(event: &ClientEvent) -> Result<Self, InvalidEvent> {
        let mut wrong = Vec::new();
        complete(read(event, None, &mut wrong), wrong)
    }
}

impl CreateClientEventRequest {
    /// Whose event it is, and the event: every rule that one call has to keep, checked together.
    ///
    /// The error names all fields at fault by their paths from the request on, e.g. `parent` and
    /// `client_event.job_event.jobs[3]`. Of more than 500 jobs the count alone is told, so that an error stays small
    /// whatever comes in. A missing request id is no error: the call is good, the event does not count.
    pub fn read(&self) -> Result<(TenantName, Readable), InvalidEvent> {
        let mut wrong = Vec::new();
        let tenant = keep(TenantName::new(&self.parent).map_err(|e| e.at("parent")), &mut wrong);
        let event = match &self.client_event {
            Some(event) => {
                let mut inside = Vec::new();
                let event = read(event, tenant.as_ref(), &mut inside);
                wrong.extend(inside.into_iter().map(|e| {
                    let path = format!("client_event.{}", e.field());
                    e.at(path)
                }));
                event
            }
            None => {
                wrong.push(InvalidField::new("client_event", "nothing", "an event"));
                None
            }
        };
        complete(tenant.zip(event), wrong)
    }
}

/// The readable event, as far as it can be read, and all that is wrong with it: the jobs are held against the tenant
/// where that is known.
fn read(event: &ClientEvent, tenant: Option<&TenantName>, wrong: &mut Vec<InvalidField>) -> Option<Readable> {
    let request_id = match event.request_id.as_str() {
        "" => None,
        id => keep(RequestId::new(id), wrong),
    };
    let event_id = keep(EventId::new(&event.event_id), wrong);
    let create_time = match &event.create_time {
        Some(time) => keep(time.as_create_time(), wrong),
        None => {
            wrong.push(InvalidField::no_create_time());
            None
        }
    };
    let job_event = match &event.event {
        Some(client_event::Event::JobEvent(job_event)) => read_job_event(job_event, tenant, wrong),
        None => {
            wrong.push(InvalidField::new("job_event", "nothing", "a job event"));
            None
        }
    };
    keep(check_notes(&event.event_notes), wrong);
    Some(Readable {
        request_id,
        event_id: event_id?,
        create_time: create_time?,
        job_event: job_event?,
        event_notes: event.event_notes.clone(),
    })
}

fn read_job_event(
    event: &JobEvent,
    tenant: Option<&TenantName>,
    wrong: &mut Vec<InvalidField>,
) -> Option<ReadableJobEvent> {
    let unknown = || crate::event::types::unknown(event.r#type.to_string());
    let r#type = keep(JobEventType::from_number(event.r#type).ok_or_else(unknown), wrong);
    keep(check_job_count(event.jobs.len()), wrong)?;
    let jobs = (event.jobs.iter().enumerate())
        .filter_map(|(index, job)| {
            let job = JobName::new(job).and_then(|job| {
                tenant.map_or(Ok(()), |tenant| check_tenant(job.as_str(), tenant))?;
                Ok(job)
            });
            keep(job.map_err(|e| e.at(job_field(index))), wrong)
        })
        .collect();
    Some(ReadableJobEvent { r#type: r#type?, jobs })
}

/// What was read, if nothing was wrong.
fn complete<T>(read: Option<T>, wrong: Vec<InvalidField>) -> Result<T, InvalidEvent> {
    match (read, InvalidEvent::from_fields(wrong)) {
        (Some(read), None) => Ok(read),
        (_, Some(wrong)) => Err(wrong),
        // Whatever is missing was complained of.
        (None, None) => Err(InvalidField::new("client_event", "an incomplete event", "a complete event").into()),
    }
}

fn keep<T>(value: Result<T, InvalidField>, wrong: &mut Vec<InvalidField>) -> Option<T> {
    value.map_err(|e| wrong.push(e)).ok()
}
