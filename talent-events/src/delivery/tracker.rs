//! The handle of a queue in memory.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::client::TalentClientBuilder;
use crate::client::meter::time_for;
use crate::client::rate_limiter::RateLimiter;
use crate::event::{EncodedParts, Envelope};
use crate::{Destination, EncodedEvent, SelfContained, TalentClient, TalentEvent, TrackError};

use super::backlog::Backlog;
use super::remaining::Remaining;
use super::ticket::{Ticket, ticket};
use super::wait::{Keeper, block_on, closed, flushed, within};
use super::{Flow, Health, NotQueued, Pause, SpawnError, Stats, TrackerBuilder};

/// A queue in memory that delivers in the background. `Ok` means that the event is queued and will be accounted for.
///
/// The queue is bounded by count and bytes. It sends several events at a time, the more important first, and retries events
/// that failed. [`stats`](Self::stats) counts the fates of all events.
///
/// Cloning counts a reference. A program calls [`shutdown`](Self::shutdown) before it ends: when the last clone is dropped,
/// waiting events are dropped too, each counted and given to the hook. Memory is no disk: a killed process loses its waiting
/// events.
#[derive(Clone)]
pub struct Tracker(Arc<Inner>);

/// Its last reference is the app's last handle; the worker holds the parts.
pub(super) struct Inner {
    backlog: Arc<Backlog>,
    limiter: Arc<RateLimiter>,
    wait_for_room: bool,
    publish: Arc<dyn Fn() + Send + Sync>,
    keeper: Arc<Keeper>,
}

/// The result of a shutdown.
///
/// Events in [`remaining`](Self::remaining) are lost when the report is dropped. Stored, they go
/// [over a restart](crate::delivery#over-a-restart-and-dead-letters).
#[derive(Debug)]
#[must_use = "the undelivered events are in `remaining`, and are lost with the report: store them for the next start"]
#[non_exhaustive]
pub struct Report {
    /// The accounts at the end. [`waiting`](Stats::waiting) counts the remaining events, in the reports of all shutdowns of
    /// this tracker.
    pub stats: Stats,
    /// The events that were not delivered, for another tracker or for a disk. The report of the shutdown that ends first has
    /// them; those of others are empty.
    ///
    /// Queued again, an event is as new: its [`max_age`](TrackerBuilder::max_age) and its attempts begin anew.
    pub remaining: Remaining,
}

impl Tracker {
    /// Settings, before it is spawned.
    pub fn builder() -> TrackerBuilder {
        TrackerBuilder::new()
    }

    /// A tracker with all defaults, on the present tokio runtime.
    ///
    /// # Errors
    ///
    /// See [`TrackerBuilder::spawn`].
    pub fn spawn(client: TalentClient) -> Result<Self, SpawnError> {
        Self::builder().spawn(client)
    }

    /// A tracker with all defaults, on a thread of its own: for programs without a runtime.
    ///
    /// # Errors
    ///
    /// See [`TrackerBuilder::spawn_thread`].
    pub fn spawn_thread(client: TalentClientBuilder) -> Result<Self, SpawnError> {
        Self::builder().spawn_thread(client)
    }

    pub(super) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// Encodes the event and queues it, from any thread, without waiting. A skipped event queues nothing and is `Ok`. Events
    /// that need a session go through a [`SearchSession`](crate::SearchSession) over this tracker.
    ///
    /// # Cost
    ///
    /// A copy of the encoded event and a short lock; no allocation in steady state. A queue that is full by
    /// [count](TrackerBuilder::max_events) refuses before it encodes. If there is no room, the hook may run on this thread, for
    /// older events that expired or were dropped to make room.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] if the event breaks a rule or is larger than `max_bytes`, [`TrackError::QueueFull`],
    /// [`TrackError::ShutDown`]. The event is not taken. Each refusal is counted.
    pub fn enqueue<E: SelfContained + ?Sized>(&self, event: &E) -> Result<(), TrackError> {
        self.encode_and_push(event, None)
    }

    /// Queues an event that expires after `limit`: rounded up to 50 ms, and at most [`max_age`](TrackerBuilder::max_age).
    ///
    /// # Errors
    ///
    /// Those of `enqueue`.
    pub fn enqueue_within<E: SelfContained + ?Sized>(&self, event: &E, limit: Duration) -> Result<(), TrackError> {
        self.encode_and_push(event, Some(limit))
    }

    #[cfg(test)]
    pub(super) fn backlog(&self) -> &Arc<Backlog> {
        &self.0.backlog
    }

    fn encode_and_push<E: TalentEvent + ?Sized>(&self, event: &E, within: Option<Duration>) -> Result<(), TrackError> {
        let (backlog, now) = (&self.0.backlog, Instant::now());
        if !event.descriptor().skipped && backlog.refuses(now) {
            return Err(TrackError::QueueFull);
        }
        let push = |event: EncodedParts<'_>| backlog.push(event, None, within, now);
        match EncodedEvent::encode_borrowed(event, self.envelope(), push) {
            Ok(Some(pushed)) => pushed,
            Ok(None) => Ok(()),
            Err(invalid) => {
                backlog.count_invalid();
                Err(invalid.into())
            }
        }
    }

    /// Queues an event that is encoded already, such as one of [`Report::remaining`]. Its
    /// [`max_age`](TrackerBuilder::max_age) begins now.
    ///
    /// # Errors
    ///
    /// Those of [`enqueue`](Self::enqueue), with the event. An event of another tenant is invalid.
    pub fn enqueue_encoded(&self, event: EncodedEvent) -> Result<(), NotQueued> {
        let queued = self.check_and_push(&event);
        queued.map_err(|error| NotQueued { error, event })
    }

    fn check_and_push(&self, event: &EncodedEvent) -> Result<(), TrackError> {
        self.0.backlog.check_tenant(event)?;
        self.0.backlog.push(event.parts(), None, None, Instant::now())
    }

    /// The fates of all events so far: all numbers of one moment.
    pub fn stats(&self) -> Stats {
        self.0.backlog.stats()
    }

    /// How delivery is doing, for a health check or a person on call.
    pub fn health(&self) -> Health {
        let now = Instant::now();
        let Inner { backlog, limiter, .. } = &*self.0;
        Health {
            running: backlog.is_running(),
            flow: backlog.flow(limiter, now),
            rate_limit: limiter.rate(now),
            worker_restarts: backlog.stats().worker_restarts,
        }
    }

    /// How long the waiting events need, at the rate limit or at the rate of the last seconds, whichever is slower.
    ///
    /// `None` if nobody can say: nothing was delivered lately, or delivery is held back by an outage. Trackers of one client
    /// share its rate, so several of them need longer.
    pub fn drain_estimate(&self) -> Option<Duration> {
        let now = Instant::now();
        let Inner { backlog, limiter, .. } = &*self.0;
        let (waiting, seen) = backlog.drain(now);
        let drain = time_for(
            waiting,
            match limiter.rate(now) {
                Some(limit) if seen > 0.0 => limit.min(seen),
                Some(limit) => limit,
                None => seen,
            },
        )?;
        match backlog.flow(limiter, now) {
            _ if drain.is_zero() => Some(drain),
            Flow::Flowing => Some(drain),
            Flow::Paused { reason: Pause::OverQuota, next_probe } => drain.checked_add(next_probe),
            Flow::Paused { .. } | Flow::Throttled { .. } => None,
        }
    }

    /// Waits until all events accepted before are settled, and their [hook](TrackerBuilder::on_undelivered) and tickets were
    /// called. Returns the accounts of that moment. Events that are accepted later do not prolong it.
    ///
    /// A flush has no limit of its own: an outage may last. If delivery has ended, the flush ends too, and
    /// [`waiting`](Stats::waiting) counts the rest. Inside a hook a flush returns at once, because delivery may be waiting for
    /// that hook.
    ///
    /// # Cancel safety
    ///
    /// A flush can be dropped at any time.
    pub async fn flush(&self) -> Stats {
        flushed(&self.0.backlog).await;
        self.stats()
    }

    /// Flushes from code that is not async, for at most `limit`.
    ///
    /// Do not call this in async code: on the only thread of a runtime nothing is delivered meanwhile.
    pub fn flush_blocking(&self, limit: Duration) -> Stats {
        block_on(flushed(&self.0.backlog), within(limit));
        self.stats()
    }

    /// Takes no more events, delivers until the deadline, and returns the rest in the [`Report`].
    ///
    /// The shutdown ends after the [hook](TrackerBuilder::on_undelivered) and the tickets were called. At the deadline it ends
    /// even if a hook does not return. Of several calls the earliest deadline holds, and the first to end gets the events. One
    /// thread for each tracker keeps the deadline, so that it holds on any runtime.
    ///
    /// # Cancel safety
    ///
    /// If the call is dropped, the queue stays closed and ends at the deadline. Call `shutdown` again for the report.
    pub async fn shutdown(&self, deadline: Duration) -> Report {
        self.0.backlog.close(later(Instant::now(), deadline));
        self.0.keeper.keep(&self.0.backlog, deadline);
        closed(&self.0.backlog).await;
        self.finish()
    }

    /// Shuts down from code that is not async.
    ///
    /// Do not call this in async code: on the only thread of a runtime nothing is delivered meanwhile, and all events come back
    /// after the whole deadline.
    pub fn shutdown_blocking(&self, deadline: Duration) -> Report {
        self.0.backlog.close(later(Instant::now(), deadline));
        block_on(closed(&self.0.backlog), within(deadline));
        // Others who shut down wait no longer than this either.
        self.0.backlog.stop_late();
        self.finish()
    }

    fn finish(&self) -> Report {
        self.0.backlog.stop();
        let (remaining, stats) = self.0.backlog.take_remaining();
        (self.0.publish)();
        if !remaining.is_empty() {
            tracing::warn!(
                target: "talent_events::delivery",
                remaining = remaining.len(),
                in_doubt = remaining.in_doubt(),
                "shut down before all events were delivered"
            );
        }
        Report { stats, remaining }
    }
}

/// Queues events for delivery. The receipt is a [`Ticket`].
impl Destination for Tracker {
    type Receipt = Ticket;

    fn envelope(&self) -> Envelope<'_> {
        Envelope::new(self.0.backlog.tenant())
    }

    async fn deliver(&self, event: EncodedEvent) -> Result<Ticket, TrackError> {
        let Inner { backlog, wait_for_room, .. } = &*self.0;
        backlog.check_tenant(&event)?;
        let (ticket, slot) = ticket();
        match wait_for_room {
            true => backlog.push_when_room(event.parts(), Some(slot)).await?,
            false => backlog.push(event.parts(), Some(slot), None, Instant::now())?,
        }
        Ok(ticket)
    }
}

impl Inner {
    pub(super) fn new(backlog: Arc<Backlog>, limiter: Arc<RateLimiter>, wait_for_room: bool) -> Self {
        let publish = publisher(&backlog, &limiter);
        Self { backlog, limiter, wait_for_room, publish, keeper: Arc::new(Keeper::new()) }
    }

    pub(super) fn publish(&self) -> Arc<dyn Fn() + Send + Sync> {
        Arc::clone(&self.publish)
    }
}

#[cfg(feature = "metrics")]
fn publisher(backlog: &Arc<Backlog>, limiter: &Arc<RateLimiter>) -> Arc<dyn Fn() + Send + Sync> {
    let publisher = super::publish::Publisher::new(Arc::clone(backlog), Arc::clone(limiter));
    Arc::new(move || publisher.publish())
}

#[cfg(not(feature = "metrics"))]
fn publisher(_: &Arc<Backlog>, _: &Arc<RateLimiter>) -> Arc<dyn Fn() + Send + Sync> {
    Arc::new(|| {})
}

impl Drop for Inner {
    fn drop(&mut self) {
        let waiting = self.backlog.abandon();
        if waiting > 0 {
            // If the worker is gone already, nobody else publishes.
            (self.publish)();
            tracing::error!(
                target: "talent_events::delivery",
                waiting, "a tracker was dropped with waiting events, which are lost: call `shutdown` before"
            );
        }
    }
}

impl fmt::Debug for Tracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracker")
            .field("tenant", &self.0.backlog.tenant().as_str())
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}

/// A deadline this far away, at most a year, so that no clock overflows.
fn later(now: Instant, wait: Duration) -> Instant {
    const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    now + wait.min(A_YEAR)
}
