//! The engine takes events and settles them.

use std::sync::Arc;
use std::task::Waker;

use tokio::time::Instant;

use super::*;
use crate::delivery::Pause;
use crate::delivery::backoff::jitter;
use crate::delivery::effects::{Failed, FlowChange};
use crate::delivery::queue::Pick;
use crate::delivery::relay::StoredSlot;
use crate::delivery::throttle::Gate;
use crate::delivery::ticks::NEVER;
use crate::delivery::verdict::{Asks, Others, Retry, Signal, Verdict, panicked, signal, verdict};
use crate::{EncodedEvent, TrackError};

/// After a panic of the engine, which is a defect of this library.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// One call for one event.
pub(in crate::delivery) struct Attempt {
    /// What the event is settled by.
    pub(in crate::delivery) key: usize,
    pub(in crate::delivery) event: EncodedEvent,
    /// The event's first is 1.
    pub(in crate::delivery) number: u32,
    /// The call goes on a connection of its own.
    pub(in crate::delivery) isolated: bool,
}

/// What the engine can do now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::delivery) enum Look {
    /// There is an event to send.
    Send,
    /// Nothing before this time, unless a call ends. `for_any`: or any event comes.
    Wait { until: Option<Instant>, for_any: bool },
    /// Nothing any more. Results of in-flight calls are ignored.
    Stop,
}

/// What an answer means for the rate limiter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::delivery) enum Pace {
    Keep,
    /// The service took an event.
    Accepted,
    /// The quota is used up; the service may have asked to wait.
    Exhausted(Option<Duration>),
}

impl Backlog {
    /// Takes in what is new, expires what is too old, and says what the engine can do now.
    pub(in crate::delivery) fn look(&self, now: Instant) -> Look {
        let look = self.change(|state, effects| {
            self.absorb(state);
            if state.stops(now) {
                return Look::Stop;
            }
            self.expire(state, now, effects);
            let limit = self.limits.in_flight;
            match state.pick(now, limit) {
                Some(_) => Look::Send,
                // More may have expired than fits a slice.
                None if effects.ended > 0 => Look::Wait { until: Some(now), for_any: true },
                None => Look::Wait { until: self.looks_again(state, now), for_any: state.may_send(now, limit) },
            }
        });
        if look == Look::Stop {
            self.drop_abandoned();
        }
        look
    }

    /// When the engine has to look again though the rate limiter admits no call before `until`.
    pub(in crate::delivery) fn limited(&self, until: Instant) -> Option<Instant> {
        self.looks_again_unsent(&lock(&self.state)).into_iter().chain([until]).min()
    }

    /// The engine goes to sleep until this time; an event that expires before wakes it, and if it waits for any event, any
    /// does. Returns `false` if something came in the meantime.
    pub(in crate::delivery) fn park(&self, waker: &Waker, until: Option<Instant>, for_any: bool) -> bool {
        let wakes = match until {
            Some(until) if !for_any => self.clock.tick(until),
            _ => NEVER,
        };
        self.intake.park(waker.clone(), wakes)
    }

    /// The next event goes out.
    pub(in crate::delivery) fn begin(&self, now: Instant) -> Option<Attempt> {
        self.change(|state, _| {
            let pick = state.pick(now, self.limits.in_flight)?;
            let tried = state.queue.take(pick)?;
            let (event, number) = (tried.event.clone(), tried.history.next_attempt());
            let in_outage = state.throttle.is_holding();
            let call = Call { tried, number: state.throttle.begin(now), kind: pick.kind, begun: now, in_outage };
            state.in_flight.add(pick.kind);
            let key = state.calls.insert(call);
            Some(Attempt { key, event, number, isolated: pick.kind == Kind::Isolated })
        })
    }

    /// A call ended.
    pub(in crate::delivery) fn settle(&self, key: usize, outcome: Result<(), TrackError>, now: Instant) -> Pace {
        self.change(|state, effects| {
            // It is gone if the backlog was stopped meanwhile.
            let Some(call) = state.calls.try_remove(key) else { return Pace::Keep };
            let Call { tried, number, kind, begun, in_outage } = call;
            state.in_flight.remove(kind);
            let history = &tried.history;
            let accepted_after = |call: Option<CallNumber>| call.is_some_and(|at| state.throttle.accepted_after(at));
            let others = Others {
                evidence: accepted_after(history.failed_at),
                evidence_since_first: accepted_after(history.first_failed_at),
                outage: in_outage || state.throttle.is_holding(),
            };
            let may_exist = history.in_doubt || self.limits.from_store;
            let answer = match &outcome {
                Ok(()) => Ok(()),
                Err(error) => Err(error),
            };
            let (verdict, signal) =
                (verdict(answer, history, may_exist, others, self.limits.max_attempts), signal(answer));
            match signal {
                Signal::Accepted if state.throttle.accepted(number) => effects.flow = Some(FlowChange::Resumed),
                Signal::Disconnected if state.throttle.disconnected(number, history.failed_at, now) => {
                    effects.flow = Some(FlowChange::Throttled(Pause::Unavailable));
                }
                Signal::Failed(reason) if state.throttle.failed(history.failed_at, reason, now) => {
                    effects.flow = Some(FlowChange::Throttled(reason));
                }
                _ => {}
            }
            match (verdict, outcome) {
                (Verdict::Delivered, _) | (_, Ok(())) => {
                    self.end(state, tried, Ok(()), now, effects);
                }
                (Verdict::Rejected, Err(error)) => {
                    self.end(state, tried, Err(Undelivered::Rejected(Arc::new(error))), now, effects);
                }
                (Verdict::Exhausted, Err(error)) => {
                    self.end(state, tried, Err(Undelivered::Exhausted(Arc::new(error))), now, effects);
                }
                (Verdict::Retry(retry), Err(error)) => {
                    let asks = self.retry(state, tried, (number, begun), retry, error, now, effects);
                    if let Asks::SlowDown(asked) = asks {
                        return Pace::Exhausted(asked);
                    }
                }
            }
            if signal == Signal::Accepted { Pace::Accepted } else { Pace::Keep }
        })
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one call")]
    fn retry(
        &self,
        state: &mut State,
        mut tried: Tried,
        (number, begun): (CallNumber, Instant),
        retry: Retry,
        error: TrackError,
        now: Instant,
        effects: &mut Effects,
    ) -> Asks {
        let Retry { counts, at_least, jitter: bound, others } = retry;
        tried.history.failed(error, counts, state.throttle.begun());
        if let (Some(slot), Some(error)) = (&tried.ticket, &tried.history.last)
            && slot.stored().is_some_and(StoredSlot::is_watched)
        {
            let (slot, error, attempts) = (Arc::clone(slot), Arc::clone(error), tried.history.next_attempt() - 1);
            effects.failed = Some(Failed { slot, error, attempts, took: now.saturating_duration_since(begun) });
        }
        if let Asks::Pause(wait) = others
            && state.throttle.asked_to_wait(number, wait, Pause::Unavailable, now)
        {
            effects.flow = Some(FlowChange::Paused(wait));
        }
        let wait = at_least + jitter(bound);
        if tried.expires <= self.clock.tick(now) {
            let last = tried.history.last.clone();
            self.end(state, tried, Err(Undelivered::Expired(last)), now, effects);
        } else if self.is_beyond_half(state, &tried) {
            self.give_back_to_store(state, tried, wait, effects);
        } else {
            self.queue_retry(state, tried, now + wait);
        }
        others
    }

    /// Whether retries fill half of what a relay's window has for this priority.
    pub(super) fn is_beyond_half(&self, state: &State, tried: &Tried) -> bool {
        let priority = self.limits.priorities.of(tried.event.event_type());
        self.limits.from_store && state.queue.retries(priority) >= self.limits.share() / 2
    }

    /// The event waits in its store for its next attempt.
    fn give_back_to_store(&self, state: &mut State, tried: Tried, after: Duration, effects: &mut Effects) {
        let weight = tried.weight();
        state.freed.add(Amount::one(weight));
        state.ledger.returned(weight);
        state.ledger.left(tried.epoch);
        effects.returned.push((tried, after));
    }

    fn queue_retry(&self, state: &mut State, tried: Tried, due: Instant) {
        state.ledger.retried();
        state.queue.retry(self.limits.priorities.of(tried.event.event_type()), tried, due);
    }

    /// Expires events that are too old, a slice at most.
    pub(super) fn expire(&self, state: &mut State, now: Instant, effects: &mut Effects) {
        let present = self.clock.tick(now);
        while effects.ended < SLICE
            && let Some(tried) = state.queue.pop_expired(present)
        {
            let last = tried.history.last.clone();
            self.end(state, tried, Err(Undelivered::Expired(last)), now, effects);
        }
    }

    /// When there may be something to send, or to expire.
    fn looks_again(&self, state: &State, now: Instant) -> Option<Instant> {
        let due = match state.throttle.gate(now) {
            Gate::ClosedUntil(until) => Some(until),
            Gate::Open | Gate::Probe if state.in_flight.calls < self.limits.in_flight => {
                state.queue.next_due(state.in_flight, self.limits.in_flight)
            }
            Gate::Open | Gate::Probe => None,
        };
        due.into_iter().chain(self.looks_again_unsent(state)).min()
    }

    /// When there is something to expire, or a shutdown is over.
    fn looks_again_unsent(&self, state: &State) -> Option<Instant> {
        let expires = state.queue.first_expires().and_then(|expires| self.clock.begin(expires));
        expires.into_iter().chain(state.deadline()).min()
    }

    /// The engine panicked, which is a defect of this library: its calls are gone, and their events go again. The panic counts
    /// as one of their attempts, so that an event that always makes it panic ends.
    pub(in crate::delivery) fn recover(&self, now: Instant) {
        self.change(|state, effects| {
            state.ledger.worker_restarted();
            state.in_flight = InFlight::default();
            let calls: Vec<Call> = state.calls.drain().collect();
            let begun = state.throttle.begun();
            state.throttle.asked_to_wait(begun, RESTART_PAUSE, Pause::Unavailable, now);
            for Call { mut tried, .. } in calls {
                let error = panicked("the delivery panicked");
                tried.history.failed(error, true, begun);
                tried.history.in_doubt = true;
                match tried.history.last.clone() {
                    Some(last) if tried.history.counted >= self.limits.max_attempts => {
                        self.end(state, tried, Err(Undelivered::Exhausted(last)), now, effects);
                    }
                    _ => self.queue_retry(state, tried, now),
                }
            }
        });
    }
}

impl State {
    fn pick(&self, now: Instant, limit: usize) -> Option<Pick> {
        if !self.may_send(now, limit) {
            return None;
        }
        match self.throttle.gate(now) {
            Gate::Open => self.queue.pick(now, self.in_flight, limit),
            Gate::Probe => self.queue.pick_probe(now, self.in_flight),
            Gate::ClosedUntil(_) => None,
        }
    }

    /// Whether an event could be sent if there were one.
    fn may_send(&self, now: Instant, limit: usize) -> bool {
        self.in_flight.calls < limit
            && !matches!(self.phase, Phase::Finishing(_))
            && !matches!(self.throttle.gate(now), Gate::ClosedUntil(_))
    }

    fn stops(&self, now: Instant) -> bool {
        match self.phase {
            Phase::Open => false,
            Phase::Closing(end) => end <= now || self.ledger.waiting() == 0,
            Phase::Finishing(end) => end <= now || self.in_flight.calls == 0,
            Phase::Abandoned | Phase::Stopped => true,
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self.phase {
            Phase::Closing(end) | Phase::Finishing(end) => Some(end),
            _ => None,
        }
    }
}

impl InFlight {
    fn add(&mut self, kind: Kind) {
        self.calls += 1;
        self.retries += usize::from(kind != Kind::New);
        self.isolated += usize::from(kind == Kind::Isolated);
    }

    fn remove(&mut self, kind: Kind) {
        self.calls -= 1;
        self.retries -= usize::from(kind != Kind::New);
        self.isolated -= usize::from(kind == Kind::Isolated);
    }
}
