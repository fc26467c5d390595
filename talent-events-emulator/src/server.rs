//! The listener and its connections.
//!
//! Not tonic's own server, as that has no end for a connection whose client never finishes its call.

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

use crate::gate::Cut;

/// How long calls under way have to end in when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// How long a connection may be open and nothing be heard on it. (hyper itself ends a request whose headers take as long.)
const SILENCE: Duration = Duration::from_secs(30);

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

/// Tells each request which connection it came by.
#[derive(Clone)]
struct OnConnection<S> {
    service: S,
    cut: Cut,
}

impl<S: HttpService> Service<http::Request<Incoming>> for OnConnection<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<Incoming>) -> S::Future {
        request.extensions_mut().insert(self.cut.clone());
        self.service.call(request)
    }
}

/// Serves until the other end of `stop` is gone.
pub(crate) async fn serve(listener: TcpListener, service: impl HttpService, mut stop: watch::Receiver<()>) {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new());
    http.http2().timer(TokioTimer::new());
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stop.changed() => break,
            // Reaped, so that the set holds open connections only.
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                // Without effect on what is sent, so a failure only costs speed.
                let _ = stream.set_nodelay(true);
                let cut = Cut::default();
                let service = TowerToHyperService::new(OnConnection { service: service.clone(), cut: cut.clone() });
                let (http, watcher, mut stopped) = (http.clone(), graceful.watcher(), stop.clone());
                connections.spawn(async move {
                    // Not `readable`, which may be so without a byte.
                    let mut first = [0];
                    tokio::select! {
                        said = time::timeout(SILENCE, stream.peek(&mut first)) => if !matches!(said, Ok(Ok(1))) { return },
                        _ = stopped.changed() => return,
                    }
                    let connection = http.serve_connection(TokioIo::new(stream), service).into_owned();
                    let connection = watcher.watch(connection);
                    tokio::select! {
                        ended = connection => if let Err(error) = ended {
                            tracing::debug!("a connection ended: {error}");
                        },
                        () = cut.0.notified() => {}
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
