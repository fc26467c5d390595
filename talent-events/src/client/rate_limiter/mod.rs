//! A rate limiter: how fast all who send over one client send together.
//!
//! It is no kept crate's, because the rate falls and recovers by the service's answers, callers wait in line, and the
//! clock is tokio's, which tests can pause.

mod line;
mod rate;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::quota::Quota;
use super::sync::{lock, wake};
use line::{Line, Ticket};
use rate::Rate;

/// A timer's resolution is a millisecond: a caller that was woken late may catch up this much.
const CATCH_UP: Duration = Duration::from_millis(10);
/// The most that direct calls delay the first in the line.
const MAX_DEBT: Duration = Duration::from_secs(10);
/// The first in the line loses its place if it may send and does not ask for this long. Its thread may be busy.
const TURN: Duration = Duration::from_millis(100);
/// The longest pause that the service can ask for.
const MAX_PAUSE: Duration = Duration::from_secs(10 * 60);
/// Pauses that nobody asked for, while all calls are refused.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A rate limiter, shared by all who send over one client.
///
/// The rate is the quota, or unlimited without one. It halves if the service answers RESOURCE_EXHAUSTED, and it halves
/// again only if calls at the halved rate were accepted. From then on it doubles every minute. It grows up to the quota.
/// Without a quota it grows to twice the rate at which it fell, and then it is unlimited again. While every call is refused
/// there are pauses of 200 ms to 5 s between them.
///
/// Callers that must wait stand in a line. An admitted call wakes the first in it and nobody else, so a thousand callers
/// cost no more than one.
#[derive(Debug)]
pub(crate) struct RateLimiter(Mutex<State>);

#[derive(Debug)]
struct State {
    rate: Rate,
    /// The next call may go from here on.
    next: Option<Instant>,
    pause: Option<Pause>,
    /// When the last pause ended.
    resumed: Option<Instant>,
    /// The begin of the latest accepted call.
    accepted: Option<Instant>,
    /// Pauses since then that nobody asked for.
    refusals: u32,
    line: Line,
    /// When the last caller from the line would have gone if there were no direct calls.
    planned: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Pause {
    until: Instant,
    /// The begin of the refused call that asked for the pause.
    refused: Instant,
}

/// One engine that sends over the client. Dropping it gives up its place in the line.
#[derive(Debug)]
pub(crate) struct Caller {
    limiter: Arc<RateLimiter>,
    ticket: Option<Ticket>,
}

/// Whether a caller may make a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// One call, now.
    Now,
    /// Ask again at this time, or when the waker is woken before. For the first in the line it is the time of its call. For
    /// the others it lies behind their turn, in case those in front of them never ask again.
    At(Instant),
}

impl RateLimiter {
    pub(crate) fn new(quota: Option<Quota>) -> Self {
        let now = Instant::now();
        Self(Mutex::new(State {
            rate: Rate::new(quota.map(Quota::per_second), now),
            next: None,
            pause: None,
            resumed: None,
            accepted: None,
            refusals: 0,
            line: Line::new(now),
            planned: None,
        }))
    }

    /// One more that shares the rate.
    pub(crate) fn caller(self: &Arc<Self>) -> Caller {
        Caller { limiter: Arc::clone(self), ticket: None }
    }

    /// Counts a direct call, which waits for nobody.
    pub(crate) fn spend(&self, now: Instant) {
        let mut state = lock(&self.0);
        state.advance(now);
        state.take(now);
    }

    /// The service answered RESOURCE_EXHAUSTED to a call that began at `sent`, and may have asked for a pause.
    pub(crate) fn exhausted(&self, sent: Instant, retry_after: Option<Duration>, now: Instant) {
        let mut state = lock(&self.0);
        state.advance(now);
        let halved = state.rate.halve(sent, now);
        let wait = retry_after.or_else(|| if halved { None } else { state.refused_again(sent) });
        if let Some(wait) = wait
            && state.accepted.is_none_or(|accepted| sent >= accepted)
        {
            let before = state.pause.unwrap_or(Pause { until: now, refused: sent });
            let until = before.until.max(now + wait.min(MAX_PAUSE));
            state.pause = Some(Pause { until, refused: before.refused.max(sent) });
        }
    }

    /// The service gave any other answer to a call that began at `sent`. If a pause was asked for by an earlier call, it
    /// is over.
    pub(crate) fn accepted(&self, sent: Instant) {
        let woken = lock(&self.0).accept(sent);
        woken.into_iter().for_each(wake);
    }

    /// Calls a second. `None`: unlimited.
    pub(crate) fn rate(&self, now: Instant) -> Option<f64> {
        let mut state = lock(&self.0);
        state.advance(now);
        state.rate.per_second()
    }

    /// When the present pause ends. `None` if there is no pause.
    pub(crate) fn paused_until(&self, now: Instant) -> Option<Instant> {
        lock(&self.0).pause.map(|pause| pause.until).filter(|until| now < *until)
    }
}

impl Caller {
    /// Takes the right to make one call, or a place in the line.
    pub(crate) fn poll_admit(&mut self, cx: &mut Context<'_>, now: Instant) -> Admission {
        let mut clone = None;
        loop {
            let asked = lock(&self.limiter.0).ask(&mut self.ticket, now, cx.waker(), &mut clone);
            // Wakers are foreign code: they are cloned, woken and dropped without the lock.
            drop(asked.dropped);
            asked.woken.into_iter().for_each(wake);
            match asked.admission {
                Some(admission) => return admission,
                None => clone = Some(cx.waker().clone()),
            }
        }
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let now = Instant::now();
        let (own, woken) = {
            let line = &mut lock(&self.limiter.0).line;
            let was_first = line.first() == Some(ticket);
            let own = line.leave(ticket, now);
            (own, if was_first { line.call_first() } else { None })
        };
        drop(own);
        woken.into_iter().for_each(wake);
    }
}

/// The answer to a caller, and what is left to do without the lock.
#[derive(Default)]
struct Asked {
    /// `None`: ask again with a clone of the waker.
    admission: Option<Admission>,
    woken: Option<Waker>,
    dropped: [Option<Waker>; 2],
}

impl State {
    fn ask(&mut self, ticket: &mut Option<Ticket>, now: Instant, waker: &Waker, clone: &mut Option<Waker>) -> Asked {
        self.advance(now);
        let mut asked = Asked::default();
        if let Some(first) = self.line.first()
            && Some(first) != *ticket
            && now >= self.line.first_asks(self.due(now)) + TURN
        {
            asked.dropped[0] = self.line.leave(first, now);
            if self.line.first() != *ticket {
                asked.woken = self.line.call_first();
            }
        }
        // This caller may have lost its place in the same way.
        *ticket = ticket.filter(|ticket| self.line.contains(*ticket));

        let due = self.due(now);
        let is_next = self.line.first().is_none_or(|first| Some(first) == *ticket);
        let is_unlimited = self.rate.interval().is_none() && self.pause.is_none();
        if is_unlimited || (is_next && now >= due) {
            self.planned = Some(self.plan(now));
            asked.dropped[1] = ticket.take().and_then(|ticket| self.line.leave(ticket, now));
            self.take(now);
            asked.woken = asked.woken.or_else(|| self.line.call_first());
            asked.admission = Some(Admission::Now);
            return asked;
        }

        let ticket = *ticket.get_or_insert_with(|| self.line.join(now));
        if !self.line.keeps(ticket, waker) {
            let Some(clone) = clone.take() else { return asked };
            asked.dropped[1] = self.line.keep(ticket, clone);
        }
        asked.admission = Some(Admission::At(match self.line.in_front(ticket) {
            0 => {
                self.line.set_first_asks(due);
                due
            }
            in_front => due.max(now) + self.rate.interval().unwrap_or_default().saturating_mul(in_front) + TURN,
        }));
        asked
    }

    /// When the first in the line may go, or a caller that finds the line empty.
    fn due(&self, now: Instant) -> Instant {
        match (self.pause, self.next, self.rate.interval()) {
            (Some(pause), ..) => pause.until,
            (None, Some(next), Some(interval)) => {
                let due = next.min(self.plan(now) + debt(interval));
                due.max(self.resumed.unwrap_or(due))
            }
            (None, ..) => now,
        }
    }

    /// When the first in the line, or a caller that finds the line empty, would go if there were no direct calls.
    fn plan(&self, now: Instant) -> Instant {
        let joined = self.line.first_joined().unwrap_or(now);
        let after_last = self.planned.map(|planned| planned + self.rate.interval().unwrap_or_default());
        [after_last, self.resumed].into_iter().flatten().fold(joined, Instant::max)
    }

    /// Ends a pause that is over, and lets the rate grow.
    fn advance(&mut self, now: Instant) {
        self.rate.grow(now, self.pause.map(|pause| pause.until));
        if self.pause.is_some_and(|pause| now >= pause.until) {
            self.pause = None;
            self.resumed = Some(now);
        }
    }

    /// A call was refused although the rate had fallen before, and no call was accepted since. Returns how long to wait: the
    /// quota may be gone for long.
    fn refused_again(&mut self, sent: Instant) -> Option<Duration> {
        if self.pause.is_some() || self.resumed.is_some_and(|resumed| sent < resumed) || !self.rate.has_fallen(sent) {
            return None;
        }
        let doubled = 2u32.saturating_pow(self.refusals);
        self.refusals += 1;
        Some(FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE))
    }

    fn accept(&mut self, sent: Instant) -> Option<Waker> {
        self.refusals = 0;
        self.accepted = self.accepted.max(Some(sent));
        self.rate.confirm(sent);
        let pause = self.pause.as_mut().filter(|pause| pause.refused < sent && sent < pause.until)?;
        pause.until = sent;
        self.line.call_first()
    }

    /// Counts a call that goes now.
    fn take(&mut self, now: Instant) {
        self.rate.count(now);
        let Some(interval) = self.rate.interval() else { return };
        let from = match self.next {
            Some(next) => next.max(now.checked_sub(CATCH_UP).unwrap_or(now)),
            None => now,
        };
        self.next = Some((from + interval).min(now + debt(interval)));
    }
}

/// The most that direct calls delay the first in the line.
fn debt(interval: Duration) -> Duration {
    MAX_DEBT.max(interval)
}
