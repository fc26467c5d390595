//! One connection.

use std::convert::Infallible;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::Watcher;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time;
use tonic::body::Body;
use tonic::codegen::{Service, http};

use super::http_version::VersionWatch;
use crate::gate::CloseConnection;

/// Maximum time until a connection has shown its version of HTTP. Half-begun connections would hold file descriptors for
/// ever.
const VERSION_TIMEOUT: Duration = Duration::from_secs(10);

/// After this time without a frame, an HTTP/2 client has to answer a ping.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(20);

/// A service for the requests of a connection.
pub(crate) trait HttpService:
    Service<http::Request<Incoming>, Response = http::Response<Body>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static
{
}

impl<S> HttpService for S where
    S: Service<http::Request<Incoming>, Response = http::Response<Body>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// Adds the connection to each request.
#[derive(Clone)]
struct OnConnection<S> {
    service: S,
    connection: CloseConnection,
}

impl<S: HttpService> Service<http::Request<Incoming>> for OnConnection<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<Incoming>) -> S::Future {
        request.extensions_mut().insert(self.connection.clone());
        self.service.call(request)
    }
}

/// The protocol of all connections. hyper itself limits the time for the headers of an HTTP/1.1 request to 30 seconds.
#[derive(Clone)]
pub(super) struct Protocol(auto::Builder<TokioExecutor>);

impl Protocol {
    pub(super) fn new() -> Self {
        let mut http = auto::Builder::new(TokioExecutor::new());
        http.http1().timer(TokioTimer::new());
        let mut http2 = http.http2();
        http2.timer(TokioTimer::new());
        http2.keep_alive_interval(KEEP_ALIVE_INTERVAL).keep_alive_timeout(KEEP_ALIVE_TIMEOUT);
        Self(http)
    }

    /// Serves a connection until it ends.
    ///
    /// When the server stops, `watcher` ends it gracefully. A connection without a known version ends at once.
    pub(super) async fn serve(
        self,
        stream: TcpStream,
        service: impl HttpService,
        watcher: Watcher,
        mut stop: watch::Receiver<()>,
    ) {
        // A failure only costs speed.
        let _ = stream.set_nodelay(true);
        let close = CloseConnection::default();
        let service = TowerToHyperService::new(OnConnection { service, connection: close.clone() });
        let (stream, mut version) = VersionWatch::new(stream);
        let connection = self.0.serve_connection(TokioIo::new(stream), service).into_owned();
        let mut connection = std::pin::pin!(watcher.watch(connection));
        let unknown_version = async {
            tokio::select! {
                known = &mut version => if known.is_ok() { std::future::pending().await },
                () = time::sleep(VERSION_TIMEOUT) => {}
                _ = stop.changed() => {}
            }
        };
        tokio::select! {
            ended = &mut connection => if let Err(error) = ended {
                tracing::debug!(%error, "connection failed");
            },
            () = close.requested() => {}
            () = unknown_version => {}
        }
    }
}
