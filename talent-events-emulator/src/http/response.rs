//! JSON responses, and the parts that all requests have.

use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use tonic::Status;

pub(super) const JSON: &str = "application/json; charset=UTF-8";

/// A response in JSON.
pub(crate) fn json(value: &impl Serialize, pretty: bool) -> Result<Response, Status> {
    let text = if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    let text = text.map_err(|e| Status::internal(format!("cannot write the response: {e}")))?;
    Ok(([(CONTENT_TYPE, JSON)], text).into_response())
}

/// Reads a body of at most `max` bytes to its end.
pub(crate) async fn read_body(body: Body, max: usize) -> Result<Bytes, Status> {
    axum::body::to_bytes(body, max)
        .await
        .map_err(|e| Status::invalid_argument(format!("cannot read the body, or it is longer than {max} bytes: {e}")))
}

/// The tenant's name from a path with a project and a tenant. The caller checks the name itself.
pub(crate) fn tenant_name(path: Result<Path<(String, String)>, PathRejection>) -> Result<String, Status> {
    let Path((project, tenant)) = path.map_err(|e| Status::invalid_argument(format!("malformed path: {e}")))?;
    Ok(format!("projects/{project}/tenants/{tenant}"))
}
