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
/// It halves when the service says that it is over quota, and doubles with every minute that it does not, up to the
/// quota, or where none is set to twice what it was before it fell; then no pace is kept again.
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
    sent: Meter,
    users: u64,
    /// Who was told to wait, in order: with several, the first to wake would else be the first each time.
    turns: VecDeque<User>,
}

/// One of those who share a pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct User(u64);

/// A timer's resolution is a millisecond: who was woken too late may catch up as much.
const CATCH_UP: Duration = Duration::from_millis(10);
/// What calls beside the queue may take from its future, so that it never stops for longer.
const MAX_DEBT: Duration = Duration::from_secs(10);
/// Who does not come for so long has lost its turn …
const TURN: Duration = Duration::from_millis(20);
/// … and whose turn it is not asks again then.
const ASK_AGAIN: Duration = Duration::from_millis(2);
const DOUBLES_IN: Duration = Duration::from_secs(60);
/// One call in ten seconds: below, nobody would notice that it recovers.
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
        if let Some(until) = state.paused_until {
            if now < until {
                return Err(until);
            }
            state.paused_until = None;
            state.grown = now;
        }
        state.grow(now);
        if let (Some(_), Some(next)) = (state.rate, state.next)
            && let Some(again) = state.turn(user, next, now)
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

    /// The service said that a call made at `sent` was over quota, and may have said how long to wait.
    pub(crate) fn exhausted(&self, sent: Instant, now: Instant, retry_after: Option<Duration>) {
        let mut state = lock(&self.0);
        if let Some(wait) = retry_after {
            let until = later(now, wait);
            state.paused_until = Some(state.paused_until.map_or(until, |other| other.max(until)));
        }
        if state.fell.is_some_and(|fell| sent < fell) {
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
        state.rate = Some((before / 2.0).max(SLOWEST));
        state.fell = Some(now);
        state.grown = now;
    }

    /// Calls a second, where a pace is kept.
    pub(crate) fn rate(&self, now: Instant) -> Option<f64> {
        let mut state = lock(&self.0);
        if state.paused_until.is_none_or(|until| until <= now) {
            state.grow(now);
        }
        state.rate
    }
}

impl State {
    fn grow(&mut self, now: Instant) {
        let Some(rate) = self.rate else { return };
        let ceiling = self.quota.unwrap_or(self.until_rate);
        if rate < ceiling {
            let doublings = now.saturating_duration_since(self.grown).as_secs_f64() / DOUBLES_IN.as_secs_f64();
            let grown = rate * doublings.exp2();
            self.rate = if grown < ceiling { Some(grown) } else { self.quota };
        }
        self.grown = now;
    }

    /// Whether it is this one's turn at a call that may be made from `next` on; if not, when to ask again.
    fn turn(&mut self, user: User, next: Instant, now: Instant) -> Option<Instant> {
        if next + TURN <= now {
            self.turns.clear();
        }
        if now >= next && self.turns.front().is_none_or(|first| *first == user) {
            self.turns.pop_front();
            return None;
        }
        if !self.turns.contains(&user) {
            self.turns.push_back(user);
        }
        Some(if now < next { next } else { now + ASK_AGAIN })
    }

    fn take(&mut self, now: Instant) {
        self.sent.count(now);
        let Some(rate) = self.rate else { return };
        let interval = Duration::from_secs_f64(1.0 / rate);
        let from = match self.next {
            Some(next) => next.max(now.checked_sub(CATCH_UP).unwrap_or(now)),
            None => now,
        };
        self.next = Some((from + interval).min(now + MAX_DEBT.max(interval)));
    }
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
            pace.exhausted(start, now, Some(Duration::from_secs(5)));
        }
        assert_eq!(pace.rate(now), Some(5.0));
        assert_eq!(pace.admit(ME, now + Duration::from_secs(4)), Err(now + Duration::from_secs(5)));
        let open = now + Duration::from_secs(5);
        assert_eq!(pace.admit(ME, open), Ok(()));
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
        pace.exhausted(now, now, None);
        let found = pace.rate(now).unwrap();
        assert!((45.0..55.0).contains(&found), "half of 100 a second, and not {found}");
        // Doubled within a minute to what it was, within two to where it is not needed.
        assert!(pace.rate(now + MINUTE).is_some());
        assert_eq!(pace.rate(now + 2 * MINUTE + Duration::from_secs(1)), None);
    }

    #[test]
    fn it_never_stops() {
        let pace = Pace::new(Some(Quota::per_minute(1)));
        let mut now = Instant::now();
        for _ in 0..100 {
            pace.exhausted(now, now, None);
            now += Duration::from_millis(1);
        }
        assert_eq!(pace.rate(now), Some(SLOWEST));
        assert_eq!(pace.admit(ME, now), Ok(()));
        (0..1_000).for_each(|_| pace.spend(now));
        let next = pace.admit(ME, now).unwrap_err();
        assert!(next <= now + Duration::from_secs(60), "{:?}", next - now);
        pace.exhausted(now, now, Some(Duration::MAX));
        assert!(pace.admit(ME, now).is_err());
    }

    #[test]
    fn calls_beside_the_queue_are_counted() {
        let pace = Pace::new(Some(Quota::per_minute(60)));
        let now = Instant::now();
        (0..3).for_each(|_| pace.spend(now));
        assert_eq!(pace.admit(ME, now), Err(now + Duration::from_secs(3)));
    }
}
