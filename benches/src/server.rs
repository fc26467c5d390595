//! The least that can answer: one process, one thread, one port for gRPC and REST, and the same answer to everybody.
//!
//! It is a process of its own, so that the client's CPU time is the client's alone: the measurement starts itself once
//! more, as a server.

use std::error::Error;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::{env, io};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, header::CONTENT_TYPE};
use axum::routing::post;
use http_body_util::{BodyExt, Full};

use crate::sample::Viewed;

const ROLE: &str = "TALENT_BENCH_SERVES";

/// A server in a process of its own, which ends with this value.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    child: Child,
    /// Closed by the end of the parent too, however that comes.
    stays: Option<ChildStdin>,
}

impl Server {
    /// Starts it, and waits for its port.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn start() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let mut child =
            Command::new(env::current_exe()?).env(ROLE, "1").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stays = child.stdin.take();
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        Ok(Self { address: line.trim().parse()?, child, stays })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stays.take());
        let _ = self.child.wait();
    }
}

/// Whether this process is the server; then it has served, and is done. `main` calls it first.
///
/// # Errors
///
/// The system's.
pub fn served() -> Result<bool, Box<dyn Error + Send + Sync>> {
    if env::var_os(ROLE).is_none() {
        return Ok(false);
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())?;
    Ok(true)
}

async fn serve() -> Result<(), Box<dyn Error + Send + Sync>> {
    let event = Viewed::several(1)?.remove(0);
    let (message, json) = (framed(&event.encoded_by_hand()), json(&event));
    let app = Router::new()
        .route(
            "/google.cloud.talent.v4.EventService/CreateClientEvent",
            post(async move |_: Bytes| grpc(message.clone())),
        )
        // The names in a tenant's path, and `clientEvents`.
        .route("/v4/projects/{project}/tenants/{tenant}/clientEvents", post(async move |_: Bytes| rest(json.clone())));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let parent_is_gone = tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new()));
    tokio::select! {
        served = axum::serve(tcp_nodelay(listener), app) => served?,
        _ = parent_is_gone => {}
    }
    Ok(())
}

fn tcp_nodelay(listener: tokio::net::TcpListener) -> impl axum::serve::Listener<Addr = SocketAddr> {
    use axum::serve::ListenerExt;
    listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    })
}

/// gRPC's frame: not compressed, the length, the message.
fn framed(message: &[u8]) -> Bytes {
    let mut frame = vec![0];
    frame.extend((message.len() as u32).to_be_bytes());
    frame.extend(message);
    frame.into()
}

fn json(event: &Viewed) -> Bytes {
    format!(
        r#"{{"requestId":"{}","eventId":"{}","createTime":"2026-01-02T03:04:05.678Z","jobEvent":{{"type":"VIEW","jobs":["{}"]}},"eventNotes":"{}"}}"#,
        event.search(),
        event.id(),
        event.job(),
        event.notes()
    )
    .into()
}

fn grpc(message: Bytes) -> Response<Body> {
    let trailers = HeaderMap::from_iter([(HeaderName::from_static("grpc-status"), HeaderValue::from_static("0"))]);
    respond("application/grpc", Body::new(Full::new(message).with_trailers(async { Some(Ok(trailers)) })))
}

fn rest(json: Bytes) -> Response<Body> {
    respond("application/json", Body::from(json))
}

fn respond(content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
