//! The configuration of an emulator.

use std::collections::HashSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use talent_events::RequestId;
use tokio::net::TcpSocket;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::app::App;
use crate::emulator::Emulator;
use crate::files::{self, FileError};
use crate::gate::faults::Fault;
use crate::gate::{Gate, Quota};
use crate::http::AllowedHosts;
use crate::search;
use crate::server::MAX_CONNECTIONS;
use crate::settings::Settings;
use crate::store::Records;

/// Maximum number of connections that wait for `accept`.
const BACKLOG: u32 = 1024;

/// Configures an [`Emulator`]: [`Emulator::builder`].
#[derive(Debug)]
#[must_use = "`start().await` starts the emulator"]
pub struct Builder {
    address: SocketAddr,
    settings: Settings,
    faults: Vec<Fault>,
    known_request_ids: HashSet<RequestId>,
    hosts: Vec<String>,
    jobs: Vec<String>,
    import: Option<PathBuf>,
    max_connections: usize,
}

/// The error of an emulator that did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address is in use, or it is not this machine's, or it is not permitted.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The requested address.
        address: SocketAddr,
        /// The system's error.
        source: io::Error,
    },
    /// The file of [`Builder::import`] cannot be imported.
    #[error("cannot import {0}")]
    Import(#[source] FileError),
    /// `start` was called outside of a tokio runtime.
    #[error("expected a tokio runtime, found none; help: await `start` inside of a runtime")]
    NoRuntime,
}

impl Emulator {
    /// Starts an emulator with default settings on a free port of this machine.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Configures an emulator.
    pub fn builder() -> Builder {
        Builder::new()
    }
}

impl Builder {
    fn new() -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            settings: Settings::default(),
            faults: Vec::new(),
            known_request_ids: HashSet::new(),
            hosts: Vec::new(),
            jobs: search::example_jobs(),
            import: None,
            max_connections: MAX_CONNECTIONS,
        }
    }

    /// The address to listen on. The default, `127.0.0.1:0`, is a free port that other machines cannot reach.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Replaces all settings.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Sets [`Settings::strict`].
    ///
    /// The known request ids are those of [`known_request_id`](Self::known_request_id), of
    /// [`Emulator::know_request_id`], and of the searches that the emulator has answered.
    pub fn strict(mut self) -> Self {
        self.settings.strict = true;
        self
    }

    /// Sets [`Settings::quota`].
    pub fn quota(mut self, quota: Quota) -> Self {
        self.settings.quota = Some(quota);
        self
    }

    /// Sets [`Settings::require_token`].
    pub fn require_token(mut self) -> Self {
        self.settings.require_token = true;
        self
    }

    /// Sets [`Settings::idempotent`].
    pub fn idempotent(mut self) -> Self {
        self.settings.idempotent = true;
        self
    }

    /// Sets scripted [faults](crate::faults). The default is none.
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults = faults.into_iter().collect();
        self
    }

    /// Adds a host name, e.g. that of a container, for the control API (`/emulator/v1/…`) and the console.
    ///
    /// They answer to addresses, to `localhost` and to these names. Other names are refused, because another site's page may
    /// let its name point to this machine. Google's API answers programs under any name, and pages under these names.
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.hosts.push(name.into());
        self
    }

    /// Sets the ids of the jobs that searches return, in this order. The default is `example-1` to `example-20`.
    pub fn jobs<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.jobs = ids.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the maximum number of open connections, at least 1. The default is 1,000. Further connections wait.
    pub fn max_connections(mut self, max: usize) -> Self {
        self.max_connections = max.max(1);
        self
    }

    /// Adds a request id that a search has answered.
    ///
    /// If one is known, or if the emulator is [`strict`](Self::strict), all others are synthetic for
    /// [`Emulator::defects`].
    pub fn known_request_id(mut self, id: RequestId) -> Self {
        self.known_request_ids.insert(id);
        self
    }

    /// Imports a file before the emulator accepts connections: see [`Emulator::import`].
    pub fn import(mut self, path: impl Into<PathBuf>) -> Self {
        self.import = Some(path.into());
        self
    }

    /// Starts the emulator in the background of the current tokio runtime.
    ///
    /// The runtime needs its I/O and time drivers. The emulator runs until it is shut down or dropped.
    pub async fn start(self) -> Result<Emulator, StartError> {
        let runtime = Handle::try_current().map_err(|_| StartError::NoRuntime)?;
        let failed = |source| StartError::Listen { address: self.address, source };
        // A port in use is an error before the import, which may take a while.
        let socket = bind(self.address).map_err(failed)?;
        let (running, stop) = watch::channel(());
        let records = Arc::new(Records::new(self.settings, self.known_request_ids));
        if let Some(path) = self.import {
            files::import(Arc::clone(&records), path).await.map_err(StartError::Import)?;
        }
        let app = Arc::new(App {
            records,
            gate: Gate::new(self.faults, stop.clone()),
            hosts: AllowedHosts::new(self.hosts),
            jobs: self.jobs,
            judging: Default::default(),
        });
        let listener = socket.listen(BACKLOG).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Emulator::serve(&runtime, listener, address, app, running, stop, self.max_connections))
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Like `TcpListener::bind`: a port with only closing connections is free. On Windows the port would be shared.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}
