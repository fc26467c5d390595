//! The handle of a running emulator.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use std::convert::Infallible;
use std::path::Path;

use talent_events::RequestId;
use talent_events::event::rules::Defect;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::faults::Fault;
use crate::files::{self, FileError};
use crate::{Builder, Feed, Recorded, Settings, StartError, Stats, front, server};

/// A running EventService, and what it has recorded.
///
/// Dropped, it stops in the background as [`shutdown`](Self::shutdown) does, and waits for nothing.
pub struct Emulator {
    address: SocketAddr,
    app: Arc<App>,
    /// The server stops when this is gone.
    running: watch::Sender<()>,
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

    pub(crate) fn serve(
        runtime: &Handle,
        listener: TcpListener,
        address: SocketAddr,
        app: Arc<App>,
        running: watch::Sender<()>,
        stop: watch::Receiver<()>,
    ) -> Self {
        let server = runtime.spawn(server::serve(listener, front::service(&app), stop));
        Self { address, app, running, server }
    }

    /// Where it listens, e.g. `127.0.0.1:43121`: the value of `TALENT_EMULATOR_HOST`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    #[cfg(test)]
    pub(crate) fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// One more request id that a search has answered, for the events that come from now on: what was discarded stays
    /// discarded, as it would at the service. See [`Builder::known_request_id`].
    pub fn know_request_id(&self, id: RequestId) {
        self.app.records.know(id);
    }

    /// Forgets all request ids that searches have answered. What was recorded stays as it is, and what was discarded
    /// stays discarded; unless the emulator is strict, no request id counts as made up until another is known.
    pub fn forget_request_ids(&self) {
        self.app.records.forget_known();
    }

    /// All events that were answered `OK`, in the order in which they came.
    pub fn events(&self) -> Vec<Recorded> {
        self.app.records.events()
    }

    /// Waits until at least `count` events are [recorded](Self::events), the discarded among them, and answers all
    /// there are.
    ///
    /// It waits for ever where fewer come: set a limit with `tokio::time::timeout`.
    pub async fn recorded(&self, count: usize) -> Vec<Recorded> {
        self.app.records.at_least(count).await
    }

    /// How many events are recorded of each type, and how many calls were refused.
    pub fn stats(&self) -> Stats {
        self.app.records.stats()
    }

    /// What is wrong between the recorded events, by the rules of [`event::rules`](talent_events::event::rules), judged now: an event that
    /// comes later may settle a defect, or make one.
    ///
    /// Each tenant is judged by itself. Request ids count as made up when they are not known, as soon as one is known or
    /// the emulator is strict. What was discarded is judged too: that it has no valid request id is a defect.
    ///
    /// It reads every event back from its encoded form, all at once: with very many of them that takes time and memory.
    pub fn defects(&self) -> Vec<Defect> {
        self.app.records.defects()
    }

    /// Follows what is recorded from now on.
    pub fn feed(&self) -> Feed {
        let count = self.app.records.marks().borrow().count;
        Feed::new(Arc::clone(&self.app), count)
    }

    /// How it behaves now.
    pub fn settings(&self) -> Settings {
        self.app.records.settings()
    }

    /// How it behaves from now on.
    pub fn set_settings(&self, settings: Settings) {
        let Ok(_) = self.app.records.set(|_| Ok::<_, Infallible>(settings));
    }

    /// What is to go wrong, as far as it is still to come.
    pub fn faults(&self) -> Vec<Fault> {
        self.app.gate.faults()
    }

    /// What is to go wrong from now on, instead of what was: see [`faults`](crate::faults).
    pub fn set_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.app.gate.set_faults(faults.into_iter().collect());
    }

    /// Records the events of a file, after those there are: see [`ndjson`](crate::ndjson). All of them, or none where
    /// there is an error; and of an [idempotent](Settings::idempotent) emulator none that it has by their ids. Answers
    /// how many were recorded.
    pub async fn import(&self, path: impl AsRef<Path>) -> Result<usize, FileError> {
        files::import(Arc::clone(&self.app), path.as_ref().into()).await
    }

    /// Writes all events and known request ids to a file, in the form that [`import`](Self::import) reads, and answers
    /// how many events. What was there is replaced when all is written, and else left as it was; a pipe or a device is
    /// written to.
    pub async fn export(&self, path: impl AsRef<Path>) -> Result<usize, FileError> {
        files::export(Arc::clone(&self.app), path.as_ref().into()).await
    }

    /// Forgets all events and counts; request ids stay known, until they are
    /// [forgotten](Self::forget_request_ids) too.
    pub fn clear(&self) {
        self.app.records.clear();
    }

    /// Stops: the port is free at once, calls under way get their answer, and connections that are still open after 5
    /// seconds are cut.
    pub async fn shutdown(self) {
        drop(self.running);
        // It fails where the runtime is shutting down itself, and then the server is gone too.
        let _ = self.server.await;
    }

    /// [Stops](Self::shutdown), then [exports](Self::export): nothing that was answered `OK` is missing in the file.
    ///
    /// Where the file can not be written, the events are kept in another, in the system's directory for temporary files:
    /// [`FileError::Elsewhere`] names it.
    pub async fn shutdown_and_export(self, path: impl AsRef<Path>) -> Result<usize, FileError> {
        let app = Arc::clone(&self.app);
        self.shutdown().await;
        files::export_at_last(app, path.as_ref().into()).await
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("address", &self.address).finish_non_exhaustive()
    }
}
