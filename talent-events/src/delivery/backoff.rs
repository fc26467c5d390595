//! Exponential backoff with full jitter.

use std::time::Duration;

/// A wait whose upper bound doubles with each failure. The wait itself is random, anything from nothing to the bound, so
/// that events which failed together do not come back together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    pub(super) first: Duration,
    pub(super) longest: Duration,
}

impl Backoff {
    /// The upper bound after this many failures, one or more.
    pub(super) fn bound(&self, failures: u32) -> Duration {
        let doubled = 2u32.saturating_pow(failures.saturating_sub(1));
        self.first.saturating_mul(doubled).min(self.longest)
    }
}

/// A random part of this time.
pub(super) fn jitter(bound: Duration) -> Duration {
    bound.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_up_to_the_longest_and_no_further() {
        let backoff = Backoff { first: Duration::from_millis(100), longest: Duration::from_secs(10) };
        let bounds: Vec<_> = [0, 1, 2, 3, 7, 8, 40, u32::MAX].map(|n| backoff.bound(n).as_millis()).into();
        assert_eq!(bounds, [100, 100, 200, 400, 6_400, 10_000, 10_000, 10_000]);
    }

    #[test]
    fn jitter_is_full() {
        let bound = Duration::from_millis(200);
        let waits: Vec<_> = (0..200).map(|_| jitter(bound)).collect();
        assert!(waits.iter().all(|wait| *wait <= bound));
        assert!(waits.iter().any(|wait| *wait < bound / 4) && waits.iter().any(|wait| *wait > bound * 3 / 4));
    }
}
