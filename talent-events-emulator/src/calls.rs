//! What the service answers.

use std::sync::Arc;

use talent_events::EncodedEvent;
use talent_events::wire::{ClientEvent, CreateClientEventRequest};
use tonic::body::Body;
use tonic::codegen::{async_trait, http};
use tonic::{Request, Response, Status};
use tower::util::MapResponse;

use crate::records::Records;
use crate::refusal;
use crate::server::HttpService;
use crate::service::event_service_server::{EventService, EventServiceServer};

struct Calls {
    records: Arc<Records>,
}

#[async_trait]
impl EventService for Calls {
    async fn create_client_event(
        &self,
        request: Request<CreateClientEventRequest>,
    ) -> Result<Response<ClientEvent>, Status> {
        let request = request.into_inner();
        let (tenant, event) = request.read().map_err(|e| refusal::status(&e))?;
        let tenant = self.records.shared(tenant);
        let encoded = EncodedEvent::from_client_event(&event, &tenant).map_err(|e| refusal::status(&e))?;
        self.records.add(encoded, event.request_id.as_ref());
        Ok(Response::new(request.client_event.unwrap_or_default()))
    }
}

/// The service, with its refusals counted: those of tonic too, for a message that can not be decoded, say.
pub(crate) fn service(records: Arc<Records>) -> impl HttpService {
    let service = EventServiceServer::new(Calls { records: Arc::clone(&records) });
    MapResponse::new(service, move |response: http::Response<Body>| {
        // An answer has its status behind it, a refusal in front.
        if let Some(status) = Status::from_header_map(response.headers()) {
            records.refuse(status.code());
        }
        response
    })
}
