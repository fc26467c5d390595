//! The REST face: `POST /v4/projects/*/tenants/*/clientEvents`, in proto3 JSON and with errors in Google's form.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING};
use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Router, middleware};
use talent_events::wire::CreateClientEventRequest;
use talent_events::{ClientEvent, InvalidField};
use tonic::Status;

use crate::app::{Answer, App};
use crate::gate::{self, CloseConnection};
use crate::http::{
    self, MethodNotAllowed, Parameters, Refused, code_of, invalid_event, invalid_fields, invalid_request,
};
use crate::json::client_event;
use crate::text::invalid;

/// Maximum size of a request. A gRPC message has the same limit.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Maximum length of a path in an error, in characters.
const MAX_PATH_CHARS: usize = 200;

pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/v4/projects/{project}/tenants/{tenant}/clientEvents", post(create))
        .route_layer(middleware::from_fn_with_state(app.hosts.clone(), http::api_only))
}

async fn create(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    match record(&app, path, query.as_deref(), request).await {
        Ok(answer) => answer,
        Err(status) => {
            app.records.add_refused(code_of(&status));
            Refused(status).into_response()
        }
    }
}

async fn record(
    app: &App,
    path: Result<Path<(String, String)>, PathRejection>,
    query: Option<&str>,
    request: Request,
) -> Result<Response, Status> {
    let (head, body) = request.into_parts();
    let parameters = Parameters::read(query);
    let has_token = gate::is_token(head.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes))
        || parameters.as_ref().is_ok_and(|parameters| parameters.has_token);
    check_encoding(&head.headers)?;
    // To the end, so that the connection can be used again.
    let body = http::read_body(body, MAX_BODY_BYTES).await?;
    let connection = head.extensions.get::<CloseConnection>();
    app.gate.pass(app.records.settings().policy(), has_token, connection).await?;

    let parent = http::tenant_name(path)?;
    let parameters = parameters?;
    let (event, mut errors) = client_event::read(&body).map_err(|e| invalid_fields(&[e]))?;
    let request = CreateClientEventRequest { parent, client_event: Some(event) };
    if !errors.is_empty() {
        client_event::add_rule_errors(&request, &mut errors);
        return Err(invalid_fields(&errors));
    }
    let synthetic_request_id = http::has_synthetic_request_id(&head.headers);
    let (Answer::New(event) | Answer::First(event)) =
        app.record(&request, synthetic_request_id).map_err(|e| invalid_event(&e))?;
    answer(&event, &parameters)
}

/// The router decodes gzip and removes the header. Another encoding is still here.
fn check_encoding(headers: &HeaderMap) -> Result<(), Status> {
    match headers.get(CONTENT_ENCODING).filter(|encoding| *encoding != "identity") {
        None => Ok(()),
        Some(encoding) => {
            let found = InvalidField::quote(&String::from_utf8_lossy(encoding.as_bytes()));
            Err(invalid_request(&[invalid("content-encoding", "gzip or none", found)]))
        }
    }
}

fn answer(event: &ClientEvent, parameters: &Parameters) -> Result<Response, Status> {
    if !parameters.enums_as_numbers {
        return http::json(event, parameters.pretty);
    }
    let value = serde_json::to_value(event);
    let mut value = value.map_err(|e| Status::internal(format!("cannot write the response: {e}")))?;
    value["jobEvent"]["type"] = event.job_event.r#type.number().into();
    http::json(&value, parameters.pretty)
}

/// The response for an unknown path.
pub(crate) async fn unknown(method: Method, uri: Uri) -> Refused {
    Refused(Status::not_found(format!(
        "unknown request {method} {:?}; the emulator answers gRPC, POST /v4/projects/*/tenants/*/clientEvents, \
         …/jobs:search, …/jobs:searchForAlert, the console at /, and the list at GET /emulator/v1",
        shorten(&uri)
    )))
}

/// The response for a known path with a wrong method. axum adds the header `Allow`.
pub(crate) async fn not_allowed(method: Method, uri: Uri) -> MethodNotAllowed {
    MethodNotAllowed(format!("{:?} does not allow {method}; the header `Allow` lists its methods", shorten(&uri)))
}

fn shorten(uri: &Uri) -> String {
    uri.path().chars().take(MAX_PATH_CHARS).collect()
}
