//! Takes events from a source and sends them: the one place that knows pace, lane, retries and how many at a time.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::ReusableBoxFuture;

use crate::client::rate_limiter::{Admission, Caller, RateLimiter};
use crate::track::{Code, Progress};
use crate::{EncodedEvent, TalentClient, TrackError};

use super::backoff::Backoff;
use super::lane::{Allowed, Began, Fault, Lane, Pause, State};
use super::source::{Blame, End, Source, Sweep, Take, Turn};
use super::sync::{Mutex, lock};

/// Makes one attempt to deliver one event.
pub(crate) trait Carrier: Send + Sync + 'static {
    fn send(&self, event: EncodedEvent) -> impl Future<Output = Result<(), TrackError>> + Send;

    /// Shared with all who send the same way.
    fn limiter(&self) -> &Arc<RateLimiter>;
}

impl Carrier for TalentClient {
    fn send(&self, event: EncodedEvent) -> impl Future<Output = Result<(), TrackError>> + Send {
        TalentClient::send(self, event, false)
    }

    fn limiter(&self) -> &Arc<RateLimiter> {
        TalentClient::limiter(self)
    }
}

/// For one event that fails while others do not.
const RETRY: Backoff = Backoff { first: Duration::from_millis(100), longest: Duration::from_secs(60) };

/// How often the numbers are published.
const TICK: Duration = Duration::from_secs(1);

/// Answers that come at once must not keep others from running on this thread.
const STEPS: usize = 64;
/// So many of them are one moment.
const A_MOMENT: usize = 8;

/// What the worker and those who ask about it share.
pub(super) struct Line<S, C> {
    pub(super) source: Arc<S>,
    pub(super) carrier: Arc<C>,
    pub(super) lane: Arc<Mutex<Lane>>,
    pub(super) in_flight: usize,
    /// Called once a second, where `metrics` wants to know.
    pub(super) tick: Arc<dyn Fn() + Send + Sync>,
}

/// A call, which gives back its memory when it ends: two kilobytes, that many an allocator takes its slow way for.
struct Call<K>(Option<Memory<K>>);

type Memory<K> = ReusableBoxFuture<'static, Ended<K>>;

impl<K> Future for Call<K> {
    type Output = (Ended<K>, Option<Memory<K>>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(call) = &mut self.0 else { return Poll::Pending };
        let ended = std::task::ready!(call.poll(cx));
        Poll::Ready((ended, self.0.take()))
    }
}

/// One call for one event.
#[derive(Clone, Copy)]
struct Attempt<K> {
    key: K,
    /// The event's first is 1.
    number: u32,
    suspect: bool,
    in_doubt: bool,
    began: Began,
    sent: Instant,
}

struct Ended<K> {
    attempt: Attempt<K>,
    outcome: Result<(), TrackError>,
}

struct Engine<'l, S: Source, C> {
    line: &'l Line<S, C>,
    calls: FuturesUnordered<Call<S::Key>>,
    /// Of calls that ended: never more than may be in flight.
    spare: Vec<Memory<S::Key>>,
    caller: Caller,
    timer: Pin<Box<Sleep>>,
    ticked: Instant,
}

/// Delivers until the source says to stop.
pub(super) async fn run<S: Source, C: Carrier>(line: &Line<S, C>) {
    let now = Instant::now();
    let timer = Box::pin(sleep_until(now));
    let caller = line.carrier.limiter().caller();
    let mut engine = Engine { line, calls: FuturesUnordered::new(), spare: Vec::new(), caller, timer, ticked: now };
    std::future::poll_fn(|cx| engine.poll(cx)).await;
}

/// Sends nothing for a while, but what becomes too old expires, and a shutdown keeps its deadline.
pub(super) async fn rest(source: &impl Source, limit: Duration) {
    let until = Instant::now() + limit;
    let mut timer = std::pin::pin!(sleep_until(until));
    std::future::poll_fn(|cx| {
        loop {
            let now = Instant::now();
            match source.sweep(cx, now) {
                Sweep::NotBefore(next) if now < until => {
                    timer.as_mut().reset(next.map_or(until, |next| next.min(until)));
                }
                _ => return Poll::Ready(()),
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    })
    .await;
}

enum Step {
    Started,
    NotBefore(Option<Instant>),
    Stop,
}

impl<S: Source, C: Carrier> Engine<'_, S, C> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut wake_at = None;
        let mut now = Instant::now();
        for step in 1.. {
            let mut moved = false;
            if let Poll::Ready(Some((ended, memory))) = self.calls.poll_next_unpin(cx) {
                self.spare.extend(memory);
                if self.ended(ended, now) {
                    // A hook may have taken its time.
                    now = Instant::now();
                }
                moved = true;
            }
            match self.start(cx, now) {
                Step::Stop => return Poll::Ready(()),
                Step::Started => moved = true,
                Step::NotBefore(at) => wake_at = at,
            }
            self.tick(now);
            if !moved {
                break;
            }
            if step == STEPS {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            // Some microseconds each: to read the clock takes as long as a part of them.
            if step % A_MOMENT == 0 {
                now = Instant::now();
            }
        }
        if cfg!(feature = "metrics") {
            let tick = self.ticked + TICK;
            wake_at = Some(wake_at.map_or(tick, |at| at.min(tick)));
        }
        let Some(at) = wake_at else { return Poll::Pending };
        if self.timer.deadline() != at {
            self.timer.as_mut().reset(at);
        }
        // A timer rounds up to the millisecond, and what is due already is not to wait for that.
        if at <= Instant::now() || self.timer.as_mut().poll(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    fn start(&mut self, cx: &mut Context<'_>, now: Instant) -> Step {
        let Line { source, carrier, lane, in_flight, .. } = self.line;
        let (turn, pause_ends) = match lock(lane).allowed(now) {
            Allowed::AsConfigured => (Some(Turn::Usual), None),
            Allowed::Probe => (Some(Turn::Probe), None),
            Allowed::NotBefore(until) => (None, until),
        };
        let Some(turn) = turn.filter(|_| self.calls.len() < *in_flight) else {
            return match source.sweep(cx, now) {
                Sweep::Stop => Step::Stop,
                Sweep::NotBefore(at) => Step::NotBefore(at.into_iter().chain(pause_ends).min()),
            };
        };
        let waker = cx.waker().clone();
        // A look at the limiter may fail, as a test does.
        _ = carrier.limiter();
        let caller = &mut self.caller;
        let admit = || match caller.poll_admit(&mut Context::from_waker(&waker), now) {
            Admission::Now => Ok(()),
            Admission::At(again) => Err(again),
        };
        match source.take(cx, now, turn, admit) {
            Take::Stop => Step::Stop,
            Take::NotBefore(at) => Step::NotBefore(at),
            Take::Event { key, event, attempt: number, suspect, in_doubt } => {
                let attempt = Attempt { key, number, suspect, in_doubt, began: lock(lane).begin(), sent: now };
                let call = call(Arc::clone(carrier), event, attempt);
                let memory = match self.spare.pop() {
                    None => Memory::new(call),
                    Some(mut memory) => {
                        memory.set(call);
                        memory
                    }
                };
                self.calls.push(Call(Some(memory)));
                Step::Started
            }
        }
    }

    /// Whether somebody may have been told of it who is not us.
    fn ended(&mut self, ended: Ended<S::Key>, now: Instant) -> bool {
        let Ended { attempt, outcome } = ended;
        let end = match outcome {
            Ok(()) => self.delivered(attempt.began),
            // What was lost was the answer to an earlier attempt, and not the event.
            Err(error) if attempt.in_doubt && error.rejected_code() == Some(Code::AlreadyExists) => {
                self.delivered(attempt.began)
            }
            Err(error) => match pause(&error, attempt.suspect) {
                None => {
                    self.answered(attempt.began);
                    End::Rejected(error)
                }
                Some(why) => self.failed(why, error, &attempt, now),
            },
        };
        let answered = !matches!(end, End::Again { .. });
        let is_delivered = matches!(end, End::Delivered);
        self.line.source.settle(attempt.key, end, now);
        // Last: whatever happens here, the answer is accounted for.
        if answered {
            self.line.carrier.limiter().accepted(attempt.sent);
        }
        !is_delivered
    }

    fn delivered(&self, began: Began) -> End {
        self.answered(began);
        End::Delivered
    }

    fn answered(&self, began: Began) {
        if lock(&self.line.lane).succeeded(began) {
            tracing::info!(target: "talent_events::delivery", "delivery goes on");
        }
    }

    fn failed(&self, why: Pause, error: TrackError, attempt: &Attempt<S::Key>, now: Instant) -> End {
        let Attempt { number, suspect, began, sent, .. } = *attempt;
        let floor = error.retry_after();
        // It failed by itself before, and at a slow pace its turn may come again before another's.
        let odd = suspect || number > 1;
        if why == Pause::OverQuota {
            // At this rate others are delivered.
            if !odd {
                self.line.carrier.limiter().exhausted(sent, floor, now);
            }
        }
        let (fault, state, before) = {
            let mut lane = lock(&self.line.lane);
            let before = lane.state();
            (lane.failed(began, why, floor, odd, now), lane.state(), before)
        };
        if let State::Paused { why, until } = state
            && state != before
        {
            let wait = until.saturating_duration_since(now);
            // Once for each outage: the probes that fail after it say nothing new.
            match before {
                State::Open => {
                    tracing::warn!(target: "talent_events::delivery", reason = why.as_str(), ?wait, "delivery is paused: {error}");
                }
                _ => {
                    tracing::debug!(target: "talent_events::delivery", reason = why.as_str(), ?wait, "delivery stays paused: {error}");
                }
            }
        }
        // The service takes others, and not this one: that is more than an outage.
        let blame = match fault == Fault::Event || (fault == Fault::Lane && suspect) {
            true => Blame::Event,
            false => Blame::Open,
        };
        let after = match blame {
            // After a pause that it was the cause of, others go first.
            Blame::Event => floor.unwrap_or_default().min(RETRY.longest) + RETRY.after(number),
            Blame::Open => Duration::ZERO,
        };
        End::Again { after, blame, error }
    }

    fn tick(&mut self, now: Instant) {
        if now.saturating_duration_since(self.ticked) >= TICK {
            self.ticked = now;
            (self.line.tick)();
        }
    }
}

/// One attempt. A panic in it, in the provider of credentials say, is a failure of it and of nothing else.
fn call<K: Copy + Send + 'static>(
    carrier: Arc<impl Carrier>,
    event: EncodedEvent,
    attempt: Attempt<K>,
) -> impl Future<Output = Ended<K>> + Send + 'static {
    let span = tracing::debug_span!(
        target: "talent_events::delivery::attempt",
        "attempt",
        event_id = event.event_id(),
        event_type = event.event_type().google_name(),
        attempt = attempt.number
    );
    async move {
        // Pinned where it is: it is large, and each wrapper that takes it by value would hold it once more. The span ends
        // with the call, whose memory is kept.
        let mut sending = std::pin::pin!(carrier.send(event));
        let poll = |cx: &mut Context<'_>| {
            let sent = || catch_unwind(AssertUnwindSafe(|| sending.as_mut().poll(cx)));
            span.in_scope(sent).unwrap_or_else(|_| {
                let message = "the call panicked".into();
                Poll::Ready(Err(TrackError::Unavailable {
                    message,
                    retry_after: None,
                    source: None,
                    progress: Progress::MaybeSent,
                }))
            })
        };
        let outcome = std::future::poll_fn(poll).await;
        span.in_scope(|| match &outcome {
            Ok(()) => tracing::debug!(target: "talent_events::delivery::attempt", "delivered"),
            Err(error) => tracing::debug!(target: "talent_events::delivery::attempt", "failed: {error}"),
        });
        Ended { attempt, outcome }
    }
}

/// What the failure of one event says about all; `None`: it is the event.
fn pause(error: &TrackError, suspect: bool) -> Option<Pause> {
    match error {
        // Is it the tenant that is not there, and none of its events is to be lost for that, or is it this event's job? It
        // is the job where another event was taken since.
        TrackError::Rejected(why) if why.code == Code::NotFound && !suspect => Some(Pause::Unavailable),
        TrackError::Invalid(_) | TrackError::Rejected(_) => None,
        TrackError::OverQuota { .. } => Some(Pause::OverQuota),
        TrackError::NotPermitted { .. } => Some(Pause::NotPermitted),
        TrackError::TimedOut { .. } | TrackError::Unavailable { .. } | TrackError::QueueFull | TrackError::ShutDown => {
            Some(Pause::Unavailable)
        }
    }
}
