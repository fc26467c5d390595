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
use crate::files::{self, FileError};
use crate::gate::faults::Fault;
use crate::server;
use crate::settings::Settings;
use crate::store::{Feed, Recorded, Stats};

/// A running EventService, and its recorded events.
///
/// When it is dropped, it stops in the background, like [`shutdown`](Self::shutdown), without waiting.
pub struct Emulator {
    address: SocketAddr,
    app: Arc<App>,
    /// The server stops when this is dropped.
    running: watch::Sender<()>,
    server: JoinHandle<()>,
}

impl Emulator {
    pub(crate) fn serve(
        runtime: &Handle,
        listener: TcpListener,
        address: SocketAddr,
        app: Arc<App>,
        running: watch::Sender<()>,
        stop: watch::Receiver<()>,
        max_connections: usize,
    ) -> Self {
        let server = runtime.spawn(server::serve(listener, max_connections, server::router(&app), stop));
        Self { address, app, running, server }
    }

    /// The value of `TALENT_EMULATOR_HOST`, e.g. `127.0.0.1:43121`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    #[cfg(test)]
    pub(crate) fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Adds a request id that a search has answered: see [`Builder::known_request_id`](crate::Builder::known_request_id).
    ///
    /// Discarded events stay discarded, as they would at the service.
    pub fn know_request_id(&self, id: RequestId) {
        self.app.records.add_known(id);
    }

    /// Forgets all known request ids. Recorded events stay unchanged, and discarded events stay discarded.
    ///
    /// Unless the emulator is strict, no request id is synthetic until another is known.
    pub fn forget_request_ids(&self) {
        self.app.records.forget_known();
    }

    /// All events that were answered with `OK`, in the order of arrival.
    pub fn events(&self) -> Vec<Recorded> {
        self.app.records.events()
    }

    /// Waits until at least `count` events are [recorded](Self::events), with discarded ones, and returns all of them.
    ///
    /// There is no timeout: use `tokio::time::timeout`.
    pub async fn recorded(&self, count: usize) -> Vec<Recorded> {
        self.app.records.at_least(count).await
    }

    /// The counts of recorded events and refused calls.
    pub fn stats(&self) -> Stats {
        self.app.records.stats()
    }

    /// The defects between the recorded events, by the rules of [`event::rules`](talent_events::event::rules).
    ///
    /// - A later event may settle a defect or cause one.
    /// - Each tenant is judged by itself.
    /// - A request id is synthetic if the client says so. If an id is known, or the emulator is strict, all other ids are
    ///   synthetic too.
    /// - Discarded events are judged too, because a missing request id is a defect.
    ///
    /// It decodes all events at once. With very many events that takes time and memory.
    pub fn defects(&self) -> Vec<Defect> {
        self.app.records.defects()
    }

    /// Follows the events that are recorded from now on.
    pub fn feed(&self) -> Feed {
        Feed::new(Arc::clone(&self.app.records), self.app.records.revision().count)
    }

    /// The current settings.
    pub fn settings(&self) -> Settings {
        self.app.records.settings()
    }

    /// Replaces the settings.
    pub fn set_settings(&self, settings: Settings) {
        let Ok(_) = self.app.records.change_settings(|_| Ok::<_, Infallible>(settings));
    }

    /// The faults that are still to come.
    pub fn faults(&self) -> Vec<Fault> {
        self.app.gate.faults()
    }

    /// Replaces the scripted [faults](crate::faults).
    pub fn set_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.app.gate.set_faults(faults.into_iter().collect());
    }

    /// Adds the events of an [`ndjson`](crate::ndjson) file, and returns how many were recorded.
    ///
    /// An [idempotent](Settings::idempotent) emulator leaves out events that it has.
    ///
    /// # Errors
    ///
    /// If a line is invalid, no event of the file is recorded.
    pub async fn import(&self, path: impl AsRef<Path>) -> Result<usize, FileError> {
        files::import(Arc::clone(&self.app.records), path.as_ref().into()).await
    }

    /// Writes all events and known request ids to an [`ndjson`](crate::ndjson) file, and returns the number of events.
    ///
    /// An existing file is replaced when all events are written, and unchanged after an error. A pipe or a device is written
    /// directly.
    pub async fn export(&self, path: impl AsRef<Path>) -> Result<usize, FileError> {
        files::export(Arc::clone(&self.app.records), path.as_ref().into()).await
    }

    /// Clears all events and counts. Request ids stay known until
    /// [`forget_request_ids`](Self::forget_request_ids).
    pub fn clear(&self) {
        self.app.records.clear();
    }

    /// Stops the emulator.
    ///
    /// The port is free at once. Running calls get their answer. Connections that are open after 5 seconds are closed.
    pub async fn shutdown(self) {
        drop(self.running);
        // An error: the runtime is shutting down, and the server with it.
        let _ = self.server.await;
    }

    /// [Stops](Self::shutdown), then [exports](Self::export). The file has all events that were answered with `OK`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written, the events are in a temporary file: [`FileError::Elsewhere`] names it.
    pub async fn shutdown_and_export(self, path: impl AsRef<Path>) -> Result<usize, FileError> {
        let records = Arc::clone(&self.app.records);
        self.shutdown().await;
        files::export_or_keep(records, path.as_ref().into()).await
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("address", &self.address).finish_non_exhaustive()
    }
}
