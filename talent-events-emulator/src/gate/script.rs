//! The faults in force, and their effect on each call.

use std::num::NonZeroU64;
use std::time::Duration;

use talent_events::track::Code;
use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt};

use super::faults::{FAULT_REASON, Fault, FaultAction};
use crate::http::{ERROR_DOMAIN, tonic_code};

#[derive(Debug, Default)]
pub(super) struct Script(Vec<Armed>);

#[derive(Debug)]
struct Armed {
    fault: Fault,
    /// The number of calls that got this far.
    calls: u64,
}

/// The effect of all faults on one call.
#[derive(Debug, Default)]
pub(super) struct Effect {
    pub(super) delay: Duration,
    pub(super) end: Option<End>,
}

/// How a fault ends a call.
#[derive(Debug)]
pub(super) enum End {
    Answer(Status),
    Disconnect,
    BlackHole,
}

impl Script {
    pub(super) fn new(faults: Vec<Fault>) -> Self {
        Self(faults.into_iter().map(|fault| Armed { fault, calls: 0 }).collect())
    }

    /// The remaining faults: `times` counts the calls to come.
    pub(super) fn faults(&self) -> Vec<Fault> {
        self.0.iter().map(|armed| armed.fault.clone()).collect()
    }

    /// Counts one call.
    pub(super) fn next_call(&mut self) -> Effect {
        let mut effect = Effect::default();
        let mut spent = Vec::new();
        for (index, armed) in self.0.iter_mut().enumerate() {
            armed.calls += 1;
            if armed.fault.every.is_some_and(|every| armed.calls % every != 0) {
                continue;
            }
            if let Some(times) = armed.fault.times {
                match NonZeroU64::new(times.get() - 1) {
                    Some(times) => armed.fault.times = Some(times),
                    None => spent.push(index),
                }
            }
            match &armed.fault.action {
                FaultAction::Delay { millis } => effect.delay += Duration::from_millis(*millis),
                FaultAction::Answer { code, message, retry_after_millis } => {
                    effect.end = Some(End::Answer(answer(*code, message, *retry_after_millis)));
                }
                FaultAction::Disconnect => effect.end = Some(End::Disconnect),
                FaultAction::BlackHole => effect.end = Some(End::BlackHole),
            }
            if effect.end.is_some() {
                break;
            }
        }
        for index in spent.into_iter().rev() {
            self.0.remove(index);
        }
        effect
    }
}

fn answer(code: Code, message: &str, retry_after_millis: Option<u64>) -> Status {
    let mut details = ErrorDetails::with_error_info(FAULT_REASON, ERROR_DOMAIN, []);
    if let Some(millis) = retry_after_millis {
        details.set_retry_info(Some(Duration::from_millis(millis)));
    }
    Status::with_error_details(tonic_code(code), message, details)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delay(millis: u64) -> Fault {
        Fault::new(FaultAction::Delay { millis })
    }

    #[test]
    fn delays_add_up_and_the_first_end_ends_the_call() {
        let mut script = Script::new(vec![
            delay(1),
            Fault { every: NonZeroU64::new(3), ..Fault::new(FaultAction::Disconnect) },
            Fault { times: NonZeroU64::new(2), ..delay(10) },
        ]);
        let mut next = || {
            let effect = script.next_call();
            (effect.delay.as_millis(), effect.end.is_some())
        };
        assert_eq!([next(), next(), next(), next()], [(11, false), (11, false), (1, true), (1, false)]);
        assert_eq!(script.faults().len(), 2, "a spent fault is removed");
    }
}
