//! The listener.
//!
//! tonic's own server would wait for ever for a client that never finishes its call.

use std::io;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{self, Instant};

use super::connection::{HttpService, Protocol};
use super::log_limit::LogLimit;

/// The time for running calls to finish when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// The pause after a failed accept. Usually file descriptors are exhausted, and only closed connections free them.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Maximum number of open connections. Further connections wait in the backlog of the system.
pub(crate) const MAX_CONNECTIONS: usize = 1_000;

/// Serves at most `max` connections at a time, until the sender of `stop` is dropped.
pub(crate) async fn serve(listener: TcpListener, max: usize, service: impl HttpService, mut stop: watch::Receiver<()>) {
    let protocol = Protocol::new();
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut accept = Accept { listener, failures: LogLimit::default(), full: LogLimit::default() };
    loop {
        let has_capacity = connections.len() < max;
        let stream = tokio::select! {
            _ = stop.changed() => break,
            // The set holds only open connections.
            Some(_) = connections.join_next() => continue,
            stream = accept.next(has_capacity) => stream,
        };
        let Ok(stream) = stream else { continue };
        connections.spawn(protocol.clone().serve(stream, service.clone(), graceful.watcher(), stop.clone()));
    }
    drop(accept);
    if time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = connections.len(), "closing connections with unfinished calls");
    }
    connections.shutdown().await;
}

struct Accept {
    listener: TcpListener,
    failures: LogLimit,
    full: LogLimit,
}

impl Accept {
    /// The next connection. After an error it pauses. Without capacity it waits for ever.
    async fn next(&mut self, has_capacity: bool) -> io::Result<TcpStream> {
        if !has_capacity {
            if let Some(suppressed) = self.full.allow(Instant::now()) {
                tracing::warn!(suppressed, "too many open connections: new ones have to wait");
            }
            return std::future::pending().await;
        }
        match self.listener.accept().await {
            Ok((stream, _)) => Ok(stream),
            Err(error) => {
                if let Some(suppressed) = self.failures.allow(Instant::now()) {
                    tracing::warn!(%error, suppressed, "cannot accept a connection");
                }
                time::sleep(ACCEPT_PAUSE).await;
                Err(error)
            }
        }
    }
}
