//! The control API, `/emulator/v1/…`: what was recorded, and how the emulator behaves.
//!
//! For programs and for the emulator's own pages; [`guard`] keeps others away.

use std::collections::HashSet;
use std::io::{self, Cursor};
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use futures_util::stream;
use serde_json::{Value, json};
use talent_events::event::rules::Defect;
use talent_events::{InvalidField, JobEventType, RequestId, Timestamp};
use tonic::Status;

use crate::app::App;
use crate::files::{self, FileError, Place};
use crate::records::{Mark, Recorded};
use crate::rest::{self, Refused};
use crate::similar::did_you_mean;
use crate::{faults, guard, json, refusal};

/// Most bytes of a request, but for an import.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Most bytes of an import.
const MAX_IMPORT_BYTES: usize = 1024 * 1024 * 1024;

/// Events of an answer where the request does not say, and at most.
const PAGE: usize = 100;
const MAX_PAGE: usize = 1_000;

/// Events that are looked through at a time.
const CHUNK: usize = 1_000;

type Answer = Result<Response, Refused>;

/// What there is, for `GET /emulator/v1`: path, methods, and what for.
const ENDPOINTS: [(&str, &[&str], &str); 8] = [
    (
        "/emulator/v1/events",
        &["GET", "DELETE"],
        "what was recorded (by type, requestId, eventId, job, discarded, from, until; order, limit, after, before); \
         DELETE forgets events and counts",
    ),
    ("/emulator/v1/counts", &["GET"], "kept and discarded by type, refused by code"),
    ("/emulator/v1/defects", &["GET"], "what is wrong between the events, with the rule, who says so, and the events"),
    ("/emulator/v1/export", &["GET"], "all events and known request ids, one JSON object a line"),
    ("/emulator/v1/import", &["POST"], "adds the events of an export, or client events, one JSON object a line"),
    ("/emulator/v1/faults", &["GET", "PUT"], "what is to go wrong, a list"),
    ("/emulator/v1/settings", &["GET", "PATCH"], "strict, quota, requireToken, idempotent"),
    (
        "/emulator/v1/requestIds",
        &["GET", "POST", "DELETE"],
        "ids that searches have answered, a list of texts; DELETE forgets them",
    ),
];

pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/emulator/v1", get(endpoints))
        .route("/emulator/v1/", get(endpoints))
        .route("/emulator/v1/events", get(events).delete(clear))
        .route("/emulator/v1/counts", get(counts))
        .route("/emulator/v1/defects", get(defects))
        .route("/emulator/v1/export", get(export))
        .route("/emulator/v1/import", axum::routing::post(import))
        .route("/emulator/v1/faults", get(list_faults).put(put_faults))
        .route("/emulator/v1/settings", get(settings).patch(patch_settings))
        .route("/emulator/v1/requestIds", get(request_ids).post(know).delete(forget_known))
        .route_layer(middleware::from_fn_with_state(Arc::clone(app), guard::local))
}

/// Which events are asked for. All that is said has to hold.
#[derive(Debug, Default)]
struct Query {
    r#type: Option<JobEventType>,
    request_id: Option<RequestId>,
    event_id: Option<String>,
    /// A bare id or a whole name.
    job: Option<String>,
    discarded: Option<bool>,
    /// By the time of creation, this time included.
    from: Option<Timestamp>,
    /// By the time of creation, this time not included.
    until: Option<Timestamp>,
    /// Only events with a greater number.
    after: usize,
    /// Only events with a smaller number.
    before: Option<usize>,
    limit: Option<usize>,
    order: Order,
}

/// The parameters' names.
const PARAMETERS: [&str; 11] =
    ["type", "requestId", "eventId", "job", "discarded", "from", "until", "after", "before", "limit", "order"];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Order {
    #[default]
    Oldest,
    Newest,
}

impl Query {
    /// All that is wrong with it is told at once.
    fn read(query: Option<&str>) -> Result<Self, Status> {
        let mut wanted = Self::default();
        let (mut wrong, mut told) = (Vec::new(), HashSet::new());
        for (name, value) in rest::pairs(query.unwrap_or_default())? {
            let set = match told.insert(name.clone()) {
                true => wanted.set(&name, &value),
                false => Err(InvalidField::new("", "it twice", "each parameter once")),
            };
            let name = InvalidField::quote(&name).trim_matches('"').to_owned();
            wrong.extend(set.err().map(|e| e.at(name)));
        }
        if wrong.is_empty() { Ok(wanted) } else { Err(refusal::of_request(&wrong.iter().collect::<Vec<_>>())) }
    }

    /// The error's field is the caller's to name.
    fn set(&mut self, name: &str, value: &str) -> Result<(), InvalidField> {
        let wrong = |allowed: String| InvalidField::new("", InvalidField::quote(value), allowed);
        let number = || value.parse::<usize>().map_err(|_| wrong("a whole number from 0 on".into()));
        match name {
            "type" => {
                let named = value.parse().ok();
                let found = named.or_else(|| JobEventType::from_number(value.parse().ok()?));
                let unknown = || wrong("the name or the number of one of the 15 types, e.g. VIEW".into());
                let names = JobEventType::ALL.map(JobEventType::google_name);
                self.r#type = Some(found.ok_or_else(|| did_you_mean(unknown(), value, names))?);
            }
            "requestId" => self.request_id = Some(value.parse()?),
            "eventId" => self.event_id = Some(value.into()),
            "job" => self.job = Some(value.into()),
            "discarded" => self.discarded = Some(value.parse().map_err(|_| wrong("true or false".into()))?),
            "from" => self.from = Some(value.parse()?),
            "until" => self.until = Some(value.parse()?),
            "after" => self.after = number()?,
            "before" => self.before = Some(number()?),
            "limit" => match value.parse() {
                Ok(limit @ 1..=MAX_PAGE) => self.limit = Some(limit),
                _ => return Err(wrong(format!("1 to {MAX_PAGE}"))),
            },
            "order" => match value {
                "oldest" => self.order = Order::Oldest,
                "newest" => self.order = Order::Newest,
                _ => return Err(wrong("oldest or newest".into())),
            },
            _ => {
                let error = InvalidField::new("", "a parameter that is not known", PARAMETERS.join(", "));
                return Err(did_you_mean(error, name, PARAMETERS));
            }
        }
        Ok(())
    }

    fn matches(&self, recorded: &Recorded) -> bool {
        let event = &recorded.event;
        self.r#type.is_none_or(|t| t == event.job_event.r#type)
            && self.discarded.is_none_or(|discarded| discarded == recorded.discarded)
            && self.request_id.as_ref().is_none_or(|id| event.request_id.as_ref() == Some(id))
            && self.event_id.as_ref().is_none_or(|id| event.event_id.as_str() == id)
            && self.from.is_none_or(|from| from <= event.create_time)
            && self.until.is_none_or(|until| event.create_time < until)
            && self
                .job
                .as_ref()
                .is_none_or(|text| event.job_event.jobs.iter().any(|job| job.as_str() == text || job.job() == text))
    }
}

async fn endpoints() -> Answer {
    let endpoint =
        |(path, methods, what): &(&str, &[&str], &str)| json!({"path": path, "methods": methods, "what": what});
    Ok(rest::json(&json!({"endpoints": ENDPOINTS.iter().map(endpoint).collect::<Vec<_>>(), "console": "/"}), true)?)
}

async fn events(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref())?;
    let (events, next) = blocking(move || Ok(find(&app, &query))).await?;
    Ok(rest::json(&json!({"events": events, "next": next}), true)?)
}

/// The events, and the number to go on from where there may be more: `after` it, or `before` it for the newest first.
fn find(app: &App, query: &Query) -> (Vec<Recorded>, Option<usize>) {
    let end = *app.records.marks().borrow();
    let (mut from, mut to) =
        (query.after, query.before.map_or(end.count, |before| before.saturating_sub(1).min(end.count)));
    let limit = query.limit.unwrap_or(PAGE);
    let mut found = Vec::new();
    while from < to {
        let start = match query.order {
            Order::Oldest => from,
            Order::Newest => from.max(to.saturating_sub(CHUNK)),
        };
        let max = CHUNK.min(to - start);
        // Cleared meanwhile: there is nothing more.
        let Some(mut events) = app.records.page(Mark { count: start, ..end }, max) else { break };
        match query.order {
            Order::Oldest => from = start + max,
            Order::Newest => {
                to = start;
                events.reverse();
            }
        }
        for event in events.into_iter().filter(|event| query.matches(event)) {
            if found.len() == limit {
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

async fn counts(State(app): State<Arc<App>>) -> Answer {
    let stats = app.records.stats();
    let types: serde_json::Map<_, _> = JobEventType::ALL
        .into_iter()
        .map(|t| (t.to_string(), json!({"kept": stats.kept(t), "discarded": stats.discarded(t)})))
        .collect();
    let refused: serde_json::Map<_, _> =
        stats.refusals().map(|(code, count)| (rest::code_name(code).to_owned(), count.into())).collect();
    let counts = json!({
        "kept": stats.total_kept(),
        "discarded": stats.total_discarded(),
        "refused": stats.total_refused(),
        "repeated": stats.total_repeated(),
        "types": types,
        "refusals": refused,
    });
    Ok(rest::json(&counts, true)?)
}

async fn defects(State(app): State<Arc<App>>) -> Answer {
    // All events in readable form take a lot of memory: one at a time. Held as long as the work lasts, whoever waits.
    let turn = Arc::clone(&app.judging).lock_owned().await;
    let answer = blocking(move || {
        let _turn = turn;
        let defects: Vec<_> = app.records.defects().iter().map(defect).collect();
        Ok(rest::json(&json!({"defects": defects}), true))
    });
    Ok(answer.await??)
}

fn defect(defect: &Defect) -> Value {
    let events: Vec<_> = defect.typed_events().map(|(t, id)| json!({"type": t, "eventId": id})).collect();
    json!({
        "rule": defect.rule.id(),
        "severity": defect.rule.severity().to_string(),
        "source": defect.rule.source().to_string(),
        "sentence": defect.rule.sentence(),
        "requestId": defect.request_id,
        "job": defect.job,
        "events": events,
    })
}

async fn export(State(app): State<Arc<App>>) -> Response {
    // A piece is made when the one before is on its way, so that a slow reader holds no more than that. An error cuts the
    // connection, so that nobody takes a part for the whole.
    let pieces = stream::try_unfold(Place::start(&app), move |place| {
        let app = Arc::clone(&app);
        async move {
            let piece = files::blocking(move || Ok(files::piece(&app, place))).await.map_err(io::Error::other)??;
            Ok::<_, io::Error>(piece.map(|(piece, next)| (piece.text, next)))
        }
    });
    ([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(pieces)).into_response()
}

async fn import(State(app): State<Arc<App>>, request: Request) -> Answer {
    let body = rest::whole(request.into_body(), MAX_IMPORT_BYTES).await?;
    let read = move || files::read(&app, Cursor::new(body), Path::new("the body"));
    let imported = files::blocking(read).await.map_err(|e| Status::invalid_argument(e.to_string()))?;
    Ok(rest::json(&json!({"imported": imported}), true)?)
}

async fn list_faults(State(app): State<Arc<App>>) -> Answer {
    Ok(rest::json(&app.gate.faults(), true)?)
}

async fn put_faults(State(app): State<Arc<App>>, request: Request) -> Answer {
    let faults = faults::parse(&text(request).await?).map_err(|e| Status::invalid_argument(e.to_string()))?;
    app.gate.set_faults(faults);
    list_faults(State(app)).await
}

async fn settings(State(app): State<Arc<App>>) -> Answer {
    Ok(rest::json(&app.records.settings(), true)?)
}

/// What the body does not name stays as it is.
async fn patch_settings(State(app): State<Arc<App>>, request: Request) -> Answer {
    let patch: serde_json::Map<String, Value> = read(&text(request).await?)?;
    let settings = app.records.set(|settings| {
        let mut value = serde_json::to_value(settings).map_err(|e| (".".to_owned(), e.to_string()))?;
        patch.into_iter().for_each(|(name, setting)| value[name] = setting);
        serde_path_to_error::deserialize(value).map_err(|e| (e.path().to_string(), json::words(e.inner())))
    });
    let settings = settings.map_err(|(path, words)| {
        let at = if path == "." { String::new() } else { format!("at `{path}`: ") };
        Status::invalid_argument(format!("the settings can not be read: {at}{words}"))
    })?;
    Ok(rest::json(&settings, true)?)
}

async fn request_ids(State(app): State<Arc<App>>) -> Answer {
    Ok(rest::json(&json!({"requestIds": app.records.known()}), true)?)
}

/// A list of ids that searches have answered.
async fn know(State(app): State<Arc<App>>, request: Request) -> Answer {
    let ids: Vec<RequestId> = read(&text(request).await?)?;
    ids.into_iter().for_each(|id| app.records.know(id));
    request_ids(State(app)).await
}

async fn forget_known(State(app): State<Arc<App>>) -> StatusCode {
    app.records.forget_known();
    StatusCode::NO_CONTENT
}

async fn text(request: Request) -> Result<String, Status> {
    let body = rest::whole(request.into_body(), MAX_BODY_BYTES).await?;
    String::from_utf8(body.into()).map_err(|e| Status::invalid_argument(format!("the body is not UTF-8: {e}")))
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Status> {
    let wrong = |e| Status::invalid_argument(format!("the body can not be read: {}", json::words_and_place(&e)));
    serde_json::from_str(text).map_err(wrong)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, Status> {
    files::blocking(work).await.map_err(|e| Status::unavailable(e.to_string()))
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;
    use crate::Emulator;

    /// Each answer takes as much memory as all events in readable form.
    #[tokio::test]
    async fn defects_are_judged_for_one_at_a_time() {
        let emulator = Emulator::start().await.unwrap();
        let app = emulator.app();
        let turn = app.judging.lock().await;
        let mut answer = pin!(defects(State(Arc::clone(app))));
        assert!(answer.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(turn);
        assert!(answer.await.is_ok());
        assert!(app.judging.try_lock().is_ok());
    }
}
