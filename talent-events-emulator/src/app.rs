//! What the faces of the emulator have in common.

use std::sync::Arc;

use talent_events::wire::CreateClientEventRequest;
use talent_events::{ClientEvent, EncodedEvent, InvalidEvent};
use tokio::sync::Mutex;

use crate::gate::Gate;
use crate::records::Records;

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) records: Records,
    pub(crate) gate: Gate,
    /// Host names beside `localhost` and addresses by which the control API is spoken to.
    pub(crate) hosts: Vec<String>,
    /// The ids of the jobs that searches find.
    pub(crate) jobs: Vec<String>,
    /// Whose turn it is to have all events judged.
    pub(crate) judging: Arc<Mutex<()>>,
}

/// What was recorded for a call.
pub(crate) enum Taken {
    /// The call's event.
    New(ClientEvent),
    /// An earlier event of the same id.
    Again(ClientEvent),
}

impl App {
    /// Checks and records a call's event.
    pub(crate) fn take(&self, request: &CreateClientEventRequest) -> Result<Taken, InvalidEvent> {
        let (tenant, event) = request.read()?;
        let tenant = self.records.shared(tenant);
        let encoded = EncodedEvent::from_client_event(&event, &tenant)?;
        Ok(match self.records.add(encoded, event.request_id.as_ref()) {
            None => Taken::New(event),
            Some(first) => Taken::Again(first.to_client_event()),
        })
    }
}
