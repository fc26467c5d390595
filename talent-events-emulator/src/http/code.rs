//! The canonical status codes in tonic and in HTTP.

use axum::http::StatusCode;
use talent_events::track::Code;
use tonic::Status;

/// The code of a status.
pub(crate) fn code_of(status: &Status) -> Code {
    Code::from_number(status.code() as i32).unwrap_or(Code::Unknown)
}

/// tonic's form of a code.
pub(crate) fn tonic_code(code: Code) -> tonic::Code {
    tonic::Code::from_i32(code.number())
}

/// The HTTP status to which Google maps a code.
pub(super) fn http_status(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        // 499 has no constant.
        Code::Cancelled => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        // `Unknown`, `Internal`, `DataLoss`.
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
