//! The gRPC face: what the service answers.

use std::sync::Arc;

use talent_events::wire::{ClientEvent, CreateClientEventRequest};
use tonic::body::Body;
use tonic::codec::CompressionEncoding;
use tonic::codegen::{Service, async_trait, http};
use tonic::{Request, Response, Status};
use tower::util::MapResponse;

use crate::app::{App, Taken};
use crate::gate::{self, Cut};
use crate::refusal;
use crate::service::event_service_server::{EventService, EventServiceServer};

struct Calls {
    app: Arc<App>,
}

#[async_trait]
impl EventService for Calls {
    async fn create_client_event(
        &self,
        request: Request<CreateClientEventRequest>,
    ) -> Result<Response<ClientEvent>, Status> {
        let (metadata, extensions, request) = request.into_parts();
        let has_token = gate::is_token(metadata.get("authorization").map(|token| token.as_bytes()));
        self.app.gate.pass(self.app.records.settings(), has_token, extensions.get::<Cut>()).await?;
        Ok(Response::new(match self.app.take(&request).map_err(|e| refusal::status(&e))? {
            Taken::New(_) => request.client_event.unwrap_or_default(),
            Taken::Again(first) => (&first).into(),
        }))
    }
}

/// The service, with its refusals counted: those of tonic too, for a message that can not be decoded, say.
pub(crate) fn service<B>(
    app: Arc<App>,
) -> impl Service<http::Request<B>, Response = http::Response<Body>, Error = std::convert::Infallible, Future: Send>
+ Clone
+ Send
+ 'static
where
    B: tonic::codegen::Body<Error: Into<tonic::codegen::StdError> + Send> + Send + 'static,
{
    let service = EventServiceServer::new(Calls { app: Arc::clone(&app) }).accept_compressed(CompressionEncoding::Gzip);
    MapResponse::new(service, move |response: http::Response<Body>| {
        // An answer has its status behind it, a refusal in front.
        if let Some(status) = Status::from_header_map(response.headers()) {
            app.records.refuse(status.code());
        }
        response
    })
}
