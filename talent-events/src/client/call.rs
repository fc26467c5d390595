//! One gRPC call over a channel.

use std::error::Error;
use std::sync::Arc;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use http::uri::PathAndQuery;
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use tonic::body::Body;
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Status, TimeoutExpired};
use tower::ServiceExt;

use super::call_state::CallState;
use super::causes::causes;
use super::codec::{Answer, PassThrough, Receipt};
use super::headers::Headers;
use super::proxy_answer::{is_grpc, overload};

const CREATE_CLIENT_EVENT: &str = "/google.cloud.talent.v4.EventService/CreateClientEvent";

/// How a call failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The deadline passed.
    TimedOut,
    /// The answer was that to another event, with this id.
    Foreign(String),
    /// The service answered this, or tonic made this of a failure on the way: then the status has a source.
    Status(Status),
}

/// Makes the call.
pub(super) async fn create_client_event<R: Receipt>(
    channel: &mut Channel,
    headers: Headers,
    state: &Arc<CallState>,
) -> Result<R, Failure> {
    let mut headers = Some(headers);
    let service = channel.map_request(move |mut request: Request<Body>| {
        headers.take().into_iter().for_each(|headers| headers.write_to(request.headers_mut()));
        request
    });
    let answering = Arc::clone(state);
    let service = service.map_response(move |response| {
        let response = readable(response);
        let ends_in_trailers = is_grpc(&response) && !response.headers().contains_key(Status::GRPC_STATUS);
        answering.set_answering(ends_in_trailers);
        response.map(|body| {
            body.map_frame(move |mut frame| {
                if let Some(trailers) = frame.trailers_mut() {
                    drop_malformed_details(trailers);
                    answering.set_answering(ends_in_trailers && !trailers.contains_key(Status::GRPC_STATUS));
                }
                frame
            })
        })
    });
    let mut grpc = Grpc::new(service);
    grpc.ready().await.map_err(|e| Failure::Status(Status::from_error(Box::new(e))))?;
    let path = PathAndQuery::from_static(CREATE_CLIENT_EVENT);
    match grpc.unary(tonic::Request::new(()), path, PassThrough::new(Arc::clone(state))).await {
        // tonic takes a missing status for OK.
        Ok(_) if state.lacks_status() => Err(Failure::Status(Status::unknown("the answer ended without a status"))),
        Ok(answer) => match answer.into_inner() {
            Answer::Receipt(receipt) => Ok(receipt),
            Answer::Foreign(id) => Err(Failure::Foreign(id)),
        },
        // tonic's code for an unreadable answer could also be the service's word on the event.
        Err(status) if state.lacks_status() && status.source().is_none() => {
            Err(Failure::Status(Status::unknown(format!("the answer cannot be read: {}", status.message()))))
        }
        // tonic keeps the `grpc-timeout` of the headers, too.
        Err(status) if status.source().is_some_and(|e| causes(e).any(|e| e.is::<TimeoutExpired>())) => {
            Err(Failure::TimedOut)
        }
        Err(status) => Err(Failure::Status(status)),
    }
}

/// The response as tonic reads it right.
fn readable(mut response: Response<Body>) -> Response<Body> {
    drop_malformed_details(response.headers_mut());
    match overload(&response) {
        _ if is_grpc(&response) => response,
        Some(status) => status.into_http(),
        // A proxy's page is no message. Without it tonic goes by the HTTP status.
        None => response.map(|_| Body::empty()),
    }
}

/// tonic 0.14 panics on details that are not base64. A server or a proxy must not be able to cause that.
fn drop_malformed_details(headers: &mut HeaderMap) {
    /// As tonic reads it.
    const BASE64: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let malformed = |details: &http::HeaderValue| BASE64.decode(details.as_bytes()).is_err();
    if headers.get(Status::GRPC_STATUS_DETAILS).is_some_and(malformed) {
        headers.remove(Status::GRPC_STATUS_DETAILS);
    }
}
