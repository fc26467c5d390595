//! A carrier that does as it is told.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::client::rate_limiter::RateLimiter;
use crate::delivery::engine::Carrier;
use crate::delivery::{Quota, Stats, Tracker, TrackerBuilder, Undelivered};
use crate::track::{Code, Progress, Rejected};
use crate::{EncodedEvent, JobEventType, TrackError};

use super::support::{event, number, rejected, tenant};

/// What becomes of an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Then {
    Ok,
    Rejected,
    Unavailable,
    /// With the wish to be left alone for so long.
    UnavailableFor(Duration),
    /// No connection.
    Refused,
    /// The connection ends under the call.
    Break,
    NotPermitted,
    OverQuota(Option<Duration>),
    NotFound,
    /// The event id is known already.
    Exists,
    /// No answer, until the client's own deadline of 30 s.
    Hang,
    Panic,
}

pub(super) const DEADLINE: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub(super) struct Fake(Arc<Shared>);

struct Shared {
    limiter: Arc<RateLimiter>,
    state: Mutex<State>,
}

pub(super) struct State {
    /// For the next attempts, in order; then `always`.
    pub(super) next: VecDeque<Then>,
    pub(super) always: Then,
    pub(super) latency: Duration,
    /// These fail whenever they come …
    pub(super) poison: Range<usize>,
    /// … in this way.
    pub(super) poison_then: Then,
    /// What each attempt was for, and when it began.
    pub(super) attempts: Vec<(usize, Instant)>,
    /// The attempts that went on a connection of their own.
    pub(super) isolated: Vec<usize>,
    /// What the service has, by its own words.
    pub(super) delivered: Vec<usize>,
    /// The next look at the limiter panics, in the engine itself.
    pub(super) break_worker: bool,
}

impl Fake {
    pub(super) fn new() -> Self {
        Self::with(None)
    }

    pub(super) fn with(quota: Option<Quota>) -> Self {
        let state = State {
            next: VecDeque::new(),
            always: Then::Ok,
            latency: Duration::from_millis(10),
            poison: 0..0,
            poison_then: Then::Unavailable,
            attempts: Vec::new(),
            isolated: Vec::new(),
            delivered: Vec::new(),
            break_worker: false,
        };
        Self(Arc::new(Shared { limiter: Arc::new(RateLimiter::new(quota)), state: Mutex::new(state) }))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    pub(super) fn always(&self, then: Then) {
        self.state().always = then;
    }

    pub(super) fn attempts(&self) -> usize {
        self.state().attempts.len()
    }

    /// The numbers of what was delivered, in order.
    pub(super) fn delivered(&self) -> Vec<usize> {
        self.state().delivered.clone()
    }

    pub(super) fn tracker(&self) -> Tracker {
        self.tracker_by(Tracker::builder())
    }

    pub(super) fn tracker_by(&self, builder: TrackerBuilder) -> Tracker {
        builder.spawn_with(self.clone(), tenant()).expect("a runtime")
    }
}

impl Carrier for Fake {
    async fn send(&self, event: EncodedEvent, isolated: bool) -> Result<(), TrackError> {
        let (then, latency) = {
            let mut state = self.state();
            state.attempts.push((number(&event), Instant::now()));
            state.isolated.extend(isolated.then(|| number(&event)));
            let then = match state.poison.contains(&number(&event)) {
                true => state.poison_then,
                false => state.next.pop_front().unwrap_or(state.always),
            };
            (then, state.latency)
        };
        sleep(if then == Then::Hang { DEADLINE } else { latency }).await;
        match then {
            Then::Ok => {
                self.state().delivered.push(number(&event));
                Ok(())
            }
            Then::Exists => {
                self.state().delivered.push(number(&event));
                Err(TrackError::Rejected(Box::new(Rejected::new(Code::AlreadyExists, "I have that"))))
            }
            Then::Rejected => Err(rejected()),
            Then::Unavailable => Err(unavailable(None, Progress::MaybeSent)),
            Then::UnavailableFor(wait) => Err(unavailable(Some(wait), Progress::MaybeSent)),
            Then::NotPermitted => Err(TrackError::NotPermitted { message: "no".into(), source: None }),
            Then::OverQuota(retry_after) => Err(TrackError::OverQuota { retry_after, message: "too much".into() }),
            Then::NotFound => Err(TrackError::Rejected(Box::new(Rejected::new(Code::NotFound, "no such thing")))),
            Then::Refused => Err(unavailable(None, Progress::NotSent)),
            Then::Break => Err(unavailable(None, Progress::ConnectionLost)),
            Then::Hang => Err(TrackError::TimedOut { after: Some(DEADLINE), progress: Progress::MaybeSent }),
            Then::Panic => panic!("told to"),
        }
    }

    fn limiter(&self) -> &Arc<RateLimiter> {
        assert!(!std::mem::take(&mut self.state().break_worker), "told to");
        &self.0.limiter
    }
}

fn unavailable(retry_after: Option<Duration>, progress: Progress) -> TrackError {
    TrackError::Unavailable { message: "down".into(), retry_after, progress, source: None }
}

/// What the hook was told.
#[derive(Clone, Default)]
pub(super) struct Told(Arc<Mutex<Vec<(usize, Undelivered)>>>);

impl Told {
    pub(super) fn hook(&self) -> impl Fn(&EncodedEvent, &Undelivered) + Send + Sync + 'static {
        let told = self.clone();
        move |event, why| told.0.lock().unwrap().push((number(event), why.clone()))
    }

    pub(super) fn all(&self) -> Vec<(usize, Undelivered)> {
        self.0.lock().unwrap().clone()
    }

    pub(super) fn numbers(&self) -> Vec<usize> {
        self.all().into_iter().map(|(number, _)| number).collect()
    }
}

/// Queues views with these numbers.
pub(super) fn enqueue(tracker: &Tracker, numbers: Range<usize>) {
    for number in numbers {
        tracker.enqueue_encoded(event(number, JobEventType::View)).expect("room");
    }
}

impl Tracker {
    /// Queues an event that has so long.
    pub(super) fn push_within(&self, event: EncodedEvent, limit: Duration) {
        self.backlog().push_event(event, None, Some(limit), Instant::now()).expect("room");
    }
}

/// The accounts are in order.
pub(super) fn balance(tracker: &Tracker) {
    balanced(&tracker.stats());
}

pub(super) fn balanced(stats: &Stats) {
    assert_eq!(stats.accepted, stats.settled() + stats.waiting, "{stats:?}");
    assert!(stats.in_flight <= stats.waiting, "{stats:?}");
}
