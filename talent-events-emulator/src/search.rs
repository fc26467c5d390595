//! A stand-in for searches, so that a whole flow can be tried: it answers jobs, and a request id that is known from
//! then on.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request, State};
use axum::response::Response;
use axum::routing::post;
use axum::{Router, middleware};
use serde_json::{Value, json};
use talent_events::{EventId, InvalidField, RequestId, TenantName};
use tonic::Status;

use crate::app::App;
use crate::rest::{self, Parameters, Refused};
use crate::{guard, json, refusal};

/// Most bytes of a request.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// How many jobs a page holds where the request does not say, and at most (Google's numbers).
const PAGE: u64 = 10;
const MAX_PAGE: u64 = 100;

/// What is found where nobody said which jobs there are.
pub(crate) fn example_jobs() -> Vec<String> {
    (1..=20).map(|n| format!("example-{n}")).collect()
}

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v4/projects/{project}/tenants/{tenant}/jobs:search", post(search))
        .route("/v4/projects/{project}/tenants/{tenant}/jobs:searchForAlert", post(search))
        .route_layer(middleware::from_fn(guard::same_origin))
}

/// Of the request only `maxPageSize` and `offset` make a difference: nothing is searched.
async fn search(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Refused> {
    let body = rest::whole(request.into_body(), MAX_BODY_BYTES).await?;
    let parameters = Parameters::read(query.as_deref())?;
    let invalid = |e: InvalidField| Refused(refusal::of_fields(&[&e]));
    let tenant = TenantName::new(rest::tenant(path)?).map_err(invalid)?;
    let wanted: Value = if body.trim_ascii().is_empty() { json!({}) } else { parse(&body)? };
    let page = number(&wanted, "maxPageSize", PAGE)?.min(MAX_PAGE);
    let offset = number(&wanted, "offset", 0)?;

    let place = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let found = app.jobs.iter().skip(place(offset)).take(place(page));
    let names = found.map(|id| tenant.job(id)).collect::<Result<Vec<_>, _>>().map_err(invalid)?;
    // With what an opaque id may hold, so that a client that takes it apart, or does not escape it, is found out.
    let id = RequestId::new(format!("search:{}/1=", EventId::generate())).map_err(invalid)?;
    app.records.know(id.clone());
    let matching: Vec<_> = names.iter().map(|name| json!({"job": {"name": name}})).collect();
    let answer = json!({"matchingJobs": matching, "totalSize": app.jobs.len(), "metadata": {"requestId": id}});
    Ok(rest::json(&answer, parameters.pretty)?)
}

fn parse(body: &[u8]) -> Result<Value, Status> {
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(other) => Err(Status::invalid_argument(format!("the body: {}", json::no_object(&other)))),
        Err(e) => Err(Status::invalid_argument(format!("the body: {}", json::words_and_place(&e)))),
    }
}

fn number(wanted: &Value, name: &'static str, default: u64) -> Result<u64, Status> {
    match &wanted[name] {
        Value::Null => Ok(default),
        value => value.as_u64().ok_or_else(|| {
            let found = InvalidField::quote(&value.to_string());
            refusal::of_request(&[&InvalidField::new(name, found, "a whole number from 0 on")])
        }),
    }
}
