//! The REST face: `POST /v4/projects/*/tenants/*/clientEvents`, in proto3 JSON and with errors in Google's form.

pub(crate) mod body;
mod error;
mod parameters;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Router, middleware};
use bytes::Bytes;
use serde::Serialize;
use talent_events::wire::CreateClientEventRequest;
use talent_events::{ClientEvent, InvalidField};
use tonic::Status;

use crate::app::{App, Taken};
use crate::gate::{self, Cut};
use crate::{guard, refusal};

pub(crate) use body::ONCE;
pub(crate) use error::{NotAllowed, Refused, code_name};
pub(crate) use parameters::{Parameters, pairs};

/// Most bytes of a request: as many as gRPC takes in a message.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/v4/projects/{project}/tenants/{tenant}/clientEvents", post(create))
        .route_layer(middleware::from_fn_with_state(Arc::clone(app), guard::same_origin))
}

async fn create(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    match take(&app, path, query.as_deref(), request).await {
        Ok(answer) => answer,
        Err(status) => {
            app.records.refuse(status.code());
            Refused(status).into_response()
        }
    }
}

async fn take(
    app: &App,
    path: Result<Path<(String, String)>, PathRejection>,
    query: Option<&str>,
    request: Request,
) -> Result<Response, Status> {
    let (head, body) = request.into_parts();
    let parameters = Parameters::read(query);
    let has_token = gate::is_token(head.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes))
        || parameters.as_ref().is_ok_and(|parameters| parameters.has_token);
    if let Some(encoding) = head.headers.get(CONTENT_ENCODING).filter(|encoding| *encoding != "identity") {
        let found = InvalidField::quote(&String::from_utf8_lossy(encoding.as_bytes()));
        let allowed = "gzip, or none";
        return Err(refusal::of_request(&[&InvalidField::new("content-encoding", found, allowed)]));
    }
    // To the end, so that the connection is good for the next request.
    let body = whole(body, MAX_BODY_BYTES).await?;
    app.gate.pass(app.records.settings(), has_token, head.extensions.get::<Cut>()).await?;

    let parent = tenant(path)?;
    let parameters = parameters?;
    let (event, mut wrong) = body::read(&body)?;
    let request = CreateClientEventRequest { parent, client_event: Some(event) };
    if !wrong.is_empty() {
        if let Err(invalid) = request.read() {
            body::add(invalid.fields(), &mut wrong);
        }
        return Err(refusal::of_fields(&wrong.iter().collect::<Vec<_>>()));
    }
    let (Taken::New(event) | Taken::Again(event)) = app.take(&request).map_err(|e| refusal::status(&e))?;
    answer(&event, &parameters)
}

/// The name in the path. Whether it is one is checked with the rest of the request.
pub(crate) fn tenant(path: Result<Path<(String, String)>, PathRejection>) -> Result<String, Status> {
    let Path((project, tenant)) = path.map_err(|e| Status::invalid_argument(format!("the path is malformed: {e}")))?;
    Ok(format!("projects/{project}/tenants/{tenant}"))
}

fn answer(event: &ClientEvent, parameters: &Parameters) -> Result<Response, Status> {
    if !parameters.enums_as_numbers {
        return json(event, parameters.pretty);
    }
    let mut value = serde_json::to_value(event).map_err(unwritable)?;
    value["jobEvent"]["type"] = event.job_event.r#type.number().into();
    json(&value, parameters.pretty)
}

/// Reads a body to its end, as far as that is within bounds.
pub(crate) async fn whole(body: Body, max: usize) -> Result<Bytes, Status> {
    axum::body::to_bytes(body, max)
        .await
        .map_err(|e| Status::invalid_argument(format!("the body can not be read, or is longer than {max} bytes: {e}")))
}

pub(crate) fn json(value: &impl Serialize, pretty: bool) -> Result<Response, Status> {
    let text = if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    Ok(([(CONTENT_TYPE, JSON)], text.map_err(unwritable)?).into_response())
}

const JSON: &str = "application/json; charset=UTF-8";

fn unwritable(error: serde_json::Error) -> Status {
    Status::internal(format!("the answer can not be written: {error}"))
}

/// What the emulator has no answer for.
pub(crate) async fn unknown(method: Method, uri: Uri) -> Refused {
    Refused(Status::not_found(format!(
        "the emulator does not know {method} {:?}: it answers gRPC CreateClientEvent, \
         POST /v4/projects/*/tenants/*/clientEvents and …/jobs:search, the console at /, and what GET /emulator/v1 lists",
        uri.path().chars().take(200).collect::<String>()
    )))
}

/// A path that the emulator knows, and a method that it does not take there. axum adds the header `Allow`.
pub(crate) async fn not_allowed(method: Method, uri: Uri) -> NotAllowed {
    let path = uri.path().chars().take(200).collect::<String>();
    NotAllowed(format!("{method} is not for {path:?}: the header `Allow` says what is"))
}
