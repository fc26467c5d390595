//! The handle of a running emulator.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use talent_events::RequestId;
use talent_events::event::rules::Defect;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::records::Records;
use crate::{Builder, Recorded, StartError, Stats, calls, server};

/// A running EventService, and what it has recorded.
///
/// Dropped, it stops in the background as [`shutdown`](Self::shutdown) does, and waits for nothing.
pub struct Emulator {
    address: SocketAddr,
    records: Arc<Records>,
    /// The server stops when this is gone.
    running: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Emulator {
    /// An emulator at a free port of this machine, that discards nothing.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// To say more: where it listens, and which request ids it knows.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn serve(runtime: &Handle, listener: TcpListener, address: SocketAddr, records: Records) -> Self {
        let records = Arc::new(records);
        let (running, stop) = oneshot::channel();
        let server = runtime.spawn(server::serve(listener, calls::service(Arc::clone(&records)), stop));
        Self { address, records, running, server }
    }

    /// Where it listens, e.g. `127.0.0.1:43121`: the value of `TALENT_EMULATOR_HOST`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// One more request id that a search has answered, for the events that come from now on: what was discarded stays
    /// discarded, as it would at the service. See [`Builder::known_request_id`].
    pub fn know_request_id(&self, id: RequestId) {
        self.records.know(id);
    }

    /// All events that were answered `OK`, in the order in which they came.
    pub fn events(&self) -> Vec<Recorded> {
        self.records.events()
    }

    /// Waits until at least `count` events are [recorded](Self::events), the discarded among them, and answers all
    /// there are.
    ///
    /// It waits for ever where fewer come: set a limit with `tokio::time::timeout`.
    pub async fn recorded(&self, count: usize) -> Vec<Recorded> {
        self.records.at_least(count).await
    }

    /// How many events are recorded of each type, and how many calls were refused.
    pub fn stats(&self) -> Stats {
        self.records.stats()
    }

    /// What is wrong between the recorded events, by the rules of [`event::rules`](talent_events::event::rules), judged now: an event that
    /// comes later may settle a defect, or make one.
    ///
    /// Each tenant is judged by itself. Request ids count as made up when they are not known, as soon as one is known or
    /// the emulator is strict. What was discarded is judged too: that it has no valid request id is a defect.
    ///
    /// It reads every event back from its encoded form, all at once: with very many of them that takes time and memory.
    pub fn defects(&self) -> Vec<Defect> {
        self.records.defects()
    }

    /// Forgets all events and counts; request ids stay known.
    pub fn clear(&self) {
        self.records.clear();
    }

    /// Stops: the port is free at once, calls under way get their answer, and connections that are still open after 5
    /// seconds are cut.
    pub async fn shutdown(self) {
        drop(self.running);
        // It fails where the runtime is shutting down itself, and then the server is gone too.
        let _ = self.server.await;
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("address", &self.address).finish_non_exhaustive()
    }
}
