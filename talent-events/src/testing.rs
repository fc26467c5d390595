#![doc = include_str!("../docs/testing.md")]

#[cfg(feature = "client")]
mod conformance;
#[cfg(feature = "client")]
mod memory_store;

use std::collections::{HashSet, VecDeque};
use std::fmt::{self, Write as _};
use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use crate::event::rules::{Checker, Defect, RULES};
use crate::event::{EncodedEvent, Envelope};
use crate::track::{Code, Progress, Rejected};
use crate::{ClientEvent, Destination, InvalidField, JobEventType, JobName, RequestId, TenantName, TrackError};

#[cfg(feature = "client")]
pub use conformance::{StoreFixture, store_conformance};
#[cfg(feature = "client")]
pub use memory_store::{DeadLetter, MemoryStore, Uncommitted};

/// Most events that a [`Recorder`] keeps, unless it is told otherwise.
pub const DEFAULT_CAPACITY: usize = 100_000;

/// A destination that keeps what it is given, for a test to look at. Its receipt is the event, as a
/// [`TalentClient`](crate::TalentClient)'s is, so that the two can stand for each other in a
/// [`BoxDestination`](crate::BoxDestination); for a tracker, whose receipt differs, it stands in one
/// [without receipts](crate::BoxDestination::without_receipt).
///
/// Cloning counts a reference: clones are the same recorder. Events are kept encoded, at most
/// [`DEFAULT_CAPACITY`] of them (or [`with_capacity`](Self::with_capacity)); what comes then is answered
/// [`TrackError::QueueFull`].
///
/// The `assert_` methods panic in the test's own line, and say what was recorded.
#[derive(Clone)]
pub struct Recorder {
    tenant: TenantName,
    capacity: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    attempts: Vec<Attempt>,
    known: HashSet<RequestId>,
    failures: VecDeque<(usize, Failure)>,
    #[cfg(feature = "client")]
    delays: VecDeque<(usize, Duration)>,
}

struct Attempt {
    event: EncodedEvent,
    taken: bool,
}

/// How a [`Recorder`] is to fail: as the [`TrackError`] of the same name, with words that say it was scripted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// [`TrackError::Rejected`] with this code.
    Rejected(Code),
    /// [`TrackError::NotPermitted`].
    NotPermitted,
    /// [`TrackError::OverQuota`], which asks to wait this long.
    OverQuota(Option<Duration>),
    /// [`TrackError::TimedOut`]: the event is not taken.
    TimedOut,
    /// [`TrackError::TimedOut`], and yet the event is taken: only the answer is lost, as it happens on networks.
    AnswerLost,
    /// [`TrackError::Unavailable`].
    Unavailable,
    /// [`TrackError::QueueFull`].
    QueueFull,
    /// [`TrackError::ShutDown`].
    ShutDown,
}

impl Failure {
    fn error(self) -> TrackError {
        let message = "scripted by the test".to_owned();
        match self {
            Self::Rejected(code) => TrackError::Rejected(Box::new(Rejected::new(code, message))),
            Self::NotPermitted => TrackError::NotPermitted { message, source: None },
            Self::OverQuota(retry_after) => TrackError::OverQuota { retry_after, message },
            Self::TimedOut | Self::AnswerLost => TrackError::TimedOut { after: None, progress: Progress::MaybeSent },
            Self::Unavailable => {
                TrackError::Unavailable { message, retry_after: None, source: None, progress: Progress::MaybeSent }
            }
            Self::QueueFull => TrackError::QueueFull,
            Self::ShutDown => TrackError::ShutDown,
        }
    }
}

impl Recorder {
    /// Keeps events for this tenant.
    pub fn new(tenant: TenantName) -> Self {
        Self { tenant, capacity: DEFAULT_CAPACITY, state: Arc::default() }
    }

    /// Keeps at most so many events, the failed ones among them. Clones made before keep their own limit.
    #[must_use]
    pub fn with_capacity(self, capacity: usize) -> Self {
        Self { capacity, ..self }
    }

    /// One more request id that a search has answered. As soon as one is known, all others count as made up in
    /// [`defects`](Self::defects).
    pub fn know_request_id(&self, id: RequestId) {
        self.state().known.insert(id);
    }

    /// Answers the next `count` events with an error, after those that were scripted before.
    pub fn fail_next(&self, count: usize, failure: Failure) {
        self.state().failures.push_back((count, failure));
    }

    /// Takes so long for each of the next `count` events, after those that were scripted before. The time is tokio's,
    /// which a test may pause; failures take their time too.
    #[cfg(feature = "client")]
    pub fn delay_next(&self, count: usize, delay: Duration) {
        self.state().delays.push_back((count, delay));
    }

    /// The events that were taken, in the order in which they came.
    pub fn events(&self) -> Vec<ClientEvent> {
        self.matching(|_| true)
    }

    /// Those of this type.
    pub fn of_type(&self, event_type: JobEventType) -> Vec<ClientEvent> {
        self.matching(|event| event.job_event.r#type == event_type)
    }

    /// Those under this request id.
    pub fn of_request(&self, id: &RequestId) -> Vec<ClientEvent> {
        self.matching(|event| event.request_id.as_ref() == Some(id))
    }

    /// Those about this job, by itself or among others.
    pub fn of_job(&self, job: &JobName) -> Vec<ClientEvent> {
        self.matching(|event| event.job_event.jobs.iter().any(|j| j.without_project() == job.without_project()))
    }

    /// The events that were taken, as they travel.
    pub fn encoded(&self) -> Vec<EncodedEvent> {
        self.state().attempts.iter().filter(|a| a.taken).map(|a| a.event.clone()).collect()
    }

    /// Every event that came, also those that were answered with an error: an event that is sent again is in it again.
    pub fn attempts(&self) -> Vec<ClientEvent> {
        let attempts: Vec<_> = self.state().attempts.iter().map(|a| a.event.clone()).collect();
        attempts.iter().map(EncodedEvent::to_client_event).collect()
    }

    /// How many events were taken.
    pub fn len(&self) -> usize {
        self.state().attempts.iter().filter(|a| a.taken).count()
    }

    /// No event was taken.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets all events; the script and the known request ids stay.
    pub fn clear(&self) {
        self.state().attempts.clear();
    }

    /// What is wrong between the events that were taken, by the rules of [`event::rules`](crate::event::rules), as the
    /// emulator tells it too.
    ///
    /// Request ids count as made up where a template made them, and where they are not known although
    /// [some are](Self::know_request_id).
    pub fn defects(&self) -> Vec<Defect> {
        let events = self.encoded();
        let known = self.state().known.clone();
        let readable: Vec<_> = events.iter().map(EncodedEvent::to_client_event).collect();
        let templated: HashSet<_> = (events.iter().zip(&readable))
            .filter(|(encoded, _)| encoded.synthetic_request_id())
            .filter_map(|(_, event)| event.request_id.clone())
            .collect();
        let made_up = |id: &RequestId| templated.contains(id) || !known.is_empty() && !known.contains(id);
        Checker::new().synthetic(made_up).check(&readable)
    }

    /// The events that were taken are of these types, in this order of arrival, and no others.
    #[track_caller]
    pub fn assert_sequence(&self, types: impl IntoIterator<Item = JobEventType>) {
        let expected: Vec<_> = types.into_iter().collect();
        let events = self.events();
        let found: Vec<_> = events.iter().map(|e| e.job_event.r#type).collect();
        if found == expected {
            return;
        }
        let at = found.iter().zip(&expected).take_while(|(a, b)| a == b).count();
        let name = |types: &[JobEventType]| types.get(at).map_or("no event", |t| t.google_name());
        panic!(
            "event {} is {} and should be {}\nexpected: {}\nrecorded: {}{}",
            at + 1,
            name(&found),
            name(&expected),
            names(&expected),
            names(&found),
            listed(&events)
        );
    }

    /// The events that were taken break no rule between events: neither those of Google nor ours, down to the hints.
    #[track_caller]
    pub fn assert_conforms(&self) {
        self.assert_defects([]);
    }

    /// The events that were taken break these rules and no others, each at least once: ids such as
    /// `finish-without-start`, which is right for a form of one page.
    #[track_caller]
    pub fn assert_defects<'r>(&self, rules: impl IntoIterator<Item = &'r str>) {
        let expected: HashSet<_> = rules.into_iter().collect();
        let defects = self.defects();
        let found: HashSet<_> = defects.iter().map(|d| d.rule.id()).collect();
        if found == expected {
            return;
        }
        let mut words = String::new();
        let mut unexpected = defects.iter().filter(|d| !expected.contains(d.rule.id())).peekable();
        if unexpected.peek().is_some() {
            words += "the events do not conform:";
            unexpected.for_each(|defect| _ = write!(words, "\n- {defect}"));
        }
        let mut missing: Vec<_> = expected.difference(&found).collect();
        missing.sort();
        for rule in missing {
            _ = match RULES.iter().any(|known| known.id() == *rule) {
                true => write!(words, "\nno event breaks the rule `{rule}`, which should be broken"),
                false => write!(words, "\nthere is no rule `{rule}`: `event::rules::RULES` has them all"),
            };
        }
        panic!("{}{}", words.trim_start(), listed(&self.events()));
    }

    fn matching(&self, wanted: impl Fn(&ClientEvent) -> bool) -> Vec<ClientEvent> {
        // Read outside of the lock.
        self.encoded().iter().map(EncodedEvent::to_client_event).filter(wanted).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics between two changes that belong together.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Destination for Recorder {
    type Receipt = ClientEvent;

    fn envelope(&self) -> Envelope<'_> {
        Envelope::new(&self.tenant)
    }

    async fn deliver(&self, event: EncodedEvent) -> Result<ClientEvent, TrackError> {
        #[cfg(feature = "client")]
        {
            let delay = next(&mut self.state().delays);
            if let Some(delay) = delay {
                tokio::time::sleep(delay).await;
            }
        }
        let mut state = self.state();
        if state.attempts.len() >= self.capacity {
            return Err(TrackError::QueueFull);
        }
        let failure = next(&mut state.failures);
        let taken = matches!(failure, None | Some(Failure::AnswerLost));
        state.attempts.push(Attempt { event: event.clone(), taken });
        drop(state);
        match failure {
            None => Ok(event.to_client_event()),
            Some(failure) => Err(failure.error()),
        }
    }
}

/// The first of what is left of the script.
fn next<T: Copy>(script: &mut VecDeque<(usize, T)>) -> Option<T> {
    while let Some((left, what)) = script.front_mut() {
        if *left == 0 {
            script.pop_front();
            continue;
        }
        *left -= 1;
        return Some(*what);
    }
    None
}

fn names(types: &[JobEventType]) -> String {
    let names: Vec<_> = types.iter().map(|t| t.google_name()).collect();
    format!("[{}]", names.join(", "))
}

/// Most events that an assertion lists.
const LISTED: usize = 50;

/// Without the notes, which may hold what no log should.
fn listed(events: &[ClientEvent]) -> String {
    let mut lines = String::new();
    for (index, event) in events.iter().enumerate().take(LISTED) {
        let quote = |text: Option<&str>| text.map_or("none".into(), InvalidField::quote);
        let jobs = &event.job_event.jobs;
        _ = write!(
            lines,
            "\n{:4}. {} of {}{}, request id {}",
            index + 1,
            event.job_event.r#type,
            quote(jobs.first().map(JobName::job)),
            if jobs.len() > 1 { format!(" and {} more", jobs.len() - 1) } else { String::new() },
            quote(event.request_id.as_ref().map(RequestId::as_str)),
        );
    }
    if events.len() > LISTED {
        _ = write!(lines, "\n      and {} more", events.len() - LISTED);
    }
    lines
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("tenant", &self.tenant.as_str()).field("events", &self.len()).finish()
    }
}

/// Runs what is awaited to its end on this thread, for tests without a runtime: all that goes to a [`Recorder`].
///
/// What needs a runtime, such as a client or a delay, needs tokio's instead.
pub fn block_on<F: IntoFuture>(future: F) -> F::Output {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future.into_future());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}
