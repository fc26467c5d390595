//! When the next event may be sent.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use talent_events_emulator::Quota;
use tokio::time::{Instant, sleep_until};

/// The longest pause that is kept, whatever a service asks for.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// For so long the service may be over quota without taking any event.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

pub(super) struct Pace {
    /// Between one event and the next.
    step: Duration,
    /// Whoever holds it is the next to go, in the order in which they came.
    queue: tokio::sync::Mutex<()>,
    next: Mutex<Instant>,
    /// Since when there are only pauses.
    paused: Mutex<Option<Instant>>,
}

impl Pace {
    /// Evenly: a bucket that is full at first would send more than the quota in its first period.
    pub(super) fn new(quota: Option<Quota>) -> Self {
        let step = quota.map(|quota| quota.period() / quota.calls()).unwrap_or_default();
        Self { step, queue: Default::default(), next: Mutex::new(Instant::now()), paused: Mutex::default() }
    }

    /// Waits for the caller's turn.
    pub(super) async fn turn(&self) {
        let mut at = Instant::now();
        let _first = self.queue.lock().await;
        loop {
            {
                // A pause may have come meanwhile.
                let mut next = lock(&self.next);
                at = at.max(*next);
                if at <= Instant::now() {
                    *next = at + self.step;
                    return;
                }
            }
            sleep_until(at).await;
        }
    }

    /// Over quota: no turn before this time is over. `false` where there have been only pauses for too long.
    pub(super) fn pause(&self, pause: Duration) -> bool {
        let now = Instant::now();
        let mut next = lock(&self.next);
        *next = (*next).max(now + pause.min(LONGEST_PAUSE));
        now < *lock(&self.paused).get_or_insert(now) + PATIENCE
    }

    /// An event was taken.
    pub(super) fn taken(&self) {
        *lock(&self.paused) = None;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::task::JoinSet;

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

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_for_those_who_wait_already() {
        let pace = Arc::new(Pace::new(Some("60/min".parse().unwrap())));
        let start = Instant::now();
        let mut turns = JoinSet::new();
        for _ in 0..4 {
            let pace = Arc::clone(&pace);
            turns.spawn(async move {
                pace.turn().await;
                start.elapsed().as_secs()
            });
        }
        assert_eq!(turns.join_next().await.unwrap().unwrap(), 0);
        pace.pause(Duration::from_secs(20));
        assert_eq!(turns.join_all().await, [20, 21, 22]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_pause_is_longer_than_an_hour() {
        let pace = Pace::new(None);
        let start = Instant::now();
        pace.pause(Duration::MAX);
        pace.turn().await;
        assert_eq!(start.elapsed().as_secs(), 3600);
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_alone_are_not_waited_out_for_ever() {
        let pace = Pace::new(None);
        let mut pauses = 0;
        // One that took something in between begins anew.
        for _ in 0..2 {
            pace.taken();
            while pace.pause(Duration::from_secs(60)) {
                pace.turn().await;
                pauses += 1;
            }
        }
        assert_eq!(pauses, 20);
    }
}
