//! The listener and its connections.
//!
//! tonic's own server would wait for ever for a client that never finishes its call.

use std::convert::Infallible;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time;
use tonic::body::Body;
use tonic::codegen::{Service, http};

use crate::gate::CloseConnection;

/// The time for running calls to finish when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// Maximum time until the first byte of a connection. (hyper has the same limit for the headers of a request.)
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(30);

/// The pause after a failed accept. Usually file descriptors are exhausted, and only closed connections free them.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

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

/// Serves until the sender of `stop` is dropped.
pub(crate) async fn serve(listener: TcpListener, service: impl HttpService, mut stop: watch::Receiver<()>) {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new());
    http.http2().timer(TokioTimer::new());
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stop.changed() => break,
            // The set holds only open connections.
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                // A failure only costs speed.
                let _ = stream.set_nodelay(true);
                let close = CloseConnection::default();
                let service = OnConnection { service: service.clone(), connection: close.clone() };
                let service = TowerToHyperService::new(service);
                let (http, watcher, mut stopped) = (http.clone(), graceful.watcher(), stop.clone());
                connections.spawn(async move {
                    // `readable` may return without a byte.
                    let mut first = [0];
                    tokio::select! {
                        peeked = time::timeout(FIRST_BYTE_TIMEOUT, stream.peek(&mut first)) => {
                            if !matches!(peeked, Ok(Ok(1))) { return }
                        }
                        _ = stopped.changed() => return,
                    }
                    let connection = http.serve_connection(TokioIo::new(stream), service).into_owned();
                    let connection = watcher.watch(connection);
                    tokio::select! {
                        ended = connection => if let Err(error) = ended {
                            tracing::debug!(%error, "connection failed");
                        },
                        () = close.requested() => {}
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = connections.len(), "closing connections with unfinished calls");
    }
    connections.shutdown().await;
}
