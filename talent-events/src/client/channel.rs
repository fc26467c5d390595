//! The connections.

use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use http::header::CONTENT_TYPE;
use http::uri::PathAndQuery;
use http::{HeaderMap, Uri};
use http_body_util::BodyExt;
use tokio::time::Instant;
use tonic::body::Body;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tower::ServiceExt;

use crate::event::EncodedEvent;

use super::codec::{PassThrough, Read};
use super::headers::Headers;

const CREATE_CLIENT_EVENT: &str = "/google.cloud.talent.v4.EventService/CreateClientEvent";

/// A host that does not answer for this long is tried no further.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection with calls in flight that was silent for this long is asked whether it is alive …
const PING_AFTER: Duration = Duration::from_secs(20);
/// … and replaced if it does not answer for this long. Idle ones are not asked: servers take pings without calls ill.
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// Idle connections show the network, and what translates addresses in it, that they are still in use.
const TCP_KEEPALIVE: Duration = Duration::from_secs(60);

/// One that failed is passed over for so long, as far as there are others. It fails faster than they answer, and would
/// else have the fewest calls on their way each time.
const PASSED_OVER: Duration = Duration::from_secs(1);

const MAX_SPARE: usize = 256;

/// One or more HTTP/2 connections to one server, each opened by its first call and again when it was lost.
#[derive(Debug)]
pub(super) struct Channels {
    connections: Box<[Connection]>,
    next: AtomicUsize,
    made: Instant,
}

#[derive(Debug)]
struct Connection {
    channel: Channel,
    /// Clones that no call uses: to make one takes an allocation, and to let go of it another.
    spare: Mutex<Vec<Channel>>,
    /// On their way.
    calls: AtomicUsize,
    /// Until when it is passed over, in milliseconds since all were made; 0 where it is not.
    passed_over_until: AtomicU64,
}

/// A call's place in a connection, given up when dropped.
struct Place<'c>(&'c Connection);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Relaxed);
    }
}

/// The endpoint in plaintext, with what all connections have in common.
pub(super) fn endpoint(uri: Uri) -> Endpoint {
    Endpoint::from(uri)
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_keepalive(Some(TCP_KEEPALIVE))
        .http2_keep_alive_interval(PING_AFTER)
        .keep_alive_timeout(PING_TIMEOUT)
        .keep_alive_while_idle(false)
}

impl Channels {
    pub(super) fn new(endpoint: &Endpoint, connections: usize) -> Self {
        let connection = || Connection {
            channel: endpoint.connect_lazy(),
            spare: Mutex::default(),
            calls: AtomicUsize::new(0),
            passed_over_until: AtomicU64::new(0),
        };
        let connections = (0..connections).map(|_| connection()).collect();
        Self { connections, next: AtomicUsize::new(0), made: Instant::now() }
    }

    pub(super) fn len(&self) -> usize {
        self.connections.len()
    }

    fn now(&self) -> u64 {
        self.made.elapsed().as_millis() as u64
    }

    fn is_passed_over(&self, connection: &Connection) -> bool {
        // The clock is read for one that failed alone.
        match connection.passed_over_until.load(Relaxed) {
            0 => false,
            until if self.now() < until => true,
            until => {
                let _ = connection.passed_over_until.compare_exchange(until, 0, Relaxed, Relaxed);
                false
            }
        }
    }

    /// Of those that have not failed just now, the one with the fewest calls on their way, and in turn where several have.
    /// Strictly in turn, a connection that died and was not found out yet would soon hold all calls that may be under way.
    fn pick(&self) -> Option<Place<'_>> {
        let turn = self.next.fetch_add(1, Relaxed) % self.connections.len().max(1);
        let (before, from) = self.connections.split_at(turn);
        let rank = |c: &&Connection| (self.is_passed_over(c), c.calls.load(Relaxed));
        let connection = from.iter().chain(before).min_by_key(rank)?;
        connection.calls.fetch_add(1, Relaxed);
        Some(Place(connection))
    }

    /// One call, and what is to be made of its answer.
    pub(super) async fn create_client_event<A: Read>(
        &self,
        event: EncodedEvent,
        headers: Headers,
    ) -> Result<A, Status> {
        let place = self.pick().ok_or_else(|| Status::internal("a client without connections"))?;
        let ended = place.0.call(event, headers).await;
        // Something on the way, or behind this connection.
        if ended.as_ref().is_err_and(|status| status.source().is_some() || status.code() == Code::Unavailable) {
            place.0.passed_over_until.store(self.now() + PASSED_OVER.as_millis() as u64, Relaxed);
        }
        ended
    }
}

impl Connection {
    fn spare(&self) -> MutexGuard<'_, Vec<Channel>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, channel: Channel) {
        let mut spare = self.spare();
        if spare.len() < MAX_SPARE {
            spare.push(channel);
        }
    }

    async fn call<A: Read>(&self, event: EncodedEvent, headers: Headers) -> Result<A, Status> {
        // Whether a gRPC service began to answer, and has not said how that ended.
        let open = Arc::new(AtomicBool::new(false));
        let answered = Arc::clone(&open);
        let mut headers = Some(headers);
        let mut channel = self.spare().pop().unwrap_or_else(|| self.channel.clone());
        let service = (&mut channel).map_request(move |mut request: http::Request<Body>| {
            headers.take().into_iter().for_each(|headers| headers.put(request.headers_mut()));
            request
        });
        let service = service.map_response(move |response: http::Response<Body>| {
            let (mut parts, body) = response.into_parts();
            drop_malformed_details(&mut parts.headers);
            let is_grpc = is_grpc(&parts);
            answered.store(is_grpc && !parts.headers.contains_key(Status::GRPC_STATUS), Relaxed);
            let body = if is_grpc { body } else { Body::empty() };
            let body = body.map_frame(move |mut frame| {
                if let Some(trailers) = frame.trailers_mut() {
                    drop_malformed_details(trailers);
                    answered.fetch_and(!trailers.contains_key(Status::GRPC_STATUS), Relaxed);
                }
                frame
            });
            http::Response::from_parts(parts, body)
        });
        let codec = PassThrough::<A>::of(&event);
        let mut grpc = Grpc::new(service);
        grpc.ready().await.map_err(|e| Status::from_error(Box::new(e)))?;
        let ended = grpc.unary(Request::new(event), PathAndQuery::from_static(CREATE_CLIENT_EVENT), codec).await;
        // One that is dropped half-way may hold a place in the line to the connection, and is not kept.
        self.keep(channel);
        match ended {
            // tonic takes the first for OK, and says the second by codes that would be the service's word on the event.
            Ok(_) if open.load(Relaxed) => Err(Status::unknown("an answer that ended without a status")),
            Err(status) if open.load(Relaxed) && status.source().is_none() => {
                Err(Status::unknown(format!("an answer that can not be read: {}", status.message())))
            }
            ended => ended.map(tonic::Response::into_inner),
        }
    }
}

/// A page that a proxy puts in the service's place is no message. Without it tonic goes by the HTTP status.
fn is_grpc(parts: &http::response::Parts) -> bool {
    parts.status == http::StatusCode::OK
        && parts.headers.get(CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"application/grpc"))
}

/// tonic panics on details that are not base64 (0.14), and what a server or a proxy sends must not do that.
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
