//! Faults, settings and known request ids.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use talent_events::RequestId;
use tonic::Status;

use crate::app::App;
use crate::gate::faults;
use crate::http::{self, Refused};
use crate::json;

/// Maximum size of a request.
const MAX_BODY_BYTES: usize = 1024 * 1024;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/emulator/v1/faults", get(list_faults).put(set_faults))
        .route("/emulator/v1/settings", get(settings).patch(change_settings))
        .route("/emulator/v1/requestIds", get(known_ids).post(add_known_ids).delete(forget_known_ids))
}

async fn list_faults(State(app): State<Arc<App>>) -> Result<Response, Refused> {
    Ok(http::json(&app.gate.faults(), true)?)
}

async fn set_faults(State(app): State<Arc<App>>, request: Request) -> Result<Response, Refused> {
    let faults = faults::parse(&text(request).await?).map_err(|e| Status::invalid_argument(e.to_string()))?;
    app.gate.set_faults(faults);
    list_faults(State(app)).await
}

async fn settings(State(app): State<Arc<App>>) -> Result<Response, Refused> {
    Ok(http::json(&app.records.settings(), true)?)
}

/// Settings that the body does not name stay unchanged.
async fn change_settings(State(app): State<Arc<App>>, request: Request) -> Result<Response, Refused> {
    let patch: Map<String, Value> = read(&text(request).await?)?;
    let settings = app.records.change_settings(|settings| {
        let mut value = serde_json::to_value(settings).map_err(|e| e.to_string())?;
        patch.into_iter().for_each(|(name, setting)| value[name] = setting);
        serde_path_to_error::deserialize(value).map_err(|e| json::explain_with_path(&e))
    });
    let settings = settings.map_err(|message| Status::invalid_argument(format!("invalid settings: {message}")))?;
    Ok(http::json(&settings, true)?)
}

async fn known_ids(State(app): State<Arc<App>>) -> Result<Response, Refused> {
    Ok(http::json(&json!({"requestIds": app.records.known()}), true)?)
}

/// Adds an array of request ids that searches have answered.
async fn add_known_ids(State(app): State<Arc<App>>, request: Request) -> Result<Response, Refused> {
    let ids: Vec<RequestId> = read(&text(request).await?)?;
    ids.into_iter().for_each(|id| app.records.add_known(id));
    known_ids(State(app)).await
}

async fn forget_known_ids(State(app): State<Arc<App>>) -> StatusCode {
    app.records.forget_known();
    StatusCode::NO_CONTENT
}

async fn text(request: Request) -> Result<String, Status> {
    let body = http::read_body(request.into_body(), MAX_BODY_BYTES).await?;
    String::from_utf8(body.into()).map_err(|e| Status::invalid_argument(format!("the body is not UTF-8: {e}")))
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Status> {
    let invalid = |e| Status::invalid_argument(format!("invalid body: {}", json::explain_with_position(&e)));
    serde_json::from_str(text).map_err(invalid)
}
