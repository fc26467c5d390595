//! The service, in a process of its own, so that the memory measured is the tracker's side alone.
//!
//! `up` and `down` come line by line by standard input, and each is answered by a line: an address, and how many calls
//! were answered so far and how many different events that were.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use h2::RecvStream;
use h2::server::SendResponse;
use http::{HeaderMap, HeaderValue, Request, Response};
use prost::Message;
use talent_events::wire::CreateClientEventRequest;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, stdin, stdout};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The length of a message, and whether it is compressed.
const GRPC_PREFIX: usize = 5;

/// Which events came: a bit each, as their ids are numbers from 0.
#[derive(Default)]
struct Seen {
    bits: Vec<u64>,
    answered: u64,
    distinct: u64,
}

impl Seen {
    fn add(&mut self, number: usize) {
        let (word, bit) = (number / 64, 1 << (number % 64));
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        self.answered += 1;
        self.distinct += u64::from(self.bits[word] & bit == 0);
        self.bits[word] |= bit;
    }
}

/// Serves until its standard input ends.
pub(crate) async fn run() -> Result {
    let seen = Arc::new(Mutex::new(Seen::default()));
    // An address that nobody else takes a port of meanwhile.
    let mut address: SocketAddr = "127.88.0.1:0".parse()?;
    let mut serving: Option<JoinHandle<()>> = None;
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let said = match &*line {
            "up" => {
                let listener = TcpListener::bind(address).await?;
                address = listener.local_addr()?;
                serving = Some(tokio::spawn(accept(listener, Arc::clone(&seen))));
                format!("{address}\n")
            }
            _ => {
                if let Some(serving) = serving.take() {
                    serving.abort();
                    // Its end closes the port, all connections, and the calls in them.
                    drop(serving.await);
                }
                let seen = lock(&seen);
                format!("{} {}\n", seen.answered, seen.distinct)
            }
        };
        stdout().write_all(said.as_bytes()).await?;
        stdout().flush().await?;
    }
    Ok(())
}

async fn accept(listener: TcpListener, seen: Arc<Mutex<Seen>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(connection(stream, Arc::clone(&seen)));
    }
}

async fn connection(stream: TcpStream, seen: Arc<Mutex<Seen>>) -> Result {
    stream.set_nodelay(true)?;
    let mut connection = h2::server::handshake(stream).await?;
    let mut calls = JoinSet::new();
    while let Some(call) = connection.accept().await {
        let (request, respond) = call?;
        calls.spawn(answer(request, respond, Arc::clone(&seen)));
        while calls.try_join_next().is_some() {}
    }
    Ok(())
}

async fn answer(request: Request<RecvStream>, mut respond: SendResponse<Bytes>, seen: Arc<Mutex<Seen>>) -> Result {
    let mut body = request.into_body();
    let mut message = Vec::new();
    while let Some(chunk) = body.data().await {
        let chunk = chunk?;
        body.flow_control().release_capacity(chunk.len())?;
        message.extend_from_slice(&chunk);
    }
    let request = CreateClientEventRequest::decode(message.get(GRPC_PREFIX..).ok_or("no message")?)?;
    lock(&seen).add(request.client_event.ok_or("no event")?.event_id.parse()?);

    let head = Response::builder().header("content-type", "application/grpc").body(())?;
    let mut stream = respond.send_response(head, false)?;
    stream.send_data(Bytes::from_static(&[0; GRPC_PREFIX]), false)?;
    stream.send_trailers(HeaderMap::from_iter([(
        http::HeaderName::from_static("grpc-status"),
        HeaderValue::from_static("0"),
    )]))?;
    Ok(())
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
