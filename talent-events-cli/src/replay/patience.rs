//! When a replay gives up.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::time::Duration;

use talent_events::TrackError;
use talent_events::delivery::FailedAttempt;
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
    pub(super) fn failed(&mut self, failed: &FailedAttempt<'_>) -> ControlFlow<GaveUp> {
        let (now, error) = (Instant::now(), failed.error);
        let give_up = |line| ControlFlow::Break(GaveUp { line, error: error.to_string() });
        match error {
            TrackError::NotPermitted { .. } => return give_up(Some(failed.position)),
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
        let is_further = self.last.is_none_or(|last| now.checked_sub(failed.took).is_some_and(|begun| begun >= last));
        if self.in_a_row == 0 || is_further {
            self.in_a_row += 1;
            self.last = Some(now);
        }
        let of_line = self.by_line.entry(failed.position).or_default();
        *of_line += 1;
        let (of_line, attempts) = (*of_line, self.attempts.get());
        if self.in_a_row >= attempts {
            return give_up(None);
        }
        if of_line >= attempts {
            return give_up(Some(failed.position));
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
