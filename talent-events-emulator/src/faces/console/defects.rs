//! The defects by one rule, with their events.

use std::collections::HashMap;
use std::ptr;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};
use talent_events::event::rules::{Defect, RULES, Rule};
use talent_events::{ClientEvent, InvalidField, TenantName};

use super::index::Index;
use super::state::Console;
use crate::http::{self, Refused, invalid_request};
use crate::store::Records;
use crate::text::invalid;

/// Maximum number of defects in a response, of defects of one search, and of events of a defect.
const PAGE: usize = 20;
const MAX_OF_SEARCH: usize = 20;
const MAX_EVENTS: usize = 20;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/v1/defects", get(defects))
}

#[derive(Debug, Deserialize)]
struct Of {
    rule: String,
    /// The search to continue from.
    #[serde(default)]
    from: usize,
}

async fn defects(State(console): State<Console>, Query(Of { rule, from }): Query<Of>) -> Result<Response, Refused> {
    let Some(&rule) = RULES.iter().find(|known| known.id() == rule) else {
        return Err(invalid_request(&[invalid("rule", "the id of a rule", InvalidField::quote(&rule))]).into());
    };
    Ok(http::json(&console.query(move |index, records| list(index, records, rule, from)).await?, false)?)
}

fn list(index: &mut Index, records: &Records, rule: &Rule, from: usize) -> Value {
    let mut listed = Vec::new();
    for search in index.searches_that_break(records, rule, from) {
        if listed.len() >= PAGE {
            return json!({"defects": listed, "next": search});
        }
        let Some(events) = index.events(records, search) else { break };
        let tenant = events.first().map(|recorded| &recorded.tenant);
        let numbers = events.iter().map(|recorded| (ptr::from_ref(&recorded.event), recorded.number)).collect();
        let mut more = 0_usize;
        let end = listed.len() + MAX_OF_SEARCH;
        index.check(&events, |defect, shown_by| match defect.rule == rule {
            true if listed.len() < end => listed.push(describe(&defect, shown_by, tenant, &numbers)),
            true => more += 1,
            false => {}
        });
        if let Some(last) = listed.last_mut().filter(|_| more > 0) {
            last["moreOfSearch"] = more.into();
        }
    }
    json!({"defects": listed, "next": null})
}

fn describe(
    defect: &Defect,
    shown_by: &[&ClientEvent],
    tenant: Option<&TenantName>,
    numbers: &HashMap<*const ClientEvent, usize>,
) -> Value {
    let event = |event: &&ClientEvent| {
        let number = numbers.get(&ptr::from_ref(*event));
        json!({"type": event.job_event.r#type, "eventId": event.event_id, "number": number})
    };
    let events: Vec<_> = shown_by.iter().take(MAX_EVENTS).map(event).collect();
    json!({
        "tenant": tenant,
        "requestId": defect.request_id,
        "job": defect.job.as_ref().map(|job| job.job()),
        "moreEvents": shown_by.len() - events.len(),
        "events": events,
    })
}
