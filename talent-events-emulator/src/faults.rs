//! Scripted faults: what is to go wrong, and when.
//!
//! As JSON, in a file or at `/emulator/v1/faults`, they are a list. Each call meets all of them in order: delays add up,
//! and the first that is more than a delay ends the call.
//!
//! ```
//! let faults = talent_events_emulator::faults::parse(
//!     r#"[
//!         {"do": {"delay": {"millis": 200}}},
//!         {"times": 3, "do": {"answer": {"code": "UNAVAILABLE", "retryAfterMillis": 2000}}},
//!         {"every": 10, "do": "disconnect"},
//!         {"every": 100, "times": 1, "do": "blackHole"}
//!     ]"#,
//! )?;
//! assert_eq!(faults.len(), 4);
//! # Ok::<(), talent_events_emulator::faults::FaultsError>(())
//! ```
//!
//! | key | what it says | without it |
//! |---|---|---|
//! | `do` | `{"delay": {"millis": n}}`, `{"answer": {"code": …, "message": …, "retryAfterMillis": n}}`, `"disconnect"` or `"blackHole"` | an error |
//! | `every` | only each n-th call that comes this far | each |
//! | `times` | so many calls, then the fault is gone | for ever |

use std::num::NonZeroU64;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use talent_events::InvalidField;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::refusal::ERROR_DOMAIN;
use crate::{json, rest};

/// Most faults at a time (our limit).
pub const MAX_FAULTS: usize = 100;

/// Longest delay and longest `retryAfterMillis`, in milliseconds: an hour (our limit).
pub const MAX_MILLIS: u64 = 60 * 60 * 1000;

/// Most characters of the message of an answer: it travels in a header.
const MAX_MESSAGE_CHARS: usize = 500;

/// The reason in the `google.rpc.ErrorInfo` of a scripted answer.
pub const FAULT_REASON: &str = "SCRIPTED_FAULT";

/// Something that goes wrong with calls that create an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// What happens.
    #[serde(rename = "do")]
    pub action: FaultAction,
    /// It meets each n-th call only, of those that no fault before it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<NonZeroU64>,
    /// It meets so many calls and is gone. `None`: it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<NonZeroU64>,
}

/// What happens to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultAction {
    /// It waits, by tokio's clock, and goes on.
    #[serde(rename_all = "camelCase")]
    Delay {
        /// How long: at most [`MAX_MILLIS`].
        #[serde(deserialize_with = "millis")]
        millis: u64,
    },
    /// It is answered with an error; the event is not recorded.
    #[serde(rename_all = "camelCase")]
    Answer {
        /// By its name, e.g. `UNAVAILABLE`; not `OK`.
        #[serde(serialize_with = "code_name", deserialize_with = "code")]
        code: Code,
        /// The words, at most 500 characters.
        #[serde(default = "scripted", deserialize_with = "message")]
        message: String,
        /// How long a `google.rpc.RetryInfo` asks to wait, in milliseconds; at most [`MAX_MILLIS`].
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "some_millis")]
        retry_after_millis: Option<u64>,
    },
    /// The connection is cut, and all calls on it; the event is not recorded.
    Disconnect,
    /// Nothing is ever answered, and the event is not recorded. When the emulator stops, the connection is cut.
    BlackHole,
}

impl Fault {
    /// It meets every call, for ever; set the fields to say otherwise.
    pub fn new(action: FaultAction) -> Self {
        Self { action, every: None, times: None }
    }
}

/// What is wrong with a list of faults, and where.
#[derive(Debug, thiserror::Error)]
#[error("the faults can not be read: {0}")]
pub struct FaultsError(String);

/// Reads a list of faults from JSON.
///
/// # Errors
///
/// Says where: the path in the list, the line and the column.
pub fn parse(text: &str) -> Result<Vec<Fault>, FaultsError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let faults: Vec<Fault> = serde_path_to_error::deserialize(&mut deserializer).map_err(|e| {
        let path = e.path().to_string();
        let words = json::words_and_place(e.inner());
        FaultsError(if path == "." { words } else { format!("at `{path}`: {words}") })
    })?;
    deserializer.end().map_err(|e| FaultsError(json::words_and_place(&e)))?;
    check(&faults)?;
    Ok(faults)
}

pub(crate) fn check(faults: &[Fault]) -> Result<(), FaultsError> {
    if faults.len() > MAX_FAULTS {
        return Err(FaultsError(format!("{} faults; at most {MAX_FAULTS}", faults.len())));
    }
    Ok(())
}

/// The faults in force.
#[derive(Debug, Default)]
pub(crate) struct Script(Vec<Armed>);

#[derive(Debug)]
struct Armed {
    fault: Fault,
    /// Calls that came this far.
    seen: u64,
}

/// What a call has to go through.
#[derive(Debug, Default)]
pub(crate) struct Strike {
    pub(crate) delay: Duration,
    pub(crate) end: Option<End>,
}

#[derive(Debug)]
pub(crate) enum End {
    Answer(Status),
    Disconnect,
    BlackHole,
}

impl Script {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self(faults.into_iter().map(|fault| Armed { fault, seen: 0 }).collect())
    }

    /// As they are now: `times` says how many are left.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        self.0.iter().map(|armed| armed.fault.clone()).collect()
    }

    /// One more call.
    pub(crate) fn strike(&mut self) -> Strike {
        let mut strike = Strike::default();
        let mut spent = None;
        for (place, armed) in self.0.iter_mut().enumerate() {
            armed.seen += 1;
            if armed.fault.every.is_some_and(|every| armed.seen % every != 0) {
                continue;
            }
            let last = armed.fault.times.is_some_and(|times| times.get() == 1);
            if !last {
                armed.fault.times = armed.fault.times.and_then(|times| NonZeroU64::new(times.get() - 1));
            }
            match &armed.fault.action {
                FaultAction::Delay { millis } => strike.delay += Duration::from_millis(*millis),
                FaultAction::Answer { code, message, retry_after_millis } => {
                    strike.end = Some(End::Answer(answer(*code, message, *retry_after_millis)));
                }
                FaultAction::Disconnect => strike.end = Some(End::Disconnect),
                FaultAction::BlackHole => strike.end = Some(End::BlackHole),
            }
            if last {
                spent.get_or_insert_with(Vec::new).push(place);
            }
            if strike.end.is_some() {
                break;
            }
        }
        for place in spent.into_iter().flatten().rev() {
            self.0.remove(place);
        }
        strike
    }
}

fn answer(code: Code, message: &str, retry_after_millis: Option<u64>) -> Status {
    let mut details = ErrorDetails::with_error_info(FAULT_REASON, ERROR_DOMAIN, []);
    if let Some(millis) = retry_after_millis {
        details.set_retry_info(Some(Duration::from_millis(millis)));
    }
    Status::with_error_details(code, message, details)
}

fn scripted() -> String {
    "a scripted fault of the emulator".into()
}

fn code_name<S: Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(rest::code_name(*code))
}

fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
    let name = String::deserialize(deserializer)?;
    let codes = (1..=16).map(Code::from_i32);
    codes.into_iter().find(|code| rest::code_name(*code) == name).ok_or_else(|| {
        let found = InvalidField::quote(&name);
        de::Error::custom(format!("found the code {found}; allowed: a canonical code but OK, e.g. UNAVAILABLE"))
    })
}

fn message<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let message = String::deserialize(deserializer)?;
    match message.chars().count() {
        ..=MAX_MESSAGE_CHARS => Ok(message),
        long => Err(de::Error::custom(format!("found a message of {long} characters; allowed: {MAX_MESSAGE_CHARS}"))),
    }
}

fn millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match u64::deserialize(deserializer)? {
        millis @ ..=MAX_MILLIS => Ok(millis),
        long => Err(de::Error::custom(format!("found {long} milliseconds; allowed: 0 to {MAX_MILLIS}"))),
    }
}

fn some_millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    millis(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delay(millis: u64) -> Fault {
        Fault::new(FaultAction::Delay { millis })
    }

    #[test]
    fn delays_add_up_and_the_first_end_ends() {
        let mut script = Script::new(vec![
            delay(1),
            Fault { every: NonZeroU64::new(3), ..Fault::new(FaultAction::Disconnect) },
            Fault { times: NonZeroU64::new(2), ..delay(10) },
        ]);
        let mut strikes = || {
            let strike = script.strike();
            (strike.delay.as_millis(), strike.end.is_some())
        };
        assert_eq!([strikes(), strikes(), strikes(), strikes()], [(11, false), (11, false), (1, true), (1, false)]);
        assert_eq!(script.faults().len(), 2, "what is used up is gone");
    }
}
