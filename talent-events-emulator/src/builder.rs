//! How an emulator is set up.

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
use crate::faults::Fault;
use crate::gate::Gate;
use crate::records::Records;
use crate::{Emulator, FileError, Quota, Settings, files, search};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Sets an [`Emulator`] up: [`Emulator::builder`].
#[derive(Debug)]
#[must_use = "an emulator starts by `start().await`"]
pub struct Builder {
    address: SocketAddr,
    settings: Settings,
    faults: Vec<Fault>,
    known_request_ids: HashSet<RequestId>,
    hosts: Vec<String>,
    jobs: Vec<String>,
    import: Option<PathBuf>,
}

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address can not be listened at: taken, or not this machine's, or not permitted.
    #[error("the emulator can not listen at {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The file of [`Builder::import`] can not be read to its end.
    #[error("can not import {0}")]
    Import(#[source] FileError),
    /// `start` was awaited outside of a tokio runtime, so that the server has nowhere to run.
    #[error("the emulator needs a tokio runtime to run on: await `start` inside of one")]
    NoRuntime,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            settings: Settings::default(),
            faults: Vec::new(),
            known_request_ids: HashSet::new(),
            hosts: Vec::new(),
            jobs: search::example_jobs(),
            import: None,
        }
    }

    /// Where to listen. The default, `127.0.0.1:0`, is a free port that nobody else's machine reaches.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// All settings at once, instead of those given before.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Events whose request id is missing or not known are discarded: answered `OK`, recorded, and marked.
    ///
    /// That Google discards such events is Google's word; that the call answers `OK` is our inference. Known are the
    /// ids of [`known_request_id`](Self::known_request_id) and [`Emulator::know_request_id`], and those that the
    /// search stand-in has answered.
    pub fn strict(mut self) -> Self {
        self.settings.strict = true;
        self
    }

    /// See [`Settings::quota`].
    pub fn quota(mut self, quota: Quota) -> Self {
        self.settings.quota = Some(quota);
        self
    }

    /// See [`Settings::require_token`].
    pub fn require_token(mut self) -> Self {
        self.settings.require_token = true;
        self
    }

    /// See [`Settings::idempotent`].
    pub fn idempotent(mut self) -> Self {
        self.settings.idempotent = true;
        self
    }

    /// What is to go wrong: see [`faults`](crate::faults). The default is nothing.
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults = faults.into_iter().collect();
        self
    }

    /// One more host name by which the control API (`/emulator/v1/…`) and the console may be spoken to, beside addresses
    /// and `localhost`: a container's, say. Google's own API answers programs under any name, and pages under these.
    ///
    /// All others are refused, as a page of another site may let its name point to this machine.
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.hosts.push(name.into());
        self
    }

    /// The ids of the jobs that the search stand-in finds, in this order, instead of `example-1` to `example-20`.
    pub fn jobs<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.jobs = ids.into_iter().map(Into::into).collect();
        self
    }

    /// One more request id that a search has answered.
    ///
    /// As soon as one is known, or by [`strict`](Self::strict), all others count as made up by the client in
    /// [`Emulator::defects`].
    pub fn known_request_id(mut self, id: RequestId) -> Self {
        self.known_request_ids.insert(id);
        self
    }

    /// Records the events of a file before any call is taken: see [`Emulator::import`]. Nobody can connect meanwhile.
    pub fn import(mut self, path: impl Into<PathBuf>) -> Self {
        self.import = Some(path.into());
        self
    }

    /// Listens, and serves in the background of the current tokio runtime (which needs its I/O and time drivers)
    /// until the [`Emulator`] is shut down or dropped.
    pub async fn start(self) -> Result<Emulator, StartError> {
        let runtime = Handle::try_current().map_err(|_| StartError::NoRuntime)?;
        let failed = |source| StartError::Listen { address: self.address, source };
        // A port that is taken is known before the import, which may take a while.
        let socket = bind(self.address).map_err(failed)?;
        let (running, stop) = watch::channel(());
        let app = Arc::new(App {
            records: Records::new(self.settings, self.known_request_ids),
            gate: Gate::new(self.faults, stop.clone()),
            hosts: self.hosts,
            jobs: self.jobs,
            judging: Default::default(),
        });
        if let Some(path) = self.import {
            files::import(Arc::clone(&app), path).await.map_err(StartError::Import)?;
        }
        let listener = socket.listen(BACKLOG).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Emulator::serve(&runtime, listener, address, app, running, stop))
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // As `TcpListener::bind` does: a port whose last connections are still dying is free. On Windows it would be shared.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}
