//! The event stream of a page, and older events.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive};
use axum::response::{Response, Sse};
use axum::routing::get;
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use talent_events::RequestId;
use tokio::sync::watch;
use tokio::time::{self, Instant};

use super::filter::Filter;
use super::row::Row;
use super::state::Console;
use crate::app::App;
use crate::http::{self, Refused};
use crate::store::{Records, Revision};

/// The number of events in a response.
const PAGE: usize = 100;

/// The number of events to read at a time.
const CHUNK: usize = 1_000;

/// The minimum time between two messages, so that a flood of events becomes a few messages per second.
const MESSAGE_INTERVAL: Duration = Duration::from_millis(200);

/// Maximum number of request ids in a message.
const MAX_TOUCHED: usize = 100;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/v1/stream", get(follow)).route("/console/v1/events", get(older))
}

/// The newest events of a range, newest first.
#[derive(Debug, Default, Serialize)]
struct Page {
    rows: Vec<Row>,
    /// There may be more events before this number.
    next: Option<usize>,
}

/// The events after the first `after`, up to the first `end.count`. `None`: all were cleared meanwhile.
fn page(records: &Records, filter: &Filter, after: usize, end: Revision) -> Option<Page> {
    let mut to = end.count;
    let mut page = Page::default();
    while after < to {
        let start = after.max(to.saturating_sub(CHUNK));
        let from = Revision { count: start, ..end };
        let events = records.select(from, to - start, |event| filter.may_match(event))?;
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
        let end = app.records.revision();
        let end = Revision { count: before.saturating_sub(1).min(end.count), ..end };
        page(&app.records, &filter, 0, end).unwrap_or_default()
    });
    Ok(http::json(&found.await?, false)?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Start {
    /// The id of the last message that the page has received, if it reconnects by itself.
    after: Option<String>,
    /// Only the counts, without rows.
    quiet: bool,
}

async fn follow(
    State(console): State<Console>,
    Query(filter): Query<Filter>,
    Query(start): Query<Start>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // When the browser reconnects, its header is newer than the address that the page has set.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).or(start.after.as_deref());
    let seen = last.and_then(|last| read_id(&console, last));
    let revisions = console.app.records.revisions();
    let tail = Tail { revisions, console, filter, quiet: start.quiet, seen, due: Instant::now() };
    let messages = stream::unfold(tail, |mut tail| async {
        let app = Arc::clone(&tail.console.app);
        tokio::select! {
            () = app.gate.stopped() => None,
            message = tail.next() => Some((Ok(message?), tail)),
        }
    });
    Sse::new(messages).keep_alive(KeepAlive::default())
}

/// The stream of one page.
///
/// It holds no events: it reads them when the browser has taken the previous message. So a slow browser costs nothing. If
/// there are more events than a page shows, the browser gets only the newest.
struct Tail {
    console: Console,
    filter: Filter,
    quiet: bool,
    revisions: watch::Receiver<Revision>,
    /// `None`: the page has nothing, or events that were cleared.
    seen: Option<Revision>,
    /// The earliest time of the next message.
    due: Instant,
}

#[derive(Debug, Serialize)]
struct Message {
    /// The number of all events, also of those that do not match.
    count: usize,
    /// The number of refused calls.
    refused: u64,
    /// The request ids with new events, also with those that do not match, because they may change the warnings about other
    /// events. `None`: any request id may have changed.
    touched: Option<Vec<RequestId>>,
    /// The rows replace those of the page: it is new, there were too many events, or all were cleared.
    replace: bool,
    #[serde(flatten)]
    page: Page,
}

impl Message {
    fn quiet(records: &Records, end: Revision) -> Self {
        let refused = records.stats().total_refused();
        Self { count: end.count, refused, touched: None, replace: false, page: Page::default() }
    }
}

/// The changes since `seen`. `None`: all events were cleared meanwhile.
fn message(records: &Records, filter: &Filter, seen: Option<Revision>, end: Revision) -> Option<Message> {
    let after = seen.map_or(0, |seen| seen.count);
    let page = page(records, filter, after, end)?;
    let touched = match seen {
        Some(seen) if seen.rule_changes == end.rule_changes => {
            touched(records, Revision { count: after, ..end }, end.count - after)?
        }
        _ => None,
    };
    Some(Message { replace: seen.is_none() || page.next.is_some(), page, touched, ..Message::quiet(records, end) })
}

/// The request ids of the events after `from`. Of very many events it does not tell which.
fn touched(records: &Records, from: Revision, count: usize) -> Option<Option<Vec<RequestId>>> {
    if count > CHUNK {
        return Some(None);
    }
    let events = records.page(from, count)?;
    let ids: HashSet<_> = events.into_iter().filter_map(|recorded| recorded.event.request_id).collect();
    Some((ids.len() <= MAX_TOUCHED).then(|| ids.into_iter().collect()))
}

impl Tail {
    async fn next(&mut self) -> Option<Event> {
        time::sleep_until(self.due).await;
        loop {
            let end = *self.revisions.borrow_and_update();
            let seen = self.seen.filter(|seen| seen.clears == end.clears && seen.count <= end.count);
            if seen != Some(end) {
                let (filter, quiet) = (self.filter.clone(), self.quiet);
                let read = move |App { records, .. }: &App| {
                    if quiet { Some(Message::quiet(records, end)) } else { message(records, &filter, seen, end) }
                };
                // An error: the runtime is shutting down. No message: all events were cleared meanwhile.
                let Some(message) = self.console.blocking(read).await.ok()? else { continue };
                self.seen = Some(end);
                self.due = Instant::now() + MESSAGE_INTERVAL;
                return Event::default().id(id(&self.console, end)).json_data(message).ok();
            }
            // The app holds the sender, so the wait cannot fail.
            let _ = self.revisions.changed().await;
        }
    }
}

fn id(console: &Console, revision: Revision) -> String {
    format!("{}/{}/{}", console.run, revision.clears, revision.count)
}

/// `None`: the id is another emulator's.
fn read_id(console: &Console, id: &str) -> Option<Revision> {
    let (clears, count) = id.strip_prefix(console.run.as_str())?.strip_prefix('/')?.split_once('/')?;
    // The id does not hold the other numbers. These values are outdated, so the page gets a message.
    Some(Revision {
        clears: clears.parse().ok()?,
        count: count.parse().ok()?,
        rule_changes: u64::MAX,
        unrecorded: u64::MAX,
    })
}
