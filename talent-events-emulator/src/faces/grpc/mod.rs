//! The gRPC face.

mod events;
#[allow(clippy::all, unreachable_pub, missing_docs, rust_2018_idioms)]
#[rustfmt::skip]
#[allow(dead_code)]
mod service;

use std::sync::Arc;

use tonic::Status;
use tonic::body::Body;
use tonic::codec::CompressionEncoding;
use tonic::codegen::{Service, http};
use tower::util::MapResponse;

use crate::app::App;
use crate::http::code_of;
use events::Events;
use service::event_service_server::EventServiceServer;

/// The service. It counts all refusals, also those of tonic, e.g. for a message that cannot be decoded.
pub(crate) fn service<B>(
    app: Arc<App>,
) -> impl Service<http::Request<B>, Response = http::Response<Body>, Error = std::convert::Infallible, Future: Send>
+ Clone
+ Send
+ 'static
where
    B: tonic::codegen::Body<Error: Into<tonic::codegen::StdError> + Send> + Send + 'static,
{
    let events = EventServiceServer::new(Events::new(Arc::clone(&app))).accept_compressed(CompressionEncoding::Gzip);
    MapResponse::new(events, move |response: http::Response<Body>| {
        // Only a refusal has its status in the headers. An answer has it in the trailers.
        if let Some(status) = Status::from_header_map(response.headers()) {
            app.records.add_refused(code_of(&status));
        }
        response
    })
}
