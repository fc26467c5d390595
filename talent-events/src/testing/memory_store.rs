//! An [`EventStore`] in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::EncodedEvent;
use crate::delivery::{
    EventStore, Heartbeat, Leadership, Lease, Outcome, Priority, Settlement, StoreError, StoredEvent,
};

/// How long a `fetch` waits for an event.
const WAIT: Duration = Duration::from_millis(250);

/// A store of events in memory, for tests of what drains a store. It keeps every rule of [`EventStore`] except that it
/// outlives nothing.
///
/// Cloning counts a reference: clones are the same store, as two processes open the same database. It runs on tokio's
/// clock, which a test can pause.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    last_position: u64,
    /// Not settled and not handed out, by the index of the priority.
    waiting: [BTreeMap<u64, Kept>; 3],
    /// Handed out under the present lease.
    handed_out: BTreeMap<u64, Kept>,
    dead: Vec<DeadLetter>,
    last_lease: u64,
    /// The beats of the present leader, which holds the last lease.
    leader: Option<u64>,
}

#[derive(Debug)]
struct Kept {
    event: EncodedEvent,
    stored_at: Instant,
    not_before: Instant,
    attempts: u32,
    in_doubt: bool,
}

/// An event that was given up.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The event.
    pub event: EncodedEvent,
    /// As in [`Outcome::Dead`].
    pub reason: &'static str,
    /// As in [`Outcome::Dead`].
    pub error: String,
}

/// An event whose transaction has not committed. It has its position already. Dropped, it is rolled back.
#[derive(Debug)]
#[must_use = "an event that is not committed is never handed out"]
pub struct Uncommitted {
    store: MemoryStore,
    position: u64,
    event: EncodedEvent,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stores an event. Returns its position.
    pub fn insert(&self, event: EncodedEvent) -> u64 {
        self.begin(event).commit()
    }

    /// Begins a transaction that stores an event.
    pub fn begin(&self, event: EncodedEvent) -> Uncommitted {
        let mut state = self.lock();
        state.last_position += 1;
        Uncommitted { store: self.clone(), position: state.last_position, event }
    }

    /// The number of events that are not settled.
    pub fn waiting(&self) -> usize {
        let state = self.lock();
        state.handed_out.len() + state.waiting.iter().map(BTreeMap::len).sum::<usize>()
    }

    /// The events that were given up, in the order of their settlements.
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.lock().dead.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Uncommitted {
    /// Commits. Returns the event's position.
    pub fn commit(self) -> u64 {
        let Self { store, position, event } = self;
        let now = Instant::now();
        let kept = Kept { event, stored_at: now, not_before: now, attempts: 0, in_doubt: false };
        store.lock().put_back(position, kept);
        store.0.changed.notify_waiters();
        position
    }
}

impl EventStore for MemoryStore {
    async fn lead(&self, seen: Option<Heartbeat>) -> Result<Leadership, StoreError> {
        let mut state = self.lock();
        let present = state.leader.map(|beat| Heartbeat { lease: Lease(state.last_lease), beat });
        if let Some(present) = present.filter(|present| seen != Some(*present)) {
            return Ok(Leadership::Standby(present));
        }
        state.last_lease += 1;
        state.leader = Some(0);
        for (position, kept) in std::mem::take(&mut state.handed_out) {
            state.put_back(position, kept);
        }
        let lease = Lease(state.last_lease);
        drop(state);
        // A fetch of the earlier leader hears of it.
        self.0.changed.notify_waiters();
        Ok(Leadership::Leader(lease))
    }

    async fn renew(&self, lease: Lease) -> Result<(), StoreError> {
        *self.lock().led_by(lease)? += 1;
        Ok(())
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        let mut state = self.lock();
        if state.led_by(lease).is_ok() {
            state.leader = None;
        }
        Ok(())
    }

    async fn fetch(&self, lease: Lease, priority: Priority, limit: usize) -> Result<Vec<StoredEvent>, StoreError> {
        let until = Instant::now() + WAIT;
        loop {
            // It is woken by what changes from here on.
            let mut changed = std::pin::pin!(self.0.changed.notified());
            changed.as_mut().enable();
            let (batch, due) = self.lock().hand_out(lease, priority, limit)?;
            if !batch.is_empty() || until <= Instant::now() {
                return Ok(batch);
            }
            let _ = timeout_at(due.map_or(until, |due| due.min(until)), changed).await;
        }
    }

    async fn settle(&self, lease: Lease, outcomes: &[Settlement]) -> Result<(), StoreError> {
        let mut state = self.lock();
        let led = state.led_by(lease).map(|_| ());
        for Settlement { position, outcome, .. } in outcomes {
            if led.is_ok() || *outcome == Outcome::Delivered {
                state.settle(*position, outcome);
            }
        }
        drop(state);
        self.0.changed.notify_waiters();
        led
    }
}

impl State {
    /// The beats of the leader, if it holds this lease.
    fn led_by(&mut self, lease: Lease) -> Result<&mut u64, StoreError> {
        match &mut self.leader {
            Some(beat) if lease.0 == self.last_lease => Ok(beat),
            _ => Err(StoreError::LeaseLost),
        }
    }

    /// The events, and if there are none, the time at which the first is due.
    fn hand_out(
        &mut self,
        lease: Lease,
        priority: Priority,
        limit: usize,
    ) -> Result<(Vec<StoredEvent>, Option<Instant>), StoreError> {
        self.led_by(lease)?;
        let now = Instant::now();
        let waiting = &mut self.waiting[priority as usize];
        let due: Vec<_> =
            waiting.iter().filter(|(_, kept)| kept.not_before <= now).map(|(n, _)| *n).take(limit).collect();
        let next = waiting.values().map(|kept| kept.not_before).filter(|due| *due > now).min();
        let mut batch = Vec::with_capacity(due.len());
        for position in due {
            if let Some(kept) = waiting.remove(&position) {
                let age = now - kept.stored_at;
                let (attempts, in_doubt) = (kept.attempts, kept.in_doubt);
                batch.push(StoredEvent { age, attempts, in_doubt, ..StoredEvent::new(position, kept.event.clone()) });
                self.handed_out.insert(position, kept);
            }
        }
        Ok((batch, next))
    }

    fn settle(&mut self, position: u64, outcome: &Outcome) {
        let handed_out = self.handed_out.remove(&position);
        // A leader of before may settle what is handed out anew, or waits for that.
        let kept = handed_out.or_else(|| self.waiting.iter_mut().find_map(|waiting| waiting.remove(&position)));
        let Some(kept) = kept else { return };
        match outcome {
            Outcome::Delivered => {}
            Outcome::Later { after, attempts, in_doubt } => {
                let not_before = Instant::now() + *after;
                self.put_back(position, Kept { not_before, attempts: *attempts, in_doubt: *in_doubt, ..kept });
            }
            Outcome::Dead { reason, error } => {
                self.dead.push(DeadLetter { event: kept.event, reason, error: error.clone() });
            }
        }
    }

    fn put_back(&mut self, position: u64, kept: Kept) {
        self.waiting[Priority::of(kept.event.event_type()) as usize].insert(position, kept);
    }
}
