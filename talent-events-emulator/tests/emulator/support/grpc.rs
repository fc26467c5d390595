//! The client that tonic generates from the `.proto`. It does not use the SDK's own encoding.

use talent_events::JobEventType;
use talent_events::wire::event_service_client::EventServiceClient;
use talent_events::wire::{ClientEvent, CreateClientEventRequest, JobEvent, Timestamp, client_event};
use talent_events_emulator::Emulator;
use tonic::transport::{Channel, Endpoint};

pub(crate) const TENANT: &str = "projects/acme/tenants/board";

pub(crate) type Client = EventServiceClient<Channel>;

pub(crate) async fn client(emulator: &Emulator) -> Client {
    let endpoint = Endpoint::from_shared(format!("http://{}", emulator.host())).expect("a host is part of a URI");
    EventServiceClient::new(endpoint.connect().await.expect("the emulator listens"))
}

pub(crate) fn job(id: &str) -> String {
    format!("{TENANT}/jobs/{id}")
}

/// A valid request with this event id, about one job.
pub(crate) fn request(event_type: JobEventType, event_id: &str) -> CreateClientEventRequest {
    CreateClientEventRequest {
        parent: TENANT.into(),
        client_event: Some(ClientEvent {
            request_id: "search:7f/==".into(),
            event_id: event_id.into(),
            create_time: Some(Timestamp { seconds: 1_770_111_000, nanos: 123_456_789 }),
            event_notes: "größer als erwartet ✓".into(),
            event: Some(client_event::Event::JobEvent(JobEvent { r#type: event_type.number(), jobs: vec![job("42")] })),
        }),
    }
}
