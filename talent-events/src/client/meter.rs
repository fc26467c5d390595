//! A rate of the last seconds.

use std::time::Duration;

use tokio::time::Instant;

/// Counts by the second, and remembers the last ten seconds.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    began: Option<Instant>,
    /// The second of the latest count, counted from `began`.
    second: u64,
    counts: [u64; Self::SECONDS],
}

impl Meter {
    const SECONDS: usize = 10;

    pub(crate) fn count(&mut self, now: Instant) {
        self.advance(now);
        self.counts[self.second as usize % Self::SECONDS] += 1;
    }

    /// Per second. 0 if nothing was counted.
    pub(crate) fn rate(&mut self, now: Instant) -> f64 {
        let Some(began) = self.began else { return 0.0 };
        self.advance(now);
        // The present second is not over, so it counts in part.
        let seen = now.saturating_duration_since(began).as_secs_f64();
        let window = (Self::SECONDS as f64 - 1.0 + seen.fract()).min(seen).max(0.1);
        self.counts.iter().sum::<u64>() as f64 / window
    }

    fn advance(&mut self, now: Instant) {
        let began = *self.began.get_or_insert(now);
        let second = now.saturating_duration_since(began).as_secs();
        // After a longer pause all counts are old.
        if second >= self.second + Self::SECONDS as u64 {
            self.counts = [0; Self::SECONDS];
            self.second = second;
        }
        while self.second < second {
            self.second += 1;
            self.counts[self.second as usize % Self::SECONDS] = 0;
        }
    }
}

/// How long this many take at this rate. `None` if the rate is 0, or the time too long for a `Duration`.
pub(crate) fn time_for(count: u64, per_second: f64) -> Option<Duration> {
    if count == 0 {
        return Some(Duration::ZERO);
    }
    Duration::try_from_secs_f64(count as f64 / per_second).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_seconds_count() {
        let start = Instant::now();
        let mut meter = Meter::default();
        assert_eq!(meter.rate(start), 0.0);
        // 100 a second, then 10 a second.
        let at = |ms| start + Duration::from_millis(ms);
        (0..2_000).for_each(|n| meter.count(at(n * 10)));
        assert!((95.0..105.0).contains(&meter.rate(at(20_000))), "{}", meter.rate(at(20_000)));
        (0..200).for_each(|n| meter.count(at(20_000 + n * 100)));
        assert!((9.0..11.0).contains(&meter.rate(at(40_000))), "{}", meter.rate(at(40_000)));
        assert_eq!(meter.rate(at(60_000)), 0.0);
    }

    #[test]
    fn without_a_rate_there_is_no_time() {
        assert_eq!(time_for(0, 0.0), Some(Duration::ZERO));
        assert_eq!(time_for(10, 0.0), None);
        assert_eq!(time_for(10, 5.0), Some(Duration::from_secs(2)));
    }
}
