//! Counts, the funnel and the rules that are broken.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Map, Value, json};
use talent_events::JobEventType;
use talent_events::event::rules::RULES;

use super::Console;
use super::book::Book;
use super::live::rule;
use super::moments::Period;
use super::stages::{FUNNEL, Stage};
use crate::records::Records;
use crate::rest::{self, Refused};

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/v1/dashboard", get(dashboard))
}

async fn dashboard(State(console): State<Console>) -> Result<Response, Refused> {
    Ok(rest::json(&console.ask(summary).await?, false)?)
}

fn summary(book: &mut Book, records: &Records) -> Value {
    let stats = records.stats();
    let refusals: Map<_, _> =
        stats.refusals().map(|(code, count)| (rest::code_name(code).to_owned(), count.into())).collect();
    let period = Period::of(book.moments());
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
                "bars": period.as_ref().map_or(&[][..], |period| &period.bars[t.number() as usize]),
            })
        })
        .collect();
    let funnel: Vec<_> = FUNNEL
        .iter()
        .zip(book.funnel())
        .map(|(stage, searches)| json!({"stage": stage, "searches": searches}))
        .collect();
    let (defects, unfinished) = book.defects(records);
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
        "period": period,
        "funnel": funnel,
        "rules": rules,
        "unfinished": unfinished,
        "strict": records.settings().strict,
    })
}
