//! What the derive sends, read back by prost from the bytes.

mod catalog;
mod enums;
mod flatten;
mod grammar;
mod hygiene;
mod objects;
mod roundtrip;
mod structs;
mod times;

use prost::Message;
use talent_events::event::Envelope;
use talent_events::{EncodedEvent, InvalidEvent, JobName, RequestId, TalentEvent, TenantName, wire};

fn tenant() -> TenantName {
    "projects/acme/tenants/board".parse().unwrap()
}

fn job(id: &str) -> JobName {
    tenant().job(id).unwrap()
}

fn request_id(id: &str) -> RequestId {
    id.parse().unwrap()
}

fn encode<E: TalentEvent + ?Sized>(event: &E) -> Result<Option<EncodedEvent>, InvalidEvent> {
    EncodedEvent::encode(event, Envelope::new(&tenant()))
}

/// The event as prost reads it.
#[track_caller]
fn sent<E: TalentEvent + ?Sized>(event: &E) -> wire::ClientEvent {
    let encoded = encode(event).unwrap().expect("the event is sent");
    let read = wire::ClientEvent::decode(encoded.as_bytes()).unwrap();
    assert_eq!(read, (&encoded.to_client_event()).into(), "prost and our own reader agree");
    assert_eq!(read.event_id, encoded.event_id());
    read
}

#[track_caller]
fn refused<E: TalentEvent + ?Sized>(event: &E) -> String {
    encode(event).expect_err("the event is refused").to_string()
}

fn job_event(event: &wire::ClientEvent) -> &wire::JobEvent {
    let Some(wire::client_event::Event::JobEvent(job_event)) = &event.event else { panic!("no job event") };
    job_event
}

fn jobs(event: &wire::ClientEvent) -> Vec<&str> {
    job_event(event).jobs.iter().map(String::as_str).collect()
}
