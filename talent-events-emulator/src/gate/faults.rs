//! Scripted faults: which calls fail, and how.
//!
//! In a file or at `/emulator/v1/faults` they are a JSON array. Each call meets all faults in order. Delays add up, and the
//! first fault that is more than a delay ends the call.
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
//! | key | meaning | default |
//! |---|---|---|
//! | `do` | `{"delay": {"millis": n}}`, `{"answer": {"code": …, "message": …, "retryAfterMillis": n}}`, `"disconnect"` or `"blackHole"` | required |
//! | `every` | the fault meets each n-th call that gets this far | 1 |
//! | `times` | the fault meets n calls and is then removed | no limit |

use std::num::NonZeroU64;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use talent_events::InvalidField;
use talent_events::track::Code;

use crate::json;

/// Maximum number of faults at a time (our limit).
pub const MAX_FAULTS: usize = 100;

/// Maximum delay and maximum `retryAfterMillis`, in milliseconds: one hour (our limit).
pub const MAX_MILLIS: u64 = 60 * 60 * 1000;

/// Maximum length of an answer's message, in characters, because it travels in a header.
const MAX_MESSAGE_CHARS: usize = 500;

/// The reason in the `google.rpc.ErrorInfo` of a scripted answer.
pub const FAULT_REASON: &str = "SCRIPTED_FAULT";

/// A fault of calls that create an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// The effect on a call.
    #[serde(rename = "do")]
    pub action: FaultAction,
    /// Only each n-th call meets the fault. Calls that an earlier fault has ended do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<NonZeroU64>,
    /// So many calls meet the fault, and then it is removed. `None`: it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<NonZeroU64>,
}

/// The effect of a fault on a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultAction {
    /// The call waits, by tokio's clock, and goes on.
    #[serde(rename_all = "camelCase")]
    Delay {
        /// The delay in milliseconds, at most [`MAX_MILLIS`].
        #[serde(deserialize_with = "millis")]
        millis: u64,
    },
    /// The call is answered with an error. The event is not recorded.
    #[serde(rename_all = "camelCase")]
    Answer {
        /// The code, in JSON by its name, e.g. `UNAVAILABLE`. `OK` is not allowed.
        #[serde(serialize_with = "serialize_code", deserialize_with = "deserialize_code")]
        code: Code,
        /// The message, at most 500 characters.
        #[serde(default = "default_message", deserialize_with = "message")]
        message: String,
        /// The delay in milliseconds that a `google.rpc.RetryInfo` requests, at most [`MAX_MILLIS`].
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "some_millis")]
        retry_after_millis: Option<u64>,
    },
    /// The connection is closed, with all calls on it. The event is not recorded.
    Disconnect,
    /// The call is never answered, and the event is not recorded. The connection is closed when the emulator stops.
    BlackHole,
}

impl Fault {
    /// A fault of every call, without an end. Set the fields to restrict it.
    pub fn new(action: FaultAction) -> Self {
        Self { action, every: None, times: None }
    }
}

/// The error of an invalid list of faults, with its position.
#[derive(Debug, thiserror::Error)]
#[error("invalid faults: {0}")]
pub struct FaultsError(String);

/// Reads a list of faults from JSON.
///
/// # Errors
///
/// Names the path in the list, the line and the column.
pub fn parse(text: &str) -> Result<Vec<Fault>, FaultsError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let faults: Vec<Fault> =
        serde_path_to_error::deserialize(&mut deserializer).map_err(|e| FaultsError(json::explain_with_path(&e)))?;
    deserializer.end().map_err(|e| FaultsError(json::explain_with_position(&e)))?;
    if faults.len() > MAX_FAULTS {
        return Err(FaultsError(format!("expected at most {MAX_FAULTS} faults, found {}", faults.len())));
    }
    Ok(faults)
}

fn default_message() -> String {
    "a scripted fault of the emulator".into()
}

fn serialize_code<S: Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.name())
}

fn deserialize_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().ok().filter(|code| *code != Code::Ok).ok_or_else(|| {
        let found = InvalidField::quote(&name);
        de::Error::custom(format!("expected a canonical code except OK, e.g. UNAVAILABLE, found {found}"))
    })
}

fn message<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let message = String::deserialize(deserializer)?;
    match message.chars().count() {
        ..=MAX_MESSAGE_CHARS => Ok(message),
        long => Err(de::Error::custom(format!("expected at most {MAX_MESSAGE_CHARS} characters, found {long}"))),
    }
}

fn millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match u64::deserialize(deserializer)? {
        millis @ ..=MAX_MILLIS => Ok(millis),
        long => Err(de::Error::custom(format!("expected 0 to {MAX_MILLIS} milliseconds, found {long}"))),
    }
}

fn some_millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    millis(deserializer).map(Some)
}
