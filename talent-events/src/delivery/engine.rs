//! The engine sends events. It is the one place that decides when a call begins; what follows from its end is decided by
//! [`verdict`](super::verdict).

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::ReusableBoxFuture;

use crate::client::rate_limiter::{Admission, Caller, RateLimiter};
use crate::{EncodedEvent, TalentClient, TrackError};

use super::backlog::{Attempt, Backlog, Look, Pace};
use super::verdict::panicked;

/// Makes one attempt to deliver one event.
pub(crate) trait Carrier: Send + Sync + 'static {
    /// Sends the event; `isolated`: over a connection that it shares with no other.
    fn send(&self, event: EncodedEvent, isolated: bool) -> impl Future<Output = Result<(), TrackError>> + Send;

    /// Shared with all who send the same way.
    fn limiter(&self) -> &Arc<RateLimiter>;
}

impl Carrier for TalentClient {
    fn send(&self, event: EncodedEvent, isolated: bool) -> impl Future<Output = Result<(), TrackError>> + Send {
        TalentClient::send(self, event, isolated)
    }

    fn limiter(&self) -> &Arc<RateLimiter> {
        TalentClient::limiter(self)
    }
}

/// How often the numbers are published.
const TICK: Duration = Duration::from_secs(1);

/// The most steps in one poll: answers that come at once must not keep other tasks from running on this thread.
const STEPS: usize = 64;
/// The clock is read once for so many steps of some microseconds each.
const STEPS_PER_CLOCK: usize = 8;

/// A call, which gives its memory back when it ends: two kilobytes, too much for the fast path of most allocators.
struct Call(Option<Memory>);

type Memory = ReusableBoxFuture<'static, Ended>;

impl Future for Call {
    type Output = (Ended, Option<Memory>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(call) = &mut self.0 else { return Poll::Pending };
        let ended = std::task::ready!(call.poll(cx));
        Poll::Ready((ended, self.0.take()))
    }
}

struct Ended {
    key: usize,
    sent: Instant,
    outcome: Result<(), TrackError>,
}

struct Engine<'b, C> {
    backlog: &'b Backlog,
    carrier: &'b Arc<C>,
    /// Called once a second, if `metrics` are on.
    publish: &'b (dyn Fn() + Send + Sync),
    calls: FuturesUnordered<Call>,
    /// The memory of calls that ended: never more than may be in flight.
    spare: Vec<Memory>,
    limiter: Caller,
    /// The limiter has admitted a call that has not begun.
    admitted: bool,
    timer: Pin<Box<Sleep>>,
    published: Instant,
}

/// Delivers until the backlog says to stop, and starts again should the engine panic, which is a defect of this library.
pub(super) async fn run<C: Carrier>(backlog: &Backlog, carrier: &Arc<C>, publish: &(dyn Fn() + Send + Sync)) {
    let run = || async { Engine::new(backlog, carrier, publish).run().await };
    while AssertUnwindSafe(run()).catch_unwind().await.is_err() {
        tracing::error!(target: "talent_events::delivery", "the delivery panicked and is started again");
        backlog.recover(Instant::now());
    }
}

enum Step {
    Began,
    Blocked { until: Option<Instant>, for_any: bool },
    Stop,
}

impl<'b, C: Carrier> Engine<'b, C> {
    fn new(backlog: &'b Backlog, carrier: &'b Arc<C>, publish: &'b (dyn Fn() + Send + Sync)) -> Self {
        let now = Instant::now();
        Self {
            backlog,
            carrier,
            publish,
            calls: FuturesUnordered::new(),
            spare: Vec::new(),
            limiter: carrier.limiter().caller(),
            admitted: false,
            timer: Box::pin(sleep_until(now)),
            published: now,
        }
    }

    async fn run(mut self) {
        std::future::poll_fn(|cx| self.poll(cx)).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut now = Instant::now();
        for step in 1..=STEPS {
            let ended = match self.calls.poll_next_unpin(cx) {
                Poll::Ready(Some((ended, memory))) => {
                    self.spare.extend(memory);
                    self.ended(ended, now);
                    true
                }
                _ => false,
            };
            let next = self.step(cx, now);
            self.publish(now);
            match next {
                Step::Stop => return Poll::Ready(()),
                Step::Blocked { until, for_any } if !ended => {
                    if self.sleep(cx, until, for_any) {
                        return Poll::Pending;
                    }
                    now = Instant::now();
                }
                Step::Began | Step::Blocked { .. } if step % STEPS_PER_CLOCK == 0 => now = Instant::now(),
                Step::Began | Step::Blocked { .. } => {}
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Begins a call, if one can begin.
    fn step(&mut self, cx: &mut Context<'_>, now: Instant) -> Step {
        match self.backlog.look(now) {
            Look::Stop => return Step::Stop,
            Look::Wait { until, for_any } => return Step::Blocked { until, for_any },
            Look::Send => {}
        }
        if !self.admitted {
            match self.limiter.poll_admit(cx, now) {
                Admission::Now => self.admitted = true,
                Admission::At(at) => return Step::Blocked { until: self.backlog.limited(at), for_any: false },
            }
        }
        let Some(attempt) = self.backlog.begin(now) else { return Step::Blocked { until: Some(now), for_any: true } };
        self.admitted = false;
        let call = call(Arc::clone(self.carrier), attempt, now);
        let memory = match self.spare.pop() {
            None => Memory::new(call),
            Some(mut memory) => {
                memory.set(call);
                memory
            }
        };
        self.calls.push(Call(Some(memory)));
        Step::Began
    }

    fn ended(&self, Ended { key, sent, outcome }: Ended, now: Instant) {
        // First: whatever happens below, the answer is accounted for.
        let pace = self.backlog.settle(key, outcome, now);
        let limiter = self.carrier.limiter();
        match pace {
            Pace::Keep => {}
            Pace::Accepted => limiter.accepted(sent),
            Pace::Exhausted(asked) => limiter.exhausted(sent, asked, now),
        }
    }

    /// Sleeps until this time at most. Returns `false` if there is something to do at once.
    fn sleep(&mut self, cx: &mut Context<'_>, until: Option<Instant>, for_any: bool) -> bool {
        if !self.backlog.park(cx.waker(), until, for_any) {
            return false;
        }
        let tick = cfg!(feature = "metrics").then(|| self.published + TICK);
        let Some(until) = until.into_iter().chain(tick).min() else { return true };
        if self.timer.deadline() != until {
            self.timer.as_mut().reset(until);
        }
        // A timer rounds up to the millisecond, and an event that is due already is not to wait for that.
        until > Instant::now() && self.timer.as_mut().poll(cx).is_pending()
    }

    fn publish(&mut self, now: Instant) {
        if now.saturating_duration_since(self.published) >= TICK {
            self.published = now;
            (self.publish)();
        }
    }
}

/// One attempt. A panic in it, in the provider of credentials say, is a failure of it and of nothing else.
fn call(carrier: Arc<impl Carrier>, attempt: Attempt, sent: Instant) -> impl Future<Output = Ended> + Send + 'static {
    let Attempt { key, event, number, isolated } = attempt;
    let span = tracing::debug_span!(
        target: "talent_events::delivery::attempt",
        "attempt",
        event_id = event.event_id(),
        event_type = event.event_type().google_name(),
        tenant = event.tenant().as_str(),
        attempt = number
    );
    async move {
        // Pinned in place: the future is large, and each wrapper that takes it by value would hold it once more. The span
        // ends with the call, whose memory is kept.
        let mut sending = std::pin::pin!(carrier.send(event, isolated));
        let poll = |cx: &mut Context<'_>| {
            let sent = || catch_unwind(AssertUnwindSafe(|| sending.as_mut().poll(cx)));
            let failed = |_| Poll::Ready(Err(panicked("the call panicked")));
            span.in_scope(sent).unwrap_or_else(failed)
        };
        let outcome = std::future::poll_fn(poll).await;
        span.in_scope(|| match &outcome {
            Ok(()) => tracing::debug!(target: "talent_events::delivery::attempt", "delivered"),
            Err(error) => tracing::debug!(target: "talent_events::delivery::attempt", %error, "attempt failed"),
        });
        Ended { key, sent, outcome }
    }
}
