//! When a replay gives up.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::time::Duration;

use talent_events::TrackError;
use talent_events::track::Progress;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// The replay ends if the service is over quota for so long without taking an event.
const OVER_QUOTA: Duration = Duration::from_secs(10 * 60);

/// A further attempt is not told again within this time if another event told of it.
const SILENCE: Duration = Duration::from_secs(5);

/// Counts failed attempts. An outage fails many events at once, so attempts are counted in two ways: those of each event, and
/// those in a row of any event, of which calls at the same time are one.
pub(super) struct Patience {
    attempts: NonZeroU32,
    notes: mpsc::Sender<String>,
    /// The failed attempts of each event that waits, by the number of its line.
    by_line: HashMap<u64, u32>,
    in_a_row: u32,
    last: Option<Instant>,
    over_quota_since: Option<Instant>,
    /// The last attempt that was told.
    told: Option<(u32, Instant)>,
}

/// Why a replay gave up. `line`: `None` if it is no event's fault.
pub(super) struct GaveUp {
    pub(super) line: Option<u64>,
    pub(super) error: String,
}

impl Patience {
    pub(super) fn new(attempts: NonZeroU32, notes: mpsc::Sender<String>) -> Self {
        Self { attempts, notes, by_line: HashMap::new(), in_a_row: 0, last: None, over_quota_since: None, told: None }
    }

    /// The service took or refused this event, so it is there.
    pub(super) fn answered(&mut self, line: u64) {
        self.by_line.remove(&line);
        (self.in_a_row, self.over_quota_since) = (0, None);
    }

    /// Breaks with the reason if the replay is to end.
    pub(super) fn failed(&mut self, line: u64, error: &TrackError, took: Duration) -> ControlFlow<GaveUp> {
        let now = Instant::now();
        let give_up = |line| ControlFlow::Break(GaveUp { line, error: error.to_string() });
        match error {
            TrackError::NotPermitted { .. } => return give_up(Some(line)),
            // The quota is no failure of the service. It only takes time.
            TrackError::OverQuota { retry_after, .. } => {
                if now >= *self.over_quota_since.get_or_insert(now) + OVER_QUOTA {
                    return give_up(None);
                }
                let waits = match retry_after {
                    Some(asked) => format!("waiting {:.1?}", (*asked).min(OVER_QUOTA)),
                    None => "sending more slowly".into(),
                };
                self.tell(0, now, || format!("{waits}: {error}"));
                return ControlFlow::Continue(());
            }
            _ => {}
        }
        // A call that began before the last failure was known failed together with that one.
        let is_further = self.last.is_none_or(|last| now.checked_sub(took).is_some_and(|begun| begun >= last));
        if self.in_a_row == 0 || is_further {
            self.in_a_row += 1;
            self.last = Some(now);
        }
        let of_line = self.by_line.entry(line).or_default();
        *of_line += 1;
        let (of_line, attempts) = (*of_line, self.attempts.get());
        if self.in_a_row >= attempts {
            return give_up(None);
        }
        if of_line >= attempts {
            return give_up(Some(line));
        }
        let attempt = of_line.max(self.in_a_row) + 1;
        self.tell(attempt, now, || {
            let what = match error {
                TrackError::Unavailable { progress: Progress::NotSent | Progress::ConnectionLost, .. } => {
                    "not reachable"
                }
                _ => "not taken",
            };
            format!("{what}, trying again ({attempt} of {attempts}): {error}")
        });
        ControlFlow::Continue(())
    }

    /// Says once that events are tried again which failed together.
    fn tell(&mut self, attempt: u32, now: Instant, words: impl FnOnce() -> String) {
        if self.told.is_some_and(|(last, at)| attempt <= last && now < at + SILENCE) {
            return;
        }
        self.told = Some((attempt, now));
        // Nothing waits for a note, and a lost one is no loss.
        let _ = self.notes.try_send(words());
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, sleep};

    use super::*;

    fn patience(attempts: u32) -> (Patience, mpsc::Receiver<String>) {
        let (notes, noted) = mpsc::channel(100);
        (Patience::new(NonZeroU32::new(attempts).unwrap(), notes), noted)
    }

    fn unavailable() -> TrackError {
        TrackError::Unavailable {
            message: "down".into(),
            retry_after: None,
            source: None,
            progress: Progress::MaybeSent,
        }
    }

    fn over_quota() -> TrackError {
        TrackError::OverQuota { retry_after: Some(Duration::from_secs(60)), message: "all of it".into() }
    }

    #[tokio::test(start_paused = true)]
    async fn events_that_fail_together_are_one_attempt_and_told_once() {
        let (mut patience, mut noted) = patience(3);
        let call = Duration::from_millis(10);
        for round in 1..3 {
            sleep(call).await;
            for line in 1..=9 {
                assert!(patience.failed(line, &unavailable(), call).is_continue(), "round {round}");
            }
            let next = round + 1;
            let told = noted.try_recv().unwrap();
            assert_eq!(told, format!("not taken, trying again ({next} of 3): the service is unavailable: down"));
            assert!(noted.try_recv().is_err(), "once for all");
        }
        sleep(call).await;
        let ControlFlow::Break(gave_up) = patience.failed(7, &unavailable(), call) else { panic!("the third") };
        assert_eq!(gave_up.line, None, "it is no event's fault");
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_that_fails_while_others_do_not_is_named() {
        let (mut patience, _noted) = patience(3);
        for _ in 0..2 {
            assert!(patience.failed(7, &unavailable(), Duration::ZERO).is_continue());
            advance(Duration::from_secs(1)).await;
            patience.answered(8);
        }
        let ControlFlow::Break(gave_up) = patience.failed(7, &unavailable(), Duration::ZERO) else {
            panic!("the third")
        };
        assert_eq!(gave_up.line, Some(7));
    }

    #[tokio::test(start_paused = true)]
    async fn the_quota_alone_is_waited_out_for_ten_minutes() {
        let (mut patience, _noted) = patience(1);
        // One event that is taken in between begins the time anew.
        for _ in 0..2 {
            patience.answered(1);
            let mut pauses = 0;
            while patience.failed(2, &over_quota(), Duration::ZERO).is_continue() {
                advance(Duration::from_secs(60)).await;
                pauses += 1;
            }
            assert_eq!(pauses, 10);
        }
    }
}
