//! The recorded events and their counts.

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Map, json};
use talent_events::JobEventType;
use tonic::Status;

use super::query::{Order, Query};
use crate::app::App;
use crate::files;
use crate::http::{self, Refused};
use crate::store::{Recorded, Records, Revision};

/// The number of events to read at a time.
const CHUNK: usize = 1_000;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/emulator/v1/events", get(events).delete(clear)).route("/emulator/v1/counts", get(counts))
}

async fn events(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Result<Response, Refused> {
    let query = Query::read(query.as_deref())?;
    let found = files::blocking(move || Ok(find(&app.records, &query))).await;
    let (events, next) = found.map_err(|e| Status::unavailable(e.to_string()))?;
    Ok(http::json(&json!({"events": events, "next": next}), true)?)
}

/// The events, and the number to continue after (or before, for the newest first) if there may be more.
fn find(records: &Records, query: &Query) -> (Vec<Recorded>, Option<usize>) {
    let end = records.revision();
    let mut from = query.after;
    let mut to = query.before.map_or(end.count, |before| before.saturating_sub(1).min(end.count));
    let mut found = Vec::new();
    while from < to {
        let start = match query.order {
            Order::Oldest => from,
            Order::Newest => from.max(to.saturating_sub(CHUNK)),
        };
        let max = CHUNK.min(to - start);
        // If all events were cleared meanwhile, there are no more.
        let Some(mut events) = records.page(Revision { count: start, ..end }, max) else { break };
        match query.order {
            Order::Oldest => from = start + max,
            Order::Newest => {
                to = start;
                events.reverse();
            }
        }
        for event in events.into_iter().filter(|event| query.matches(event)) {
            if found.len() == query.limit {
                let next = found.last().map(|last: &Recorded| last.number);
                return (found, next);
            }
            found.push(event);
        }
    }
    (found, None)
}

async fn clear(State(app): State<Arc<App>>) -> StatusCode {
    app.records.clear();
    StatusCode::NO_CONTENT
}

async fn counts(State(app): State<Arc<App>>) -> Result<Response, Refused> {
    let stats = app.records.stats();
    let types: Map<_, _> = JobEventType::ALL
        .into_iter()
        .map(|t| (t.to_string(), json!({"kept": stats.kept(t), "discarded": stats.discarded(t)})))
        .collect();
    let refusals: Map<_, _> = stats.refusals().map(|(code, count)| (code.name().to_owned(), count.into())).collect();
    let counts = json!({
        "kept": stats.total_kept(),
        "discarded": stats.total_discarded(),
        "refused": stats.total_refused(),
        "repeated": stats.total_repeated(),
        "types": types,
        "refusals": refusals,
    });
    Ok(http::json(&counts, true)?)
}
