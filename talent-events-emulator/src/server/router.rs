//! Routes gRPC by its content type, and all else by its path.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, Response, StatusCode, Version};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use tonic::body::Body;
use tonic::codegen::Service;
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use super::connection::HttpService;
use crate::app::App;
use crate::faces::{console, control, grpc, rest, search};
use crate::http::{AllowedHosts, check_api};

/// Maximum time between two parts of a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone)]
struct Faces<G> {
    grpc: G,
    http: Router,
    hosts: AllowedHosts,
}

/// The service of all faces.
pub(crate) fn router(app: &Arc<App>) -> impl HttpService {
    let http = Router::new()
        .merge(rest::routes(app))
        .merge(search::routes(app))
        .merge(control::routes(app))
        .merge(console::routes(app))
        .fallback(rest::unknown)
        .method_not_allowed_fallback(rest::not_allowed)
        // The routes limit the decompressed size. They refuse other encodings themselves.
        .layer(RequestDecompressionLayer::new().pass_through_unaccepted(true))
        .layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT))
        .with_state(Arc::clone(app));
    Faces { grpc: grpc::Services::new(app), http, hosts: app.hosts.clone() }
}

impl<G: HttpService> Service<Request<Incoming>> for Faces<G> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Both services are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        if !is_grpc(&request) {
            let answer = Service::call(&mut self.http, request);
            return Box::pin(async move { Ok(answer.await?.map(Body::new)) });
        }
        // Browsers use HTTP/1.1 in plaintext, and no gRPC client does.
        if request.version() != Version::HTTP_2 {
            let refusal = (StatusCode::HTTP_VERSION_NOT_SUPPORTED, "expected HTTP/2 for gRPC, found HTTP/1.1\n");
            return Box::pin(async move { Ok(refusal.into_response().map(Body::new)) });
        }
        if let Err(status) = check_api(&self.hosts, &request) {
            return Box::pin(async move { Ok(status.into_http()) });
        }
        Box::pin(self.grpc.call(request))
    }
}

/// `application/grpc-web` and others are not gRPC.
fn is_grpc<B>(request: &Request<B>) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE).map(|value| value.as_bytes());
    matches!(content_type, Some(b"application/grpc" | b"application/grpc+proto"))
}
