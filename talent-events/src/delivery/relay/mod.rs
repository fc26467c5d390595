//! A relay drains a durable store: a tracker whose events come from a store, and whose outcomes go back to it.

mod builder;
mod failed;
mod outcomes;
mod term;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::TalentClient;
use crate::client::rate_limiter::RateLimiter;

use super::backlog::{Backlog, Limits};
use super::engine::Carrier;
use super::hook::Hook;
use super::store::{EventStore, Heartbeat, Leadership, Lease};
use super::sync::{Mutex, lock};
use super::{Flow, SpawnError, Stats};
pub use builder::RelayBuilder;
pub use failed::FailedAttempt;
use failed::FailureHook;
pub(super) use outcomes::StoredSlot;
use term::{End, Term};

/// Delivers the events of a durable store, in the background.
///
/// One relay leads a store and the others stand by. A standby takes over when the leader's heartbeat has not moved for the
/// length of a lease. An event leaves the store only after the service has answered, so it may arrive twice, with the same
/// event id, and is never lost.
///
/// Cloning counts a reference. When the last clone is dropped the relay stops at once. Calls in flight are then sent again by
/// the next leader; [`shutdown`](Self::shutdown) waits for them.
#[derive(Clone)]
pub struct Relay(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    stop: watch::Sender<Option<Instant>>,
    ended: watch::Receiver<bool>,
}

/// What the task and the handles share.
struct Shared {
    limiter: Arc<RateLimiter>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    lease: Option<Lease>,
    backlog: Option<Arc<Backlog>>,
    /// The numbers of earlier terms.
    before: Stats,
}

impl Relay {
    /// Settings, before the relay is spawned.
    pub fn builder() -> RelayBuilder {
        RelayBuilder::new()
    }

    /// A relay with all defaults, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// See [`RelayBuilder::spawn`].
    pub fn spawn<S: EventStore>(client: TalentClient, store: S) -> Result<Self, SpawnError> {
        Self::builder().spawn(client, store)
    }

    /// Whether this relay leads its store.
    pub fn is_leading(&self) -> bool {
        lock(&self.0.shared.state).lease.is_some()
    }

    /// The fates of the events that this relay has taken from its store. An event that went back to the store is not counted
    /// as accepted.
    pub fn stats(&self) -> Stats {
        self.0.shared.stats()
    }

    /// Whether events are sent as they come; [`Flow::Flowing`] while the relay stands by.
    pub fn flow(&self) -> Flow {
        let Shared { limiter, state } = &*self.0.shared;
        let backlog = lock(state).backlog.clone();
        backlog.map_or(Flow::Flowing, |backlog| backlog.flow(limiter, Instant::now()))
    }

    /// Sends no more events, waits for the answers to calls in flight until the deadline, tells the store the fates, and releases
    /// the lease. The other events stay in the store.
    ///
    /// # Cancel safety
    ///
    /// If the call is dropped, the relay stops at the deadline all the same.
    pub async fn shutdown(&self, deadline: Duration) -> Stats {
        self.0.stop.send_if_modified(|stop| {
            let end = Instant::now() + deadline;
            let sooner = stop.is_none_or(|stop| end < stop);
            if sooner {
                *stop = Some(end);
            }
            sooner
        });
        let mut ended = self.0.ended.clone();
        // An error says that the task is gone.
        let _ = ended.wait_for(|ended| *ended).await;
        self.stats()
    }
}

impl Shared {
    fn stats(&self) -> Stats {
        let state = lock(&self.state);
        let now = state.backlog.as_ref().map(|backlog| backlog.stats()).unwrap_or_default();
        state.before.plus(&now)
    }
}

/// Leads or stands by, until the relay is stopped.
async fn lead<S: EventStore, C: Carrier>(
    store: Arc<S>,
    carrier: Arc<C>,
    settings: Settings,
    shared: Arc<Shared>,
    mut stop: watch::Receiver<Option<Instant>>,
) {
    let mut seen: Option<(Heartbeat, Instant)> = None;
    while stop.borrow().is_none() {
        let asked = Instant::now();
        let lapsed = seen.filter(|(_, since)| asked - *since >= settings.lease).map(|(heartbeat, _)| heartbeat);
        match store.lead(lapsed).await {
            Ok(Leadership::Leader(lease)) => {
                seen = None;
                tracing::info!(target: "talent_events::delivery", lease = lease.0, "the relay leads");
                let end = drain(&store, &carrier, &settings, &shared, lease, asked, &mut stop).await;
                tracing::info!(target: "talent_events::delivery", lease = lease.0, ?end, "the relay leads no more");
                if end == End::Stopped {
                    return;
                }
                continue;
            }
            Ok(Leadership::Standby(heartbeat)) => {
                if seen.is_none_or(|(seen, _)| seen != heartbeat) {
                    seen = Some((heartbeat, Instant::now()));
                }
            }
            Err(error) => tracing::warn!(target: "talent_events::delivery", %error, "no leader could be found"),
        }
        tokio::select! {
            () = sleep(settings.lease / 10) => {}
            _ = stop.wait_for(Option::is_some) => {}
        }
    }
}

async fn drain<S: EventStore, C: Carrier>(
    store: &Arc<S>,
    carrier: &Arc<C>,
    settings: &Settings,
    shared: &Shared,
    lease: Lease,
    confirmed: Instant,
    stop: &mut watch::Receiver<Option<Instant>>,
) -> End {
    let backlog = Arc::new(Backlog::new(settings.tenant.clone(), settings.limits.clone(), Hook::default()));
    {
        let mut state = lock(&shared.state);
        (state.lease, state.backlog) = (Some(lease), Some(Arc::clone(&backlog)));
    }
    let term = Term {
        store: Arc::clone(store),
        carrier: Arc::clone(carrier),
        backlog: Arc::clone(&backlog),
        lease,
        length: settings.lease,
        confirmed,
        share: settings.limits.share(),
        on_failed: settings.on_failed.clone(),
    };
    // Dropped half-way, the relay leads no more either.
    let _ended = Ended { shared, backlog: Arc::clone(&backlog) };
    term.run(async {
        if let Ok(end) = stop.wait_for(Option::is_some).await.map(|end| *end) {
            backlog.close(end.unwrap_or_else(Instant::now));
        }
    })
    .await
}

/// Adds the numbers of a term to those before it.
struct Ended<'s> {
    shared: &'s Shared,
    backlog: Arc<Backlog>,
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.backlog.stop();
        let stats = self.backlog.stats();
        let mut state = lock(&self.shared.state);
        // Events that were not settled are the store's again.
        let left =
            Stats { accepted: stats.accepted - stats.waiting, waiting: 0, waiting_bytes: 0, in_flight: 0, ..stats };
        state.before = state.before.plus(&left);
        (state.lease, state.backlog) = (None, None);
    }
}

/// The settings of a relay, checked.
#[derive(Clone, Debug)]
struct Settings {
    tenant: crate::TenantName,
    limits: Limits,
    lease: Duration,
    on_failed: FailureHook,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The last handle is gone: at once.
        self.stop.send_if_modified(|stop| {
            let is_running = stop.is_none();
            if is_running {
                *stop = Some(Instant::now());
            }
            is_running
        });
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("is_leading", &self.is_leading())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
