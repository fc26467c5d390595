//! Limits how often a warning is logged.

use std::time::Duration;

use tokio::time::Instant;

/// The minimum time between two warnings.
const INTERVAL: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct LogLimit {
    last: Option<Instant>,
    suppressed: u64,
}

impl LogLimit {
    /// The number of warnings that were suppressed since the last one, if a warning may be logged now.
    pub(super) fn allow(&mut self, now: Instant) -> Option<u64> {
        if self.last.is_some_and(|last| now < last + INTERVAL) {
            self.suppressed += 1;
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_warning_in_ten_seconds() {
        let (mut limit, start) = (LogLimit::default(), Instant::now());
        let allowed: Vec<_> =
            (0..40).filter_map(|n| Some((n, limit.allow(start + n * Duration::from_secs(1))?))).collect();
        assert_eq!(allowed, [(0, 0), (10, 9), (20, 9), (30, 9)]);
    }
}
