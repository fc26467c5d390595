//! What the service does in a storm, and what it remembers of the events.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use h2::Reason;
use talent_events_tests_service::{Call, Then};

const ALREADY_EXISTS: &str = "6";
const INVALID_ARGUMENT: &str = "3";
const NOT_FOUND: &str = "5";

/// It lives longer than the servers that answer for it.
pub(super) struct Memory(Mutex<State>);

struct State {
    rng: Rng,
    weather: Weather,
    poison: u64,
    calls: u64,
    /// Events that the service has, whether the client heard of that or not.
    recorded: HashSet<u64>,
    /// Events that were refused by a word that says so for good.
    refused: HashSet<u64>,
}

#[derive(Clone, Copy, Debug)]
enum Weather {
    Calm,
    /// So many calls in a hundred end so.
    Some(u8, Then),
    All(Then),
}

impl Memory {
    pub(super) fn new(seed: u64, poison: u64) -> Self {
        Self(Mutex::new(State {
            rng: Rng::with_seed(seed ^ 0x5e),
            weather: Weather::Calm,
            poison,
            calls: 0,
            recorded: HashSet::new(),
            refused: HashSet::new(),
        }))
    }

    pub(super) fn change(&self) {
        let mut state = self.lock();
        state.weather = match state.rng.u8(0..6) {
            0 | 1 => Weather::Calm,
            2..5 => Weather::Some(state.rng.u8(1..100), state.fault()),
            _ => Weather::All(state.fault()),
        };
    }

    pub(super) fn calm(&self) {
        self.lock().weather = Weather::Calm;
    }

    pub(super) fn answer(&self, call: &Call) -> Then {
        let number = call.event.event_id.parse().expect("a number");
        self.lock().answer(number)
    }

    pub(super) fn has(&self, number: u64) -> bool {
        self.lock().recorded.contains(&number)
    }

    pub(super) fn has_refused(&self, number: u64) -> bool {
        self.lock().refused.contains(&number)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn answer(&mut self, number: u64) -> Then {
        self.calls += 1;
        let then = match (self.poisoned(number), self.weather) {
            (Some(poison), _) => return self.refuse(number, poison),
            (None, Weather::All(then)) => then,
            (None, Weather::Some(percent, then)) if self.rng.u8(0..100) < percent => then,
            (None, _) => Then::Answer,
        };
        match then {
            // A service that knows the event says so, or takes it once more.
            Then::Answer | Then::Late(_) | Then::Leave if !self.recorded.insert(number) && self.rng.bool() => {
                Then::Status(ALREADY_EXISTS)
            }
            Then::Answer | Then::Late(_) | Then::Leave => then,
            // The answer is lost: the service may have the event.
            Then::Hang
            | Then::ResetMidway
            | Then::NoTrailers
            | Then::NoStatus
            | Then::Reset
            | Then::HalfOpen
            | Then::GoAway(_)
            | Then::ResetStream(Reason::INTERNAL_ERROR | Reason::CANCEL) => {
                if self.rng.bool() {
                    self.recorded.insert(number);
                }
                then
            }
            _ => self.refuse(number, then),
        }
    }

    fn refuse(&mut self, number: u64, then: Then) -> Then {
        if matches!(then, Then::Status(INVALID_ARGUMENT | NOT_FOUND)) {
            self.refused.insert(number);
        }
        then
    }

    /// The same each time.
    fn poisoned(&self, number: u64) -> Option<Then> {
        const POISONS: [Then; 7] = [
            Then::Status("13"),
            Then::Status(NOT_FOUND),
            Then::Status(INVALID_ARGUMENT),
            Then::Status("7"),
            Then::Hang,
            Then::ResetStream(Reason::INTERNAL_ERROR),
            Then::Reset,
        ];
        let number = Rng::with_seed(number).u64(..);
        (number % 100 < self.poison).then(|| POISONS[(number / 100 % POISONS.len() as u64) as usize])
    }

    fn fault(&mut self) -> Then {
        let rng = &mut self.rng;
        let seconds = *rng.choice([-5, 0, 1, 30, 3_600, i64::MAX].iter()).expect("one");
        let reasons = [Reason::INTERNAL_ERROR, Reason::REFUSED_STREAM, Reason::CANCEL, Reason::NO_ERROR];
        let reason = *rng.choice(reasons.iter()).expect("one");
        let faults = [
            Then::Status("14"),
            Then::Status("14"),
            Then::Status("13"),
            Then::Status("2"),
            Then::Status("8"),
            Then::Status("7"),
            Then::Status("16"),
            Then::Status(NOT_FOUND),
            Then::RetryInfo(14, seconds),
            Then::RetryInfo(8, seconds),
            Then::Http(503, 1),
            Then::Http(429, 1),
            Then::Hang,
            Then::Late(Duration::from_millis(rng.u64(1..50))),
            Then::Late(Duration::from_secs(10)),
            Then::ResetStream(reason),
            Then::ResetMidway,
            Then::NoTrailers,
            Then::NoStatus,
            Then::Announce(1 << 10),
            Then::GoAway(reason),
            Then::Leave,
            Then::Reset,
            Then::HalfOpen,
        ];
        *rng.choice(faults.iter()).expect("one")
    }
}
