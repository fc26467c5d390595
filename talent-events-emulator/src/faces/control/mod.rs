//! The control API, `/emulator/v1/…`: the recorded events and the emulator's behaviour.
//!
//! It is for programs and for the emulator's own pages. The guard refuses others.

mod behaviour;
mod defects;
mod events;
mod files;
mod query;

use std::sync::Arc;

use axum::response::Response;
use axum::routing::get;
use axum::{Router, middleware};
use serde_json::json;

use crate::app::App;
use crate::http::{self, Refused};

/// Path, methods and description of each endpoint, for `GET /emulator/v1`.
const ENDPOINTS: [(&str, &[&str], &str); 8] = [
    (
        "/emulator/v1/events",
        &["GET", "DELETE"],
        "recorded events (by type, requestId, eventId, job, discarded, from, until; order, limit, after, before); \
         DELETE clears events and counts",
    ),
    ("/emulator/v1/counts", &["GET"], "kept and discarded events by type, refused calls by code"),
    ("/emulator/v1/defects", &["GET"], "defects between the events, each with its rule, its source and its events"),
    ("/emulator/v1/export", &["GET"], "all events and known request ids, one JSON object per line"),
    ("/emulator/v1/import", &["POST"], "adds the events of an export, or client events, one JSON object per line"),
    ("/emulator/v1/faults", &["GET", "PUT"], "scripted faults, an array"),
    ("/emulator/v1/settings", &["GET", "PATCH"], "strict, quota, requireToken, idempotent"),
    (
        "/emulator/v1/requestIds",
        &["GET", "POST", "DELETE"],
        "request ids that searches have answered, an array of strings; DELETE forgets them",
    ),
];

pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/emulator/v1", get(endpoints))
        .route("/emulator/v1/", get(endpoints))
        .merge(events::routes())
        .merge(defects::routes())
        .merge(files::routes())
        .merge(behaviour::routes())
        .route_layer(middleware::from_fn_with_state(app.hosts.clone(), http::local_only))
}

async fn endpoints() -> Result<Response, Refused> {
    let endpoint = |(path, methods, description): &(&str, &[&str], &str)| json!({"path": path, "methods": methods, "description": description});
    Ok(http::json(&json!({"endpoints": ENDPOINTS.iter().map(endpoint).collect::<Vec<_>>(), "console": "/"}), true)?)
}
