//! A service that does as it is told and remembers what it saw, and an event to send it.

#[allow(clippy::all, dead_code, unreachable_pub, missing_docs, rust_2018_idioms)]
#[rustfmt::skip]
#[path = "../../../../talent-events-emulator/src/proto.rs"]
mod service;

pub(crate) mod child;
pub(crate) mod fixed;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http::HeaderMap;
use talent_events::event::{Always, EventDescriptor, EventWriter, SelfContained, SendPolicy};
use talent_events::{ClientEvent, InvalidEvent, JobEvent, JobEventType, TalentEvent, TenantName, wire};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Server, ServerTlsConfig};
use tonic::{Request, Response, Status};

use service::event_service_server::{EventService, EventServiceServer};

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

pub(crate) const TENANT: &str = "projects/acme/tenants/board";

pub(crate) fn tenant() -> TenantName {
    TENANT.parse().expect("a tenant name")
}

/// Somebody viewed job 42.
pub(crate) fn event() -> ClientEvent {
    let job = tenant().job("42").expect("a job id");
    let mut event = ClientEvent::new(JobEvent::new(JobEventType::View, [job]));
    event.request_id = Some("search-7f".parse().expect("a request id"));
    event.event_notes = "ハロー, position 3".into();
    event
}

/// The same as an app would have it.
pub(crate) struct Viewed;

impl TalentEvent for Viewed {
    fn write(&self, w: &mut EventWriter<'_>) -> std::result::Result<(), InvalidEvent> {
        w.event_type(JobEventType::View)?;
        w.job("42")?;
        w.synthetic_request_id(format_args!("view-{}", 42))?;
        w.notes_text(&"é".repeat(1_001))
    }

    fn descriptor(&self) -> &'static EventDescriptor {
        static DESCRIPTOR: EventDescriptor = EventDescriptor::new("Viewed");
        &DESCRIPTOR
    }
}

impl SelfContained for Viewed {}

impl SendPolicy for Viewed {
    type Answer = Always;
}

/// What the service does with a call.
#[derive(Clone)]
pub(crate) enum Then {
    /// SendPolicy the event.
    Echo,
    /// SendPolicy this.
    Answer(wire::ClientEvent),
    /// Refuses.
    Fail(Status),
    /// Never answers.
    Hang,
    /// Does what this says of the event.
    By(Arc<dyn Fn(&wire::ClientEvent) -> Then + Send + Sync>),
}

pub(crate) struct Seen {
    pub(crate) headers: HeaderMap,
    pub(crate) request: wire::CreateClientEventRequest,
    pub(crate) peer: Option<SocketAddr>,
}

/// A running service; dropped, it stops.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: AbortHandle,
}

impl Service {
    pub(crate) async fn start(then: Then) -> Result<Self> {
        Self::run(TcpListener::bind("127.0.0.1:0").await?, then, None)
    }

    /// A service that takes one call of a connection at a time.
    pub(crate) async fn start_one_at_a_time(then: Then) -> Result<Self> {
        Self::serve(Server::builder().max_concurrent_streams(1), TcpListener::bind("127.0.0.1:0").await?, then)
    }

    pub(crate) async fn start_tls(then: Then, tls: ServerTlsConfig) -> Result<Self> {
        Self::run(TcpListener::bind("127.0.0.1:0").await?, then, Some(tls))
    }

    pub(crate) fn run(listener: TcpListener, then: Then, tls: Option<ServerTlsConfig>) -> Result<Self> {
        let mut server = Server::builder();
        if let Some(tls) = tls {
            server = server.tls_config(tls)?;
        }
        Self::serve(server, listener, then)
    }

    fn serve(mut server: Server, listener: TcpListener, then: Then) -> Result<Self> {
        let address = listener.local_addr()?;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let service = EventServiceServer::new(Handler { seen: Arc::clone(&seen), then });
        let served = server.add_service(service).serve_with_incoming(TcpListenerStream::new(listener));
        Ok(Self { address, seen, task: tokio::spawn(served).abort_handle() })
    }

    /// As an endpoint in plaintext.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was seen since the last look.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().expect("no panic while it was held"))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Handler {
    seen: Arc<Mutex<Vec<Seen>>>,
    then: Then,
}

#[tonic::async_trait]
impl EventService for Handler {
    async fn create_client_event(
        &self,
        request: Request<wire::CreateClientEventRequest>,
    ) -> std::result::Result<Response<wire::ClientEvent>, Status> {
        let peer = request.remote_addr();
        let (metadata, _, message) = request.into_parts();
        let event = message.client_event.clone().unwrap_or_default();
        let seen = Seen { headers: metadata.into_headers(), request: message, peer };
        self.seen.lock().expect("no panic while it was held").push(seen);
        let then = match self.then.clone() {
            Then::By(script) => script(&event),
            then => then,
        };
        match then {
            Then::Echo => Ok(Response::new(event)),
            Then::Answer(answer) => Ok(Response::new(answer)),
            Then::Fail(status) => Err(status),
            Then::Hang | Then::By(_) => std::future::pending().await,
        }
    }
}
