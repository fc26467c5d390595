//! Counts, the funnel and the broken rules.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Map, Value, json};
use talent_events::JobEventType;
use talent_events::event::rules::RULES;

use super::buckets::Histogram;
use super::index::Index;
use super::rules::rule;
use super::stages::{FUNNEL, Stage};
use super::state::Console;
use crate::http::{self, Refused};
use crate::store::Records;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/v1/dashboard", get(dashboard))
}

async fn dashboard(State(console): State<Console>) -> Result<Response, Refused> {
    Ok(http::json(&console.query(summary).await?, false)?)
}

fn summary(index: &mut Index, records: &Records) -> Value {
    let stats = records.stats();
    let refusals: Map<_, _> = stats.refusals().map(|(code, count)| (code.name().to_owned(), count.into())).collect();
    let histogram = Histogram::new(index.times());
    let mut types = JobEventType::ALL;
    types.sort_by_key(|t| Stage::of(*t));
    let types: Vec<_> = types
        .into_iter()
        .map(|t| {
            json!({
                "type": t,
                "stage": Stage::of(t),
                "kept": stats.kept(t),
                "discarded": stats.discarded(t),
                "buckets": histogram.as_ref().map_or(&[][..], |histogram| &histogram.buckets[t.number() as usize]),
            })
        })
        .collect();
    let funnel: Vec<_> = FUNNEL
        .iter()
        .zip(index.funnel())
        .map(|(stage, searches)| json!({"stage": stage, "searches": searches}))
        .collect();
    let (defects, unfinished) = index.defects(records);
    let rules: Vec<_> = RULES
        .iter()
        .zip(defects)
        .map(|(broken, defects)| {
            let mut value = rule(broken);
            value["defects"] = (*defects).into();
            value
        })
        .collect();
    json!({
        "kept": stats.total_kept(),
        "discarded": stats.total_discarded(),
        "refused": stats.total_refused(),
        "repeated": stats.total_repeated(),
        "refusals": refusals,
        "types": types,
        "histogram": histogram,
        "funnel": funnel,
        "rules": rules,
        "unfinished": unfinished,
        "strict": records.settings().strict,
    })
}
