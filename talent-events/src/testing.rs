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

/// The events that a [`Recorder`] keeps by default.
pub const DEFAULT_CAPACITY: usize = 100_000;

/// A destination that keeps its events for a test.
///
/// Its receipt is the event, like a [`TalentClient`](crate::TalentClient)'s, so a
/// [`BoxDestination`](crate::BoxDestination) holds either. A tracker has another receipt: use a box
/// [without receipts](crate::BoxDestination::without_receipt).
///
/// Clones are the same recorder. It keeps [`DEFAULT_CAPACITY`] events, or those of
/// [`with_capacity`](Self::with_capacity), and returns [`TrackError::QueueFull`] for more.
///
/// The `assert_` methods panic at the test's own line, and list the recorded events.
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

/// How a [`Recorder`] fails: with the [`TrackError`] of the same name, and a message that says that a test scripted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// [`TrackError::Rejected`] with this code.
    Rejected(Code),
    /// [`TrackError::NotPermitted`].
    NotPermitted,
    /// [`TrackError::OverQuota`] with this time to wait.
    OverQuota(Option<Duration>),
    /// [`TrackError::TimedOut`], and the event is not recorded.
    TimedOut,
    /// [`TrackError::TimedOut`], but the event is recorded: only the answer is lost, as on a network.
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
    /// A recorder for this tenant.
    pub fn new(tenant: TenantName) -> Self {
        Self { tenant, capacity: DEFAULT_CAPACITY, state: Arc::default() }
    }

    /// Sets the number of events that it keeps, failed ones included. Earlier clones keep their own limit.
    #[must_use]
    pub fn with_capacity(self, capacity: usize) -> Self {
        Self { capacity, ..self }
    }

    /// Adds a request id of a search's response. Once there is one, [`defects`](Self::defects) treats all other request
    /// ids as made up.
    pub fn know_request_id(&self, id: RequestId) {
        self.state().known.insert(id);
    }

    /// Fails the next `count` events, after the failures that were scripted before.
    pub fn fail_next(&self, count: usize, failure: Failure) {
        self.state().failures.push_back((count, failure));
    }

    /// Delays the next `count` events, after the delays that were scripted before. The clock is tokio's, which a test may
    /// pause. Failures are delayed too.
    #[cfg(feature = "client")]
    pub fn delay_next(&self, count: usize, delay: Duration) {
        self.state().delays.push_back((count, delay));
    }

    /// The recorded events, in the order of arrival.
    pub fn events(&self) -> Vec<ClientEvent> {
        self.matching(|_| true)
    }

    /// The recorded events of this type.
    pub fn of_type(&self, event_type: JobEventType) -> Vec<ClientEvent> {
        self.matching(|event| event.job_event.r#type == event_type)
    }

    /// The recorded events with this request id.
    pub fn of_request(&self, id: &RequestId) -> Vec<ClientEvent> {
        self.matching(|event| event.request_id.as_ref() == Some(id))
    }

    /// The recorded events about this job, alone or among others.
    pub fn of_job(&self, job: &JobName) -> Vec<ClientEvent> {
        self.matching(|event| event.job_event.jobs.iter().any(|j| j.without_project() == job.without_project()))
    }

    /// The recorded events in their encoded form.
    pub fn encoded(&self) -> Vec<EncodedEvent> {
        self.state().attempts.iter().filter(|a| a.taken).map(|a| a.event.clone()).collect()
    }

    /// Every event that arrived, failed ones included. An event that was sent again is listed again.
    pub fn attempts(&self) -> Vec<ClientEvent> {
        let attempts: Vec<_> = self.state().attempts.iter().map(|a| a.event.clone()).collect();
        attempts.iter().map(EncodedEvent::to_client_event).collect()
    }

    /// The number of recorded events.
    pub fn len(&self) -> usize {
        self.state().attempts.iter().filter(|a| a.taken).count()
    }

    /// Whether no event was recorded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes all events. The script and the known request ids stay.
    pub fn clear(&self) {
        self.state().attempts.clear();
    }

    /// The defects of the recorded events by [`event::rules`](crate::event::rules). The emulator reports the same ones.
    ///
    /// A request id is made up if a template made it, or if it is unknown although
    /// [some are known](Self::know_request_id).
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

    /// Asserts that the recorded events are of these types, in this order, and that there are no others.
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

    /// Asserts that the recorded events break no rule: neither Google's rules nor ours, hints included.
    #[track_caller]
    pub fn assert_conforms(&self) {
        self.assert_defects([]);
    }

    /// Asserts that the recorded events break exactly these rules, each at least once. `finish-without-start`, for
    /// example, is right for a form of one page.
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

/// The next entry of the script.
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

/// Leaves out the notes, which may be private.
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

/// Runs a future to its end on this thread: for tests with a [`Recorder`] and without a runtime.
///
/// A client and a delay need tokio's runtime instead.
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
