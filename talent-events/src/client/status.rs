//! From how a call ended to what its caller can do.

use std::error::Error;
use std::time::Duration;

use http::Uri;
use tonic::{Status, TimeoutExpired};
use tonic_types::{ErrorDetails, StatusExt};

use crate::TrackError;
use crate::track::{Code, Progress, Rejected};

/// The error for a call to `endpoint` that ended with `status`.
///
/// Which status comes for which defect is not documented, so the code decides, by what it says of the event:
///
/// - The event, or what it names, is wrong: `INVALID_ARGUMENT`, `NOT_FOUND`, `ALREADY_EXISTS`, `FAILED_PRECONDITION`,
///   `OUT_OF_RANGE`. Rejected. Whoever sends again knows more of two of them: what is not found may be the tenant, and
///   then it is so for all events; what exists already may have been brought by an attempt whose answer was lost.
/// - Nothing is said of the event: `UNAVAILABLE`, `INTERNAL`, `UNKNOWN`, `ABORTED`, `DATA_LOSS`, `CANCELLED`, which was
///   not us, and `UNIMPLEMENTED`, which is how tonic reads a proxy's HTTP 404, too. Unavailable, so the event is kept and
///   sent again. Whoever sends again bounds how often: an event that always ends so would be sent for ever.
///
/// A failure on the way to the service (name, connection, TLS) is unavailable too, a certificate that is not trusted
/// among them: the event is good, and goes through when the way does.
pub(super) fn track_error(status: Status, endpoint: &Uri, deadline: Duration, was_sent: bool) -> TrackError {
    let progress = progress(&status, was_sent);
    // A status that the service sent has no cause; one that tonic made of a failure on the way does.
    if let Some(cause) = status.source() {
        if causes(cause).any(|e| e.is::<TimeoutExpired>()) {
            return TrackError::TimedOut { after: Some(deadline), progress };
        }
        return TrackError::Unavailable {
            message: format!("no answer from {endpoint}: {}", root_cause(cause)),
            retry_after: None,
            source: Some(Box::new(status)),
            progress,
        };
    }
    let details = status.get_error_details();
    let retry_after = details.retry_info().and_then(|info| info.retry_delay).filter(is_sensible);
    match code(&status) {
        Code::ResourceExhausted => TrackError::OverQuota { retry_after, message: words(&status, &details) },
        Code::DeadlineExceeded => TrackError::TimedOut { after: None, progress },
        Code::PermissionDenied | Code::Unauthenticated => {
            TrackError::NotPermitted { message: words(&status, &details), source: None }
        }
        Code::Unimplemented => TrackError::Unavailable {
            message: format!(
                "{}: there is no EventService behind {endpoint}; check the endpoint, and what proxies stand before it",
                words(&status, &details)
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
        | Code::Ok => {
            TrackError::Unavailable { message: words(&status, &details), retry_after, source: None, progress }
        }
        Code::InvalidArgument | Code::NotFound | Code::AlreadyExists | Code::FailedPrecondition | Code::OutOfRange => {
            TrackError::Rejected(Box::new(rejected(&status, &details)))
        }
    }
}

/// How far the call came that ended with this status.
fn progress(status: &Status, was_sent: bool) -> Progress {
    let Some(cause) = status.source().filter(|_| was_sent) else {
        return if was_sent { Progress::MaybeSent } else { Progress::NotSent };
    };
    if causes(cause).any(|e| e.is::<TimeoutExpired>()) {
        return Progress::MaybeSent;
    }
    match causes(cause).find_map(|e| e.downcast_ref::<h2::Error>()) {
        // The peer says that it did not look at the call.
        Some(e) if e.is_remote() && e.is_reset() && e.reason() == Some(h2::Reason::REFUSED_STREAM) => Progress::NotSent,
        // The end of this call alone.
        Some(e) if e.is_reset() => Progress::MaybeSent,
        _ => Progress::ConnectionLost,
    }
}

/// A service asks for some time and not for ages. tonic reads a negative time as zero.
fn is_sensible(delay: &Duration) -> bool {
    const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
    (Duration::from_nanos(1)..=LONGEST).contains(delay)
}

fn code(status: &Status) -> Code {
    Code::from_number(status.code() as i32).unwrap_or(Code::Unknown)
}

fn rejected(status: &Status, details: &ErrorDetails) -> Rejected {
    let mut rejected = Rejected::new(code(status), message(status));
    rejected.reason = details.error_info().map(|info| (info.reason.clone(), info.domain.clone()));
    rejected.violations = details
        .bad_request()
        .map(|bad| bad.field_violations.iter().map(|v| (v.field.clone(), v.description.clone())).collect())
        .unwrap_or_default();
    rejected
}

/// `CODE: message [REASON, domain]`.
fn words(status: &Status, details: &ErrorDetails) -> String {
    let mut words = format!("{}: {}", code(status), message(status));
    if let Some(info) = details.error_info() {
        words += &format!(" [{}, {}]", info.reason, info.domain);
    }
    words
}

/// The service's words, or the code's meaning where it has none.
fn message(status: &Status) -> &str {
    match status.message() {
        "" => status.code().description(),
        message => message,
    }
}

/// The layers between say "transport error" and the like; the innermost says what happened.
pub(super) fn root_cause<'e>(error: &'e (dyn Error + 'static)) -> &'e (dyn Error + 'static) {
    causes(error).last().unwrap_or(error)
}

/// An error, what it came from, and so on.
pub(super) fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&e| e.source())
}
