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
use crate::similar::did_you_mean;
use crate::{guard, json, refusal};

/// Most bytes of a request.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// How many jobs a page holds where the request does not say, and at most (Google's numbers).
const PAGE: usize = 10;
const MAX_PAGE: usize = 100;

/// The fields of a search in proto3 JSON.
const FIELDS: [&str; 16] = [
    "parent",
    "searchMode",
    "requestMetadata",
    "jobQuery",
    "enableBroadening",
    "histogramQueries",
    "jobView",
    "offset",
    "maxPageSize",
    "pageToken",
    "orderBy",
    "diversificationLevel",
    "customRankingInfo",
    "disableKeywordMatch",
    "keywordMatchMode",
    "relevanceThreshold",
];

/// What is found where nobody said which jobs there are.
pub(crate) fn example_jobs() -> Vec<String> {
    (1..=20).map(|n| format!("example-{n}")).collect()
}

pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/v4/projects/{project}/tenants/{tenant}/jobs:search", post(search))
        .route("/v4/projects/{project}/tenants/{tenant}/jobs:searchForAlert", post(search))
        .route_layer(middleware::from_fn_with_state(Arc::clone(app), guard::same_origin))
}

/// Of the request only `maxPageSize` and `offset` make a difference: nothing is searched. Of the others only the names
/// are looked at.
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
    let Wanted { page, offset } = if body.trim_ascii().is_empty() { Wanted::default() } else { parse(&body)? };
    let found = app.jobs.iter().skip(offset).take(page.min(MAX_PAGE));
    let names = found.map(|id| tenant.job(id)).collect::<Result<Vec<_>, _>>().map_err(invalid)?;
    // With what an opaque id may hold, so that a client that takes it apart, or does not escape it, is found out.
    let id = RequestId::new(format!("search:{}/1=", EventId::generate())).map_err(invalid)?;
    app.records.know(id.clone());
    let matching: Vec<_> = names.iter().map(|name| json!({"job": {"name": name}})).collect();
    let answer = json!({"matchingJobs": matching, "totalSize": app.jobs.len(), "metadata": {"requestId": id}});
    Ok(rest::json(&answer, parameters.pretty)?)
}

struct Wanted {
    page: usize,
    offset: usize,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { page: PAGE, offset: 0 }
    }
}

/// All that is wrong with it is told at once.
fn parse(body: &[u8]) -> Result<Wanted, Status> {
    let (value, twice) =
        json::read(body).map_err(|e| Status::invalid_argument(format!("the body: {}", json::words_and_place(&e))))?;
    let Value::Object(fields) = &value else {
        return Err(Status::invalid_argument(format!("the body: {}", json::no_object(&value))));
    };
    let mut wanted = Wanted::default();
    let mut wrong: Vec<_> = twice.into_iter().map(|field| InvalidField::new(field, "it twice", rest::ONCE)).collect();
    for (name, value) in fields {
        let known = FIELDS.into_iter().find(|field| field == name || json::snake(field) == *name);
        let Some(known) = known else {
            let shown: String = name.chars().take(80).flat_map(char::escape_default).collect();
            let error = InvalidField::new(shown, "a field that is not known", FIELDS.join(", "));
            wrong.push(did_you_mean(error, name, FIELDS));
            continue;
        };
        if known != name && fields.contains_key(known) {
            wrong.push(InvalidField::new(name.clone(), format!("it twice, as `{known}` and `{name}`"), rest::ONCE));
        }
        match known {
            // As in every message of proto3, 0 is what is not said.
            "maxPageSize" => wanted.page = number(known, value, &mut wrong).filter(|page| *page > 0).unwrap_or(PAGE),
            "offset" => wanted.offset = number(known, value, &mut wrong).unwrap_or(0),
            _ => {}
        }
    }
    if wrong.is_empty() { Ok(wanted) } else { Err(refusal::of_request(&wrong.iter().collect::<Vec<_>>())) }
}

fn number(name: &'static str, value: &Value, wrong: &mut Vec<InvalidField>) -> Option<usize> {
    if value.is_null() {
        return None;
    }
    let number = json::whole(value).and_then(|number| i32::try_from(number).ok()).and_then(|n| usize::try_from(n).ok());
    if number.is_none() {
        let found = InvalidField::quote(&value.to_string());
        wrong.push(InvalidField::new(name, found, format!("a whole number from 0 to {}", i32::MAX)));
    }
    number
}
