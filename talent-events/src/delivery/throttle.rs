//! Client-side throttling: in an outage single probes go instead of all events.
//!
//! After the chapter "Handling Overload" of Google's SRE book, with a rule for a queue instead of many clients: the queue
//! holds back when fewer than one in ten of the last 100 answers were accepted. At any better ratio sending on is the
//! fastest way to deliver, because each failed event backs off by itself.

use std::time::Duration;

use tokio::time::Instant;

use super::Pause;
use super::backoff::Backoff;

/// The least number of answers that a ratio is taken from.
const ENOUGH: u32 = 20;
/// An outage accepts fewer than one answer in so many.
const ONE_IN: u32 = 10;
/// With fewer answers than [`ENOUGH`], so many events failed in a row.
const FAILED_EVENTS: u32 = 10;
/// The longest pause that the service can ask for; then a probe goes.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// Between two probes.
const PROBES: Backoff = Backoff { first: Duration::from_millis(200), longest: Duration::from_secs(5) };

/// What a call is known by: calls are numbered as they begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CallNumber(u64);

/// The answers so far, and whether sending makes sense now.
#[derive(Debug)]
pub(super) struct Throttle {
    /// The last call that began.
    begun: CallNumber,
    /// Of the calls that were accepted, the one that began last.
    accepted: CallNumber,
    /// The last call that had begun when an answer was last accepted.
    begun_at_acceptance: CallNumber,
    /// Different events that failed since then.
    failed_events: u32,
    /// The last call that had begun when a connection was last lost.
    lost_at: CallNumber,
    window: Window,
    hold: Option<Hold>,
}

/// Nothing but probes is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hold {
    pub(super) reason: Pause,
    /// The service asked for a pause. Otherwise the ratio of accepted answers was too low.
    pub(super) asked: bool,
    pub(super) next_probe: Instant,
    /// An accepted call that began after this one ends the hold.
    since: CallNumber,
    probes: u32,
}

/// Whether an event may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    Open,
    /// One event.
    Probe,
    ClosedUntil(Instant),
}

impl Throttle {
    pub(super) fn new() -> Self {
        Self {
            begun: CallNumber::default(),
            accepted: CallNumber::default(),
            begun_at_acceptance: CallNumber::default(),
            failed_events: 0,
            lost_at: CallNumber::default(),
            window: Window::default(),
            hold: None,
        }
    }

    pub(super) fn gate(&self, now: Instant) -> Gate {
        match self.hold {
            None => Gate::Open,
            Some(Hold { next_probe, .. }) if now < next_probe => Gate::ClosedUntil(next_probe),
            Some(_) => Gate::Probe,
        }
    }

    pub(super) fn held(&self) -> Option<Hold> {
        self.hold
    }

    /// The share of accepted answers in the window.
    pub(super) fn accepted_ratio(&self) -> f64 {
        f64::from(self.window.accepted()) / f64::from(self.window.answers.max(1))
    }

    pub(super) fn is_holding(&self) -> bool {
        self.hold.is_some()
    }

    /// The last call that began.
    pub(super) fn begun(&self) -> CallNumber {
        self.begun
    }

    /// Whether a call was accepted that began after this one.
    pub(super) fn accepted_after(&self, call: CallNumber) -> bool {
        self.accepted > call
    }

    /// A call begins. While the queue holds back it is a probe, and the next one is some time away.
    pub(super) fn begin(&mut self, now: Instant) -> CallNumber {
        self.begun.0 += 1;
        if let Some(hold) = &mut self.hold {
            hold.probes += 1;
            hold.next_probe = now + PROBES.bound(hold.probes + 1);
        }
        self.begun
    }

    /// The service took an event, or refused it for good: it works. Returns whether that ended a hold.
    pub(super) fn accepted(&mut self, call: CallNumber) -> bool {
        self.accepted = self.accepted.max(call);
        self.begun_at_acceptance = self.begun;
        self.failed_events = 0;
        let ended = self.hold.take_if(|hold| call > hold.since).is_some();
        if ended {
            self.window = Window::default();
        }
        self.window.push(true);
        ended
    }

    /// A call failed, of an event whose last failure was `before` (when so many calls had begun). Returns whether that
    /// begins a hold.
    pub(super) fn failed(&mut self, before: Option<CallNumber>, reason: Pause, now: Instant) -> bool {
        self.window.push(false);
        if before.is_none_or(|before| before <= self.begun_at_acceptance) {
            self.failed_events += 1;
        }
        if let Some(hold) = &mut self.hold {
            hold.reason = reason;
            return false;
        }
        let begins = self.is_outage();
        if begins {
            self.hold(reason, false, self.begun, now + PROBES.bound(1));
        }
        begins
    }

    /// The connection of this call ended, of an event whose last failure was `before`. A connection takes all calls along that
    /// it carries, which is one failure. Returns whether that begins a hold.
    pub(super) fn disconnected(&mut self, call: CallNumber, before: Option<CallNumber>, now: Instant) -> bool {
        if call <= self.lost_at {
            return false;
        }
        self.lost_at = self.begun;
        self.failed(before, Pause::Unavailable, now)
    }

    /// The service answered `call` and asked to wait. Returns whether that begins a hold; it does not where a call that
    /// began later was accepted.
    pub(super) fn asked_to_wait(&mut self, call: CallNumber, wait: Duration, reason: Pause, now: Instant) -> bool {
        if self.accepted_after(call) {
            return false;
        }
        let until = now + wait.min(LONGEST_PAUSE);
        match &mut self.hold {
            Some(hold) => {
                hold.asked |= until > hold.next_probe;
                hold.next_probe = hold.next_probe.max(until);
                false
            }
            None => {
                self.hold(reason, true, call, until);
                true
            }
        }
    }

    fn hold(&mut self, reason: Pause, asked: bool, since: CallNumber, next_probe: Instant) {
        self.hold = Some(Hold { reason, asked, since, next_probe, probes: 0 });
    }

    fn is_outage(&self) -> bool {
        match self.window.answers {
            ENOUGH.. => self.window.accepted() * ONE_IN < self.window.answers,
            _ => self.failed_events >= FAILED_EVENTS,
        }
    }
}

/// The last answers: a bit each, the newest lowest.
#[derive(Debug, Default)]
struct Window {
    accepted: u128,
    answers: u32,
}

impl Window {
    const SIZE: u32 = 100;

    fn push(&mut self, accepted: bool) {
        let mask = (1 << Self::SIZE) - 1;
        self.accepted = ((self.accepted << 1) | u128::from(accepted)) & mask;
        self.answers = (self.answers + 1).min(Self::SIZE);
    }

    fn accepted(&self) -> u32 {
        self.accepted.count_ones()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHY: Pause = Pause::Unavailable;

    /// Ends one call of a new event each, as told.
    fn answers(throttle: &mut Throttle, now: Instant, accepted: impl IntoIterator<Item = bool>) {
        for accepted in accepted {
            let call = throttle.begin(now);
            if accepted {
                throttle.accepted(call);
            } else {
                throttle.failed(None, WHY, now);
            }
        }
    }

    fn next_probe(throttle: &Throttle, now: Instant) -> Duration {
        match throttle.gate(now) {
            Gate::ClosedUntil(until) => until - now,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_accepted_answer_in_ten_holds_nothing_back() {
        for (every, holds) in [(2, false), (10, false), (11, true), (50, true)] {
            let (mut throttle, now) = (Throttle::new(), Instant::now());
            answers(&mut throttle, now, (0..100).map(|n| n % every == 0));
            for n in 100..1_000 {
                if throttle.is_holding() {
                    break;
                }
                answers(&mut throttle, now, [n % every == 0]);
            }
            assert_eq!(throttle.is_holding(), holds, "one in {every}");
        }
    }

    #[test]
    fn the_window_forgets_the_101st() {
        let (mut throttle, now) = (Throttle::new(), Instant::now());
        answers(&mut throttle, now, (0..100).map(|_| true));
        answers(&mut throttle, now, (0..90).map(|_| false));
        assert!(!throttle.is_holding(), "ten of a hundred");
        answers(&mut throttle, now, [false]);
        assert!(throttle.is_holding(), "nine of a hundred");
        assert_eq!(throttle.accepted_ratio(), 0.09);
    }

    #[test]
    fn the_calls_that_a_connection_takes_along_are_one_failure() {
        let (mut throttle, now) = (Throttle::new(), Instant::now());
        for round in 1..=9 {
            let calls: Vec<_> = (0..64).map(|_| throttle.begin(now)).collect();
            assert!(calls.into_iter().all(|call| !throttle.disconnected(call, None, now)), "{round}");
            assert_eq!(throttle.window.answers, round);
        }
        let call = throttle.begin(now);
        assert!(throttle.disconnected(call, None, now), "ten connections in a row");
    }

    #[test]
    fn before_there_are_twenty_answers_ten_different_events_are_an_outage() {
        let (mut throttle, now) = (Throttle::new(), Instant::now());
        let lone = throttle.begin(now);
        throttle.failed(None, WHY, now);
        for _ in 0..8 {
            throttle.begin(now);
            assert!(!throttle.failed(Some(lone), WHY, now), "one event, again and again");
        }
        answers(&mut throttle, now, (0..8).map(|_| false));
        assert!(!throttle.is_holding());
        throttle.begin(now);
        assert!(throttle.failed(None, WHY, now), "the tenth");

        let mut throttle = Throttle::new();
        answers(&mut throttle, now, [[false; 9].as_slice(), &[true], &[false; 9]].concat());
        assert!(!throttle.is_holding(), "not in a row");
    }

    #[test]
    fn a_lone_event_that_fails_is_an_outage_after_twenty_answers() {
        let (mut throttle, now) = (Throttle::new(), Instant::now());
        let holds: Vec<_> = (0..20)
            .map(|_| {
                let before = throttle.begun();
                throttle.begin(now);
                throttle.failed(Some(before), WHY, now)
            })
            .collect();
        assert_eq!(holds.iter().position(|holds| *holds), Some(19));
    }

    #[test]
    fn probes_are_200_ms_to_5_s_apart_and_an_accepted_one_empties_the_window() {
        let (mut throttle, mut now) = (Throttle::new(), Instant::now());
        answers(&mut throttle, now, [false; 10]);
        let mut gaps = Vec::new();
        for _ in 0..8 {
            let gap = next_probe(&throttle, now);
            gaps.push(gap.as_millis());
            assert_eq!(next_probe(&throttle, now + gap - Duration::from_millis(1)).as_millis(), 1);
            now += gap;
            assert_eq!(throttle.gate(now), Gate::Probe);
            throttle.begin(now);
            assert!(!throttle.failed(None, WHY, now), "it holds already");
        }
        assert_eq!(gaps, [200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
        now += next_probe(&throttle, now);
        let probe = throttle.begin(now);
        assert!(throttle.accepted(probe));
        assert_eq!((throttle.gate(now), throttle.window.answers), (Gate::Open, 1));
        assert!(throttle.held().is_none());
    }

    #[test]
    fn only_a_call_from_after_the_outage_began_ends_it() {
        let (mut throttle, now) = (Throttle::new(), Instant::now());
        let old = throttle.begin(now);
        answers(&mut throttle, now, (0..20).map(|_| false));
        assert!(!throttle.accepted(old));
        assert!(throttle.is_holding());
        assert!(throttle.accepted_ratio() > 0.0);
        assert!(matches!(throttle.held(), Some(Hold { reason: WHY, asked: false, .. })));
    }

    #[test]
    fn a_pause_that_was_asked_for_is_kept_up_to_ten_minutes() {
        for (asked, kept) in [(30, 30), (599, 599), (3_600, 600), (u64::MAX, 600)] {
            let (mut throttle, now) = (Throttle::new(), Instant::now());
            let call = throttle.begin(now);
            assert!(throttle.asked_to_wait(call, Duration::from_secs(asked), Pause::OverQuota, now));
            assert_eq!(next_probe(&throttle, now).as_secs(), kept);
            assert!(matches!(throttle.held(), Some(Hold { reason: Pause::OverQuota, asked: true, .. })));
        }
    }

    #[test]
    fn an_accepted_call_that_began_later_ends_or_prevents_a_pause() {
        let (now, minute) = (Instant::now(), Duration::from_secs(60));
        let mut throttle = Throttle::new();
        let [first, second] = [throttle.begin(now), throttle.begin(now)];
        assert!(throttle.asked_to_wait(first, minute, WHY, now));
        assert!(throttle.accepted(second));
        assert_eq!(throttle.gate(now), Gate::Open);
        assert!(!throttle.asked_to_wait(first, minute, WHY, now), "that is known to be over");
        assert!(throttle.accepted_after(first) && !throttle.accepted_after(second));
    }

    #[test]
    fn in_a_hold_a_longer_pause_is_kept_and_a_shorter_one_changes_nothing() {
        let (mut throttle, now) = (Throttle::new(), Instant::now());
        answers(&mut throttle, now, (0..20).map(|_| false));
        let call = throttle.begin(now);
        let before = next_probe(&throttle, now);
        assert!(!throttle.asked_to_wait(call, before / 2, WHY, now));
        assert_eq!(next_probe(&throttle, now), before);
        assert!(throttle.held().is_some_and(|held| !held.asked));
        assert!(!throttle.asked_to_wait(call, before * 2, WHY, now));
        assert_eq!(next_probe(&throttle, now), before * 2);
        assert!(throttle.held().is_some_and(|held| held.asked));
    }
}
