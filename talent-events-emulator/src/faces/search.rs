//! The REST form of searches.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request, State};
use axum::response::Response;
use axum::routing::post;
use axum::{Router, middleware};
use serde_json::{Value, json};

use crate::app::App;
use crate::http::{self, Parameters, Refused, invalid_request};
use crate::json;
use crate::proto::{SearchJobsRequest, SearchJobsResponse};

/// Maximum size of a request.
const MAX_BODY_BYTES: usize = 1024 * 1024;

pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/v4/projects/{project}/tenants/{tenant}/jobs:search", post(search))
        .route("/v4/projects/{project}/tenants/{tenant}/jobs:searchForAlert", post(search))
        .route_layer(middleware::from_fn_with_state(app.hosts.clone(), http::api_only))
}

async fn search(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Refused> {
    let body = http::read_body(request.into_body(), MAX_BODY_BYTES).await?;
    let parameters = Parameters::read(query.as_deref())?;
    let parent = http::tenant_name(path)?;
    let (read, mut errors) = match body.trim_ascii() {
        b"" => Default::default(),
        body => json::search::read(body),
    };
    let request = SearchJobsRequest { parent, ..read };
    // Rules are checked if all fields have the right shape.
    if errors.is_empty() {
        match crate::search::search(&app.records, &app.jobs, &request) {
            Ok(found) => return Ok(http::json(&to_json(&found), parameters.pretty)?),
            Err(broken) => errors = broken,
        }
    }
    Err(invalid_request(&errors).into())
}

fn to_json(found: &SearchJobsResponse) -> Value {
    let names = found.matching_jobs.iter().filter_map(|matching| matching.job.as_ref()).map(|job| &job.name);
    let mut response = json!({
        "matchingJobs": names.map(|name| json!({"job": {"name": name}})).collect::<Vec<_>>(),
        "totalSize": found.total_size,
        "metadata": {"requestId": found.metadata.as_ref().map(|metadata| &metadata.request_id)},
    });
    if !found.next_page_token.is_empty() {
        response["nextPageToken"] = found.next_page_token.clone().into();
    }
    response
}
