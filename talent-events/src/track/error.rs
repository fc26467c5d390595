//! Why a destination did not take an event.

use std::fmt;
use std::time::Duration;

use crate::event::{InvalidEvent, InvalidField};

use super::Code;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a destination did not take an event. The variants differ in what the caller can do.
///
/// The [`Display`](fmt::Display) form holds the service's own words and status. No variant shows a token.
#[derive(Debug)]
#[non_exhaustive]
pub enum TrackError {
    /// The event breaks a rule. Nothing was sent, and sending the event again is useless.
    Invalid(InvalidEvent),
    /// The service refused the event. Sending the event again is useless.
    Rejected(Box<Rejected>),
    /// The credentials are missing, wrong or insufficient. The event is good: repair the access, then send it again.
    NotPermitted {
        /// The words of the service, or of the credentials' library.
        message: String,
        /// The underlying error, if there is one.
        source: Option<Source>,
    },
    /// The project's quota is used up. Send the event again later, and send more slowly.
    OverQuota {
        /// The least time that the service asks to wait.
        retry_after: Option<Duration>,
        /// The service's words.
        message: String,
    },
    /// The service did not answer in time. Send the event again.
    ///
    /// The service may have the event. If it does, sending it again makes a duplicate with the same event id.
    TimedOut {
        /// How long the call waited, if that is known.
        after: Option<Duration>,
        /// How far the call came.
        progress: Progress,
    },
    /// The service could not be reached, or could not handle the call. Send the event again.
    Unavailable {
        /// The service's words, or the failure of the connection.
        message: String,
        /// The least time that the service asks to wait.
        retry_after: Option<Duration>,
        /// The underlying error, if there is one.
        source: Option<Source>,
        /// How far the call came.
        progress: Progress,
    },
    /// The queue is full and did not take the event.
    QueueFull,
    /// The destination has been shut down and did not take the event.
    ShutDown,
}

/// How far a call came before it failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// The event was not sent, because there were no credentials or no connection.
    NotSent,
    /// The event may have been sent.
    #[default]
    MaybeSent,
    /// The event may have been sent, and the connection ended before the service answered.
    ConnectionLost,
}

/// How the service refused an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejected {
    /// The status code.
    pub code: Code,
    /// The service's words.
    pub message: String,
    /// The reason and domain of `google.rpc.ErrorInfo`, e.g. `API_DISABLED`, if the service gives them.
    pub reason: Option<(String, String)>,
    /// The fields of `google.rpc.BadRequest`, each with the service's words about it.
    pub violations: Vec<(String, String)>,
}

impl Rejected {
    /// A refusal with this code and message. Its other fields are empty.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), reason: None, violations: Vec::new() }
    }
}

impl TrackError {
    /// Whether the same event may be accepted if it is sent again later.
    ///
    /// `NotPermitted` is not retryable: it lasts until somebody changes the access.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::OverQuota { .. } | Self::TimedOut { .. } | Self::Unavailable { .. } | Self::QueueFull => true,
            Self::Invalid(_) | Self::Rejected(_) | Self::NotPermitted { .. } | Self::ShutDown => false,
        }
    }

    /// Whether the service may have the event although the call failed.
    ///
    /// True for a call that ended without a final answer after the event may have been sent: a time-out, a lost
    /// connection, `UNAVAILABLE`. False for a refusal, for a refused or failed connection, for a name that is not found,
    /// for a failed TLS handshake and for missing credentials. An error that does not know counts as true.
    pub fn may_have_arrived(&self) -> bool {
        match self {
            Self::TimedOut { progress, .. } | Self::Unavailable { progress, .. } => *progress != Progress::NotSent,
            Self::Invalid(_)
            | Self::Rejected(_)
            | Self::NotPermitted { .. }
            | Self::OverQuota { .. }
            | Self::QueueFull
            | Self::ShutDown => false,
        }
    }

    /// Whether the connection ended under the call, without an answer: an event that does this again and again takes
    /// the calls beside it along.
    #[cfg(feature = "client")]
    pub(crate) fn broke_connection(&self) -> bool {
        matches!(self, Self::Unavailable { progress: Progress::ConnectionLost, .. })
    }

    /// The variant's name in lower case with underscores, for logs and counters: `over_quota`. The name is stable.
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

    /// The status code by which the service refused the event. `None` for every other error.
    pub(crate) fn rejected_code(&self) -> Option<Code> {
        match self {
            Self::Rejected(rejected) => Some(rejected.code),
            _ => None,
        }
    }

    /// The least time to wait before the next attempt, if the service asks for one.
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
            Self::TimedOut { after: Some(after), .. } => write!(f, "no answer from the service within {after:?}"),
            Self::TimedOut { after: None, .. } => f.write_str("no answer from the service in time"),
            Self::Unavailable { message, .. } => write!(f, "the service is unavailable: {message}"),
            Self::QueueFull => f.write_str(
                "the queue of events is full; help: send the event again later, or raise the queue's capacity or the quota",
            ),
            Self::ShutDown => f.write_str(
                "the destination of events has been shut down; help: track to another one, or shut down after the last event",
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

/// For destinations of your own.
impl TrackError {
    /// The destination could not take the event now, for the reason `source`. A later attempt may succeed.
    ///
    /// The destination may have the event: [`may_have_arrived`](Self::may_have_arrived) is true.
    ///
    /// ```
    /// use std::io;
    /// use talent_events::TrackError;
    ///
    /// let error = TrackError::unavailable(io::Error::other("the disk is full"));
    /// assert!(error.is_retryable());
    /// ```
    pub fn unavailable(source: impl Into<Source>) -> Self {
        let source = source.into();
        let message = source.to_string();
        Self::Unavailable { message, retry_after: None, source: Some(source), progress: Progress::MaybeSent }
    }

    /// The destination refuses the event for good.
    pub fn rejected(code: Code, message: impl Into<String>) -> Self {
        Self::Rejected(Box::new(Rejected::new(code, message)))
    }
}
