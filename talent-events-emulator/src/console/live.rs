//! The events as they come, and further back.

use std::collections::{BTreeMap, HashSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive};
use axum::response::{Response, Sse};
use axum::routing::get;
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use talent_events::RequestId;
use talent_events::event::rules::Rule;
use tokio::sync::watch;
use tokio::time::{self, Instant};
use tonic::Status;

use super::Console;
use super::filter::Filter;
use super::row::Row;
use crate::Recorded;
use crate::app::App;
use crate::records::Mark;
use crate::rest::{self, Refused};

/// Events of an answer.
const PAGE: usize = 100;

/// Events that are looked through at a time.
const CHUNK: usize = 1_000;

/// How long news are collected: a flood becomes a few messages a second, not one an event.
const PACE: Duration = Duration::from_millis(200);

/// Most request ids of a message.
const MAX_TOUCHED: usize = 100;

/// Most events whose warnings are asked for at once.
const MAX_NUMBERS: usize = 500;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/v1/stream", get(follow))
        .route("/console/v1/events", get(older))
        .route("/console/v1/events/{number}", get(event))
        .route("/console/v1/warnings", get(warnings))
}

/// The newest events of a stretch, the newest first.
#[derive(Debug, Default, Serialize)]
struct Page {
    rows: Vec<Row>,
    /// Go on before this number: there may be more in the stretch.
    next: Option<usize>,
}

/// `after` the first so many events, up to the first `end.count`. `None` where all were cleared meanwhile.
fn page(app: &App, filter: &Filter, after: usize, end: Mark) -> Option<Page> {
    let mut to = end.count;
    let mut page = Page::default();
    while after < to {
        let start = after.max(to.saturating_sub(CHUNK));
        let events = app.records.select(Mark { count: start, ..end }, to - start, |event| filter.may_match(event))?;
        to = start;
        for recorded in events.into_iter().rev().filter(|recorded| filter.matches(recorded)) {
            if page.rows.len() == PAGE {
                page.next = Some(recorded.number + 1);
                return Some(page);
            }
            page.rows.push(recorded.into());
        }
    }
    Some(page)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Before {
    before: usize,
}

async fn older(
    State(console): State<Console>,
    Query(filter): Query<Filter>,
    Query(Before { before }): Query<Before>,
) -> Result<Response, Refused> {
    let found = console.blocking(move |app| {
        let end = *app.records.marks().borrow();
        page(app, &filter, 0, Mark { count: before.saturating_sub(1).min(end.count), ..end }).unwrap_or_default()
    });
    Ok(rest::json(&found.await?, false)?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Start {
    /// The id of the last message that the page has seen, where it connects again by itself.
    after: Option<String>,
    /// Only how many events there are: no rows.
    quiet: bool,
}

async fn follow(
    State(console): State<Console>,
    Query(filter): Query<Filter>,
    Query(start): Query<Start>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // What the browser says when it connects again is newer than the address that the page gave it.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).or(start.after.as_deref());
    let seen = last.and_then(|last| read_id(&console, last));
    let tail =
        Tail { marks: console.app.records.marks(), console, filter, quiet: start.quiet, seen, due: Instant::now() };
    let messages = stream::unfold(tail, |mut tail| async {
        let app = Arc::clone(&tail.console.app);
        tokio::select! {
            () = app.gate.stopped() => None,
            message = tail.next() => Some((Ok(message?), tail)),
        }
    });
    Sse::new(messages).keep_alive(KeepAlive::default())
}

/// One page's view of what comes. It holds no events: what is sent is read when the browser has taken what was sent
/// before, so that a slow one costs nothing, and where more came than a page shows it gets the newest only.
struct Tail {
    console: Console,
    filter: Filter,
    quiet: bool,
    marks: watch::Receiver<Mark>,
    /// `None`: nothing yet, or what is gone.
    seen: Option<Mark>,
    /// When the next message may be sent.
    due: Instant,
}

/// What a page is told.
#[derive(Debug, Serialize)]
struct Message {
    /// How many events there are, whether they match or not.
    count: usize,
    /// How many calls were refused.
    refused: u64,
    /// Under which request ids something came, whether it matches or not: it may change what is known of the events
    /// beside it. `None` where all have to be asked about.
    touched: Option<Vec<RequestId>>,
    /// These are all to show, instead of what was: the page just came, or too much happened, or all was cleared.
    replace: bool,
    #[serde(flatten)]
    page: Page,
}

impl Message {
    fn quiet(app: &App, end: Mark) -> Self {
        let refused = app.records.stats().total_refused();
        Self { count: end.count, refused, touched: None, replace: false, page: Page::default() }
    }
}

/// What is new since `seen`; `None` where all were cleared meanwhile.
fn message(app: &App, filter: &Filter, seen: Option<Mark>, end: Mark) -> Option<Message> {
    let after = seen.map_or(0, |seen| seen.count);
    let page = page(app, filter, after, end)?;
    let touched = match seen {
        Some(seen) if seen.turns == end.turns => touched(app, Mark { count: after, ..end }, end.count - after)?,
        _ => None,
    };
    Some(Message { replace: seen.is_none() || page.next.is_some(), page, touched, ..Message::quiet(app, end) })
}

/// The request ids of so many events from a place on; a page has few, so that of many it need not be told which.
fn touched(app: &App, from: Mark, count: usize) -> Option<Option<Vec<RequestId>>> {
    if count > CHUNK {
        return Some(None);
    }
    let events = app.records.page(from, count)?;
    let ids: HashSet<_> = events.into_iter().filter_map(|recorded| recorded.event.request_id).collect();
    Some((ids.len() <= MAX_TOUCHED).then(|| ids.into_iter().collect()))
}

impl Tail {
    async fn next(&mut self) -> Option<Event> {
        time::sleep_until(self.due).await;
        loop {
            let end = *self.marks.borrow_and_update();
            let seen = self.seen.filter(|seen| seen.clears == end.clears && seen.count <= end.count);
            if seen != Some(end) {
                let (filter, quiet) = (self.filter.clone(), self.quiet);
                let look = move |app: &App| {
                    if quiet { Some(Message::quiet(app, end)) } else { message(app, &filter, seen, end) }
                };
                // The runtime is shutting down, or all was cleared meanwhile.
                let Some(message) = self.console.blocking(look).await.ok()? else { continue };
                self.seen = Some(end);
                self.due = Instant::now() + PACE;
                return Event::default().id(id(&self.console, end)).json_data(message).ok();
            }
            // The sender is the app's, so that the wait can not fail.
            let _ = self.marks.changed().await;
        }
    }
}

fn id(console: &Console, mark: Mark) -> String {
    format!("{}/{}/{}", console.run, mark.clears, mark.count)
}

/// `None` where it is another emulator's.
fn read_id(console: &Console, id: &str) -> Option<Mark> {
    let (clears, count) = id.strip_prefix(console.run.as_str())?.strip_prefix('/')?.split_once('/')?;
    // Of what else there was nothing is known any more, so that the page is told of all.
    Some(Mark { clears: clears.parse().ok()?, count: count.parse().ok()?, turns: u64::MAX, in_vain: u64::MAX })
}

#[derive(Debug, Serialize)]
struct Opened {
    recorded: Recorded,
    warnings: Vec<Value>,
}

async fn event(State(console): State<Console>, Path(number): Path<usize>) -> Result<Response, Refused> {
    let found = console.ask(move |book, records| {
        let recorded = records.numbered(book.seen().clears, [number])?.pop()?;
        let place = book.place(&recorded);
        place.map(|place| book.judge_search(records, place));
        let warnings = place.into_iter().flat_map(|place| book.warnings(place, number)).map(rule).collect();
        Some(Opened { recorded, warnings })
    });
    let gone = || Status::not_found(format!("there is no event number {number}: the events were cleared"));
    Ok(rest::json(&found.await?.ok_or_else(gone)?, false)?)
}

#[derive(Debug, Deserialize)]
struct Numbers {
    /// With commas between them.
    numbers: String,
}

/// What is wrong with these events as of now: a later event may settle a warning, or make one. `unfinished` where some
/// of it is as it was a moment ago, and to be asked for again.
async fn warnings(
    State(console): State<Console>,
    Query(Numbers { numbers }): Query<Numbers>,
) -> Result<Response, Refused> {
    let numbers: Vec<usize> = numbers.split(',').filter_map(|n| n.parse().ok()).take(MAX_NUMBERS).collect();
    let found = console.ask(move |book, records| {
        let (mut warnings, mut unfinished) = (BTreeMap::new(), false);
        for recorded in records.numbered(book.seen().clears, numbers).unwrap_or_default() {
            let Some(place) = book.place(&recorded) else { continue };
            unfinished |= !book.judge_search(records, place);
            let rules = book.warnings(place, recorded.number);
            let rules = rules.map(|rule| json!({"id": rule.id(), "severity": rule.severity().to_string()}));
            warnings.insert(recorded.number, Value::from_iter(rules));
        }
        json!({"warnings": warnings, "unfinished": unfinished})
    });
    Ok(rest::json(&found.await?, false)?)
}

/// A rule in full.
pub(super) fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.id(),
        "severity": rule.severity().to_string(),
        "source": rule.source().to_string(),
        "sentence": rule.sentence(),
    })
}
