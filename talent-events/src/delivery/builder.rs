//! How a tracker is set up and started.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::client::TalentClientBuilder;
use crate::{ConnectError, EncodedEvent, InvalidField, JobEventType, TalentClient, TenantName};

use super::engine::{self, Carrier, Line};
use super::hook::Hook;
use super::lane::Lane;
use super::priority::Priorities;
use super::queue::{Limits, Queue};
use super::source::Source;
use super::sync::Mutex;
use super::tracker::{Inner, Tracker};
use super::{Priority, Undelivered};

/// What happens with an event for which there is no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// It is refused, and its caller told.
    #[default]
    Refuse,
    /// The oldest waiting event of the lowest priority is dropped for it, and counted, unless all are of a higher one
    /// or on their way: then it is refused.
    ///
    /// Within a priority those go first that wait out the time before their next attempt, in the order in which they are
    /// due; then others that were tried; then those that were not, in the order in which they came.
    DropOldest,
}

/// Why a tracker did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// A setting is out of bounds; the field is the builder's method.
    #[error(transparent)]
    Invalid(#[from] InvalidField),
    /// There is no tokio runtime to deliver on.
    #[error("a tracker delivers on a tokio runtime: call this from async code, or use `spawn_thread`")]
    NoRuntime,
    /// The runtime has no timer, without which there is no deadline, no pause and no pace.
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

/// The settings of a [`Tracker`]; all have defaults. Nothing is checked before it is spawned.
///
/// The quota is none of them: it is the client's, [`TalentClientBuilder::quota`], as all who send over it share it.
#[derive(Clone, Debug)]
#[must_use = "settings do nothing until a tracker is spawned"]
pub struct TrackerBuilder {
    limits: Limits,
    in_flight: usize,
    wait_for_room: bool,
    hook: Hook,
}

const MAX_EVENTS: usize = 1 << 30;
const MAX_IN_FLIGHT: usize = 10_000;
const MIN_BYTES: usize = 1024;

impl TrackerBuilder {
    pub(super) fn new() -> Self {
        Self {
            limits: Limits {
                events: 65_536,
                bytes: 64 * 1024 * 1024,
                overflow: Overflow::default(),
                max_age: Duration::from_secs(24 * 60 * 60),
                max_attempts: 20,
                priorities: Priorities::default(),
            },
            in_flight: 64,
            wait_for_room: false,
            hook: Hook::default(),
        }
    }

    /// How many events may wait, those on their way and those to be sent again included: 1 to 2³⁰. Default: 65,536.
    pub fn max_events(mut self, events: usize) -> Self {
        self.limits.events = events;
        self
    }

    /// How much memory they may take, in bytes: their encoded sizes and 64 each, 1,024 at least. Default: 64 MiB.
    ///
    /// That is what an event takes that was not tried yet and has no ticket. Not counted are 48 bytes for a ticket, and
    /// about 150 for an event that was tried and waits for its next attempt, and some hundred for what the last one ended with.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// What happens when there is no room. Default: the new event is refused.
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.limits.overflow = overflow;
        self
    }

    /// `event.track(&tracker).await` waits for room, instead of answering
    /// [`QueueFull`](crate::TrackError::QueueFull). Dropped while it waits, the event was not taken. `enqueue` never
    /// waits.
    pub fn wait_for_room(mut self) -> Self {
        self.wait_for_room = true;
        self
    }

    /// How long an event may wait, 50 ms to 1 year, in steps of 50 ms: then it expires. Default: 24 hours.
    ///
    /// It expires when those before it are gone, so that one with a shorter time of its own may be counted later, and is not
    /// sent all the same. An event that was handed back and is queued again has the whole time anew. What is queued when a
    /// tracker has run for 6.8 years does not expire any more.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.limits.max_age = age;
        self
    }

    /// How often an event may fail while others are delivered, 1 or more: then it expires. Default: 20.
    ///
    /// Failures that are not the event's do not count: an outage, the quota, the access. Each may be one of those at first;
    /// where others were sent and delivered after it failed, and it fails again, that counts, and so does each failure from
    /// then on.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.limits.max_attempts = attempts;
        self
    }

    /// The priority of an event type. Default: [`Priority::of`].
    pub fn priority(mut self, event_type: JobEventType, priority: Priority) -> Self {
        self.limits.priorities.set(event_type, priority);
        self
    }

    /// How many calls may be under way at a time: 1 to 10,000. Default: 64.
    pub fn max_in_flight(mut self, calls: usize) -> Self {
        self.in_flight = calls;
        self
    }

    /// Is called for every accepted event that will not be delivered: the place for a
    /// [dead letter](crate::delivery#over-a-restart-and-dead-letters).
    ///
    /// It runs where that was found out: in the delivery, or on the thread of an `enqueue` (or of a `track`) that found no
    /// room, for the older events that had expired or were dropped to make some. So it must be quick, and hand on what
    /// takes longer. A panic in it is caught, logged and counted.
    ///
    /// A flush ends after the hook was told of what it covers, and so does a shutdown, unless its deadline is over first. In
    /// a hook they do not wait for hooks, and a flush waits for nothing.
    ///
    /// It may enqueue, into this tracker or another: what it enqueues is taken where there is room, and else refused with
    /// [`QueueFull`](crate::TrackError::QueueFull) whatever [`overflow`](Self::overflow) says, as the hook would be called
    /// again for what is dropped. An event that it enqueues again each time is sent without end.
    pub fn on_undelivered(mut self, hook: impl Fn(&EncodedEvent, &Undelivered) + Send + Sync + 'static) -> Self {
        self.hook = Hook::new(hook);
        self
    }

    /// Starts the delivery on the present tokio runtime, for the client's tenant.
    ///
    /// # Errors
    ///
    /// [`SpawnError`], which says what to do.
    ///
    /// # Panics
    ///
    /// Not by itself; but whether the runtime has a timer, tokio tells by a panic alone, which is caught here. A program
    /// built with `panic = "abort"` ends by it, with tokio's words.
    pub fn spawn(self, client: TalentClient) -> Result<Tracker, SpawnError> {
        let tenant = client.tenant_name().clone();
        self.spawn_with(client, tenant)
    }

    pub(super) fn spawn_with<C: Carrier>(self, carrier: C, tenant: TenantName) -> Result<Tracker, SpawnError> {
        self.check()?;
        let runtime = Handle::try_current().map_err(|_| SpawnError::NoRuntime)?;
        if !has_timer() {
            return Err(SpawnError::NoTimer);
        }
        let (tracker, work) = self.parts(carrier, tenant);
        runtime.spawn(work);
        Ok(tracker)
    }

    /// Starts the delivery on a thread of its own, for a program without a runtime. The client is made there; this
    /// waits until it is, which is not until the service is reached.
    ///
    /// The thread ends after a shutdown, and when the last handle of the tracker is dropped.
    ///
    /// # Errors
    ///
    /// [`SpawnError`], which says what to do.
    pub fn spawn_thread(self, client: TalentClientBuilder) -> Result<Tracker, SpawnError> {
        self.check()?;
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

    /// The handle, and the work that is to be done for it until it says to stop.
    fn parts<C: Carrier>(self, carrier: C, tenant: TenantName) -> (Tracker, impl Future<Output = ()> + Send + 'static) {
        let queue = Arc::new(Queue::new(tenant, self.limits, self.hook));
        let (carrier, lane) = (Arc::new(carrier), Arc::new(Mutex::new(Lane::new())));
        let limiter = Arc::clone(carrier.limiter());
        let inner = Inner::new(Arc::clone(&queue), Arc::clone(&lane), limiter, self.wait_for_room);
        let tick = inner.publish();
        let line = Line { source: queue, carrier, lane, in_flight: self.in_flight, tick };
        // Made here, so that a runtime that ends before the work began is noticed too.
        let gone = Gone(Arc::clone(&line.source), Arc::clone(&line.tick));
        (Tracker::new(inner), supervise(line, gone))
    }

    fn check(&self) -> Result<(), InvalidField> {
        let wrong = |setting: &'static str, found: String, allowed: &'static str| {
            Err(InvalidField::new(setting, found, allowed))
        };
        let Limits { events, bytes, max_age, max_attempts, .. } = &self.limits;
        if !(1..=MAX_EVENTS).contains(events) {
            return wrong("max_events", format!("{events} events"), "1 to 1073741824 events");
        }
        if !(MIN_BYTES..=isize::MAX as usize).contains(bytes) {
            return wrong("max_bytes", format!("{bytes} bytes"), "1024 bytes or more");
        }
        if !(Duration::from_millis(50)..=Duration::from_secs(365 * 24 * 60 * 60)).contains(max_age) {
            return wrong("max_age", format!("{max_age:?}"), "50 ms to 1 year");
        }
        if *max_attempts == 0 {
            return wrong("max_attempts", "0 attempts".into(), "1 attempt or more");
        }
        if !(1..=MAX_IN_FLIGHT).contains(&self.in_flight) {
            return wrong("max_in_flight", format!("{} calls", self.in_flight), "1 to 10000 calls");
        }
        Ok(())
    }
}

/// Whether the present runtime has a timer. There is no other way to ask: tokio says so by a panic alone.
fn has_timer() -> bool {
    catch_unwind(|| drop(tokio::time::sleep(Duration::ZERO))).is_ok()
}

/// Says that nobody delivers any more, however that came about: the runtime may have ended.
struct Gone<S: Source>(Arc<S>, Arc<dyn Fn() + Send + Sync>);

impl<S: Source> Drop for Gone<S> {
    fn drop(&mut self) {
        self.0.gone();
        (self.1)();
    }
}

/// Starts the delivery again should it panic, which is a defect of ours. What was on its way goes again, and each panic counts
/// as one of its attempts, so that an event that always makes it panic ends.
async fn supervise<C: Carrier>(line: Line<Queue, C>, gone: Gone<Queue>) {
    const PAUSE: Duration = Duration::from_secs(1);
    while AssertUnwindSafe(engine::run(&line)).catch_unwind().await.is_err() {
        tracing::error!(target: "talent_events::delivery", "the delivery panicked, and is started again");
        line.source.count_restart();
        *super::sync::lock(&line.lane) = Lane::new();
        line.source.recover(Instant::now());
        engine::rest(&*line.source, PAUSE).await;
    }
    drop(gone);
}
