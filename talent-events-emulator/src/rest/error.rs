//! Errors in the form of Google's JSON APIs.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::JSON;

/// A refusal: `{"error": {"code", "message", "status", "details"}}`.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Status);

impl From<Status> for Refused {
    fn from(status: Status) -> Self {
        Self(status)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (code, name) = names(self.0.code());
        respond(code, name, self.0.message(), &details(&self.0))
    }
}

/// A refusal of a method. No canonical code is mapped to 405, so that its status is the nearest, `UNIMPLEMENTED`.
#[derive(Debug)]
pub(crate) struct NotAllowed(pub(crate) String);

impl IntoResponse for NotAllowed {
    fn into_response(self) -> Response {
        respond(StatusCode::METHOD_NOT_ALLOWED, code_name(Code::Unimplemented), &self.0, &[])
    }
}

fn respond(code: StatusCode, status: &str, message: &str, details: &[Value]) -> Response {
    let error = json!({"error": {"code": code.as_u16(), "message": message, "status": status, "details": details}});
    (code, [(CONTENT_TYPE, JSON)], format!("{error:#}\n")).into_response()
}

fn details(status: &Status) -> Vec<Value> {
    let found = status.get_error_details();
    let info = found.error_info().map(|info| {
        json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": info.reason,
            "domain": info.domain,
            "metadata": info.metadata,
        })
    });
    let bad = found.bad_request().map(|bad| {
        let violation = |v: &tonic_types::FieldViolation| json!({"field": v.field, "description": v.description});
        json!({
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": bad.field_violations.iter().map(violation).collect::<Vec<_>>(),
        })
    });
    let retry = found.retry_info().and_then(|info| info.retry_delay).map(|delay| {
        json!({
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            // A Duration in proto3 JSON.
            "retryDelay": format!("{}.{:09}s", delay.as_secs(), delay.subsec_nanos()),
        })
    });
    info.into_iter().chain(bad).chain(retry).collect()
}

/// The canonical name, e.g. `INVALID_ARGUMENT`.
pub(crate) fn code_name(code: Code) -> &'static str {
    names(code).1
}

/// As Google maps its canonical codes to HTTP.
fn names(code: Code) -> (StatusCode, &'static str) {
    match code {
        Code::Ok => (StatusCode::OK, "OK"),
        // 499 has no name in the registry.
        Code::Cancelled => (StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST), "CANCELLED"),
        Code::Unknown => (StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN"),
        Code::InvalidArgument => (StatusCode::BAD_REQUEST, "INVALID_ARGUMENT"),
        Code::DeadlineExceeded => (StatusCode::GATEWAY_TIMEOUT, "DEADLINE_EXCEEDED"),
        Code::NotFound => (StatusCode::NOT_FOUND, "NOT_FOUND"),
        Code::AlreadyExists => (StatusCode::CONFLICT, "ALREADY_EXISTS"),
        Code::PermissionDenied => (StatusCode::FORBIDDEN, "PERMISSION_DENIED"),
        Code::ResourceExhausted => (StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED"),
        Code::FailedPrecondition => (StatusCode::BAD_REQUEST, "FAILED_PRECONDITION"),
        Code::Aborted => (StatusCode::CONFLICT, "ABORTED"),
        Code::OutOfRange => (StatusCode::BAD_REQUEST, "OUT_OF_RANGE"),
        Code::Unimplemented => (StatusCode::NOT_IMPLEMENTED, "UNIMPLEMENTED"),
        Code::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"),
        Code::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"),
        Code::DataLoss => (StatusCode::INTERNAL_SERVER_ERROR, "DATA_LOSS"),
        Code::Unauthenticated => (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
    }
}
