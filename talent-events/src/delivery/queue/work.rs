//! What the worker takes, and what it says of it.

use std::sync::Arc;
use std::task::Context;

use tokio::time::Instant;

use super::super::priority::Priority;
use super::super::source::{Blame, End, Source, Sweep, Take, Turn};
use super::after::After;
use super::classes::{Row, Tried};
use super::{AT_ONCE, Phase, Queue, State};
use crate::TrackError;
use crate::delivery::{Overflow, Undelivered};
use crate::track::Code;

impl Source for Queue {
    type Key = usize;

    fn take(
        &self,
        cx: &mut Context<'_>,
        now: Instant,
        turn: Turn,
        admit: impl FnOnce() -> Result<(), Instant>,
    ) -> Take<usize> {
        self.bell.listen(cx.waker());
        let taken = self.change(|state, after| self.take_next(state, now, turn, admit, after));
        if matches!(taken, Take::Stop) {
            self.drop_abandoned();
        }
        taken
    }

    fn settle(&self, key: usize, end: End, now: Instant) {
        self.change(|state, after| {
            // Gone where the queue was stopped meanwhile.
            let Some(mut tried) = state.flying.try_remove(key) else { return };
            state.ends += 1;
            match end {
                End::Delivered => {
                    state.delivered = state.delivered.max(tried.began);
                    state.delivering.count(now);
                    self.end(state, tried.entry, Ok(()), after);
                }
                End::Rejected(error) => {
                    if matches!(&error, TrackError::Rejected(why) if why.code == Code::NotFound) {
                        // What convicted this one convicts no more: the next needs another delivery.
                        state.delivered = 0;
                    }
                    self.end(state, tried.entry, Err(Undelivered::Rejected(Arc::new(error))), after);
                }
                End::Again { after: wait, blame, error } => {
                    // The first failures of an outage seem to be their events'.
                    tried.attempts += u32::from(blame == Blame::Event && tried.suspect);
                    tried.failed = state.ends;
                    tried.in_doubt |= matches!(error, TrackError::TimedOut { .. } | TrackError::Unavailable { .. });
                    tried.last = Some(Arc::new(brief(error)));
                    if tried.entry.expires <= self.clock.tick(now) {
                        self.end(state, tried.entry, Err(Undelivered::Expired(tried.last)), after);
                    } else {
                        self.again(state, tried, now + wait, now, after);
                    }
                }
            }
        });
    }

    fn sweep(&self, cx: &mut Context<'_>, now: Instant) -> Sweep {
        self.bell.listen(cx.waker());
        let next = self.change(|state, after| {
            self.expire(state, now, AT_ONCE, after);
            (!state.stops(now)).then(|| self.looks_again(state))
        });
        if next.is_none() {
            self.drop_abandoned();
        }
        next.map_or(Sweep::Stop, Sweep::NotBefore)
    }

    fn recover(&self, now: Instant) {
        self.change(|state, after| {
            let flying: Vec<Tried> = state.flying.drain().collect();
            for mut tried in flying {
                tried.attempts += 1;
                tried.in_doubt = true;
                self.again(state, tried, now, now, after);
            }
        });
    }

    fn gone(&self) {
        // In this order: should the last handle go in between, it finds the queue stopped.
        self.stop();
        self.drop_abandoned();
    }
}

impl Queue {
    fn take_next(
        &self,
        state: &mut State,
        now: Instant,
        turn: Turn,
        admit: impl FnOnce() -> Result<(), Instant>,
        after: &mut After,
    ) -> Take<usize> {
        if state.stops(now) {
            return Take::Stop;
        }
        self.expire(state, now, AT_ONCE, after);
        if after.ended > 0 {
            // These are told of first, whatever happens next; it goes on at once.
            return Take::NotBefore(Some(now));
        }
        let Some((class, row)) = state.next(turn) else {
            state.idle = true;
            return Take::NotBefore(self.looks_again(state));
        };
        if let Err(until) = admit() {
            return Take::NotBefore(self.looks_again(state).into_iter().chain([until]).min());
        }
        let Some(mut tried) = state.classes[class].pop(row) else { return Take::NotBefore(Some(now)) };
        tried.began = state.ends;
        let suspect = (1..=state.delivered).contains(&tried.failed);
        tried.suspect |= suspect;
        let event = tried.entry.contents.clone().event_for(self.tenant.clone());
        let attempt = tried.attempts + 1;
        let in_doubt = tried.in_doubt;
        Take::Event { key: state.flying.insert(tried), event, attempt, suspect, in_doubt }
    }

    /// Lets go of what is too old, so many at most and as far as it has come to the front: an event with a shorter time than those before it
    /// expires when they are gone.
    pub(super) fn expire(&self, state: &mut State, now: Instant, most: usize, after: &mut After) {
        let present = self.clock.tick(now);
        for class in 0..Priority::COUNT {
            while after.ended < most
                && let Some(tried) = state.classes[class].pop_expired(now, present)
            {
                self.end(state, tried.entry, Err(Undelivered::Expired(tried.last)), after);
            }
        }
    }

    /// When the worker has to look again though nothing new comes.
    fn looks_again(&self, state: &mut State) -> Option<Instant> {
        state.looks_at = state.first_expires();
        let delayed = state.classes.iter().filter_map(|class| class.due());
        delayed.chain(self.clock.begin(state.looks_at)).chain(state.deadline()).min()
    }

    /// It is sent again at that time, unless that was tried too often; where it expires before, that is noticed in time.
    fn again(&self, state: &mut State, tried: Tried, at: Instant, now: Instant, after: &mut After) {
        if tried.attempts >= self.limits.max_attempts {
            return self.end(state, tried.entry, Err(Undelivered::Expired(tried.last)), after);
        }
        state.stats.retried += 1;
        if self.limits.overflow == Overflow::DropOldest {
            // On its way it could not make room, and now it can.
            state.line.tell_first(&mut after.wakers);
        }
        let class = state.class(self.limits.priorities.of(tried.entry.contents.event_type()));
        if at <= now {
            class.put_back(tried);
        } else {
            let expires = self.clock.begin(tried.entry.expires);
            class.delay(tried, expires.map_or(at, |expires| expires.min(at)));
        }
    }
}

/// What is kept for each event that waits, and so has a limit.
fn brief(mut error: TrackError) -> TrackError {
    const MOST: usize = 256;
    match &mut error {
        TrackError::Unavailable { message, source, .. } | TrackError::NotPermitted { message, source } => {
            message.truncate(message.floor_char_boundary(MOST));
            message.shrink_to_fit();
            *source = None;
        }
        TrackError::OverQuota { message, .. } => {
            message.truncate(message.floor_char_boundary(MOST));
            message.shrink_to_fit();
        }
        TrackError::Rejected(_)
        | TrackError::Invalid(_)
        | TrackError::TimedOut { .. }
        | TrackError::QueueFull
        | TrackError::ShutDown => {}
    }
    error
}

impl State {
    /// What goes next, and of which class.
    fn next(&self, turn: Turn) -> Option<(usize, Row)> {
        let mut classes = self.classes.iter().enumerate();
        match turn {
            Turn::Usual => classes.find_map(|(index, class)| Some((index, class.first()?))),
            Turn::Probe => {
                let fresh = classes.clone().find(|(_, class)| class.has_fresh());
                let again = || {
                    let failed = classes.filter_map(|(index, class)| Some((class.failed()?, index)));
                    failed.min().map(|(_, index)| (index, Row::Again))
                };
                fresh.map(|(index, _)| (index, Row::Fresh)).or_else(again)
            }
        }
    }

    fn stops(&self, now: Instant) -> bool {
        match self.phase {
            Phase::Open => false,
            Phase::Closing(end) => end <= now || self.stats.waiting == 0,
            Phase::Abandoned | Phase::Stopped => true,
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self.phase {
            Phase::Closing(end) => Some(end),
            _ => None,
        }
    }
}

#[cfg(all(test, not(talent_loom)))]
mod tests {
    use crate::track::Progress;

    use super::*;

    #[test]
    fn an_error_that_is_kept_is_short() {
        let source = Some("a long tale".into());
        let error = TrackError::Unavailable {
            message: "ä".repeat(10_000),
            retry_after: None,
            source,
            progress: Progress::NotSent,
        };
        let TrackError::Unavailable { message, source: None, .. } = brief(error) else { panic!("another error") };
        assert_eq!((message.len(), message.capacity()), (256, 256));
    }
}
