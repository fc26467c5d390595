//! When the next event may be sent.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use talent_events_emulator::Quota;
use tokio::time::{Instant, sleep_until};

pub(super) struct Pace {
    /// Between one event and the next.
    step: Duration,
    next: Mutex<Instant>,
}

impl Pace {
    /// Evenly: a bucket that is full at first would send more than the quota in its first period.
    pub(super) fn new(quota: Option<Quota>) -> Self {
        let step = quota.map(|quota| quota.period() / quota.calls()).unwrap_or_default();
        Self { step, next: Mutex::new(Instant::now()) }
    }

    /// Waits for the caller's turn.
    pub(super) async fn turn(&self) {
        let at = {
            let mut next = self.next();
            let at = (*next).max(Instant::now());
            *next = at + self.step;
            at
        };
        sleep_until(at).await;
    }

    /// No turn before this time is over.
    pub(super) fn pause(&self, pause: Duration) {
        let mut next = self.next();
        *next = (*next).max(Instant::now() + pause);
    }

    fn next(&self) -> MutexGuard<'_, Instant> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_come_evenly_and_after_a_pause() {
        let pace = Pace::new(Some("60/min".parse().unwrap()));
        let start = Instant::now();
        for _ in 0..4 {
            pace.turn().await;
        }
        assert_eq!(start.elapsed().as_secs(), 3);
        pace.pause(Duration::from_secs(10));
        pace.turn().await;
        assert_eq!(start.elapsed().as_secs(), 13);
    }
}
