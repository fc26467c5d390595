//! Events by number, and a queue without an engine.

use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::Instant;

use crate::delivery::Overflow;
use crate::delivery::priority::Priorities;
use crate::delivery::queue::{Limits, Queue};
use crate::delivery::source::{Source, Take, Turn};
use crate::track::{Code, Rejected};
use crate::{ClientEvent, EncodedEvent, EventId, JobEvent, JobEventType, TenantName, Timestamp, TrackError};

pub(in crate::delivery) fn tenant() -> TenantName {
    "projects/acme/tenants/board".parse().expect("a tenant name")
}

/// The event with this number as its id.
pub(in crate::delivery) fn event(number: usize, event_type: JobEventType) -> EncodedEvent {
    event_of(number, event_type, 0)
}

/// The same with notes of so many characters.
pub(in crate::delivery) fn event_of(number: usize, event_type: JobEventType, notes: usize) -> EncodedEvent {
    let job = tenant().job("42").expect("a job id");
    let mut event = ClientEvent::new(JobEvent::new(event_type, [job]));
    event.event_id = EventId::new(number.to_string()).expect("an id");
    event.event_notes = "x".repeat(notes);
    // Of the same size whenever.
    event.create_time = Timestamp::new(1_790_000_000, 123_456_789).expect("a time");
    EncodedEvent::from_client_event(&event, &tenant()).expect("a valid event")
}

pub(in crate::delivery) fn number(event: &EncodedEvent) -> usize {
    event.event_id().parse().expect("a number")
}

/// Room for so many, an hour and three attempts.
pub(in crate::delivery) fn limits(events: usize) -> Limits {
    Limits {
        events,
        bytes: 1_000_000,
        overflow: Overflow::Refuse,
        max_age: Duration::from_secs(3_600),
        max_attempts: 3,
        priorities: Priorities::default(),
    }
}

/// The next event is on its way.
pub(in crate::delivery) fn take(queue: &Queue, now: Instant) -> usize {
    match queue.take(&mut Context::from_waker(Waker::noop()), now, Turn::Usual, || Ok(())) {
        Take::Event { key, .. } => key,
        _ => panic!("there is an event"),
    }
}

pub(in crate::delivery) fn rejected() -> TrackError {
    TrackError::Rejected(Box::new(Rejected::new(Code::InvalidArgument, "no")))
}
