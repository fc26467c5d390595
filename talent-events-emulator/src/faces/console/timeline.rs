//! All events under one request id, by their time of creation.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};
use talent_events::RequestId;

use super::index::Index;
use super::row::Row;
use super::rules::rule;
use super::state::Console;
use crate::http::{self, Refused};
use crate::store::{Recorded, Records};

/// Maximum number of tenants in a response.
const MAX_TENANTS: usize = 20;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/v1/timeline", get(timeline))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Of {
    request_id: RequestId,
}

async fn timeline(State(console): State<Console>, Query(Of { request_id }): Query<Of>) -> Result<Response, Refused> {
    let found = console.query(move |index, records| {
        let (mut searches, mut unfinished) = (Vec::new(), false);
        for search in index.searches_of(&request_id).into_iter().take(MAX_TENANTS) {
            unfinished |= !index.judge_search(records, search);
            searches.extend(describe(index, records, search));
        }
        json!({"searches": searches, "unfinished": unfinished})
    });
    Ok(http::json(&found.await?, false)?)
}

fn describe(index: &Index, records: &Records, search: usize) -> Option<Value> {
    let (count, events) = index.timeline(records, search)?;
    let (tenant, more) = (events.first()?.tenant.clone(), count - events.len());
    let line = |recorded: Recorded| {
        let warnings: Vec<_> = index.warnings(search, recorded.number).map(rule).collect();
        json!({"row": Row::from(recorded), "warnings": warnings})
    };
    let events: Vec<_> = events.into_iter().map(line).collect();
    Some(json!({"tenant": tenant, "count": count, "more": more, "events": events}))
}
