//! Why an event was not taken.

use std::fmt;
use std::time::Duration;

use crate::event::{InvalidEvent, InvalidField};

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why an event was not taken, told apart by what the caller can do about it.
///
/// The service's own words and status are in the [`Display`](fmt::Display) form. No variant shows a token.
#[derive(Debug)]
#[non_exhaustive]
pub enum TrackError {
    /// The event breaks a rule. Nothing was sent; sending it again is of no use.
    Invalid(InvalidEvent),
    /// The service refused the event. Sending it again is of no use.
    Rejected(Box<Rejected>),
    /// The credentials are missing, wrong or not enough. The event is good: fix the access, then send it again.
    NotPermitted {
        /// What was said, and by whom.
        message: String,
        /// What it came from, where there is more to tell.
        source: Option<Source>,
    },
    /// The project's quota is used up. Send again later, and slower.
    OverQuota {
        /// How long the service asks to wait at least.
        retry_after: Option<Duration>,
        /// The service's words.
        message: String,
    },
    /// No answer in time. The service may have the event: sending it again with the same event id is safe as far as
    /// duplicates go that the reader of the data removes.
    TimedOut {
        /// How long was waited, where it is known.
        after: Option<Duration>,
    },
    /// The service could not be reached, or could not answer. Send again.
    Unavailable {
        /// What was said, or what went wrong on the way.
        message: String,
        /// How long the service asks to wait at least.
        retry_after: Option<Duration>,
        /// What it came from, where there is more to tell.
        source: Option<Source>,
    },
    /// The queue is full: the event was not taken.
    QueueFull,
    /// The destination has been shut down: the event was not taken.
    ShutDown,
}

/// How the service refused an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejected {
    /// The canonical code's name, e.g. `INVALID_ARGUMENT`.
    pub code: &'static str,
    /// The service's words.
    pub message: String,
    /// The reason and domain of `google.rpc.ErrorInfo`, e.g. `API_DISABLED`, where given.
    pub reason: Option<(String, String)>,
    /// The fields of `google.rpc.BadRequest`, each with the service's words about it.
    pub violations: Vec<(String, String)>,
}

impl Rejected {
    /// Refused with this code and these words; more is set in the fields.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), reason: None, violations: Vec::new() }
    }
}

impl TrackError {
    /// Whether the same event may be taken when it is sent again, as it is, later.
    ///
    /// `NotPermitted` counts as not: it lasts until somebody changes the access.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::OverQuota { .. } | Self::TimedOut { .. } | Self::Unavailable { .. } | Self::QueueFull => true,
            Self::Invalid(_) | Self::Rejected(_) | Self::NotPermitted { .. } | Self::ShutDown => false,
        }
    }

    /// The variant's name in lower case with underscores, for logs and counters: `over_quota`. It is stable.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::Rejected(_) => "rejected",
            Self::NotPermitted { .. } => "not_permitted",
            Self::OverQuota { .. } => "over_quota",
            Self::TimedOut { .. } => "timed_out",
            Self::Unavailable { .. } => "unavailable",
            Self::QueueFull => "queue_full",
            Self::ShutDown => "shut_down",
        }
    }

    /// The least time to wait before the next attempt, where the service asks for one.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::OverQuota { retry_after, .. } | Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl fmt::Display for TrackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(e) => e.fmt(f),
            Self::Rejected(e) => e.fmt(f),
            Self::NotPermitted { message, .. } => write!(f, "not permitted to create events: {message}"),
            Self::OverQuota { message, retry_after } => {
                write!(f, "over quota: {message}")?;
                retry_after.map_or(Ok(()), |d| write!(f, " (retry after {d:?})"))
            }
            Self::TimedOut { after: Some(after) } => write!(f, "no answer from the service within {after:?}"),
            Self::TimedOut { after: None } => f.write_str("no answer from the service in time"),
            Self::Unavailable { message, .. } => write!(f, "the service is unavailable: {message}"),
            Self::QueueFull => f.write_str(
                "the queue of events is full: send again later, or give it more room, or a higher quota to drain it",
            ),
            Self::ShutDown => f.write_str(
                "the destination of events has been shut down: send to another, and shut down after the last event",
            ),
        }
    }
}

impl std::error::Error for TrackError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotPermitted { source: Some(e), .. } | Self::Unavailable { source: Some(e), .. } => Some(&**e),
            _ => None,
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the service refused the event ({}): {}", self.code, self.message)?;
        if let Some((reason, domain)) = &self.reason {
            write!(f, " [{reason}, {domain}]")?;
        }
        for (field, words) in &self.violations {
            write!(f, "; `{field}`: {words}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Rejected {}

impl From<InvalidEvent> for TrackError {
    fn from(e: InvalidEvent) -> Self {
        Self::Invalid(e)
    }
}

impl From<InvalidField> for TrackError {
    fn from(e: InvalidField) -> Self {
        Self::Invalid(e.into())
    }
}
