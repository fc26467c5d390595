//! The listener and its connections.
//!
//! Not tonic's own server, as that has no end for a connection whose client never finishes its call.

use std::convert::Infallible;
use std::time::Duration;

use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time;
use tonic::body::Body;
use tonic::codegen::{Service, http};

/// How long calls under way have to end in when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait when a connection can not be accepted: as a rule for want of file descriptors, which only others
/// can give back.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What answers a connection's requests.
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

/// Serves until the other end of `stop` is gone.
pub(crate) async fn serve(listener: TcpListener, service: impl HttpService, mut stop: oneshot::Receiver<()>) {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new());
    http.http2().timer(TokioTimer::new());
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = &mut stop => break,
            // Reaped, so that the set holds open connections only.
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                // Without effect on what is sent, so a failure only costs speed.
                let _ = stream.set_nodelay(true);
                let service = TowerToHyperService::new(service.clone());
                let connection = http.serve_connection(TokioIo::new(stream), service).into_owned();
                let connection = graceful.watch(connection);
                connections.spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::debug!("a connection ended: {error}");
                    }
                });
            }
            Err(error) => {
                tracing::warn!("a connection can not be accepted: {error}");
                time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("{} connections were still open after {GRACE:?} and are cut", connections.len());
    }
    connections.shutdown().await;
}
