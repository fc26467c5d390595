//! Why a line says nothing, as the REST face would say it.
//!
//! serde has read the line first, for speed, and stopped at the first thing wrong, in words about Rust's types. Only its
//! place is kept: the line is read once more, and all that is wrong is told.

use serde_json::{Map, Value};
use talent_events::{ClientEvent, InvalidEvent, InvalidField, RequestId, TenantName, Timestamp};

use super::{LineError, column};
use crate::rest::body::{self, FIELDS};
use crate::similar::{did_you_mean, similar};
use crate::{json, refusal};

/// Longest list of what is wrong with a line, but for the count of what is left out.
const MAX_CHARS: usize = 450;

const RECORDED: &str = r#"{"tenant": …, "event": {…}}"#;
const RECORDED_FIELDS: [&str; 7] =
    ["tenant", "event", "discarded", "receivedAt", "number", "notesTruncated", "syntheticRequestId"];
const KNOWN: &str = "knownRequestId";
const LETTER: &str = r#"{"line": …, "error": …, "entry": …}"#;
const LETTER_FIELDS: [&str; 3] = ["line", "error", "entry"];

/// What stopped the first reading.
pub(super) enum Wrong {
    /// It is no object, or not of the form that its names promise.
    Form(Option<serde_json::Error>),
    Event(InvalidEvent),
    /// All is said.
    Told(LineError),
}

impl From<serde_json::Error> for Wrong {
    fn from(error: serde_json::Error) -> Self {
        Self::Form(Some(error))
    }
}

impl From<InvalidField> for Wrong {
    fn from(field: InvalidField) -> Self {
        Self::Event(field.into())
    }
}

pub(super) fn explain(line: &[u8], wrong: Wrong) -> LineError {
    let error = match wrong {
        Wrong::Form(error) => error,
        Wrong::Told(told) => return told,
        Wrong::Event(invalid) => {
            let fields: Vec<_> = invalid.fields().collect();
            return LineError::of(refusal::words("not a valid event", &fields, MAX_CHARS));
        }
    };
    let value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(e) => {
            let more = if e.is_eof() { "; allowed: one JSON object a line" } else { "" };
            return LineError { column: column(&e), words: json::words(&e) + more };
        }
    };
    let Value::Object(fields) = &value else {
        let start = line.len() - line.trim_ascii_start().len();
        return LineError { column: Some(start + 1), words: json::no_object(&value) };
    };
    let words = if fields.contains_key("entry") {
        letter(fields)
    } else if fields.contains_key(KNOWN) {
        known(fields)
    } else if fields.contains_key("event") || fields.contains_key("tenant") {
        recorded(line, fields)
    } else {
        client_event(line, &value, fields)
    };
    let column = error.as_ref().and_then(column);
    // A field that is there twice, which only the first reading sees.
    let words = words.or_else(|| error.as_ref().map(json::words));
    LineError { column, words: words.unwrap_or_else(|| "not an event".into()) }
}

fn letter(fields: &Map<String, Value>) -> Option<String> {
    let mut wrong = Vec::new();
    for (name, value) in fields {
        let (found, allowed) = match (name.as_str(), value) {
            ("entry", _) | ("line" | "error", Value::Null) | ("error", Value::String(_)) => continue,
            ("line", number) if number.is_u64() => continue,
            ("line", other) => (json::kind(other), "a whole number"),
            ("error", other) => (json::kind(other), "a string"),
            _ => {
                wrong.push(unknown(name, &LETTER_FIELDS));
                continue;
            }
        };
        wrong.push(InvalidField::new(quoted(name), found, allowed));
    }
    told("not a dead letter", &wrong)
}

fn known(fields: &Map<String, Value>) -> Option<String> {
    let mut wrong = Vec::new();
    for (name, value) in fields {
        match (name.as_str(), value) {
            (KNOWN, Value::String(id)) => {
                let id = RequestId::new(id).err();
                wrong.extend(id.map(|e| e.at(KNOWN)));
            }
            (KNOWN, other) => wrong.push(InvalidField::new(KNOWN, json::kind(other), "a string")),
            _ => wrong.push(InvalidField::new(quoted(name), "a field that is not known", format!("`{KNOWN}` alone"))),
        }
    }
    told("not a known request id", &wrong)
}

fn recorded(line: &[u8], fields: &Map<String, Value>) -> Option<String> {
    let is_there = |name| fields.keys().any(|field| similar(field, RECORDED_FIELDS) == Some(name));
    for (has, has_not) in [("tenant", "event"), ("event", "tenant")] {
        if !is_there(has_not) {
            return Some(format!("has `{has}` but no `{has_not}`; allowed: {RECORDED}"));
        }
    }
    let mut wrong = Vec::new();
    for (name, value) in fields {
        let (found, allowed): (String, String) = match (name.as_str(), value) {
            ("tenant", Value::String(tenant)) => match TenantName::new(tenant) {
                Ok(_) => continue,
                Err(e) => (e.found().to_owned(), e.expected().to_owned()),
            },
            ("receivedAt", Value::String(time)) => match time.parse::<Timestamp>() {
                Ok(_) => continue,
                Err(e) => (e.found().to_owned(), e.expected().to_owned()),
            },
            ("discarded" | "notesTruncated" | "syntheticRequestId", Value::Bool(_)) | ("event", _) => continue,
            ("receivedAt" | "number" | "notesTruncated" | "syntheticRequestId", Value::Null) => continue,
            ("number", number) if number.is_u64() => continue,
            ("discarded" | "notesTruncated" | "syntheticRequestId", other) => {
                (json::kind(other).into(), "true or false".into())
            }
            ("number", other) => (json::kind(other).into(), "a whole number".into()),
            ("tenant" | "receivedAt", other) => (json::kind(other).into(), "a string".into()),
            _ => {
                wrong.push(unknown(name, &RECORDED_FIELDS));
                continue;
            }
        };
        wrong.push(InvalidField::new(quoted(name), found, allowed));
    }
    if !wrong.is_empty() {
        return told("not a recorded event", &wrong);
    }
    match (fields.get("tenant"), fields.get("event")) {
        (Some(Value::String(tenant)), Some(event)) => event_words(line, "event.", tenant.clone(), event),
        _ => None,
    }
}

fn client_event(line: &[u8], value: &Value, fields: &Map<String, Value>) -> Option<String> {
    let names = || FIELDS.into_iter().chain([KNOWN, "entry"]).chain(RECORDED_FIELDS);
    let meant = |name: &String| similar(name, names());
    if !fields.keys().filter_map(meant).any(|name| FIELDS.contains(&name)) {
        let slip = fields.keys().find(|name| meant(name).is_some());
        let found = match slip.or_else(|| fields.keys().next()) {
            Some(name) => format!("the field `{}`, which is not known", quoted(name)),
            None => "an object without fields".into(),
        };
        let forms =
            format!("a client event with {}, or {RECORDED}, or {{\"{KNOWN}\": …}}, or {LETTER}", FIELDS.join(", "));
        let error = InvalidField::new("", found, forms);
        let error = slip.map(|name| did_you_mean(error.clone(), name, names())).unwrap_or(error);
        return Some(error.description());
    }
    // Its jobs are to be of one tenant, whichever that is.
    let jobs = value.get("jobEvent").or_else(|| value.get("job_event")).and_then(|event| event.get("jobs"));
    let names = jobs.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let tenant = names.filter_map(|job| Some(job.rsplit_once("/jobs/")?.0)).find(|name| TenantName::new(name).is_ok());
    event_words(line, "", tenant.unwrap_or("projects/any/tenants/any").to_owned(), value)
}

/// First what stands at the place where serde stopped.
fn event_words(line: &[u8], path: &str, tenant: String, event: &Value) -> Option<String> {
    let mut wrong: Vec<_> = body::complaints(tenant, event)
        .iter()
        .map(|field| {
            let name = field.field();
            let name = name.strip_prefix("client_event.").unwrap_or(if path.is_empty() { name } else { "event" });
            field.clone().at(name.to_owned())
        })
        .collect();
    let stopped = if path.is_empty() { stopped::<ClientEvent>(line) } else { stopped::<super::RecordedForm>(line) };
    let stopped = stopped.map(|at| json::snake(at.strip_prefix(path).unwrap_or(&at)));
    if let Some(place) = stopped.and_then(|at| wrong.iter().position(|field| field.field() == at)) {
        wrong[..=place].rotate_right(1);
    }
    told("not a valid event", &wrong)
}

/// The path at which the first reading stopped, e.g. `jobEvent.jobs[2]`.
fn stopped<'l, T: serde::Deserialize<'l>>(line: &'l [u8]) -> Option<String> {
    let read = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(line));
    read.err().map(|e| e.path().to_string())
}

fn told(lead: &str, wrong: &[InvalidField]) -> Option<String> {
    (!wrong.is_empty()).then(|| refusal::words(lead, &wrong.iter().collect::<Vec<_>>(), MAX_CHARS))
}

fn unknown(name: &str, known: &[&'static str]) -> InvalidField {
    let error = InvalidField::new(quoted(name), "a field that is not known", known.join(", "));
    did_you_mean(error, name, known.iter().copied())
}

/// A foreign name, made fit for a message.
fn quoted(name: &str) -> String {
    name.chars().take(80).flat_map(char::escape_debug).collect()
}
