//! From how a call failed to what its caller can do.

use std::error::Error;
use std::time::Duration;

use http::Uri;
use prost::Message;
use tonic::Status;
use tonic_types::{RetryInfo, StatusExt, pb};

use crate::TrackError;
use crate::track::{Code, Progress, Rejected};

use super::causes::{causes, root_cause};

/// The error for a call that ended with a status.
///
/// Google does not document which status comes for which defect. So the code decides:
///
/// - `INVALID_ARGUMENT`, `NOT_FOUND`, `ALREADY_EXISTS`, `FAILED_PRECONDITION` and `OUT_OF_RANGE` say that the event is
///   wrong, or something that it names. The event is rejected. A sender that retries knows more about two of them: a
///   missing tenant is `NOT_FOUND` for all events, and an earlier attempt may have created what `ALREADY_EXISTS`.
/// - `UNAVAILABLE`, `INTERNAL`, `UNKNOWN`, `ABORTED`, `DATA_LOSS` and `CANCELLED` say nothing about the event. Neither
///   does `UNIMPLEMENTED`, as which tonic reads a proxy's HTTP 404. The service is unavailable, and the event can be sent
///   again. A sender that retries must bound its attempts, because such an event may fail for ever.
///
/// A failure on the way (name, connection, TLS) is unavailable, too, even if a certificate is not trusted: the event is
/// good.
pub(super) fn track_error(status: Status, endpoint: &Uri, was_sent: bool) -> TrackError {
    let progress = progress(&status, was_sent);
    // Only a status that tonic made of a failure on the way has a source.
    if let Some(cause) = status.source() {
        return TrackError::Unavailable {
            message: format!("no answer from {endpoint}: {}", root_cause(cause)),
            retry_after: None,
            source: Some(Box::new(status)),
            progress,
        };
    }
    let retry_after = retry_after(&status);
    let message = || message(&status);
    match code(&status) {
        Code::ResourceExhausted => TrackError::OverQuota { retry_after, message: message() },
        Code::DeadlineExceeded => TrackError::TimedOut { after: None, progress },
        Code::PermissionDenied | Code::Unauthenticated => TrackError::NotPermitted { message: message(), source: None },
        Code::Unimplemented => TrackError::Unavailable {
            message: format!(
                "{}: there is no EventService behind {endpoint}; help: check the endpoint and the proxies in front of it",
                message()
            ),
            retry_after,
            source: None,
            progress,
        },
        Code::Unavailable
        | Code::Internal
        | Code::Unknown
        | Code::Aborted
        | Code::DataLoss
        | Code::Cancelled
        | Code::Ok => TrackError::Unavailable { message: message(), retry_after, source: None, progress },
        Code::InvalidArgument | Code::NotFound | Code::AlreadyExists | Code::FailedPrecondition | Code::OutOfRange => {
            TrackError::Rejected(Box::new(rejected(&status)))
        }
    }
}

/// How far the call came that ended with this status.
fn progress(status: &Status, was_sent: bool) -> Progress {
    if !was_sent {
        return Progress::NotSent;
    }
    let Some(cause) = status.source() else { return Progress::MaybeSent };
    match causes(cause).find_map(|e| e.downcast_ref::<h2::Error>()) {
        // By this the server says that it did not handle the call.
        Some(e) if e.is_remote() && e.is_reset() && e.reason() == Some(h2::Reason::REFUSED_STREAM) => Progress::NotSent,
        // The call ended, and not the connection.
        Some(e) if e.is_reset() => Progress::MaybeSent,
        _ => Progress::ConnectionLost,
    }
}

/// The delay of `google.rpc.RetryInfo`, if there is one and it makes sense: more than nothing and a day at most.
///
/// Not by tonic-types, whose conversion of a negative delay can overflow (0.14).
fn retry_after(status: &Status) -> Option<Duration> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let details = pb::Status::decode(status.details()).ok()?.details;
    let info = details.iter().find(|detail| detail.type_url == RetryInfo::TYPE_URL)?;
    let delay = pb::RetryInfo::decode(&*info.value).ok()?.retry_delay?;
    let delay = Duration::new(delay.seconds.try_into().ok()?, 0)
        .checked_add(Duration::from_nanos(delay.nanos.try_into().ok()?))?;
    (Duration::from_nanos(1)..=DAY).contains(&delay).then_some(delay)
}

fn rejected(status: &Status) -> Rejected {
    let mut rejected = Rejected::new(code(status), words(status));
    rejected.reason = status.get_details_error_info().map(|info| (info.reason, info.domain));
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    rejected.violations = violations.into_iter().map(|violation| (violation.field, violation.description)).collect();
    rejected
}

/// `CODE: words [REASON, domain]`.
fn message(status: &Status) -> String {
    let mut message = format!("{}: {}", code(status), words(status));
    if let Some(info) = status.get_details_error_info() {
        message += &format!(" [{}, {}]", info.reason, info.domain);
    }
    message
}

fn code(status: &Status) -> Code {
    Code::from_number(status.code() as i32).unwrap_or(Code::Unknown)
}

/// The service's words, or the code's meaning if there are none.
fn words(status: &Status) -> &str {
    match status.message() {
        "" => status.code().description(),
        message => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which errors of the connection say that it ended.
    #[test]
    fn a_reset_of_the_call_is_no_lost_connection() {
        let endpoint = Uri::from_static("http://localhost:1");
        let error =
            |cause: std::io::Error, was_sent| track_error(Status::from_error(cause.into()), &endpoint, was_sent);
        let reset = || std::io::ErrorKind::ConnectionReset.into();
        assert!(error(reset(), true).broke_connection() && error(reset(), true).may_have_arrived());
        assert!(!error(reset(), false).broke_connection() && !error(reset(), false).may_have_arrived());
    }
}
