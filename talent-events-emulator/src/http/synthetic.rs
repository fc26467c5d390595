//! The header by which the SDK's client tells an emulator that a request id is made up.

use axum::http::HeaderMap;

const SYNTHETIC_REQUEST_ID: &str = "x-talent-events-synthetic-request-id";

pub(crate) fn has_synthetic_request_id(headers: &HeaderMap) -> bool {
    headers.get(SYNTHETIC_REQUEST_ID).is_some_and(|value| value == "true")
}
