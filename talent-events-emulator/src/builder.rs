//! How an emulator is set up.

use std::collections::HashSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use talent_events::RequestId;
use tokio::net::TcpListener;
use tokio::runtime::Handle;

use crate::Emulator;
use crate::records::Records;

/// Sets an [`Emulator`] up: [`Emulator::builder`].
#[derive(Debug)]
#[must_use = "an emulator starts by `start().await`"]
pub struct Builder {
    address: SocketAddr,
    strict: bool,
    known_request_ids: HashSet<RequestId>,
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
    /// `start` was awaited outside of a tokio runtime, so that the server has nowhere to run.
    #[error("the emulator needs a tokio runtime to run on: await `start` inside of one")]
    NoRuntime,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self { address: (Ipv4Addr::LOCALHOST, 0).into(), strict: false, known_request_ids: HashSet::new() }
    }

    /// Where to listen. The default, `127.0.0.1:0`, is a free port that nobody else's machine reaches.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Events whose request id is missing or not known are discarded: answered `OK`, recorded, and marked.
    ///
    /// That Google discards such events is Google's word; that the call answers `OK` is our inference. Known are the
    /// ids of [`known_request_id`](Self::known_request_id) and [`Emulator::know_request_id`].
    pub fn strict(mut self) -> Self {
        self.strict = true;
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

    /// Listens, and serves in the background of the current tokio runtime (which needs its I/O and time drivers)
    /// until the [`Emulator`] is shut down or dropped.
    pub async fn start(self) -> Result<Emulator, StartError> {
        let runtime = Handle::try_current().map_err(|_| StartError::NoRuntime)?;
        let failed = |source| StartError::Listen { address: self.address, source };
        let listener = TcpListener::bind(self.address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Emulator::serve(&runtime, listener, address, Records::new(self.strict, self.known_request_ids)))
    }
}
