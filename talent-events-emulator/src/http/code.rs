//! The canonical status codes: their names, and their HTTP status as Google maps them.

use axum::http::StatusCode;
use tonic::Code;

/// The canonical name, e.g. `INVALID_ARGUMENT`.
pub(crate) fn code_name(code: Code) -> &'static str {
    name_and_status(code).0
}

/// The code of a canonical name.
pub(crate) fn named_code(name: &str) -> Option<Code> {
    (0..=16).map(Code::from_i32).find(|code| code_name(*code) == name)
}

pub(super) fn http_status(code: Code) -> StatusCode {
    // 499 has no constant.
    StatusCode::from_u16(name_and_status(code).1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn name_and_status(code: Code) -> (&'static str, u16) {
    match code {
        Code::Ok => ("OK", 200),
        Code::Cancelled => ("CANCELLED", 499),
        Code::Unknown => ("UNKNOWN", 500),
        Code::InvalidArgument => ("INVALID_ARGUMENT", 400),
        Code::DeadlineExceeded => ("DEADLINE_EXCEEDED", 504),
        Code::NotFound => ("NOT_FOUND", 404),
        Code::AlreadyExists => ("ALREADY_EXISTS", 409),
        Code::PermissionDenied => ("PERMISSION_DENIED", 403),
        Code::ResourceExhausted => ("RESOURCE_EXHAUSTED", 429),
        Code::FailedPrecondition => ("FAILED_PRECONDITION", 400),
        Code::Aborted => ("ABORTED", 409),
        Code::OutOfRange => ("OUT_OF_RANGE", 400),
        Code::Unimplemented => ("UNIMPLEMENTED", 501),
        Code::Internal => ("INTERNAL", 500),
        Code::Unavailable => ("UNAVAILABLE", 503),
        Code::DataLoss => ("DATA_LOSS", 500),
        Code::Unauthenticated => ("UNAUTHENTICATED", 401),
    }
}
