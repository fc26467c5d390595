//! `google.cloud.talent.v4.EventService`.

use std::sync::Arc;

use talent_events::wire::{ClientEvent, CreateClientEventRequest};
use tonic::codegen::async_trait;
use tonic::{Request, Response, Status};

use crate::app::{Answer, App};
use crate::gate::{self, CloseConnection};
use crate::http::{has_synthetic_request_id, invalid_event};
use crate::proto::event_service_server::EventService;

pub(super) struct Events {
    app: Arc<App>,
}

impl Events {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self { app }
    }
}

#[async_trait]
impl EventService for Events {
    async fn create_client_event(
        &self,
        request: Request<CreateClientEventRequest>,
    ) -> Result<Response<ClientEvent>, Status> {
        let (metadata, extensions, request) = request.into_parts();
        let synthetic_request_id = has_synthetic_request_id(metadata.as_ref());
        let has_token = gate::is_token(metadata.get("authorization").map(|token| token.as_bytes()));
        let policy = self.app.records.settings().policy();
        self.app.gate.pass(policy, has_token, extensions.get::<CloseConnection>()).await?;
        Ok(Response::new(match self.app.record(&request, synthetic_request_id).map_err(|e| invalid_event(&e))? {
            Answer::New(_) => request.client_event.unwrap_or_default(),
            Answer::First(first) => (&first).into(),
        }))
    }
}
