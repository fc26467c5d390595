//! A service on bare HTTP/2 that fails as it is told, call by call, and remembers which events it answered OK.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, HeaderValue, Request, Response};
use prost::Message;
use talent_events::wire::CreateClientEventRequest;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use crate::run::Result;

/// The length of a message, and whether it is compressed.
const GRPC_PREFIX: usize = 5;

/// What becomes of a call, or of its connection with all calls in it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Then {
    /// OK.
    Answer,
    /// OK, later.
    Late(Duration),
    /// Nothing, ever.
    Hang,
    /// This code of gRPC.
    Status(&'static str),
    /// RST_STREAM instead of an answer.
    ResetStream(Reason),
    /// RST_STREAM behind half of an answer.
    ResetMidway,
    /// An answer that ends without trailers.
    NoTrailers,
    /// Trailers without a status.
    NoStatus,
    /// A header of that size in front of an OK.
    GiantHeader(usize),
    /// A trailer of that size beside an OK.
    GiantTrailer(usize),
    /// A message that is said to have that length, and does not come.
    Announce(u32),
    /// A message that is said to be compressed.
    Compressed,
    /// OK without a message.
    Empty,
    /// GOAWAY with this reason, and the end of the connection.
    GoAway(Reason),
    /// GOAWAY as a server that is about to be replaced sends it: what is there is answered, and nothing new taken.
    Leave,
    /// The connection is reset (TCP).
    Reset,
    /// The connection stays, and nobody reads from it or writes to it any more.
    HalfOpen,
}

/// A call, both numbers from 0 in the order of arrival.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) number: u64,
    pub(crate) connection: u64,
}

/// A running service; dropped, it resets all its connections.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    task: AbortHandle,
}

struct Shared {
    script: Box<dyn Fn(Call) -> Then + Send + Sync>,
    calls: AtomicU64,
    connections: AtomicU64,
    /// How often each event was answered OK, by its id.
    answered: Mutex<HashMap<String, u64>>,
    /// How many calls came by each connection.
    loads: Mutex<HashMap<u64, u64>>,
}

impl Server {
    pub(crate) async fn start(script: impl Fn(Call) -> Then + Send + Sync + 'static) -> Result<Self> {
        Self::start_at("127.0.0.1:0".parse()?, script).await
    }

    pub(crate) async fn start_at(
        address: SocketAddr,
        script: impl Fn(Call) -> Then + Send + Sync + 'static,
    ) -> Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let shared = Arc::new(Shared {
            script: Box::new(script),
            calls: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            answered: Mutex::default(),
            loads: Mutex::default(),
        });
        let address = listener.local_addr()?;
        let task = tokio::spawn(accept(listener, Arc::clone(&shared))).abort_handle();
        Ok(Self { address, shared, task })
    }

    /// Closes the port and resets all connections; they are gone when this answers.
    pub(crate) async fn stop(self) {
        self.task.abort();
        while !self.task.is_finished() {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) fn calls(&self) -> u64 {
        self.shared.calls.load(Relaxed)
    }

    pub(crate) fn connections(&self) -> u64 {
        self.shared.connections.load(Relaxed)
    }

    /// How many different events were answered OK.
    pub(crate) fn events(&self) -> u64 {
        self.shared.answered.lock().expect("no panic while it was held").len() as u64
    }

    /// How many calls came by each connection, since the last look.
    pub(crate) fn loads(&self) -> HashMap<u64, u64> {
        std::mem::take(&mut self.shared.loads.lock().expect("no panic while it was held"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let number = shared.connections.fetch_add(1, Relaxed);
        connections.spawn(connection(stream, number, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, number: u64, shared: Arc<Shared>) -> Result {
    stream.set_nodelay(true)?;
    // However it is closed, it is reset: no orderly end that the other side could count on.
    stream.set_zero_linger()?;
    let mut connection = h2::server::handshake(stream).await?;
    let mut calls = JoinSet::new();
    while let Some(call) = connection.accept().await {
        let (request, respond) = call?;
        let call = Call { number: shared.calls.fetch_add(1, Relaxed), connection: number };
        *shared.loads.lock().expect("no panic while it was held").entry(number).or_default() += 1;
        match (shared.script)(call) {
            Then::Reset => return Ok(()),
            Then::HalfOpen => std::future::pending().await,
            Then::GoAway(reason) => connection.abrupt_shutdown(reason),
            Then::Leave => {
                connection.graceful_shutdown();
                calls.spawn(answer(request, respond, Then::Answer, Arc::clone(&shared)));
            }
            then => drop(calls.spawn(answer(request, respond, then, Arc::clone(&shared)))),
        }
    }
    Ok(())
}

async fn answer(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    then: Then,
    shared: Arc<Shared>,
) -> Result {
    let event_id = event_id(request.into_body()).await?;
    let mut head = Response::builder().header("content-type", "application/grpc");
    match then {
        Then::Hang => std::future::pending().await,
        Then::Late(wait) => tokio::time::sleep(wait).await,
        Then::ResetStream(reason) => {
            respond.send_reset(reason);
            return Ok(());
        }
        Then::Status(code) => {
            let head = head.header("grpc-status", code).header("grpc-message", "as told");
            respond.send_response(head.body(())?, true)?;
            return Ok(());
        }
        Then::GiantHeader(size) => head = head.header("x-giant", "g".repeat(size)),
        _ => {}
    }
    let mut stream = respond.send_response(head.body(())?, false)?;
    let mut trailers = HeaderMap::new();
    match then {
        Then::ResetMidway => {
            stream.send_data(Bytes::from_static(&[0; GRPC_PREFIX - 1]), false)?;
            stream.send_reset(Reason::INTERNAL_ERROR);
            return Ok(());
        }
        Then::Announce(length) => {
            let mut prefix = vec![0];
            prefix.extend(length.to_be_bytes());
            stream.send_data(prefix.into(), false)?;
            return hold(stream).await;
        }
        Then::Compressed => stream.send_data(Bytes::from_static(&[1, 0, 0, 0, 0]), false)?,
        Then::Empty => {}
        Then::NoTrailers => {
            stream.send_data(Bytes::from_static(&[0; GRPC_PREFIX]), true)?;
            return Ok(());
        }
        _ => stream.send_data(Bytes::from_static(&[0; GRPC_PREFIX]), false)?,
    }
    match then {
        Then::NoStatus => drop(trailers.insert("x-something", HeaderValue::from_static("else"))),
        Then::GiantTrailer(size) => {
            trailers.insert("grpc-status", HeaderValue::from_static("0"));
            trailers.insert("x-giant", HeaderValue::try_from("g".repeat(size))?);
        }
        _ => drop(trailers.insert("grpc-status", HeaderValue::from_static("0"))),
    }
    stream.send_trailers(trailers)?;
    // Whoever takes giant trailers has heard the OK that is in them.
    if matches!(then, Then::Answer | Then::Late(_) | Then::GiantTrailer(_)) {
        *shared.answered.lock().expect("no panic while it was held").entry(event_id).or_default() += 1;
    }
    Ok(())
}

async fn event_id(mut body: RecvStream) -> Result<String> {
    let mut message = Vec::new();
    while let Some(chunk) = body.data().await {
        let chunk = chunk?;
        body.flow_control().release_capacity(chunk.len())?;
        message.extend_from_slice(&chunk);
    }
    let request = CreateClientEventRequest::decode(message.get(GRPC_PREFIX..).ok_or("no message")?)?;
    Ok(request.client_event.ok_or("no event")?.event_id)
}

/// Until the other side gives up.
async fn hold(mut stream: SendStream<Bytes>) -> Result {
    std::future::poll_fn(|cx| stream.poll_reset(cx)).await?;
    Ok(())
}
