//! The defects by one rule, with the events that show them.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};
use talent_events::InvalidField;
use talent_events::event::rules::{Defect, RULES, Rule};

use super::Console;
use super::book::{Book, Judged};
use crate::records::Records;
use crate::refusal;
use crate::rest::{self, Refused};

/// Most defects of an answer, of one search, and events of a defect.
const PAGE: usize = 20;
const MAX_OF_SEARCH: usize = 20;
const MAX_EVENTS: usize = 20;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/v1/defects", get(defects))
}

#[derive(Debug, Deserialize)]
struct Of {
    rule: String,
    /// The place to go on from.
    #[serde(default)]
    from: usize,
}

async fn defects(State(console): State<Console>, Query(Of { rule, from }): Query<Of>) -> Result<Response, Refused> {
    let Some(&rule) = RULES.iter().find(|known| known.id() == rule) else {
        let field = InvalidField::new("rule", InvalidField::quote(&rule), "the id of a rule");
        return Err(refusal::of_fields(&[&field]).into());
    };
    Ok(rest::json(&console.ask(move |book, records| list(book, records, rule, from)).await?, false)?)
}

fn list(book: &mut Book, records: &Records, rule: &Rule, from: usize) -> Value {
    let mut listed = Vec::new();
    for place in book.broken(records, rule, from) {
        if listed.len() >= PAGE {
            return json!({"defects": listed, "next": place});
        }
        let Some(judged) = book.judged(records, place) else { break };
        let of_rule: Vec<_> = judged.defects.iter().filter(|defect| defect.rule == rule).collect();
        let more = of_rule.len().saturating_sub(MAX_OF_SEARCH);
        listed.extend(of_rule.iter().take(MAX_OF_SEARCH).map(|defect| describe(defect, &judged)));
        if let Some(last) = listed.last_mut().filter(|_| more > 0) {
            last["moreOfSearch"] = more.into();
        }
    }
    json!({"defects": listed, "next": null})
}

fn describe(defect: &Defect, judged: &Judged) -> Value {
    let mut numbers = HashMap::new();
    for recorded in &judged.events {
        // A repetition is the same event.
        numbers.entry((recorded.event.job_event.r#type, &recorded.event.event_id)).or_insert(recorded.number);
    }
    let events = defect.typed_events().take(MAX_EVENTS);
    let events: Vec<_> =
        events.map(|(t, id)| json!({"type": t, "eventId": id, "number": numbers.get(&(t, id))})).collect();
    json!({
        "tenant": judged.events.first().map(|recorded| &recorded.tenant),
        "requestId": defect.request_id,
        "job": defect.job.as_ref().map(|job| job.job()),
        "moreEvents": defect.events.len() - events.len(),
        "events": events,
    })
}
