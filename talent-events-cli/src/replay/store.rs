//! The lines of the input as an [`EventStore`]: in the order of the file, each settled once.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use talent_events::EncodedEvent;
use talent_events::delivery::{
    EventStore, FailedAttempt, Heartbeat, Leadership, Lease, Outcome as Fate, Priority, Settlement, StoreError,
    StoredEvent,
};
use talent_events_emulator::ndjson::Entry;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep, timeout};

use crate::Failure;
use crate::input::Line;

use super::patience::{GaveUp, Patience};

/// How long a `fetch` waits for a line.
const WAIT: Duration = Duration::from_millis(250);

/// Lines that wait for an earlier one to be settled, at most. Beyond, nothing is read.
const MAX_OPEN: usize = 4_096;

/// What became of a line.
pub(super) enum Outcome {
    /// The line holds no event.
    Nothing,
    /// The line names a request id that is known, which is no event.
    Known,
    Delivered,
    /// The line holds no event, or none that the service takes. Sending it again is useless.
    Refused {
        column: Option<usize>,
        words: String,
    },
}

/// One store for one replay, so that there is only one leader at a time. Cloning counts a reference.
#[derive(Clone)]
pub(super) struct FileStore(Arc<Shared>);

struct Shared {
    /// From the thread that reads.
    lines: tokio::sync::Mutex<mpsc::Receiver<Result<Line, Failure>>>,
    state: Mutex<State>,
    settled: Notify,
}

struct State {
    lease: u64,
    /// The lines that are read and not reported, in order.
    open: VecDeque<Open>,
    /// What became of the lines, in order. `None` at the end.
    reports: Option<mpsc::UnboundedSender<Result<(Line, Outcome), Failure>>>,
    /// Nothing more comes: why, if that is a failure.
    end: Option<Option<Failure>>,
    patience: Patience,
    gave_up: Option<GaveUp>,
}

struct Open {
    line: Line,
    state: Waits,
}

enum Waits {
    HandedOut,
    Later {
        due: Instant,
        attempts: u32,
        in_doubt: bool,
    },
    /// For the lines before it.
    Settled(Outcome),
}

/// What became of the lines, in order, until the end of the input or of the relay.
pub(super) type Reports = mpsc::UnboundedReceiver<Result<(Line, Outcome), Failure>>;

impl FileStore {
    pub(super) fn new(lines: mpsc::Receiver<Result<Line, Failure>>, patience: Patience) -> (Self, Reports) {
        let (reports, reported) = mpsc::unbounded_channel();
        let state =
            State { lease: 0, open: VecDeque::new(), reports: Some(reports), end: None, patience, gave_up: None };
        let shared = Shared { lines: tokio::sync::Mutex::new(lines), state: Mutex::new(state), settled: Notify::new() };
        (Self(Arc::new(shared)), reported)
    }

    /// Says whether the relay goes on.
    pub(super) fn failed(&self, failed: &FailedAttempt<'_>) -> ControlFlow<()> {
        let mut state = self.lock();
        match state.patience.failed(failed.position, failed.error, failed.took) {
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
            ControlFlow::Break(GaveUp { line, error }) => {
                // What is no event's fault is told of the first line that is not settled.
                let line = line.or_else(|| state.open.front().map(|open| open.line.number));
                state.gave_up.get_or_insert(GaveUp { line, error });
                ControlFlow::Break(())
            }
        }
    }

    /// Why the replay gave up, if it did.
    pub(super) fn gave_up(&self) -> Option<GaveUp> {
        self.lock().gave_up.take()
    }

    /// Reports nothing more.
    pub(super) fn close(&self) {
        self.lock().reports = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a line, then takes what is there. Dropped while it waits, it has taken nothing.
    async fn read(&self, limit: usize) -> Vec<StoredEvent> {
        let mut lines = self.0.lines.lock().await;
        let mut next = lines.recv().await;
        let mut state = self.lock();
        let mut events = Vec::new();
        loop {
            match next {
                Some(Ok(line)) => events.extend(state.add(line)),
                Some(Err(failure)) => state.end = Some(Some(failure)),
                None => drop(state.end.get_or_insert(None)),
            }
            if state.end.is_some() || events.len() >= limit || state.open.len() >= MAX_OPEN {
                break;
            }
            next = match lines.try_recv() {
                Ok(line) => Some(line),
                Err(_) => break,
            };
        }
        state.report();
        events
    }
}

/// Its order is that of the file, whatever the types of the events, so that all are of one priority.
impl EventStore for FileStore {
    async fn lead(&self, seen: Option<Heartbeat>) -> Result<Leadership, StoreError> {
        let mut state = self.lock();
        if state.lease > 0 && seen.is_none() {
            return Ok(Leadership::Standby(Heartbeat { lease: Lease(state.lease), beat: 0 }));
        }
        state.lease += 1;
        let due = Instant::now();
        for open in &mut state.open {
            if matches!(open.state, Waits::HandedOut) {
                open.state = Waits::Later { due, attempts: 0, in_doubt: true };
            }
        }
        Ok(Leadership::Leader(Lease(state.lease)))
    }

    async fn renew(&self, lease: Lease) -> Result<(), StoreError> {
        if self.lock().lease == lease.0 { Ok(()) } else { Err(StoreError::LeaseLost) }
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        let mut state = self.lock();
        if state.lease == lease.0 {
            state.reports = None;
        }
        Ok(())
    }

    async fn fetch(&self, lease: Lease, priority: Priority, limit: usize) -> Result<Vec<StoredEvent>, StoreError> {
        self.renew(lease).await?;
        if priority != Priority::Normal {
            sleep(WAIT).await;
            return Ok(Vec::new());
        }
        let (again, is_full) = {
            let mut state = self.lock();
            let again = state.again(limit);
            (again, state.open.len() >= MAX_OPEN || state.end.is_some())
        };
        if !again.is_empty() {
            return Ok(again);
        }
        if is_full {
            let _ = timeout(WAIT, self.0.settled.notified()).await;
            return Ok(Vec::new());
        }
        Ok(timeout(WAIT, self.read(limit)).await.unwrap_or_default())
    }

    async fn settle(&self, lease: Lease, outcomes: &[Settlement]) -> Result<(), StoreError> {
        let mut state = self.lock();
        let is_led = state.lease == lease.0;
        for Settlement { position, outcome, .. } in outcomes {
            if is_led || *outcome == Fate::Delivered {
                state.settle(*position, outcome);
            }
        }
        state.report();
        drop(state);
        self.0.settled.notify_one();
        if is_led { Ok(()) } else { Err(StoreError::LeaseLost) }
    }
}

impl State {
    /// The event of a new line, if there is one to send.
    fn add(&mut self, line: Line) -> Option<StoredEvent> {
        let (event, state) = match event(&line) {
            Ok(event) => (Some(StoredEvent::new(line.number, event)), Waits::HandedOut),
            Err(outcome) => (None, Waits::Settled(outcome)),
        };
        self.open.push_back(Open { line, state });
        event
    }

    /// Events that were handed out before and are due.
    fn again(&mut self, limit: usize) -> Vec<StoredEvent> {
        let now = Instant::now();
        let mut again = Vec::new();
        for Open { line, state } in &mut self.open {
            if let Waits::Later { due, attempts, in_doubt } = *state
                && due <= now
                && again.len() < limit
                && let Ok(event) = event(line)
            {
                let mut stored = StoredEvent::new(line.number, event);
                (stored.attempts, stored.in_doubt) = (attempts, in_doubt);
                again.push(stored);
                *state = Waits::HandedOut;
            }
        }
        again
    }

    fn settle(&mut self, position: u64, fate: &Fate) {
        // The numbers of the open lines have no gap.
        let Some(first) = self.open.front().map(|open| open.line.number) else { return };
        let index = position.checked_sub(first).and_then(|index| usize::try_from(index).ok());
        let Some(open) = index.and_then(|index| self.open.get_mut(index)) else { return };
        if let Waits::Settled(_) = open.state {
            return;
        }
        open.state = match fate {
            Fate::Later { after, attempts, in_doubt } => {
                Waits::Later { due: Instant::now() + *after, attempts: *attempts, in_doubt: *in_doubt }
            }
            Fate::Dead { reason: "rejected", error } => {
                self.patience.answered(position);
                Waits::Settled(Outcome::Refused { column: None, words: error.clone() })
            }
            Fate::Delivered => {
                self.patience.answered(position);
                Waits::Settled(Outcome::Delivered)
            }
            // It stays open, so that nothing after it is accounted for.
            other => {
                let error = match other {
                    Fate::Dead { error, .. } => error.clone(),
                    other => format!("{other:?}"),
                };
                self.gave_up.get_or_insert(GaveUp { line: Some(position), error });
                self.reports = None;
                return;
            }
        };
    }

    /// Reports the lines that are settled, up to the first that is not.
    fn report(&mut self) {
        while let Some(Open { line, state }) = self.open.pop_front() {
            match state {
                Waits::Settled(outcome) => {
                    if let Some(reports) = &self.reports {
                        // Nobody listens any more after a second interrupt.
                        let _ = reports.send(Ok((line, outcome)));
                    }
                }
                state => {
                    self.open.push_front(Open { line, state });
                    return;
                }
            }
        }
        if let Some(failure) = &mut self.end {
            let reports = self.reports.take();
            if let (Some(reports), Some(failure)) = (reports, failure.take()) {
                let _ = reports.send(Err(failure));
            }
        }
    }
}

/// The event of a line, or what becomes of a line without one.
fn event(line: &Line) -> Result<EncodedEvent, Outcome> {
    let refused = |column, words| Err(Outcome::Refused { column, words });
    match line.entry() {
        None => Err(Outcome::Nothing),
        Some(Err(error)) => refused(error.column, error.message),
        Some(Ok(Entry::Event(event))) => EncodedEvent::from_client_event(&event.event, &event.tenant)
            .or_else(|invalid| refused(None, talent_events::TrackError::from(invalid).to_string())),
        Some(Ok(Entry::KnownRequestId(_))) => Err(Outcome::Known),
        Some(Ok(_)) => Err(Outcome::Nothing),
    }
}
