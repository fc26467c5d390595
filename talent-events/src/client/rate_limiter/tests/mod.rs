//! A rate limiter on a clock that the tests move.

mod line;
mod simulated;

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
    for (calls, allowed) in [(300, 300..=301), (1, 1..=1), (60_000, 59_900..=60_011)] {
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

#[test]
fn while_every_call_is_refused_there_are_pauses_of_up_to_five_seconds() {
    let limiter = limiter(60_000);
    let mut caller = limiter.caller();
    let mut now = Instant::now();
    limiter.exhausted(now, None, now);
    assert_eq!(limiter.paused_until(now), None, "at half of the rate the quota may do");
    let mut pauses = Vec::new();
    for _ in 0..7 {
        now += Duration::from_secs(1);
        assert_eq!(caller.ask(now), Ok(()));
        limiter.exhausted(now, None, now);
        // Calls that were sent together, and are refused together.
        limiter.exhausted(now, None, now);
        let until = limiter.paused_until(now).expect("a pause");
        pauses.push((until - now).as_millis());
        now = until;
    }
    assert_eq!(pauses, [200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    now += Duration::from_secs(1);
    limiter.accepted(now);
    limiter.exhausted(now, None, now);
    assert_eq!((limiter.rate(now), limiter.paused_until(now)), (Some(250.0), None), "the quota is partly there");
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
    for tick in 0..60_000 {
        let now = start + Duration::from_millis(10 * tick);
        if tick % 10 == 0 {
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
