//! All events under one request id, in the order in which they happened.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};
use talent_events::RequestId;

use super::Console;
use super::book::Book;
use super::live::rule;
use super::row::Row;
use crate::Recorded;
use crate::records::Records;
use crate::rest::{self, Refused};

/// Most tenants.
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
        let (mut searches, mut unfinished) = (Vec::new(), false);
        for place in book.places(&request_id).into_iter().take(MAX_TENANTS) {
            unfinished |= !book.judge_search(records, place);
            searches.extend(search(book, records, place));
        }
        json!({"searches": searches, "unfinished": unfinished})
    });
    Ok(rest::json(&found.await?, false)?)
}

fn search(book: &Book, records: &Records, place: usize) -> Option<Value> {
    let (count, events) = book.timeline(records, place)?;
    let (tenant, more) = (events.first()?.tenant.clone(), count - events.len());
    let line = |recorded: Recorded| {
        let warnings: Vec<_> = book.warnings(place, recorded.number).map(rule).collect();
        json!({"row": Row::from(recorded), "warnings": warnings})
    };
    let events: Vec<_> = events.into_iter().map(line).collect();
    Some(json!({"tenant": tenant, "count": count, "more": more, "events": events}))
}
