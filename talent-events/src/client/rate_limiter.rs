//! A rate limiter: how fast all who send over one client send together.
//!
//! No kept crate does this: the rate falls and recovers by the service's answers, callers wait in line, and the clock is
//! tokio's, which tests can pause.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::Instant;

use crate::InvalidField;

use super::meter::Meter;
use super::sync::{lock, wake};

/// How many calls the service grants in which time.
///
/// Google's default is 300 calls a minute and project, and other groups have 3,000 and more (Google, as of 2021). Nobody
/// outside Google knows the group of this call, so a client has no quota unless you set one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quota {
    per_minute: u32,
}

const MAX_PER_MINUTE: u32 = 60_000_000;

impl Quota {
    /// This many calls a minute, evenly spread: 1 to 60,000,000 (our limits).
    pub const fn per_minute(calls: u32) -> Self {
        Self { per_minute: calls }
    }

    pub(super) fn check(self) -> Result<Self, InvalidField> {
        match self.per_minute {
            1..=MAX_PER_MINUTE => Ok(self),
            other => Err(InvalidField::new("quota", format!("{other} calls a minute"), "1 to 60000000 calls a minute")),
        }
    }

    fn per_second(self) -> f64 {
        f64::from(self.per_minute) / 60.0
    }
}

/// A timer's resolution is a millisecond: a caller that was woken late may catch up this much.
const CATCH_UP: Duration = Duration::from_millis(10);
/// The most that direct calls delay a caller in the line.
const MAX_DEBT: Duration = Duration::from_secs(10);
/// The first in the line loses its place if it does not ask for this long although it may send. Its thread may be busy.
const TURN: Duration = Duration::from_millis(100);
/// The longest pause that the service can ask for.
const MAX_PAUSE: Duration = Duration::from_secs(10 * 60);
const DOUBLES_IN: Duration = Duration::from_secs(60);
/// One call in ten seconds: nobody would notice the recovery of a lower rate. A quota may be lower; its rate never falls.
const SLOWEST: f64 = 0.1;

/// A rate limiter, shared by all who send over one client.
///
/// The rate is the quota, or unlimited without one. It halves if the service answers RESOURCE_EXHAUSTED, and it halves
/// again only if calls at the halved rate were accepted. From then on it doubles every minute. It grows up to the quota.
/// Without a quota it grows to twice the rate at which it fell, and then it is unlimited again.
///
/// Callers that must wait stand in a line. Only its first is woken, so a thousand callers cost as little as one.
#[derive(Debug)]
pub(crate) struct RateLimiter(Mutex<State>);

#[derive(Debug)]
struct State {
    quota: Option<f64>,
    /// Calls a second. `None`: unlimited.
    rate: Option<f64>,
    /// The rate at which a limiter without a quota becomes unlimited again.
    until_rate: f64,
    /// When `rate` last grew.
    grown: Instant,
    /// The next call may go from here on.
    next: Option<Instant>,
    /// When `rate` last fell: the answers to earlier calls say nothing about it.
    fell: Option<Instant>,
    /// Whether a call at this rate was accepted. Until then nobody knows whether the rate is right.
    confirmed: bool,
    pause: Option<Pause>,
    /// When the last pause ended.
    resumed: Option<Instant>,
    /// The begin of the latest accepted call.
    accepted: Option<Instant>,
    sent: Meter,
    line: BTreeMap<Ticket, Waiter>,
    next_ticket: Ticket,
    /// When the first in the line became first.
    first_since: Instant,
    /// When the last caller from the line would have gone if there were no direct calls.
    planned: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Pause {
    until: Instant,
    /// The begin of the refused call that asked for the pause.
    refused: Instant,
}

/// A place in the line; the lowest is the first.
type Ticket = u64;

#[derive(Debug)]
struct Waiter {
    joined: Instant,
    /// `None` from when the waiter was woken until it asks again.
    waker: Option<Waker>,
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
    /// Ask again at this time, or when the waker is woken before. The time is the caller's slot if it is the first in the
    /// line. For the others it lies behind their turn, in case those in front of them do not come.
    At(Instant),
}

impl RateLimiter {
    pub(crate) fn new(quota: Option<Quota>) -> Self {
        let (quota, now) = (quota.map(Quota::per_second), Instant::now());
        Self(Mutex::new(State {
            quota,
            rate: quota,
            until_rate: f64::INFINITY,
            grown: now,
            next: None,
            fell: None,
            confirmed: true,
            pause: None,
            resumed: None,
            accepted: None,
            sent: Meter::default(),
            line: BTreeMap::new(),
            next_ticket: 0,
            first_since: now,
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
        state.grow(now);
        state.take(now);
    }

    /// The service answered RESOURCE_EXHAUSTED to a call that began at `sent`, and may have asked for a pause.
    pub(crate) fn exhausted(&self, sent: Instant, retry_after: Option<Duration>, now: Instant) {
        let mut state = lock(&self.0);
        state.grow(now);
        if let Some(wait) = retry_after
            && state.accepted.is_none_or(|accepted| sent >= accepted)
        {
            let before = state.pause.unwrap_or(Pause { until: now, refused: sent });
            let until = before.until.max(now + wait.min(MAX_PAUSE));
            state.pause = Some(Pause { until, refused: before.refused.max(sent) });
        }
        state.halve(sent, now);
    }

    /// The service gave any other answer to a call that began at `sent`.
    pub(crate) fn accepted(&self, sent: Instant) {
        let woken = lock(&self.0).accept(sent);
        woken.into_iter().for_each(wake);
    }

    /// Calls a second. `None`: unlimited.
    pub(crate) fn rate(&self, now: Instant) -> Option<f64> {
        let mut state = lock(&self.0);
        state.grow(now);
        state.rate
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
            let mut state = lock(&self.limiter.0);
            let was_first = state.first() == Some(ticket);
            let own = state.leave(ticket, now);
            (own, if was_first { state.call_first() } else { None })
        };
        drop(own);
        woken.into_iter().for_each(wake);
    }
}

/// The answer to a caller, and what to do without the lock.
#[derive(Default)]
struct Asked {
    /// `None`: ask again with a clone of the waker.
    admission: Option<Admission>,
    woken: Option<Waker>,
    dropped: [Option<Waker>; 2],
}

impl State {
    fn ask(&mut self, ticket: &mut Option<Ticket>, now: Instant, waker: &Waker, clone: &mut Option<Waker>) -> Asked {
        self.grow(now);
        self.end_pause(now);
        let mut asked = Asked::default();
        if let Some(first) = self.first()
            && Some(first) != *ticket
            && now >= self.due(now).max(self.first_since) + TURN
        {
            asked.dropped[0] = self.leave(first, now);
            if self.first() != *ticket {
                asked.woken = self.call_first();
            }
        }
        // It was removed because it did not come in time.
        *ticket = ticket.filter(|ticket| self.line.contains_key(ticket));

        let due = self.due(now);
        let is_first = self.line.is_empty() || self.first() == *ticket;
        if self.is_unlimited() || (is_first && now >= due) {
            if is_first {
                self.planned = Some(self.plan(now));
            }
            asked.dropped[1] = ticket.take().and_then(|ticket| self.leave(ticket, now));
            self.take(now);
            asked.woken = asked.woken.or_else(|| self.call_first());
            asked.admission = Some(Admission::Now);
            return asked;
        }

        let ticket = *ticket.get_or_insert_with(|| self.join(now));
        let in_front = ticket - self.first().unwrap_or(ticket);
        let waiter = self.line.entry(ticket).or_insert(Waiter { joined: now, waker: None });
        if !waiter.waker.as_ref().is_some_and(|kept| kept.will_wake(waker)) {
            let Some(clone) = clone.take() else { return asked };
            asked.dropped[1] = waiter.waker.replace(clone);
        }
        asked.admission = Some(Admission::At(match in_front {
            0 => due,
            _ => due.max(now) + self.interval().saturating_mul(in_front as u32) + TURN,
        }));
        asked
    }

    fn is_unlimited(&self) -> bool {
        self.rate.is_none() && self.pause.is_none()
    }

    /// From one call to the next.
    fn interval(&self) -> Duration {
        self.rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(1.0 / rate))
    }

    /// The most that direct calls delay the first in the line.
    fn debt(&self) -> Duration {
        MAX_DEBT.max(self.interval())
    }

    fn first(&self) -> Option<Ticket> {
        self.line.first_key_value().map(|(ticket, _)| *ticket)
    }

    /// When the first in the line may go, or a caller that finds the line empty.
    fn due(&self, now: Instant) -> Instant {
        match (self.pause, self.next) {
            (Some(pause), _) => pause.until,
            (None, Some(next)) if self.rate.is_some() => next.min(self.plan(now) + self.debt()),
            (None, _) => now,
        }
    }

    /// When the first in the line, or a caller that finds the line empty, would go if there were no direct calls.
    fn plan(&self, now: Instant) -> Instant {
        let joined = self.line.first_key_value().map_or(now, |(_, waiter)| waiter.joined);
        let after_last = self.planned.map(|planned| planned + self.interval());
        [after_last, self.resumed].into_iter().flatten().fold(joined, Instant::max)
    }

    fn join(&mut self, now: Instant) -> Ticket {
        if self.line.is_empty() {
            self.first_since = now;
        }
        self.next_ticket += 1;
        self.line.insert(self.next_ticket, Waiter { joined: now, waker: None });
        self.next_ticket
    }

    fn leave(&mut self, ticket: Ticket, now: Instant) -> Option<Waker> {
        if self.first() == Some(ticket) {
            self.first_since = now;
        }
        self.line.remove(&ticket)?.waker
    }

    /// The waker of the first in the line, which is its turn to ask.
    fn call_first(&mut self) -> Option<Waker> {
        self.line.first_entry()?.get_mut().waker.take()
    }

    fn end_pause(&mut self, now: Instant) {
        if self.pause.is_some_and(|pause| now >= pause.until) {
            self.pause = None;
            self.resumed = Some(now);
        }
    }

    fn accept(&mut self, sent: Instant) -> Option<Waker> {
        self.accepted = self.accepted.max(Some(sent));
        if !self.confirmed && self.fell.is_none_or(|fell| sent >= fell) {
            self.confirmed = true;
            self.grown = self.grown.max(sent);
        }
        let pause = self.pause.as_mut().filter(|pause| pause.refused < sent && sent < pause.until)?;
        pause.until = sent;
        self.call_first()
    }

    fn halve(&mut self, sent: Instant, now: Instant) {
        if !self.confirmed || self.fell.is_some_and(|fell| sent < fell) {
            return;
        }
        let before = match self.rate {
            Some(rate) => rate,
            None => self.sent.rate(now).max(2.0 * SLOWEST),
        };
        if self.quota.is_none() && self.rate.is_none() {
            self.until_rate = 2.0 * before;
        }
        self.rate = Some((before / 2.0).max(SLOWEST.min(before)));
        self.fell = Some(now);
        self.confirmed = false;
    }

    fn grow(&mut self, now: Instant) {
        let since = self.pause.map_or(self.grown, |pause| self.grown.max(pause.until));
        // Another engine may have read the clock earlier.
        self.grown = self.grown.max(now);
        let Some(rate) = self.rate else { return };
        let ceiling = self.quota.unwrap_or(self.until_rate);
        if self.confirmed && rate < ceiling {
            let doublings = now.saturating_duration_since(since).as_secs_f64() / DOUBLES_IN.as_secs_f64();
            let grown = rate * doublings.exp2();
            self.rate = if grown < ceiling { Some(grown) } else { self.quota };
        }
    }

    /// Counts a call that goes now.
    fn take(&mut self, now: Instant) {
        self.sent.count(now);
        if self.rate.is_none() {
            return;
        }
        let from = match self.next {
            Some(next) => next.max(now.checked_sub(CATCH_UP).unwrap_or(now)),
            None => now,
        };
        self.next = Some((from + self.interval()).min(now + self.debt()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn limiter(calls_per_minute: u32) -> Arc<RateLimiter> {
        Arc::new(RateLimiter::new(Some(Quota::per_minute(calls_per_minute))))
    }

    impl Caller {
        /// Asks without a task to wake.
        fn ask(&mut self, now: Instant) -> Result<(), Instant> {
            match self.poll_admit(&mut Context::from_waker(Waker::noop()), now) {
                Admission::Now => Ok(()),
                Admission::At(again) => Err(again),
            }
        }
    }

    /// Calls admitted from `start` for this long, by a caller that asks again whenever it is told to.
    fn admitted(caller: &mut Caller, start: Instant, length: Duration) -> u32 {
        let (mut now, mut calls) = (start, 0);
        while now < start + length {
            match caller.ask(now) {
                Ok(()) => calls += 1,
                Err(next) => {
                    assert!(next > now);
                    now = next;
                }
            }
        }
        calls
    }

    #[test]
    fn a_quota_is_kept_in_every_minute() {
        for (calls, allowed) in [(300, 300..=301), (1, 1..=1), (600_000, 599_000..=600_101)] {
            let mut caller = limiter(calls).caller();
            let mut start = Instant::now();
            for _ in 0..3 {
                let seen = admitted(&mut caller, start, MINUTE);
                assert!(allowed.contains(&seen), "{seen} of {calls}");
                start += MINUTE;
            }
            // Idle time is not saved up.
            let seen = admitted(&mut caller, start + 10 * MINUTE, MINUTE);
            assert!(allowed.contains(&seen) || seen == calls + 1, "{seen} of {calls}");
        }
    }

    #[test]
    fn the_rate_falls_once_for_all_calls_in_flight_and_recovers() {
        let limiter = limiter(600);
        let mut caller = limiter.caller();
        let start = Instant::now();
        assert_eq!(limiter.rate(start), Some(10.0));
        let now = start + Duration::from_secs(1);
        for _ in 0..64 {
            limiter.exhausted(start, Some(Duration::from_secs(5)), now);
        }
        assert_eq!(limiter.rate(now), Some(5.0));
        let open = now + Duration::from_secs(5);
        assert_eq!(caller.ask(now + Duration::from_secs(4)), Err(open));
        // Direct calls are made in a pause, too, and their time is not time to recover.
        limiter.spend(now + Duration::from_secs(4));
        assert_eq!(limiter.rate(open), Some(5.0));
        limiter.accepted(open);
        let half_way = limiter.rate(open + MINUTE / 2).unwrap();
        assert!((7.0..7.2).contains(&half_way), "{half_way}");
        assert_eq!(limiter.rate(open + MINUTE), Some(10.0));
        assert_eq!(limiter.rate(open + 9 * MINUTE), Some(10.0), "no faster than the quota");
    }

    #[test]
    fn without_a_quota_the_rate_is_found_and_becomes_unlimited_again() {
        let limiter = Arc::new(RateLimiter::new(None));
        let mut caller = limiter.caller();
        let mut now = Instant::now();
        for _ in 0..500 {
            assert_eq!(caller.ask(now), Ok(()));
            now += Duration::from_millis(10);
        }
        limiter.exhausted(now, None, now);
        limiter.accepted(now);
        let found = limiter.rate(now).unwrap();
        assert!((45.0..55.0).contains(&found), "expected half of 100 a second, found {found}");
        // After one minute the rate is what it was, after two it is unlimited.
        assert!(limiter.rate(now + MINUTE).is_some());
        assert_eq!(limiter.rate(now + 2 * MINUTE + Duration::from_secs(1)), None);
    }

    #[test]
    fn the_rate_never_falls_to_nothing() {
        // One a minute falls no further, and does not grow by falling.
        for (calls, slowest) in [(1, 1.0 / 60.0), (6, 0.1), (600, 0.1)] {
            let limiter = limiter(calls);
            let mut caller = limiter.caller();
            let mut now = Instant::now();
            for _ in 0..100 {
                limiter.exhausted(now, None, now);
                now += Duration::from_millis(1);
                limiter.accepted(now);
            }
            assert_eq!(limiter.rate(now).map(|rate| (rate * 1_000.0).round()), Some((slowest * 1_000.0_f64).round()));
            assert_eq!(caller.ask(now), Ok(()));
            (0..1_000).for_each(|_| limiter.spend(now));
            let next = caller.ask(now).unwrap_err();
            assert!(next <= now + MINUTE, "{:?}", next - now);
        }
    }

    #[test]
    fn a_pause_ends_after_ten_minutes_at_the_latest() {
        let limiter = limiter(600);
        let mut caller = limiter.caller();
        let now = Instant::now();
        limiter.exhausted(now, Some(Duration::MAX), now);
        let end = now + 10 * MINUTE;
        assert_eq!((limiter.paused_until(now), caller.ask(now)), (Some(end), Err(end)));
        assert_eq!((limiter.paused_until(end), caller.ask(end)), (None, Ok(())));
    }

    #[test]
    fn an_accepted_call_ends_the_pause_if_it_began_after_the_refused_one() {
        let second = Duration::from_secs(1);
        let start = Instant::now();
        let limiter = limiter(600);
        let mut caller = limiter.caller();
        let until = start + 31 * second;
        limiter.exhausted(start, Some(30 * second), start + second);
        limiter.accepted(start);
        assert_eq!(caller.ask(start + 2 * second), Err(until));
        limiter.accepted(start + 3 * second);
        assert_eq!(limiter.paused_until(start + 3 * second), None);
        assert_eq!(caller.ask(start + 3 * second), Ok(()));
        // The answers to the same two calls, in the other order.
        limiter.exhausted(start, Some(30 * second), start + 4 * second);
        assert_eq!(limiter.paused_until(start + 4 * second), None);
    }

    #[test]
    fn the_rate_falls_once_until_a_call_is_accepted_and_does_not_grow() {
        let limiter = limiter(600);
        let mut now = Instant::now();
        for _ in 0..100 {
            limiter.exhausted(now, None, now);
            assert_eq!(limiter.rate(now), Some(5.0));
            now += MINUTE;
        }
        // Sent before the rate fell: that quota is used up.
        limiter.accepted(now - 101 * MINUTE);
        limiter.exhausted(now, None, now);
        assert_eq!(limiter.rate(now), Some(5.0));
        limiter.accepted(now);
        limiter.exhausted(now, None, now);
        assert_eq!(limiter.rate(now), Some(2.5));
    }

    /// Two engines share the rate, and one read its clock before its hook took some time.
    #[test]
    fn the_rate_grows_once_for_a_time() {
        let limiter = limiter(60_000);
        let start = Instant::now();
        for _ in 0..4 {
            limiter.exhausted(start, None, start);
            limiter.accepted(start);
        }
        let (before, later) = (limiter.rate(start).unwrap(), start + MINUTE / 6);
        for now in [later, start, later, start, later] {
            limiter.rate(now);
        }
        assert!(limiter.rate(later).unwrap() < before * 1.2);
    }

    /// Direct calls take more than the quota, for ever.
    #[test]
    fn direct_calls_do_not_starve_the_line() {
        let limiter = limiter(60);
        let start = Instant::now();
        let mut callers = [limiter.caller(), limiter.caller()];
        let mut calls = [0, 0];
        for ms in 0..600_000 {
            let now = start + Duration::from_millis(ms);
            if ms % 100 == 0 {
                limiter.spend(now);
            }
            for (calls, caller) in calls.iter_mut().zip(&mut callers) {
                *calls += u32::from(caller.ask(now).is_ok());
            }
        }
        // Each about once in ten seconds.
        assert!(calls.iter().all(|calls| (45..=60).contains(calls)), "{calls:?}");
    }

    #[test]
    fn callers_that_wait_in_line_at_a_slow_rate_do_not_exceed_it() {
        let limiter = limiter(1);
        let start = Instant::now();
        let mut callers: Vec<_> = (0..5).map(|_| limiter.caller()).collect();
        let mut calls = vec![0; 5];
        for tick in 0..6_000 {
            let now = start + Duration::from_millis(100 * tick);
            for (calls, caller) in calls.iter_mut().zip(&mut callers) {
                *calls += u32::from(caller.ask(now).is_ok());
            }
        }
        assert_eq!(calls, [2; 5]);
    }

    #[test]
    fn direct_calls_are_counted() {
        let limiter = limiter(60);
        let now = Instant::now();
        (0..3).for_each(|_| limiter.spend(now));
        assert_eq!(limiter.caller().ask(now), Err(now + Duration::from_secs(3)));
    }
}
