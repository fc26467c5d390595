//! Whether it makes sense to send anything now.
//!
//! What is wrong with one event is that event's matter; what is wrong with the way to the service, with the access or
//! with the quota is everybody's, and then one event asks from time to time instead of ten thousand.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::backoff::Backoff;

/// Why nothing is sent for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pause {
    /// The quota is used up.
    OverQuota,
    /// The service can not be reached, or does not answer.
    Unavailable,
    /// The credentials are missing, wrong or not enough.
    NotPermitted,
}

impl Pause {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::OverQuota => "over quota",
            Self::Unavailable => "the service is unavailable",
            Self::NotPermitted => "not permitted",
        }
    }
}

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One state for all events of a queue: open, or paused for a reason until a time, and then probing with one event.
#[derive(Debug)]
pub(super) struct Lane {
    state: State,
    /// Pauses without a success in between.
    pauses: u32,
    /// What the failures of single events may cost before they count as the lane's.
    budget: f32,
    /// How often the lane was paused: calls that began before a pause have no say in it.
    generation: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    Open,
    Paused { why: Pause, until: Instant },
    Probing { why: Pause },
}

/// When a call began, in the lane's reckoning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Began(u64);

/// Whether a call may begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Allowed {
    AsConfigured,
    /// The probe that ends a pause, or does not. Calls from before the pause may be under way still, and it does not wait
    /// for them: the one that failed has left it its place.
    Probe,
    /// Not before then, or not before the probe has ended.
    NotBefore(Option<Instant>),
}

/// Whose failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The event's, as far as can be told.
    Event,
    /// The lane's, and it was paused for it.
    Lane,
    /// Of a call from before a pause: it says nothing that is not known.
    Past,
}

/// Ten failures, and one more for ten successes each: as gRPC throttles retries.
const BUDGET: f32 = 10.0;
const EARNED: f32 = 0.1;

/// For an outage: soon again, and never a minute late.
const UNAVAILABLE: Backoff = Backoff { first: Duration::from_millis(200), longest: Duration::from_secs(30) };
/// Somebody has to change something: there is no hurry.
const NOT_PERMITTED: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60) };

impl Lane {
    pub(super) fn new() -> Self {
        Self { state: State::Open, pauses: 0, budget: BUDGET, generation: 0 }
    }

    pub(super) fn state(&self) -> State {
        self.state
    }

    pub(super) fn allowed(&self, now: Instant) -> Allowed {
        match self.state {
            State::Open => Allowed::AsConfigured,
            State::Paused { until, .. } if now < until => Allowed::NotBefore(Some(until)),
            State::Paused { .. } => Allowed::Probe,
            State::Probing { .. } => Allowed::NotBefore(None),
        }
    }

    /// A call begins: after a pause, it is the probe.
    pub(super) fn begin(&mut self) -> Began {
        if let State::Paused { why, .. } = self.state {
            self.state = State::Probing { why };
        }
        Began(self.generation)
    }

    /// The service answered: of this event, at least, it knows what it thinks. Whether that ended a pause.
    pub(super) fn succeeded(&mut self, began: Began) -> bool {
        if began.0 != self.generation {
            return false;
        }
        self.budget = (self.budget + EARNED).min(BUDGET);
        let probed = matches!(self.state, State::Probing { .. });
        if probed {
            *self = Self { state: State::Open, pauses: 0, budget: BUDGET / 2.0, generation: self.generation };
        }
        probed
    }

    /// The call failed; the service may have asked to wait at least so long. Pauses the lane where the failure is its.
    ///
    /// Of an `odd` one, an event that failed where others did not, even a missing permission or quota may be its own.
    pub(super) fn failed(
        &mut self,
        began: Began,
        why: Pause,
        floor: Option<Duration>,
        odd: bool,
        now: Instant,
    ) -> Fault {
        if began.0 != self.generation {
            if let Some(asked) = floor.map(|floor| later(now, floor)) {
                match &mut self.state {
                    State::Paused { until, .. } => *until = (*until).max(asked),
                    State::Open | State::Probing { .. } => self.state = State::Paused { why, until: asked },
                }
            }
            return Fault::Past;
        }
        let single = odd || why == Pause::Unavailable;
        if self.state == State::Open && single && floor.is_none() {
            self.budget -= 1.0;
            if self.budget > 0.0 {
                return Fault::Event;
            }
        }
        self.pauses = self.pauses.saturating_add(1);
        self.generation += 1;
        let backoff = if why == Pause::NotPermitted { NOT_PERMITTED } else { UNAVAILABLE };
        let wait = floor.unwrap_or_default().saturating_add(backoff.after(self.pauses));
        self.state = State::Paused { why, until: later(now, wait) };
        Fault::Lane
    }
}

/// A service may ask for a pause that no clock can tell the end of.
pub(super) fn later(now: Instant, wait: Duration) -> Instant {
    const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    now + wait.min(A_YEAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paused(lane: &Lane) -> (Pause, Instant) {
        match lane.state() {
            State::Paused { why, until } => (why, until),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn single_failures_are_the_events_until_the_budget_is_spent() {
        let (mut lane, now) = (Lane::new(), Instant::now());
        for n in 1..=9 {
            let began = lane.begin();
            assert_eq!(lane.failed(began, Pause::Unavailable, None, false, now), Fault::Event, "{n}");
            assert_eq!(lane.allowed(now), Allowed::AsConfigured);
        }
        let began = lane.begin();
        assert_eq!(lane.failed(began, Pause::Unavailable, None, false, now), Fault::Lane);
        assert_eq!(paused(&lane).0, Pause::Unavailable);
    }

    #[test]
    fn one_in_eleven_may_fail_for_ever() {
        let (mut lane, now) = (Lane::new(), Instant::now());
        for n in 0..2_000 {
            let began = lane.begin();
            match n % 11 {
                0 => assert_eq!(lane.failed(began, Pause::Unavailable, None, false, now), Fault::Event, "{n}"),
                _ => assert!(!lane.succeeded(began)),
            }
        }
    }

    #[test]
    fn quota_and_access_pause_at_once_and_what_the_service_asks_is_the_least() {
        let (now, hour) = (Instant::now(), Duration::from_secs(3_600));
        for why in [Pause::OverQuota, Pause::NotPermitted] {
            let mut lane = Lane::new();
            let began = lane.begin();
            assert_eq!(lane.failed(began, why, Some(hour), false, now), Fault::Lane);
            let (reason, until) = paused(&lane);
            assert_eq!(reason, why);
            assert!(until >= now + hour);
            assert_eq!(lane.allowed(now + hour - Duration::from_millis(1)), Allowed::NotBefore(Some(until)));
            assert_eq!(lane.allowed(until), Allowed::Probe);
            lane.begin();
            assert_eq!(lane.allowed(until), Allowed::NotBefore(None), "one, and no other until it has ended");
        }
    }

    #[test]
    fn an_odd_one_is_refused_for_itself_and_not_for_ever() {
        for why in [Pause::NotPermitted, Pause::OverQuota] {
            let (mut lane, now) = (Lane::new(), Instant::now());
            for n in 1..=9 {
                let began = lane.begin();
                assert_eq!(lane.failed(began, why, None, true, now), Fault::Event, "{n}");
            }
            let began = lane.begin();
            assert_eq!(lane.failed(began, why, None, true, now), Fault::Lane);
            assert_eq!(paused(&lane).0, why);
        }
    }

    #[test]
    fn a_wait_that_an_old_call_was_asked_for_is_kept_whatever_came_meanwhile() {
        let (hour, short) = (Duration::from_secs(3_600), Duration::from_millis(100));
        for probed in [false, true] {
            let (mut lane, now) = (Lane::new(), Instant::now());
            let [first, old] = [lane.begin(), lane.begin()];
            lane.failed(first, Pause::Unavailable, Some(short), false, now);
            let then = paused(&lane).1;
            let probe = lane.begin();
            if probed {
                lane.succeeded(probe);
            }
            assert_eq!(lane.failed(old, Pause::Unavailable, Some(hour), false, then), Fault::Past);
            lane.succeeded(probe);
            assert_eq!(lane.allowed(then + hour / 2), Allowed::NotBefore(Some(then + hour)));
        }
    }

    #[test]
    fn a_probe_opens_the_lane_or_closes_it_for_longer() {
        let (mut lane, mut now) = (Lane::new(), Instant::now());
        let first = lane.begin();
        let late = lane.begin();
        lane.failed(first, Pause::NotPermitted, None, false, now);
        // Sent before the pause: neither opens the lane nor counts as another pause.
        assert!(!lane.succeeded(late));
        let until = paused(&lane).1;
        assert_eq!(lane.failed(late, Pause::Unavailable, None, false, now), Fault::Past);
        assert_eq!(paused(&lane), (Pause::NotPermitted, until));

        for pauses in 2..20 {
            now = paused(&lane).1;
            let probe = lane.begin();
            assert_eq!(lane.state(), State::Probing { why: Pause::NotPermitted });
            assert_eq!(lane.failed(probe, Pause::NotPermitted, None, false, now), Fault::Lane);
            assert!(paused(&lane).1 <= now + NOT_PERMITTED.bound(pauses));
        }
        now = paused(&lane).1;
        let probe = lane.begin();
        assert!(lane.succeeded(probe));
        assert_eq!((lane.state(), lane.pauses), (State::Open, 0));
        assert_eq!(lane.allowed(now), Allowed::AsConfigured);
    }
}
