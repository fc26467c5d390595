//! A stand-in for searches, so that a whole flow can be tried. It returns jobs and a new request id, which is known from
//! then on.

mod request;

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request, State};
use axum::response::Response;
use axum::routing::post;
use axum::{Router, middleware};
use serde_json::json;
use talent_events::{EventId, InvalidField, RequestId, TenantName};

use crate::app::App;
use crate::http::{self, Parameters, Refused, invalid_fields};
use request::Page;

/// Maximum size of a request.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The jobs that searches return by default.
pub(crate) fn example_jobs() -> Vec<String> {
    (1..=20).map(|n| format!("example-{n}")).collect()
}

pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/v4/projects/{project}/tenants/{tenant}/jobs:search", post(search))
        .route("/v4/projects/{project}/tenants/{tenant}/jobs:searchForAlert", post(search))
        .route_layer(middleware::from_fn_with_state(app.hosts.clone(), http::api_only))
}

/// Only `maxPageSize` and `offset` make a difference. Of the other fields only the names are checked.
async fn search(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Refused> {
    let body = http::read_body(request.into_body(), MAX_BODY_BYTES).await?;
    let parameters = Parameters::read(query.as_deref())?;
    let invalid = |e: InvalidField| Refused(invalid_fields(&[e]));
    let tenant = TenantName::new(http::tenant_name(path)?).map_err(invalid)?;
    let page = if body.trim_ascii().is_empty() { Page::default() } else { Page::read(&body)? };
    let found = app.jobs.iter().skip(page.offset).take(page.size);
    let names = found.map(|id| tenant.job(id)).collect::<Result<Vec<_>, _>>().map_err(invalid)?;
    // It has `:`, `/` and `=`, so that a client fails if it takes the opaque id apart or does not escape it.
    let id = RequestId::new(format!("search:{}/1=", EventId::generate())).map_err(invalid)?;
    app.records.add_known(id.clone());
    let matching: Vec<_> = names.iter().map(|name| json!({"job": {"name": name}})).collect();
    let answer = json!({"matchingJobs": matching, "totalSize": app.jobs.len(), "metadata": {"requestId": id}});
    Ok(http::json(&answer, parameters.pretty)?)
}
