//! What the emulator takes: calls a second beside a tonic server that only answers, memory for each of a million recorded
//! events, and time from the start of the program to its first answer.
//!
//! Client and server share this process and the machine, in both cases alike.

use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::future::{Ready, ready};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use talent_events::wire::event_service_client::EventServiceClient;
use talent_events::wire::{ClientEvent, CreateClientEventRequest, JobEvent, Timestamp, client_event};
use talent_events_benches::{Goal, Table, interleaved, median, rounds};
use talent_events_emulator::Emulator;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

type Failure = Box<dyn Error + Send + Sync>;
type Result<T> = std::result::Result<T, Failure>;

/// Calls of one sample.
const CALLS: u64 = 30_000;

const CONNECTIONS: usize = 4;
const IN_FLIGHT: usize = 64;

/// Events that are recorded to see what they hold.
const EVENTS: u64 = 1_000_000;

/// Resident bytes of each of them, and milliseconds to the first answer.
const MOST_BYTES: f64 = 400.0;
const MOST_MILLIS: f64 = 100.0;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut table = Table::default();

    // First, while nothing has been allocated and given back.
    let bytes = runtime.block_on(bytes_an_event())?;
    table.row(
        format!("resident memory of each of {EVENTS} events, beside the limit"),
        "B",
        bytes,
        MOST_BYTES,
        at_most(),
    );

    let [ours, empty] = runtime.block_on(rates())?;
    let goal = Some(Goal::AtLeast(0.7));
    table.row("calls accepted, beside an empty tonic server", "k/s", ours / 1e3, empty / 1e3, goal);

    let millis = first_answer()?;
    table.row("start of the program to its first answer, beside the limit", "ms", millis, MOST_MILLIS, at_most());
    print!("{table}");
    Ok(())
}

fn at_most() -> Option<Goal> {
    Some(Goal::AtMost(1.0))
}

async fn rates() -> Result<[f64; 2]> {
    let emulator = Emulator::start().await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let empty = listener.local_addr()?;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tokio::spawn(Server::builder().add_service(Empty).serve_with_incoming(incoming));
    let clients = [clients(emulator.address()).await?, clients(empty).await?];
    let handle = tokio::runtime::Handle::current();
    // `interleaved` is not async, and its measurements are.
    let rates = tokio::task::block_in_place(|| {
        interleaved(|server| {
            // Every sample begins with as many records: none.
            emulator.clear();
            let began = Instant::now();
            handle.block_on(send(&clients[server], CALLS))?;
            Ok::<_, Failure>(CALLS as f64 / began.elapsed().as_secs_f64())
        })
    })?;
    emulator.shutdown().await;
    Ok(rates)
}

async fn bytes_an_event() -> Result<f64> {
    let emulator = Emulator::start().await?;
    let clients = clients(emulator.address()).await?;
    // What connections and calls under way take is not the events'.
    send(&clients, CALLS).await?;
    emulator.clear();
    let before = resident()?;
    send(&clients, EVENTS).await?;
    let bytes = resident()?.saturating_sub(before);
    let there = emulator.stats().total_kept();
    if there != EVENTS {
        return Err(format!("{there} events are recorded of {EVENTS}").into());
    }
    emulator.shutdown().await;
    Ok(bytes as f64 / EVENTS as f64)
}

/// Resident memory of this process, in bytes.
fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS in /proc/self/status")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024)
}

async fn clients(address: SocketAddr) -> Result<Vec<EventServiceClient<Channel>>> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
        clients.push(EventServiceClient::new(endpoint.connect().await?));
    }
    Ok(clients)
}

/// Sends this many events, each with an id of its own.
async fn send(clients: &[EventServiceClient<Channel>], calls: u64) -> Result<()> {
    let next = Arc::new(AtomicU64::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for client in clients.iter().cycle().take(IN_FLIGHT) {
        let (mut client, next) = (client.clone(), Arc::clone(&next));
        tasks.spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= calls {
                    return Ok::<_, Status>(());
                }
                client.create_client_event(event(n)).await?;
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(())
}

/// What an app sends: ids as long as they are, a position in the notes.
fn event(n: u64) -> CreateClientEventRequest {
    CreateClientEventRequest {
        parent: "projects/my-project/tenants/my-tenant".into(),
        client_event: Some(ClientEvent {
            request_id: format!("search-7f3a9c21-{:08x}", n / 20),
            event_id: format!("01949b2e-7c1a-7def-8a3b-{n:012x}"),
            create_time: Some(Timestamp { seconds: 1_770_000_000 + (n / 100) as i64, nanos: 0 }),
            event_notes: format!("position {}", n % 20),
            event: Some(client_event::Event::JobEvent(JobEvent {
                r#type: 2,
                jobs: vec![format!("projects/my-project/tenants/my-tenant/jobs/{}", 100_000 + n % 50_000)],
            })),
        }),
    }
}

/// Decodes a call and answers an event without anything in it.
#[derive(Clone)]
struct Empty;

impl NamedService for Empty {
    const NAME: &'static str = "google.cloud.talent.v4.EventService";
}

impl Service<http::Request<Body>> for Empty {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::result::Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async { Ok(Grpc::new(ProstCodec::default()).unary(Self, request).await) })
    }
}

impl UnaryService<CreateClientEventRequest> for Empty {
    type Response = ClientEvent;
    type Future = Ready<std::result::Result<Response<ClientEvent>, Status>>;

    fn call(&mut self, _: Request<CreateClientEventRequest>) -> Self::Future {
        ready(Ok(Response::new(ClientEvent::default())))
    }
}

/// Milliseconds, median of [`rounds`], after one that does not count.
fn first_answer() -> Result<f64> {
    let program = build_program()?;
    let mut samples = Vec::new();
    for round in 0..=rounds() {
        let began = Instant::now();
        let mut emulator = Command::new(&program)
            .args(["emulator", "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let answered = emulator.stdout.take().ok_or("no standard output".into()).and_then(answered);
        let took = began.elapsed();
        emulator.kill()?;
        emulator.wait()?;
        answered?;
        if round > 0 {
            samples.push(took.as_secs_f64() * 1e3);
        }
    }
    Ok(median(samples))
}

/// Reads where it listens, and asks it something.
fn answered(out: impl Read) -> Result<()> {
    // Kept until it has answered: it may have more to say, and ends where nobody listens.
    let mut out = BufReader::new(out);
    let mut line = String::new();
    out.read_line(&mut line)?;
    let address = line.trim().strip_prefix("export TALENT_EMULATOR_HOST=").ok_or("it does not say where it listens")?;
    let mut connection = TcpStream::connect(address)?;
    connection.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(connection, "GET /emulator/v1/counts HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    match answer.starts_with("HTTP/1.1 200 ") {
        true => Ok(()),
        false => Err(format!("it answers {answer:?}").into()),
    }
}

/// Builds the command line as it is shipped, and answers where it is.
fn build_program() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = ["build", "--locked", "--quiet", "--release", "-p", "talent-events-cli"];
    if !Command::new(cargo).args(build).current_dir(&root).status()?.success() {
        return Err("the command line can not be built".into());
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release/talent-events"))
}
