//! The connections.

use std::error::Error;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use http::uri::PathAndQuery;
use http::{HeaderMap, Uri};
use http_body_util::BodyExt;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tonic::body::Body;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tower::ServiceExt;

use crate::event::EncodedEvent;

use super::call_state::CallState;
use super::codec::{PassThrough, Read};
use super::headers::Headers;
use super::proxy_answer::{is_grpc, overload};
use super::sync::lock;

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
    /// For events that break connections.
    isolated: OnceLock<Connection>,
    endpoint: Endpoint,
    /// Of the client: connections live there, wherever a call is made.
    runtime: Handle,
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
    pub(super) fn new(endpoint: Endpoint, connections: usize) -> Self {
        let runtime = Handle::current();
        let connections = (0..connections).map(|_| Connection::new(&endpoint, &runtime)).collect();
        let (next, isolated) = Default::default();
        Self { connections, next, isolated, endpoint, runtime, made: Instant::now() }
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
        state: &Arc<CallState>,
        isolated: bool,
    ) -> Result<A, Status> {
        if isolated {
            let connection = self.isolated.get_or_init(|| Connection::new(&self.endpoint, &self.runtime));
            return connection.call(event, headers, state).await;
        }
        let place = self.pick().ok_or_else(|| Status::internal("a client without connections"))?;
        let ended = place.0.call(event, headers, state).await;
        // Something on the way, or behind this connection.
        if ended.as_ref().is_err_and(|status| status.source().is_some() || status.code() == Code::Unavailable) {
            place.0.passed_over_until.store(self.now() + PASSED_OVER.as_millis() as u64, Relaxed);
        }
        ended
    }
}

impl Connection {
    fn new(endpoint: &Endpoint, runtime: &Handle) -> Self {
        let _context = runtime.enter();
        Self {
            channel: endpoint.connect_lazy(),
            spare: Mutex::default(),
            calls: AtomicUsize::new(0),
            passed_over_until: AtomicU64::new(0),
        }
    }

    fn spare(&self) -> MutexGuard<'_, Vec<Channel>> {
        lock(&self.spare)
    }

    fn keep(&self, channel: Channel) {
        let mut spare = self.spare();
        if spare.len() < MAX_SPARE {
            spare.push(channel);
        }
    }

    async fn call<A: Read>(&self, event: EncodedEvent, headers: Headers, state: &Arc<CallState>) -> Result<A, Status> {
        let mut headers = Some(headers);
        let mut channel = self.spare().pop().unwrap_or_else(|| self.channel.clone());
        let service = (&mut channel).map_request(move |mut request: http::Request<Body>| {
            headers.take().into_iter().for_each(|headers| headers.put(request.headers_mut()));
            request
        });
        let answering = Arc::clone(state);
        let service = service.map_response(move |response: http::Response<Body>| {
            let (mut parts, mut body) = response.into_parts();
            drop_malformed_details(&mut parts.headers);
            if !is_grpc(&parts) {
                // A proxy's page is no message; without it tonic goes by the HTTP status.
                body = Body::empty();
                if let Some(status) = overload(&parts) {
                    (parts, body) = status.into_http().into_parts();
                }
            }
            let ends_by_body = is_grpc(&parts) && !parts.headers.contains_key(Status::GRPC_STATUS);
            answering.set_answering(ends_by_body);
            let body = body.map_frame(move |mut frame| {
                if let Some(trailers) = frame.trailers_mut() {
                    drop_malformed_details(trailers);
                    answering.set_answering(ends_by_body && !trailers.contains_key(Status::GRPC_STATUS));
                }
                frame
            });
            http::Response::from_parts(parts, body)
        });
        let codec = PassThrough::<A>::of(&event, Arc::clone(state));
        let mut grpc = Grpc::new(service);
        grpc.ready().await.map_err(|e| Status::from_error(Box::new(e)))?;
        let ended = grpc.unary(Request::new(event), PathAndQuery::from_static(CREATE_CLIENT_EVENT), codec).await;
        // A channel that is dropped half-way may hold a place in the line to the connection, and is not kept.
        self.keep(channel);
        match ended {
            // tonic takes the first for OK, and says the second by codes that would be the service's word on the event.
            Ok(_) if state.lacks_status() => Err(Status::unknown("an answer that ended without a status")),
            Err(status) if state.lacks_status() && status.source().is_none() => {
                Err(Status::unknown(format!("an answer that cannot be read: {}", status.message())))
            }
            ended => ended.map(tonic::Response::into_inner),
        }
    }
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
