//! Events by number, and a backlog without an engine.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::delivery::Overflow;
use crate::delivery::backlog::{Backlog, Limits, Look};
use crate::delivery::hook::Hook;
use crate::delivery::priority::Priorities;
use crate::delivery::ticket::Slot;
use crate::track::{Code, Progress, Rejected};
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

/// Room for so many, an hour, three attempts and 64 calls in flight.
pub(in crate::delivery) fn limits(events: usize) -> Limits {
    Limits {
        events,
        bytes: 1_000_000,
        overflow: Overflow::Refuse,
        max_age: Duration::from_secs(3_600),
        max_attempts: 3,
        in_flight: 64,
        priorities: Priorities::default(),
        from_store: false,
    }
}

pub(in crate::delivery) fn backlog(events: usize) -> Backlog {
    Backlog::new(tenant(), limits(events), Hook::default())
}

/// Queues a view with this number.
pub(in crate::delivery) fn push(backlog: &Backlog, number: usize) -> Result<(), TrackError> {
    backlog.push_event(event(number, JobEventType::View), None, None, Instant::now())
}

impl Backlog {
    pub(in crate::delivery) fn push_event(
        &self,
        event: EncodedEvent,
        ticket: Option<Arc<Slot>>,
        within: Option<Duration>,
        now: Instant,
    ) -> Result<(), TrackError> {
        self.push(event.parts(), ticket, within, now)
    }

    pub(in crate::delivery) async fn push_event_when_room(&self, event: EncodedEvent) -> Result<(), TrackError> {
        self.push_when_room(event.parts(), None).await
    }
}

/// The next event goes out.
pub(in crate::delivery) fn take(backlog: &Backlog, now: Instant) -> usize {
    assert_eq!(backlog.look(now), Look::Send);
    backlog.begin(now).expect("there is an event").key
}

pub(in crate::delivery) fn rejected() -> TrackError {
    TrackError::Rejected(Box::new(Rejected::new(Code::InvalidArgument, "no")))
}

/// No answer in time.
pub(in crate::delivery) fn timed_out() -> TrackError {
    TrackError::TimedOut { after: None, progress: Progress::MaybeSent }
}
