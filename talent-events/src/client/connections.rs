//! The connections of a client, and which of them takes a call.

use std::error::Error;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::Instant;
use tonic::transport::Endpoint;
use tonic::{Code, Status};

use super::call::Failure;
use super::call_state::CallState;
use super::codec::Receipt;
use super::connection::{Connection, Dialer};
use super::headers::Headers;

/// How long a failed connection gets no calls, if there are others. It fails faster than they answer, so it would have
/// the fewest calls in flight each time.
const EJECTION: Duration = Duration::from_secs(1);

/// One or more connections to one server, and another for isolated calls.
#[derive(Debug)]
pub(super) struct Connections {
    dialer: Dialer,
    shared: Box<[Shared]>,
    next: AtomicUsize,
    isolated: OnceLock<Connection>,
    made: Instant,
}

#[derive(Debug)]
struct Shared {
    connection: Connection,
    in_flight: AtomicUsize,
    /// The end of its ejection, in milliseconds since all were made. 0: it is not ejected.
    ejected_until: AtomicU64,
}

/// A call in flight, counted until it is dropped.
struct InFlight<'c>(&'c Shared);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

impl Connections {
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub(super) fn new(endpoint: Endpoint, connections: usize) -> Self {
        let dialer = Dialer::new(endpoint);
        let connection = || Shared {
            connection: Connection::new(&dialer),
            in_flight: AtomicUsize::new(0),
            ejected_until: AtomicU64::new(0),
        };
        let shared = (0..connections).map(|_| connection()).collect();
        Self { dialer, shared, next: AtomicUsize::new(0), isolated: OnceLock::new(), made: Instant::now() }
    }

    /// How many connections there are, without the one for isolated calls.
    pub(super) fn len(&self) -> usize {
        self.shared.len()
    }

    fn now(&self) -> u64 {
        self.made.elapsed().as_millis() as u64
    }

    fn is_ejected(&self, shared: &Shared) -> bool {
        // Only an ejected connection costs a look at the clock.
        match shared.ejected_until.load(Relaxed) {
            0 => false,
            until if self.now() < until => true,
            until => {
                let _ = shared.ejected_until.compare_exchange(until, 0, Relaxed, Relaxed);
                false
            }
        }
    }

    /// The connection with the fewest calls in flight, of those that are not ejected. Equal ones take turns.
    ///
    /// Turns alone would not do: a dead connection that nobody has noticed yet would soon hold all calls.
    fn pick(&self) -> Option<InFlight<'_>> {
        let turn = self.next.fetch_add(1, Relaxed) % self.shared.len().max(1);
        let (before, from) = self.shared.split_at(turn);
        let rank = |shared: &&Shared| (self.is_ejected(shared), shared.in_flight.load(Relaxed));
        let shared = from.iter().chain(before).min_by_key(rank)?;
        shared.in_flight.fetch_add(1, Relaxed);
        Some(InFlight(shared))
    }

    /// Makes a call that ends at `deadline`. An isolated call shares its connection with other isolated calls only.
    pub(super) async fn call<R: Receipt>(
        &self,
        headers: Headers,
        state: &Arc<CallState>,
        isolated: bool,
        deadline: Instant,
    ) -> Result<R, Failure> {
        if isolated {
            let connection = self.isolated.get_or_init(|| Connection::new(&self.dialer));
            return connection.call(&self.dialer, headers, state, deadline).await;
        }
        let Some(picked) = self.pick() else {
            return Err(Failure::Status(Status::internal("the client has no connections")));
        };
        let ended = picked.0.connection.call(&self.dialer, headers, state, deadline).await;
        // The failure lies on the way, or behind this connection.
        if let Err(Failure::Status(status)) = &ended
            && (status.source().is_some() || status.code() == Code::Unavailable)
        {
            picked.0.ejected_until.store(self.now() + EJECTION.as_millis() as u64, Relaxed);
        }
        ended
    }
}
