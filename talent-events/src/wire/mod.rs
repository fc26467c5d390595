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

use crate::event::{AsCreateTime, InvalidField, JobEvent as ReadableJobEvent};
use crate::{ClientEvent as Readable, EventId, InvalidEvent, JobEventType, JobName, RequestId};

impl AsCreateTime for Timestamp {
    fn as_create_time(&self) -> Result<crate::Timestamp, InvalidField> {
        let nanos = u32::try_from(self.nanos).map_err(|_| {
            InvalidField::new("create_time", format!("{} nanoseconds", self.nanos), "0 to 999999999 nanoseconds")
        })?;
        crate::Timestamp::new(self.seconds, nanos)
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

/// Checks every field by itself and tells all that is wrong; what depends on the tenant is left to
/// [`ClientEvent::check`](crate::ClientEvent::check).
impl TryFrom<&ClientEvent> for Readable {
    type Error = InvalidEvent;

    fn try_from(event: &ClientEvent) -> Result<Self, InvalidEvent> {
        let mut wrong = Vec::new();
        let request_id = match event.request_id.as_str() {
            "" => None,
            id => keep(RequestId::new(id), &mut wrong),
        };
        let event_id = keep(EventId::new(&event.event_id), &mut wrong);
        let create_time = match &event.create_time {
            Some(time) => keep(time.as_create_time(), &mut wrong),
            None => {
                wrong.push(InvalidField::new("create_time", "none", "the time at which it happened"));
                None
            }
        };
        let (event_type, jobs) = match &event.event {
            Some(client_event::Event::JobEvent(job_event)) => {
                let event_type = JobEventType::from_number(job_event.r#type)
                    .ok_or_else(|| crate::event::types::unknown(job_event.r#type.to_string()));
                let jobs = (job_event.jobs.iter().enumerate())
                    .filter_map(|(index, job)| {
                        keep(JobName::new(job).map_err(|e| e.at(format!("job_event.jobs[{index}]"))), &mut wrong)
                    })
                    .collect();
                (keep(event_type, &mut wrong), jobs)
            }
            None => {
                wrong.push(InvalidField::new("job_event", "none", "the job event"));
                (None, Vec::new())
            }
        };
        match (event_id, create_time, event_type, InvalidEvent::from_fields(wrong)) {
            (Some(event_id), Some(create_time), Some(r#type), None) => Ok(Readable {
                request_id,
                event_id,
                create_time,
                job_event: ReadableJobEvent { r#type, jobs },
                event_notes: event.event_notes.clone(),
            }),
            (.., Some(wrong)) => Err(wrong),
            // Whatever is missing was complained of.
            _ => Err(InvalidField::new("client_event", "an incomplete event", "a complete event").into()),
        }
    }
}

fn keep<T>(value: Result<T, InvalidField>, wrong: &mut Vec<InvalidField>) -> Option<T> {
    value.map_err(|e| wrong.push(e)).ok()
}
