//! The emulator's state, which all faces share.

use std::sync::Arc;

use talent_events::wire::CreateClientEventRequest;
use talent_events::{ClientEvent, EncodedEvent, InvalidEvent};
use tokio::sync::Mutex;

use crate::gate::Gate;
use crate::http::AllowedHosts;
use crate::store::Records;

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) records: Arc<Records>,
    pub(crate) gate: Gate,
    pub(crate) hosts: AllowedHosts,
    /// The ids of the jobs that searches return.
    pub(crate) jobs: Vec<String>,
    /// Is held while all events are judged, which takes a lot of memory.
    pub(crate) judging: Arc<Mutex<()>>,
}

/// The event that answers a call.
pub(crate) enum Answer {
    /// The call's own event.
    New(ClientEvent),
    /// The first event of the same id, in an idempotent emulator.
    First(ClientEvent),
}

impl App {
    /// Checks and records the event of a call. The client may say that its request id is synthetic.
    pub(crate) fn record(
        &self,
        request: &CreateClientEventRequest,
        synthetic_request_id: bool,
    ) -> Result<Answer, InvalidEvent> {
        let (tenant, event) = request.read()?;
        let tenant = self.records.shared(tenant);
        let encoded = EncodedEvent::from_client_event(&event, &tenant)?;
        Ok(match self.records.add(encoded, event.request_id.as_ref(), synthetic_request_id) {
            None => Answer::New(event),
            Some(first) => Answer::First(first.to_client_event()),
        })
    }
}
