//! How long to wait before trying again.

use std::time::Duration;

/// Full jitter: anything from nothing to a bound that doubles with each failure, so that many who failed together do not
/// come back together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    pub(super) first: Duration,
    pub(super) longest: Duration,
}

impl Backoff {
    /// After this many failures, one or more.
    pub(super) fn after(&self, failures: u32) -> Duration {
        self.bound(failures).mul_f64(fastrand::f64())
    }

    pub(super) fn bound(&self, failures: u32) -> Duration {
        let doubled = 2u32.saturating_pow(failures.saturating_sub(1));
        self.first.saturating_mul(doubled).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_up_to_the_longest_and_no_further() {
        let backoff = Backoff { first: Duration::from_millis(100), longest: Duration::from_secs(10) };
        let bounds: Vec<_> = [0, 1, 2, 3, 7, 8, 40, u32::MAX].map(|n| backoff.bound(n).as_millis()).into();
        assert_eq!(bounds, [100, 100, 200, 400, 6_400, 10_000, 10_000, 10_000]);
        let waits: Vec<_> = (0..200).map(|_| backoff.after(2)).collect();
        assert!(waits.iter().all(|wait| *wait <= Duration::from_millis(200)));
        assert!(waits.iter().any(|wait| *wait < Duration::from_millis(50)), "full jitter begins at nothing");
    }
}
