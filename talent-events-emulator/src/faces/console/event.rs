//! Single events, and the warnings about them.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tonic::Status;

use super::rules::{badge, rule};
use super::state::Console;
use crate::http::{self, Refused};
use crate::store::Recorded;

/// Maximum number of events in one request for warnings.
const MAX_NUMBERS: usize = 500;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/v1/events/{number}", get(event)).route("/console/v1/warnings", get(warnings))
}

#[derive(Debug, Serialize)]
struct Opened {
    recorded: Recorded,
    warnings: Vec<Value>,
}

async fn event(State(console): State<Console>, Path(number): Path<usize>) -> Result<Response, Refused> {
    let found = console.query(move |index, records| {
        let recorded = records.numbered(index.seen().clears, [number])?.pop()?;
        let search = index.search_of(&recorded);
        search.map(|search| index.judge_search(records, search));
        let warnings = search.into_iter().flat_map(|search| index.warnings(search, number)).map(rule).collect();
        Some(Opened { recorded, warnings })
    });
    let gone = || Status::not_found(format!("there is no event number {number}: the events were cleared"));
    Ok(http::json(&found.await?.ok_or_else(gone)?, false)?)
}

#[derive(Debug, Deserialize)]
struct Numbers {
    /// Separated by commas.
    numbers: String,
}

/// The current warnings about these events, because a later event may settle a warning or cause one.
///
/// `unfinished`: some of them are not judged yet, so the page asks again.
async fn warnings(
    State(console): State<Console>,
    Query(Numbers { numbers }): Query<Numbers>,
) -> Result<Response, Refused> {
    let numbers: Vec<usize> = numbers.split(',').filter_map(|n| n.parse().ok()).take(MAX_NUMBERS).collect();
    let found = console.query(move |index, records| {
        let (mut warnings, mut unfinished) = (BTreeMap::new(), false);
        for recorded in records.numbered(index.seen().clears, numbers).unwrap_or_default() {
            let Some(search) = index.search_of(&recorded) else { continue };
            unfinished |= !index.judge_search(records, search);
            let badges = index.warnings(search, recorded.number).map(badge);
            warnings.insert(recorded.number, Value::from_iter(badges));
        }
        json!({"warnings": warnings, "unfinished": unfinished})
    });
    Ok(http::json(&found.await?, false)?)
}
