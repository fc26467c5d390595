//! How fast events are sent.
//!
//! Written here and not taken from a crate: the pace changes while it is kept, and runs on tokio's clock, which tests
//! can pause. It is one number and the time of the next call.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::InvalidField;

use super::meter::Meter;
use super::sync::{Mutex, lock};

/// How many calls the service grants in which time.
///
/// Google's default is 300 calls a minute and project, other groups have 3,000 and more (Google, as of 2021); which
/// group this call falls in is not known, so no pace is assumed.
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

    pub(crate) fn check(self) -> Result<Self, InvalidField> {
        match self.per_minute {
            1..=MAX_PER_MINUTE => Ok(self),
            other => Err(InvalidField::new("quota", format!("{other} calls a minute"), "1 to 60000000 calls a minute")),
        }
    }

    fn per_second(self) -> f64 {
        f64::from(self.per_minute) / 60.0
    }
}

/// The pace that all who send over one client keep together.
///
/// It halves when the service says that it is over quota, and again only if calls were answered at the half. It doubles
/// with every minute after that, up to the quota, or where none is set to twice what it was before it fell; then no pace
/// is kept again.
#[derive(Debug)]
pub(crate) struct Pace(Mutex<State>);

#[derive(Debug)]
struct State {
    quota: Option<f64>,
    /// Calls a second; `None`: as fast as they come.
    rate: Option<f64>,
    /// Up to where `rate` has to recover, for there to be none again.
    until_rate: f64,
    /// When `rate` was last looked at, and grew.
    grown: Instant,
    next: Option<Instant>,
    paused_until: Option<Instant>,
    /// Calls sent before do not tell of the pace kept since.
    fell: Option<Instant>,
    /// Whether one was answered that was sent since: until then nobody knows whether `rate` is right.
    answered: bool,
    sent: Meter,
    users: u64,
    /// Who was told to wait, in order: with several, the first to wake would else be the first each time.
    turns: VecDeque<Waiting>,
}

/// One of those who share a pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct User(u64);

#[derive(Debug)]
struct Waiting {
    user: User,
    since: Instant,
    /// How many had come before.
    ahead: u32,
}

/// A timer's resolution is a millisecond: who was woken too late may catch up as much.
const CATCH_UP: Duration = Duration::from_millis(10);
/// What calls beside the queue may take from its future, and so how long they may keep it from sending at all.
const MAX_DEBT: Duration = Duration::from_secs(10);
/// Who does not come for so long has lost its turn …
const TURN: Duration = Duration::from_millis(20);
/// … and whose turn it is not asks again then.
const ASK_AGAIN: Duration = Duration::from_millis(2);
const DOUBLES_IN: Duration = Duration::from_secs(60);
/// One call in ten seconds: below, nobody would notice that it recovers. A quota may be lower, and then it falls no
/// further.
const SLOWEST: f64 = 0.1;

impl Pace {
    pub(crate) fn new(quota: Option<Quota>) -> Self {
        let quota = quota.map(Quota::per_second);
        Self(Mutex::new(State {
            quota,
            rate: quota,
            until_rate: f64::INFINITY,
            grown: Instant::now(),
            next: None,
            paused_until: None,
            fell: None,
            answered: true,
            sent: Meter::default(),
            users: 0,
            turns: VecDeque::new(),
        }))
    }

    /// One more who shares this pace.
    pub(crate) fn user(&self) -> User {
        let mut state = lock(&self.0);
        state.users += 1;
        User(state.users)
    }

    /// Takes the right to make one call now, or says when to ask again.
    pub(crate) fn admit(&self, user: User, now: Instant) -> Result<(), Instant> {
        let mut state = lock(&self.0);
        state.grow(now);
        if let Some(until) = state.paused_until {
            if now < until {
                return Err(until);
            }
            state.paused_until = None;
            // All have waited alike.
            state.turns.clear();
        }
        if let (Some(rate), Some(next)) = (state.rate, state.next)
            && let Some(again) = state.turn(user, next, interval(rate), now)
        {
            return Err(again);
        }
        state.take(now);
        Ok(())
    }

    /// A call that waits for nobody.
    pub(crate) fn spend(&self, now: Instant) {
        let mut state = lock(&self.0);
        state.grow(now);
        state.take(now);
    }

    /// The service asked to wait so long, if it did.
    pub(crate) fn pause(&self, now: Instant, wait: Option<Duration>) {
        let Some(wait) = wait else { return };
        let mut state = lock(&self.0);
        state.grow(now);
        state.paused_until = state.paused_until.max(Some(later(now, wait)));
    }

    /// The service said that a call made at `sent` was over quota.
    pub(crate) fn exhausted(&self, sent: Instant, now: Instant) {
        let mut state = lock(&self.0);
        if !state.answered || state.fell.is_some_and(|fell| sent < fell) {
            return;
        }
        state.grow(now);
        let before = match state.rate {
            Some(rate) => rate,
            None => state.sent.rate(now).max(2.0 * SLOWEST),
        };
        if state.quota.is_none() && state.rate.is_none() {
            state.until_rate = 2.0 * before;
        }
        state.rate = Some((before / 2.0).max(SLOWEST.min(before)));
        state.fell = Some(now);
        state.answered = false;
    }

    /// The service answered a call made at `sent`, and did not say that it was over quota.
    pub(crate) fn answered(&self, sent: Instant) {
        let mut state = lock(&self.0);
        if !state.answered && state.fell.is_none_or(|fell| sent >= fell) {
            state.answered = true;
            state.grown = state.grown.max(sent);
        }
    }

    /// Calls a second, where a pace is kept.
    pub(crate) fn rate(&self, now: Instant) -> Option<f64> {
        let mut state = lock(&self.0);
        state.grow(now);
        state.rate
    }

    /// Until when the service asked to send nothing, where that is to come.
    pub(crate) fn paused_until(&self, now: Instant) -> Option<Instant> {
        lock(&self.0).paused_until.filter(|until| now < *until)
    }
}

impl State {
    fn grow(&mut self, now: Instant) {
        let since = self.paused_until.map_or(self.grown, |until| self.grown.max(until));
        // Who shares the pace may have looked at the clock some time ago.
        self.grown = self.grown.max(now);
        let Some(rate) = self.rate else { return };
        let ceiling = self.quota.unwrap_or(self.until_rate);
        if self.answered && rate < ceiling {
            let doublings = now.saturating_duration_since(since).as_secs_f64() / DOUBLES_IN.as_secs_f64();
            let grown = rate * doublings.exp2();
            self.rate = if grown < ceiling { Some(grown) } else { self.quota };
        }
    }

    /// Whether it is this one's turn at a call that may be made from `next` on; if not, when to ask again.
    ///
    /// Calls that wait for nobody push `next` ahead of them. So who has waited for longer than its turn can take without
    /// them goes all the same.
    fn turn(&mut self, user: User, next: Instant, interval: Duration, now: Instant) -> Option<Instant> {
        if next + TURN <= now {
            self.turns.clear();
        }
        if interval <= ASK_AGAIN {
            // To wait for a turn would take longer than the turn.
            return (now < next).then_some(next);
        }
        let place = self.turns.iter().position(|waiting| waiting.user == user);
        let (since, ahead) = match place.map(|place| &self.turns[place]) {
            Some(waiting) => (waiting.since, waiting.ahead),
            None => (now, self.turns.len() as u32),
        };
        let latest = later(since, interval.saturating_mul(ahead + 1).saturating_add(MAX_DEBT));
        if now >= latest || (now >= next && (place == Some(0) || self.turns.is_empty())) {
            place.map(|place| self.turns.remove(place));
            return None;
        }
        if place.is_none() {
            self.turns.push_back(Waiting { user, since: now, ahead });
        }
        Some(if now < next { next.min(latest) } else { now + ASK_AGAIN })
    }

    fn take(&mut self, now: Instant) {
        self.sent.count(now);
        let Some(rate) = self.rate else { return };
        let interval = interval(rate);
        let from = match self.next {
            Some(next) => next.max(now.checked_sub(CATCH_UP).unwrap_or(now)),
            None => now,
        };
        self.next = Some((from + interval).min(now + MAX_DEBT.max(interval)));
    }
}

/// From one call to the next.
fn interval(rate: f64) -> Duration {
    Duration::from_secs_f64(1.0 / rate)
}

/// A service may ask for a pause that no clock can tell the end of.
pub(super) fn later(now: Instant, wait: Duration) -> Instant {
    const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    now + wait.min(A_YEAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: User = User(0);
    const MINUTE: Duration = Duration::from_secs(60);

    /// Calls admitted from `start` for this long, by somebody who asks whenever told to.
    fn admitted(pace: &Pace, start: Instant, length: Duration) -> u32 {
        let (mut now, mut calls) = (start, 0);
        while now < start + length {
            match pace.admit(ME, now) {
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
            let pace = Pace::new(Some(Quota::per_minute(calls)));
            let mut start = Instant::now();
            for _ in 0..3 {
                let seen = admitted(&pace, start, MINUTE);
                assert!(allowed.contains(&seen), "{seen} of {calls}");
                start += MINUTE;
            }
            // Idle time is not saved up.
            let seen = admitted(&pace, start + 10 * MINUTE, MINUTE);
            assert!(allowed.contains(&seen) || seen == calls + 1, "{seen} of {calls}");
        }
    }

    #[test]
    fn it_falls_once_for_all_that_were_under_way_and_recovers() {
        let pace = Pace::new(Some(Quota::per_minute(600)));
        let start = Instant::now();
        assert_eq!(pace.rate(start), Some(10.0));
        let now = start + Duration::from_secs(1);
        for _ in 0..64 {
            pace.pause(now, Some(Duration::from_secs(5)));
            pace.exhausted(start, now);
        }
        assert_eq!(pace.rate(now), Some(5.0));
        assert_eq!(pace.admit(ME, now + Duration::from_secs(4)), Err(now + Duration::from_secs(5)));
        let open = now + Duration::from_secs(5);
        // Calls beside the queue are made in a pause, too, and do not count as a minute of it.
        pace.spend(now + Duration::from_secs(4));
        assert_eq!(pace.rate(open), Some(5.0));
        pace.answered(open);
        let half_way = pace.rate(open + MINUTE / 2).unwrap();
        assert!((7.0..7.2).contains(&half_way), "{half_way}");
        assert_eq!(pace.rate(open + MINUTE), Some(10.0));
        assert_eq!(pace.rate(open + 9 * MINUTE), Some(10.0), "no faster than the quota");
    }

    #[test]
    fn without_a_quota_it_is_found_and_given_up_again() {
        let pace = Pace::new(None);
        let start = Instant::now();
        let mut now = start;
        for _ in 0..500 {
            assert_eq!(pace.admit(ME, now), Ok(()));
            now += Duration::from_millis(10);
        }
        pace.exhausted(now, now);
        pace.answered(now);
        let found = pace.rate(now).unwrap();
        assert!((45.0..55.0).contains(&found), "half of 100 a second, and not {found}");
        // Doubled within a minute to what it was, within two to where it is not needed.
        assert!(pace.rate(now + MINUTE).is_some());
        assert_eq!(pace.rate(now + 2 * MINUTE + Duration::from_secs(1)), None);
    }

    #[test]
    fn it_never_stops() {
        // One a minute falls no further, and is not made faster by that.
        for (calls, slowest) in [(1, 1.0 / 60.0), (6, 0.1), (600, 0.1)] {
            let pace = Pace::new(Some(Quota::per_minute(calls)));
            let mut now = Instant::now();
            for _ in 0..100 {
                pace.exhausted(now, now);
                now += Duration::from_millis(1);
                pace.answered(now);
            }
            assert_eq!(pace.rate(now).map(|rate| (rate * 1_000.0).round()), Some((slowest * 1_000.0_f64).round()));
            assert_eq!(pace.admit(ME, now), Ok(()));
            (0..1_000).for_each(|_| pace.spend(now));
            let next = pace.admit(ME, now).unwrap_err();
            assert!(next <= now + MINUTE, "{:?}", next - now);
            pace.pause(now, Some(Duration::MAX));
            assert!(pace.admit(ME, now).is_err());
        }
    }

    #[test]
    fn it_falls_no_further_while_nothing_is_answered_and_does_not_grow() {
        let pace = Pace::new(Some(Quota::per_minute(600)));
        let mut now = Instant::now();
        for _ in 0..100 {
            pace.exhausted(now, now);
            assert_eq!(pace.rate(now), Some(5.0));
            now += MINUTE;
        }
        // Sent before it fell: that quota is used up.
        pace.answered(now - 101 * MINUTE);
        pace.exhausted(now, now);
        assert_eq!(pace.rate(now), Some(5.0));
        pace.answered(now);
        pace.exhausted(now, now);
        assert_eq!(pace.rate(now), Some(2.5));
    }

    /// Two share it, and one looked at its clock before its hook took its time.
    #[test]
    fn it_grows_once_for_a_time() {
        let pace = Pace::new(Some(Quota::per_minute(60_000)));
        let start = Instant::now();
        for _ in 0..4 {
            pace.exhausted(start, start);
            pace.answered(start);
        }
        let (before, later) = (pace.rate(start).unwrap(), start + MINUTE / 6);
        for now in [later, start, later, start, later] {
            pace.rate(now);
        }
        assert!(pace.rate(later).unwrap() < before * 1.2);
    }

    /// Direct calls take more than there is, and for ever.
    #[test]
    fn calls_beside_the_queue_do_not_keep_it_from_sending() {
        let pace = Pace::new(Some(Quota::per_minute(60)));
        let (start, other) = (Instant::now(), User(1));
        let mut calls = [0, 0];
        let mut ask = [start; 2];
        for ms in 0..600_000 {
            let now = start + Duration::from_millis(ms);
            if ms % 100 == 0 {
                pace.spend(now);
            }
            for (index, user) in [ME, other].into_iter().enumerate() {
                if now >= ask[index] {
                    match pace.admit(user, now) {
                        Ok(()) => calls[index] += 1,
                        Err(again) => ask[index] = again,
                    }
                }
            }
        }
        // Once in ten seconds, and one second for each who waits.
        assert!(calls.iter().all(|calls| (45..=60).contains(calls)), "{calls:?}");
    }

    #[test]
    fn who_waits_its_turn_at_a_slow_pace_does_not_go_before() {
        let pace = Pace::new(Some(Quota::per_minute(1)));
        let start = Instant::now();
        let mut calls = 0;
        for tick in 0..6_000 {
            let now = start + Duration::from_millis(100 * tick);
            calls += (0..5).filter(|user| pace.admit(User(*user), now).is_ok()).count();
        }
        assert!((10..=11).contains(&calls), "{calls}");
    }

    #[test]
    fn calls_beside_the_queue_are_counted() {
        let pace = Pace::new(Some(Quota::per_minute(60)));
        let now = Instant::now();
        (0..3).for_each(|_| pace.spend(now));
        assert_eq!(pace.admit(ME, now), Err(now + Duration::from_secs(3)));
    }
}
