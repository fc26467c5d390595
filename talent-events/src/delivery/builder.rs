//! Settings of a tracker, and how it starts.

use std::panic::catch_unwind;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::client::TalentClientBuilder;
use crate::{ConnectError, EncodedEvent, InvalidField, JobEventType, TalentClient, TenantName};

use super::backlog::{Backlog, Limits};
use super::engine::{self, Carrier};
use super::hook::Hook;
use super::tracker::{Inner, Tracker};
use super::{Priority, Undelivered};

/// What happens to an event for which there is no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// The new event is refused with [`TrackError::QueueFull`](crate::TrackError::QueueFull).
    #[default]
    Refuse,
    /// The oldest waiting event of the lowest priority is dropped and counted. If all waiting events have a higher priority or
    /// are in flight, the new event is refused.
    ///
    /// Within a priority, events that wait for a retry go first, in the order in which they are due; then new events, in the
    /// order in which they came.
    DropOldest,
}

/// Why a tracker did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// A setting is out of bounds. The field is the builder's method.
    #[error(transparent)]
    Invalid(#[from] InvalidField),
    /// There is no tokio runtime to deliver on.
    #[error("a tracker delivers on a tokio runtime: call this from async code, or use `spawn_thread`")]
    NoRuntime,
    /// The runtime has no timer, which deadlines, retries and rate limits need.
    #[error(
        "a tracker needs the timer of its tokio runtime: build it with `enable_time` or `enable_all`, or use \
         `spawn_thread`"
    )]
    NoTimer,
    /// The client could not be made.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The system gave no thread, or no I/O for one.
    #[error("no thread to deliver on: {0}")]
    Thread(#[source] std::io::Error),
}

/// The settings of a [`Tracker`]. All have defaults, and are checked when the tracker is spawned.
///
/// The quota is the client's: [`TalentClientBuilder::quota`]. All trackers of a client share it.
#[derive(Clone, Debug)]
#[must_use = "settings do nothing until a tracker is spawned"]
pub struct TrackerBuilder {
    limits: Limits,
    wait_for_room: bool,
    hook: Hook,
}

impl TrackerBuilder {
    pub(super) fn new() -> Self {
        Self { limits: Limits::default(), wait_for_room: false, hook: Hook::default() }
    }

    /// The most events that may wait, in flight and waiting for a retry included: 1 to 2³⁰. Default: 65,536.
    pub fn max_events(mut self, events: usize) -> Self {
        self.limits.events = events;
        self
    }

    /// The most memory that waiting events may take, in bytes: their encoded size and 40 bytes each, at least 1,024. Default:
    /// 64 MiB.
    ///
    /// That is the memory of a new event without a ticket. Not counted are 48 bytes for a ticket, and about 250 bytes for an
    /// event that waits for a retry, its last error included.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// What happens when there is no room. Default: the new event is refused.
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.limits.overflow = overflow;
        self
    }

    /// Makes `event.track(&tracker).await` wait for room instead of failing with
    /// [`QueueFull`](crate::TrackError::QueueFull). First come, first served. If the call is dropped while it waits, the event
    /// is not taken. `enqueue` never waits.
    pub fn wait_for_room(mut self) -> Self {
        self.wait_for_room = true;
        self
    }

    /// The time after which an event expires: 50 ms to 1 year, in steps of 50 ms. Default: 24 hours.
    ///
    /// A new event expires when those before it are gone. An event with a shorter time of its own may so be counted later, and
    /// is not sent. An event that is queued again has the whole time anew. Events that are queued after a tracker has run for
    /// 6.8 years do not expire.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.limits.max_age = age;
        self
    }

    /// How many failed attempts of an event may count, at least 1; then it is given up. Default: 20.
    ///
    /// An attempt counts if another event was accepted that was sent after this event's previous failure. An exhausted quota
    /// and failures in an outage do not count.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.limits.max_attempts = attempts;
        self
    }

    /// The priority of an event type. Default: [`Priority::of`].
    pub fn priority(mut self, event_type: JobEventType, priority: Priority) -> Self {
        self.limits.priorities.set(event_type, priority);
        self
    }

    /// The most calls in flight: 1 to 10,000. Default: 64.
    pub fn max_in_flight(mut self, calls: usize) -> Self {
        self.limits.in_flight = calls;
        self
    }

    /// Sets a hook for accepted events that will not be delivered: the place for a
    /// [dead letter](crate::delivery#over-a-restart-and-dead-letters).
    ///
    /// The hook runs in the delivery, or on the thread of an `enqueue` or `track` that finds no room, for older events that
    /// expired or were dropped. It must be quick; longer work goes to another thread. A panic in the hook is caught, logged and
    /// counted. A flush and a shutdown end after the hooks of the events that they cover.
    ///
    /// The hook may enqueue, into this tracker or another one. Such an event is taken if there is room, and refused with
    /// [`QueueFull`](crate::TrackError::QueueFull) otherwise, whatever [`overflow`](Self::overflow) says. An event that the hook
    /// enqueues again each time is sent without end.
    pub fn on_undelivered(mut self, hook: impl Fn(&EncodedEvent, &Undelivered) + Send + Sync + 'static) -> Self {
        self.hook = Hook::new(hook);
        self
    }

    /// Starts delivery on the current tokio runtime, for the client's tenant.
    ///
    /// # Errors
    ///
    /// [`SpawnError`], which says what to do.
    ///
    /// # Panics
    ///
    /// Tokio panics if its runtime has no timer. The panic is caught here, and becomes an error. A program built with
    /// `panic = "abort"` ends by it.
    pub fn spawn(self, client: TalentClient) -> Result<Tracker, SpawnError> {
        let tenant = client.tenant_name().clone();
        self.spawn_with(client, tenant)
    }

    pub(super) fn spawn_with<C: Carrier>(self, carrier: C, tenant: TenantName) -> Result<Tracker, SpawnError> {
        self.limits.check()?;
        let runtime = Handle::try_current().map_err(|_| SpawnError::NoRuntime)?;
        if !has_timer() {
            return Err(SpawnError::NoTimer);
        }
        let (tracker, work) = self.parts(carrier, tenant);
        runtime.spawn(work);
        Ok(tracker)
    }

    /// Starts delivery on a thread of its own, for programs without a runtime. The client is made on that thread; this call
    /// waits until it is made, not until the service is reached.
    ///
    /// The thread ends after a shutdown, and when the last handle of the tracker is dropped.
    ///
    /// # Errors
    ///
    /// [`SpawnError`], which says what to do.
    pub fn spawn_thread(self, client: TalentClientBuilder) -> Result<Tracker, SpawnError> {
        self.limits.check()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(SpawnError::Thread)?;
        let (started, starting) = mpsc::sync_channel(1);
        let work = move || {
            runtime.block_on(async {
                match client.connect().await {
                    Ok(client) => {
                        let tenant = client.tenant_name().clone();
                        let (tracker, work) = self.parts(client, tenant);
                        if started.send(Ok(tracker)).is_ok() {
                            work.await;
                        }
                    }
                    Err(e) => drop(started.send(Err(e))),
                }
            });
        };
        std::thread::Builder::new().name("talent-events".into()).spawn(work).map_err(SpawnError::Thread)?;
        match starting.recv() {
            Ok(started) => Ok(started?),
            // It panicked, and said so.
            Err(_) => Err(SpawnError::Thread(std::io::Error::other("it ended before the client was made"))),
        }
    }

    /// The handle, and the work that is to be done for it until it ends by itself.
    fn parts<C: Carrier>(self, carrier: C, tenant: TenantName) -> (Tracker, impl Future<Output = ()> + Send + 'static) {
        let backlog = Arc::new(Backlog::new(tenant, self.limits, self.hook));
        let inner = Inner::new(Arc::clone(&backlog), Arc::clone(carrier.limiter()), self.wait_for_room);
        // Made here, so that a runtime that ends before the work began is noticed too.
        let gone = Gone { backlog, publish: inner.publish() };
        let work = async move {
            let gone = gone;
            engine::run(&gone.backlog, &Arc::new(carrier), &*gone.publish).await;
        };
        (Tracker::new(inner), work)
    }
}

/// Whether the current runtime has a timer. Tokio tells only by a panic.
pub(super) fn has_timer() -> bool {
    catch_unwind(|| drop(tokio::time::sleep(Duration::ZERO))).is_ok()
}

/// Ends the backlog when nobody delivers any more, however that came about: the runtime may have ended.
struct Gone {
    backlog: Arc<Backlog>,
    publish: Arc<dyn Fn() + Send + Sync>,
}

impl Drop for Gone {
    fn drop(&mut self) {
        self.backlog.engine_is_gone();
        (self.publish)();
    }
}
