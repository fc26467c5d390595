//! Settings of a relay, and how it starts.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::{InvalidField, JobEventType, TalentClient};

use super::super::backlog::Limits;
use super::super::builder::has_timer;
use super::super::engine::Carrier;
use super::super::store::EventStore;
use super::super::sync::Mutex;
use super::super::{Overflow, Priority, SpawnError};
use super::failed::{FailedAttempt, FailureHook};
use super::term::MARGIN;
use super::{Inner, Relay, Settings, Shared, State, lead};
use crate::TenantName;

/// The settings of a [`Relay`]. All have defaults, and are checked when the relay is spawned.
#[derive(Clone, Debug)]
#[must_use = "settings do nothing until a relay is spawned"]
pub struct RelayBuilder {
    limits: Limits,
    max_age: Option<Duration>,
    lease: Duration,
    on_failed: FailureHook,
}

impl RelayBuilder {
    pub(super) fn new() -> Self {
        Self {
            limits: Limits { events: 6_000, from_store: true, overflow: Overflow::Refuse, ..Limits::default() },
            max_age: None,
            lease: Duration::from_secs(10),
            on_failed: FailureHook::default(),
        }
    }

    /// The events in memory at most, a third of them of each priority: 3 to 2³⁰. Default: 6,000.
    pub fn window(mut self, events: usize) -> Self {
        self.limits.events = events;
        self
    }

    /// The most calls in flight: 1 to 10,000. Default: 64.
    pub fn max_in_flight(mut self, calls: usize) -> Self {
        self.limits.in_flight = calls;
        self
    }

    /// How many failed attempts of an event may count, at least 1; then it becomes a dead letter. Default: 20. See
    /// [`TrackerBuilder::max_attempts`](super::super::TrackerBuilder::max_attempts).
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.limits.max_attempts = attempts;
        self
    }

    /// The time after which a stored event expires and becomes a dead letter: 50 ms to 1 year. Default: none.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// The priority of an event type. Default: [`Priority::of`].
    ///
    /// The store has its own order by priority; this one is for the events in memory.
    pub fn priority(mut self, event_type: JobEventType, priority: Priority) -> Self {
        self.limits.priorities.set(event_type, priority);
        self
    }

    /// The length of a lease, 2 s to 1 hour. Default: 10 s. A standby takes over when the leader was silent for so long.
    pub fn lease(mut self, length: Duration) -> Self {
        self.lease = length;
        self
    }

    /// A hook for failed attempts of events that the relay is going to send again, for instance to say how an outage goes.
    ///
    /// On [`ControlFlow::Break`] the relay stops, as by a [`shutdown`](Relay::shutdown) that waits for all calls in flight. The
    /// hook runs in the delivery, so it must be quick. A panic in it is caught and logged.
    pub fn on_failed_attempt(
        mut self,
        hook: impl Fn(&FailedAttempt<'_>) -> ControlFlow<()> + Send + Sync + 'static,
    ) -> Self {
        self.on_failed = FailureHook::new(hook);
        self
    }

    /// Starts the relay on the current tokio runtime. Events go to the tenants that they were encoded for, with the client's
    /// credentials.
    ///
    /// # Errors
    ///
    /// [`SpawnError`], which says what to do.
    pub fn spawn<S: EventStore>(self, client: TalentClient, store: S) -> Result<Relay, SpawnError> {
        let tenant = client.tenant_name().clone();
        self.spawn_with(client, tenant, Arc::new(store))
    }

    pub(in crate::delivery) fn spawn_with<S: EventStore, C: Carrier>(
        mut self,
        carrier: C,
        tenant: TenantName,
        store: Arc<S>,
    ) -> Result<Relay, SpawnError> {
        const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);
        self.limits.max_age = self.max_age.unwrap_or(A_DAY);
        self.limits.check()?;
        // Checked as a tracker's; the default is none.
        self.limits.max_age = self.max_age.unwrap_or(Duration::MAX);
        if self.limits.events < 3 {
            return Err(
                InvalidField::new("window", format!("{} events", self.limits.events), "3 events or more").into()
            );
        }
        if !(2 * MARGIN..=Duration::from_secs(60 * 60)).contains(&self.lease) {
            return Err(InvalidField::new("lease", format!("{:?}", self.lease), "2 s to 1 hour").into());
        }
        let runtime = Handle::try_current().map_err(|_| SpawnError::NoRuntime)?;
        if !has_timer() {
            return Err(SpawnError::NoTimer);
        }
        let shared = Arc::new(Shared { limiter: Arc::clone(carrier.limiter()), state: Mutex::new(State::default()) });
        let (stop, stopped) = watch::channel(None);
        let (end, ended) = watch::channel(false);
        let settings = Settings { tenant, limits: self.limits, lease: self.lease, on_failed: self.on_failed };
        let work = lead(store, Arc::new(carrier), settings, Arc::clone(&shared), stopped);
        runtime.spawn(async move {
            work.await;
            end.send_replace(true);
        });
        Ok(Relay(Arc::new(Inner { shared, stop, ended })))
    }
}
