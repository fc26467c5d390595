//! The queue's handle.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::client::TalentClientBuilder;
use crate::client::rate_limiter::RateLimiter;
use crate::event::Envelope;
use crate::{Destination, EncodedEvent, SelfContained, TalentClient, TalentEvent, TrackError};

use super::lane::{Lane, Pause, State, later};
use super::outcome::{Ticket, ticket};
use super::queue::Queue;
use super::sync::{Mutex, lock};
use super::wait::{Keeper, block_on, closed, flushed, within};
use super::{NotQueued, SpawnError, Stats, TrackerBuilder};

/// A queue in memory, and what delivers it: `Ok` means that the event is queued, and that it will be accounted for.
///
/// It is bounded by count and bytes, sends several events at a time, the more important first, and sends again what may
/// be sent again. What became of the events is in [`stats`](Self::stats).
///
/// Cloning counts a reference. When the last clone is dropped, what waits is dropped with it, counted, told to the hook
/// and logged: a program that ends calls [`shutdown`](Self::shutdown) before. Memory is no disk: what waits when the
/// process is killed is gone.
#[derive(Clone)]
pub struct Tracker(Arc<Inner>);

/// Whose last reference is the app's last handle: the worker holds the parts.
pub(super) struct Inner {
    queue: Arc<Queue>,
    lane: Arc<Mutex<Lane>>,
    limiter: Arc<RateLimiter>,
    wait_for_room: bool,
    publish: Arc<dyn Fn() + Send + Sync>,
    keeper: Arc<Keeper>,
}

/// How the delivery is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Health {
    /// Somebody delivers. It ends by a shutdown, or with the runtime that the tracker was spawned on.
    pub running: bool,
    /// Why nothing is sent for now, and for how much longer. Without a time the pause is over, and one event goes first:
    /// it is on its way, or is still to come.
    ///
    /// A pause that the service asked for because of its quota holds for all trackers that share the client.
    pub paused: Option<(Pause, Option<Duration>)>,
    /// How many calls a second are made at most, by all who share the client: its quota, or what was found by going over
    /// it. `None`: no pace is kept.
    pub pace: Option<f64>,
    /// Panics of the delivery so far: a defect of this library.
    pub worker_restarts: u64,
}

impl Health {
    /// Events are delivered as they come.
    ///
    /// No measure of whether the app is ready: after a pause only an event can show that the service is back, and an app
    /// that gets no requests has none.
    pub fn is_good(&self) -> bool {
        self.running && self.paused.is_none()
    }
}

/// What a shutdown left.
///
/// Dropped, what was [handed back](Self::waiting) is gone; stored, it goes
/// [over a restart](crate::delivery#over-a-restart-and-dead-letters).
#[derive(Debug)]
#[must_use = "events that were not delivered are handed back in `waiting`, and lost with the report: store them for the next \
              start"]
#[non_exhaustive]
pub struct Report {
    /// The accounts at the end. [`waiting`](Stats::waiting) counts what was handed back, by whichever report: of several
    /// all say the same.
    pub stats: Stats,
    /// What was not delivered, for another tracker or for a disk, in the report of the shutdown that ends first; of others
    /// it is empty. Those that the service may have come first, then the more important ones.
    ///
    /// Queued again, an event is as new: its [`max_age`](TrackerBuilder::max_age) and its attempts begin anew.
    pub waiting: Vec<EncodedEvent>,
    /// How many of the first of them the service may have: they were on their way, or an earlier attempt got no answer. Sent
    /// again, they keep their event ids.
    pub in_doubt: usize,
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

    /// Encodes the event and queues it, from any thread, without waiting for anything. A skipped event is fine and
    /// queues nothing. One that waits for its session goes through a [`SearchSession`](crate::SearchSession) over this
    /// tracker, which does not wait for the service either.
    ///
    /// Takes no more than the event's own bytes and a short lock. Where the queue is full by
    /// [count](TrackerBuilder::max_events) and refuses, it does so without a look at the event, unless its descriptor says
    /// that it is skipped. Where there is no room, the hook may be called here and now, for older events that expired or
    /// were dropped to make room.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] where the event breaks a rule or is larger than all the room there is,
    /// [`TrackError::QueueFull`] and [`TrackError::ShutDown`]; the event was not taken. Each is counted.
    pub fn enqueue<E: SelfContained + ?Sized>(&self, event: &E) -> Result<(), TrackError> {
        self.encode_and_push(event, None)
    }

    /// As [`enqueue`](Self::enqueue), for an event that is of use for so long and no longer: rounded up to 50 ms, and
    /// never more than [`max_age`](TrackerBuilder::max_age).
    ///
    /// # Errors
    ///
    /// Those of `enqueue`.
    pub fn enqueue_within<E: SelfContained + ?Sized>(&self, event: &E, limit: Duration) -> Result<(), TrackError> {
        self.encode_and_push(event, Some(limit))
    }

    #[cfg(test)]
    pub(super) fn queue(&self) -> &Arc<Queue> {
        &self.0.queue
    }

    fn encode_and_push<E: TalentEvent + ?Sized>(&self, event: &E, within: Option<Duration>) -> Result<(), TrackError> {
        let (queue, now) = (&self.0.queue, Instant::now());
        if !event.descriptor().skipped && queue.refuses(now) {
            return Err(TrackError::QueueFull);
        }
        match EncodedEvent::encode(event, self.envelope()) {
            Ok(Some(event)) => queue.push(event, None, within, now).map_err(|(error, _)| error),
            Ok(None) => Ok(()),
            Err(invalid) => {
                queue.count_invalid();
                Err(invalid.into())
            }
        }
    }

    /// Queues an event that is encoded already: one that was handed back, say. Its [`max_age`](TrackerBuilder::max_age)
    /// begins now.
    ///
    /// # Errors
    ///
    /// Those of [`enqueue`](Self::enqueue), with the event; an event of another tenant is invalid.
    pub fn enqueue_encoded(&self, event: EncodedEvent) -> Result<(), NotQueued> {
        let queued = self.0.queue.push(event, None, None, Instant::now());
        queued.map_err(|(error, event)| NotQueued { error, event })
    }

    /// What became of the events so far: all numbers of one moment.
    pub fn stats(&self) -> Stats {
        self.0.queue.stats()
    }

    /// How the delivery is, for a health check or a person on call.
    pub fn health(&self) -> Health {
        let now = Instant::now();
        let Inner { queue, limiter, .. } = &*self.0;
        let paused = self.paused(now).map(|(why, until)| (why, until.map(|until| until - now)));
        let worker_restarts = queue.stats().worker_restarts;
        Health { running: queue.is_running(), paused, pace: limiter.rate(now), worker_restarts }
    }

    /// By the lane, or by the pace where that lasts longer; and until when, where that is to come.
    fn paused(&self, now: Instant) -> Option<(Pause, Option<Instant>)> {
        let lane = match lock(&self.0.lane).state() {
            State::Open => None,
            State::Paused { why, until } => Some((why, Some(until).filter(|until| now < *until))),
            State::Probing { why } => Some((why, None)),
        };
        match self.0.limiter.paused_until(now) {
            Some(until) if lane.is_none_or(|(_, other)| other < Some(until)) => Some((Pause::OverQuota, Some(until))),
            _ => lane,
        }
    }

    /// How long the queue needs at the present pace: the quota's, where one is kept, or that of the last seconds.
    /// `None` where that can not be said: nothing was delivered lately, or the delivery is paused and nobody knows until
    /// when, because the service is unavailable or does not permit it.
    ///
    /// The pace is shared, so that with several trackers of one client it takes longer.
    pub fn drain_estimate(&self) -> Option<Duration> {
        let now = Instant::now();
        let drain = self.0.queue.drain_time(self.0.limiter.rate(now), now)?;
        match self.paused(now) {
            _ if drain.is_zero() => Some(drain),
            Some((Pause::OverQuota, until)) => {
                drain.checked_add(until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now)))
            }
            Some((Pause::Unavailable | Pause::NotPermitted, _)) => None,
            None => Some(drain),
        }
    }

    /// Waits until everything accepted before is settled, and the [hook](TrackerBuilder::on_undelivered) and the tickets
    /// are told; answers the accounts of then. What is accepted later does not prolong it.
    ///
    /// It has no limit of its own (an outage may last), and can be dropped. Where nobody delivers any more it ends
    /// without the rest, with [`waiting`](Stats::waiting) to show for it. In a hook it waits for nothing, as the delivery
    /// may be waiting for that hook.
    pub async fn flush(&self) -> Stats {
        flushed(&self.0.queue).await;
        self.stats()
    }

    /// As [`flush`](Self::flush), for code that is not async; it waits no longer than `limit`.
    ///
    /// Not for async code: on the only thread of a runtime, nothing could be delivered meanwhile.
    pub fn flush_blocking(&self, limit: Duration) -> Stats {
        block_on(flushed(&self.0.queue), within(limit));
        self.stats()
    }

    /// Takes no more events, delivers what it can until the deadline, and hands back the rest.
    ///
    /// It ends after the [hook](TrackerBuilder::on_undelivered) was told of what is in the report; but at the deadline it
    /// ends also where a hook does not come back.
    ///
    /// Dropped half-way, the queue stays closed and ends at the deadline; call it again for the report. Of several calls
    /// the earliest deadline holds, and the first to end gets the events. A thread keeps the deadline too, one for each
    /// tracker, so that it holds on any runtime.
    pub async fn shutdown(&self, deadline: Duration) -> Report {
        self.0.queue.close(later(Instant::now(), deadline));
        self.0.keeper.keep(&self.0.queue, deadline);
        closed(&self.0.queue).await;
        self.finish()
    }

    /// As [`shutdown`](Self::shutdown), for code that is not async.
    ///
    /// Not for async code: on the only thread of a runtime, nothing could be delivered meanwhile, and all is handed back
    /// after the whole deadline.
    pub fn shutdown_blocking(&self, deadline: Duration) -> Report {
        self.0.queue.close(later(Instant::now(), deadline));
        block_on(closed(&self.0.queue), within(deadline));
        // Others who shut down wait no longer than this either.
        self.0.queue.stop_late();
        self.finish()
    }

    fn finish(&self) -> Report {
        self.0.queue.stop();
        let (waiting, in_doubt, stats) = self.0.queue.take_left();
        (self.0.publish)();
        if !waiting.is_empty() {
            tracing::warn!(
                target: "talent_events::delivery",
                handed_back = waiting.len(), in_doubt, "shut down before all events were delivered"
            );
        }
        Report { stats, waiting, in_doubt }
    }
}

/// Events are queued, and delivered later: the receipt is a [`Ticket`].
impl Destination for Tracker {
    type Receipt = Ticket;

    fn envelope(&self) -> Envelope<'_> {
        Envelope::new(self.0.queue.tenant())
    }

    async fn deliver(&self, event: EncodedEvent) -> Result<Ticket, TrackError> {
        let (ticket, slot) = ticket();
        match self.0.wait_for_room {
            true => self.0.queue.push_when_room(event, Some(slot)).await?,
            false => self.0.queue.push(event, Some(slot), None, Instant::now()).map_err(|(error, _)| error)?,
        }
        Ok(ticket)
    }
}

impl Inner {
    pub(super) fn new(
        queue: Arc<Queue>,
        lane: Arc<Mutex<Lane>>,
        limiter: Arc<RateLimiter>,
        wait_for_room: bool,
    ) -> Self {
        let publish = publisher(&queue);
        Self { queue, lane, limiter, wait_for_room, publish, keeper: Arc::new(Keeper::new()) }
    }

    pub(super) fn publish(&self) -> Arc<dyn Fn() + Send + Sync> {
        Arc::clone(&self.publish)
    }
}

#[cfg(feature = "metrics")]
fn publisher(queue: &Arc<Queue>) -> Arc<dyn Fn() + Send + Sync> {
    let publisher = super::publish::Publisher::new(Arc::clone(queue));
    Arc::new(move || publisher.publish())
}

#[cfg(not(feature = "metrics"))]
fn publisher(_: &Arc<Queue>) -> Arc<dyn Fn() + Send + Sync> {
    Arc::new(|| {})
}

impl Drop for Inner {
    fn drop(&mut self) {
        let waiting = self.queue.abandon();
        if waiting > 0 {
            // Where the worker is gone already, nobody else would.
            (self.publish)();
            tracing::error!(
                target: "talent_events::delivery",
                waiting, "a tracker was dropped with events waiting, which are lost: call `shutdown` before"
            );
        }
    }
}

impl fmt::Debug for Tracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracker")
            .field("tenant", &self.0.queue.tenant().as_str())
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}
