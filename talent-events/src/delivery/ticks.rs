//! Times of expiry in 4 bytes.

use std::time::Duration;

use tokio::time::Instant;

/// 32 bits of 50 ms are 6.8 years. Events that are queued after that never expire.
const TICK: Duration = Duration::from_millis(TICK_MS);
const TICK_MS: u64 = 50;
const TICKS_A_SECOND: u64 = 1_000 / TICK_MS;

/// A tick that never comes.
pub(super) const NEVER: u32 = u32::MAX;

/// Counts ticks from its start.
#[derive(Debug)]
pub(super) struct Clock(Instant);

impl Clock {
    pub(super) fn new(began: Instant) -> Self {
        Self(began)
    }

    /// The tick of this moment. The last tick before [`NEVER`] does not end.
    pub(super) fn tick(&self, at: Instant) -> u32 {
        let since = at.saturating_duration_since(self.0);
        let ticks = since.as_secs().saturating_mul(TICKS_A_SECOND) + u64::from(since.subsec_millis()) / TICK_MS;
        u32::try_from(ticks).unwrap_or(NEVER).min(NEVER - 1)
    }

    /// When the tick begins; `None` for [`NEVER`].
    pub(super) fn begin(&self, tick: u32) -> Option<Instant> {
        (tick != NEVER).then(|| self.0 + TICK * tick)
    }
}

/// A time in ticks: rounded up, and one more for the tick that has begun, so that nothing expires early.
pub(super) fn ticks_for(time: Duration) -> u32 {
    let ticks = time.as_millis().div_ceil(u128::from(TICK_MS)) + 1;
    u32::try_from(ticks).unwrap_or(NEVER)
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

    #[test]
    fn a_tick_begins_when_it_is_that_tick() {
        let clock = Clock::new(Instant::now());
        for tick in [0, 1, 7, 1_000_000, NEVER - 1] {
            let begins = clock.begin(tick).unwrap();
            assert_eq!(clock.tick(begins), tick);
            assert_eq!(clock.tick(begins + TICK - Duration::from_millis(1)), tick);
        }
        assert_eq!(ticks_for(Duration::from_millis(51)), 3);
    }

    #[test]
    fn after_the_last_tick_what_comes_does_not_expire() {
        let (began, clock) = (Instant::now(), Clock::new(Instant::now()));
        for years in [7, 70] {
            let present = clock.tick(began + YEAR * years);
            assert!(present.saturating_add(ticks_for(YEAR)) > present, "after {years} years all expires at once");
        }
        assert_eq!(clock.begin(NEVER), None);
    }
}
