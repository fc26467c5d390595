//! One HTTP/2 connection.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Uri;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};
use tonic::transport::{Channel, Endpoint};

use super::call::{self, Failure};
use super::call_state::CallState;
use super::codec::Receipt;
use super::headers::Headers;
use super::sync::lock;

/// The time to connect: an unreachable host is given up after it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection with calls in flight that was silent for this long gets a ping …
const PING_AFTER: Duration = Duration::from_secs(20);
/// … and is replaced if the answer takes longer than this. Idle connections get none: servers resent pings without calls.
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// Keeps idle connections alive in the network, and in what translates addresses there.
const TCP_KEEPALIVE: Duration = Duration::from_secs(60);

/// The most channels that a connection keeps for later calls.
const MAX_SPARE: usize = 256;

/// The endpoint in plaintext, with the settings that all connections share.
pub(super) fn endpoint(uri: Uri) -> Endpoint {
    Endpoint::from(uri)
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_keepalive(Some(TCP_KEEPALIVE))
        .http2_keep_alive_interval(PING_AFTER)
        .keep_alive_timeout(PING_TIMEOUT)
        .keep_alive_while_idle(false)
}

/// Opens connections.
#[derive(Debug)]
pub(super) struct Dialer {
    endpoint: Endpoint,
    /// The client's runtime. Connections live there, wherever the calls come from.
    runtime: Handle,
}

impl Dialer {
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub(super) fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, runtime: Handle::current() }
    }

    /// A channel that connects with its first call, and again after its connection was lost.
    fn dial(&self) -> Channel {
        let _context = self.runtime.enter();
        self.endpoint.connect_lazy()
    }
}

/// An HTTP/2 connection that opens with its first call, and again after it was lost or fell silent.
#[derive(Debug)]
pub(super) struct Connection(Mutex<Current>);

#[derive(Debug)]
struct Current {
    link: Arc<Link>,
    /// Clones of the link's channel that no call uses. Making and dropping a clone both cost an allocator call.
    spare: Vec<Channel>,
}

/// A channel, and when it was last heard of.
#[derive(Debug)]
struct Link {
    channel: Channel,
    /// Calls that ended, except those that timed out.
    ended: AtomicU64,
    /// What `ended` was when a call began that then timed out in silence, and one more. 0: there is no such call.
    silent_since: AtomicU64,
}

impl Link {
    /// Whether this time-out is the second on a link that received nothing since the first of the two calls began. True
    /// once. The call that timed out began when `ended` calls had ended.
    fn is_dead(&self, ended: u64) -> bool {
        const DEAD: u64 = u64::MAX;
        let since = ended + 1;
        let next = |before| match before {
            DEAD => None,
            before if before == since => Some(DEAD),
            _ => Some(since),
        };
        self.ended.load(Relaxed) == ended && self.silent_since.fetch_update(Relaxed, Relaxed, next) == Ok(since)
    }
}

impl Current {
    fn new(channel: Channel) -> Self {
        let link = Link { channel, ended: AtomicU64::new(0), silent_since: AtomicU64::new(0) };
        Self { link: Arc::new(link), spare: Vec::new() }
    }
}

impl Connection {
    pub(super) fn new(dialer: &Dialer) -> Self {
        Self(Mutex::new(Current::new(dialer.dial())))
    }

    /// Makes a call that ends at `deadline`.
    pub(super) async fn call<R: Receipt>(
        &self,
        dialer: &Dialer,
        headers: Headers,
        state: &Arc<CallState>,
        deadline: Instant,
    ) -> Result<R, Failure> {
        let (link, spare) = {
            let mut current = lock(&self.0);
            (Arc::clone(&current.link), current.spare.pop())
        };
        let mut channel = spare.unwrap_or_else(|| link.channel.clone());
        let ended_before = link.ended.load(Relaxed);
        // A channel that is dropped half-way may hold a place in the line to the connection, and is not kept.
        let calling = call::create_client_event(&mut channel, headers, state);
        let ended = timeout_at(deadline, calling).await.unwrap_or(Err(Failure::TimedOut));
        if matches!(ended, Err(Failure::TimedOut)) {
            if link.is_dead(ended_before) {
                self.replace(dialer);
            }
        } else {
            link.ended.fetch_add(1, Relaxed);
            self.keep(&link, channel);
        }
        ended
    }

    fn keep(&self, link: &Arc<Link>, channel: Channel) {
        let mut current = lock(&self.0);
        if Arc::ptr_eq(&current.link, link) && current.spare.len() < MAX_SPARE {
            current.spare.push(channel);
        }
    }

    /// Gives later calls another link. Calls in flight on the old one run on until their deadlines.
    fn replace(&self, dialer: &Dialer) {
        let fresh = Current::new(dialer.dial());
        let old = mem::replace(&mut *lock(&self.0), fresh);
        drop(old);
        tracing::info!(target: "talent_events::client", "a silent connection is replaced");
    }
}
