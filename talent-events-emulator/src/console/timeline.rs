//! All events under one request id, in the order in which they happened.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};
use talent_events::RequestId;

use super::Console;
use super::live::{distinct, rule};
use super::row::Row;
use crate::records::Records;
use crate::rest::{self, Refused};

use super::book::Book;

/// Most events of a tenant, and most tenants.
const MAX_EVENTS: usize = 500;
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
    let found = console.ask(move |book, records| {
        let places = book.places(&request_id).into_iter().take(MAX_TENANTS);
        json!({"searches": places.filter_map(|place| search(book, records, place)).collect::<Vec<_>>()})
    });
    Ok(rest::json(&found.await?, false)?)
}

fn search(book: &Book, records: &Records, place: usize) -> Option<Value> {
    let mut judged = book.judged(records, place)?;
    let tenant = judged.events.first()?.tenant.clone();
    let count = judged.events.len();
    judged.events.sort_by_key(|recorded| (recorded.event.create_time, recorded.number));
    let more = judged.events.split_off(count.min(MAX_EVENTS)).len();
    let warnings: Vec<Vec<_>> = judged
        .events
        .iter()
        .map(|recorded| distinct(judged.of_event(&recorded.event)).into_iter().map(rule).collect())
        .collect();
    let rows = judged.events.into_iter().map(Row::from).zip(warnings);
    let events: Vec<_> = rows.map(|(row, warnings)| json!({"row": row, "warnings": warnings})).collect();
    Some(json!({"tenant": tenant, "count": count, "more": more, "events": events}))
}
