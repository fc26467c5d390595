//! An EventService on bare HTTP/2 that fails as a script says, call by call. Tests and benchmarks run against it.
//!
//! The service speaks HTTP/2 by `h2` alone, because a gRPC server would not reset a stream, leave its trailers out or
//! fall silent.

mod answer;
mod connection;
mod then;

use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use talent_events::wire::ClientEvent;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

pub use then::Then;

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// A call whose event has arrived. Both numbers count from 0 in the order of arrival.
#[derive(Debug)]
pub struct Call {
    /// Counts the calls of this service.
    pub number: u64,
    /// Counts the connections of this service.
    pub connection: u64,
    /// The event that the client wants to create.
    pub event: ClientEvent,
}

/// A running service. Dropped, it resets all its connections.
#[derive(Debug)]
pub struct Service {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: AbortHandle,
}

type Script = dyn Fn(&Call) -> Then + Send + Sync;

struct Shared {
    script: Box<Script>,
    calls: AtomicU64,
    connections: AtomicU64,
    /// How often each event was answered OK, by its id.
    answered: Mutex<HashMap<String, u64>>,
    /// How many calls came by each connection.
    loads: Mutex<HashMap<u64, u64>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("calls", &self.calls)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

impl Service {
    /// Starts a service on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn start(script: impl Fn(&Call) -> Then + Send + Sync + 'static) -> Result<Self> {
        Self::start_at("127.0.0.1:0".parse()?, script).await
    }

    /// Starts a service at this address: one that stopped comes back at its old address.
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn start_at(address: SocketAddr, script: impl Fn(&Call) -> Then + Send + Sync + 'static) -> Result<Self> {
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
    pub async fn stop(self) {
        self.task.abort();
        while !self.task.is_finished() {
            tokio::task::yield_now().await;
        }
    }

    /// Where the service listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many calls came so far.
    pub fn calls(&self) -> u64 {
        self.shared.calls.load(Relaxed)
    }

    /// How many connections came so far.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Relaxed)
    }

    /// How many different events were answered OK.
    pub fn events(&self) -> u64 {
        lock(&self.shared.answered).len() as u64
    }

    /// How often this event was answered OK.
    pub fn answered(&self, event_id: &str) -> u64 {
        lock(&self.shared.answered).get(event_id).copied().unwrap_or_default()
    }

    /// How many calls came by each connection since the last look.
    pub fn loads(&self) -> HashMap<u64, u64> {
        std::mem::take(&mut lock(&self.shared.loads))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let number = shared.connections.fetch_add(1, Relaxed);
        connections.spawn(connection::serve(stream, number, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
