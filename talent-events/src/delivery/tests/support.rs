//! Events by number.

use crate::{ClientEvent, EncodedEvent, EventId, JobEvent, JobEventType, TenantName};

pub(super) fn tenant() -> TenantName {
    "projects/acme/tenants/board".parse().expect("a tenant name")
}

/// The event with this number as its id.
pub(super) fn event(number: usize, event_type: JobEventType) -> EncodedEvent {
    event_of(number, event_type, 0)
}

/// The same with notes of so many characters.
pub(super) fn event_of(number: usize, event_type: JobEventType, notes: usize) -> EncodedEvent {
    let job = tenant().job("42").expect("a job id");
    let mut event = ClientEvent::new(JobEvent::new(event_type, [job]));
    event.event_id = EventId::new(number.to_string()).expect("an id");
    event.event_notes = "x".repeat(notes);
    EncodedEvent::from_client_event(&event, &tenant()).expect("a valid event")
}

pub(super) fn number(event: &EncodedEvent) -> usize {
    event.event_id().parse().expect("a number")
}
