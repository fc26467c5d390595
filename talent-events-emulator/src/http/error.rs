//! Errors in the form of Google's JSON APIs.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use talent_events::track::Code;
use tonic::Status;
use tonic_types::StatusExt;

use super::code::{code_of, http_status};
use super::response::JSON;

/// A refused request: `{"error": {"code", "message", "status", "details"}}`.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Status);

impl From<Status> for Refused {
    fn from(status: Status) -> Self {
        Self(status)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let code = code_of(&self.0);
        respond(http_status(code), code.name(), self.0.message(), &details(&self.0))
    }
}

/// A refused method. No canonical code maps to 405, so the status is the nearest: `UNIMPLEMENTED`.
#[derive(Debug)]
pub(crate) struct MethodNotAllowed(pub(crate) String);

impl IntoResponse for MethodNotAllowed {
    fn into_response(self) -> Response {
        respond(StatusCode::METHOD_NOT_ALLOWED, Code::Unimplemented.name(), &self.0, &[])
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
