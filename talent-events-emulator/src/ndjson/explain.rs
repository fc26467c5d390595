//! Messages about a line, in the terms of the REST face.
//!
//! serde reads the line first, for speed. It stops at the first error, and its message is about Rust's types. So only the
//! position of its error is kept: this module reads the line again and lists all errors.

use serde_json::{Map, Value};
use talent_events::{ClientEvent, InvalidField, RequestId, TenantName, Timestamp};

use super::error::{FirstError, LineError, column};
use super::form::RecordedForm;
use crate::json::client_event::{self, FIELDS};
use crate::json::{self, kind};
use crate::text::{UNKNOWN, escape, invalid, list, most_similar, suggest};

/// Maximum length of the message, in characters, without the count of omitted fields.
const MAX_CHARS: usize = 450;

/// Maximum number of fields to examine. A suggestion for each of very many unknown fields would take long.
const MAX_FIELDS: usize = 1_000;

const RECORDED: &str = r#"{"tenant": …, "event": {…}}"#;
const RECORDED_FIELDS: [&str; 7] =
    ["tenant", "event", "discarded", "receivedAt", "number", "notesTruncated", "syntheticRequestId"];
const KNOWN: &str = "knownRequestId";
const LETTER: &str = r#"{"line": …, "error": …, "entry": …}"#;
const LETTER_FIELDS: [&str; 3] = ["line", "error", "entry"];

pub(super) fn explain(line: &[u8], first: FirstError) -> LineError {
    let error = match first {
        FirstError::Shape(error) => error,
        FirstError::Explained(error) => return error,
        FirstError::Rules(invalid) => {
            let fields: Vec<_> = invalid.fields().collect();
            return LineError::new(list("not a valid event", &fields, MAX_CHARS));
        }
    };
    let value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(e) => return LineError { column: column(&e), message: json::explain(&e) },
    };
    let Value::Object(fields) = &value else {
        let start = line.len() - line.trim_ascii_start().len();
        return LineError { column: Some(start + 1), message: json::expected_object(&value) };
    };
    let message = if fields.contains_key("entry") {
        letter(fields)
    } else if fields.contains_key(KNOWN) {
        known(fields)
    } else if fields.contains_key("event") || fields.contains_key("tenant") {
        recorded(line, fields)
    } else {
        client_event(line, &value, fields)
    };
    let column = error.as_ref().and_then(column);
    // Only the first reading notices duplicate keys.
    let message = message.or_else(|| error.as_ref().map(json::explain));
    LineError { column, message: message.unwrap_or_else(|| "not an event".into()) }
}

fn letter(fields: &Map<String, Value>) -> Option<String> {
    let mut errors = Vec::new();
    for (name, value) in fields.iter().take(MAX_FIELDS) {
        errors.push(match (name.as_str(), value) {
            ("entry", _) | ("line" | "error", Value::Null) | ("error", Value::String(_)) => continue,
            ("line", number) if number.is_u64() => continue,
            ("line", other) => invalid("line", "a whole number", kind(other)),
            ("error", other) => invalid("error", "a string", kind(other)),
            _ => unknown(name, &LETTER_FIELDS),
        });
    }
    list_errors("not a dead letter", &errors)
}

fn known(fields: &Map<String, Value>) -> Option<String> {
    let mut errors = Vec::new();
    for (name, value) in fields.iter().take(MAX_FIELDS) {
        match (name.as_str(), value) {
            (KNOWN, Value::String(id)) => errors.extend(RequestId::new(id).err().map(|e| e.at(KNOWN))),
            (KNOWN, other) => errors.push(invalid(KNOWN, "a string", kind(other))),
            _ => errors.push(invalid(escape(name), format!("only `{KNOWN}`"), UNKNOWN)),
        }
    }
    list_errors("not a known request id", &errors)
}

fn recorded(line: &[u8], fields: &Map<String, Value>) -> Option<String> {
    let has = |name| fields.keys().take(MAX_FIELDS).any(|field| most_similar(field, RECORDED_FIELDS) == Some(name));
    for (present, missing) in [("tenant", "event"), ("event", "tenant")] {
        if !has(missing) {
            return Some(format!("expected {RECORDED}, found `{present}` without `{missing}`"));
        }
    }
    let errors: Vec<_> =
        fields.iter().take(MAX_FIELDS).filter_map(|(name, value)| recorded_field(name, value)).collect();
    if !errors.is_empty() {
        return list_errors("not a recorded event", &errors);
    }
    match (fields.get("tenant"), fields.get("event")) {
        (Some(Value::String(tenant)), Some(event)) => event_errors(line, "event.", tenant.clone(), event),
        _ => None,
    }
}

fn recorded_field(name: &str, value: &Value) -> Option<InvalidField> {
    match (name, value) {
        ("event", _) => None,
        ("tenant", Value::String(tenant)) => TenantName::new(tenant).err().map(|e| e.at("tenant")),
        ("tenant", other) => Some(invalid("tenant", "a string", kind(other))),
        ("receivedAt" | "number" | "notesTruncated" | "syntheticRequestId", Value::Null) => None,
        ("receivedAt", Value::String(time)) => time.parse::<Timestamp>().err().map(|e| e.at("receivedAt")),
        ("receivedAt", other) => Some(invalid("receivedAt", "a string", kind(other))),
        ("number", number) if number.is_u64() => None,
        ("number", other) => Some(invalid("number", "a whole number", kind(other))),
        ("discarded" | "notesTruncated" | "syntheticRequestId", Value::Bool(_)) => None,
        ("discarded" | "notesTruncated" | "syntheticRequestId", other) => {
            Some(invalid(name.to_owned(), "true or false", kind(other)))
        }
        _ => Some(unknown(name, &RECORDED_FIELDS)),
    }
}

fn client_event(line: &[u8], value: &Value, fields: &Map<String, Value>) -> Option<String> {
    let names = || FIELDS.into_iter().chain([KNOWN, "entry"]).chain(RECORDED_FIELDS);
    let meant = |name: &String| most_similar(name, names());
    let has_field =
        FIELDS.iter().any(|name| fields.contains_key(*name) || fields.contains_key(&json::snake_case(name)));
    if !has_field && !fields.keys().take(MAX_FIELDS).filter_map(meant).any(|name| FIELDS.contains(&name)) {
        let slip = fields.keys().take(MAX_FIELDS).find(|name| meant(name).is_some());
        let found = match slip.or_else(|| fields.keys().next()) {
            Some(name) => format!("the unknown field `{}`", escape(name)),
            None => "an object without fields".into(),
        };
        let forms =
            format!("a client event with {}, or {RECORDED}, or {{\"{KNOWN}\": …}}, or {LETTER}", FIELDS.join(", "));
        let help = slip.and_then(meant).map(|name| format!("; help: did you mean `{name}`?")).unwrap_or_default();
        return Some(format!("expected {forms}, found {found}{help}"));
    }
    // All jobs have to be of one tenant. The first readable name decides which.
    let jobs = value.get("jobEvent").or_else(|| value.get("job_event")).and_then(|event| event.get("jobs"));
    let names = jobs.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let tenant = names.filter_map(|job| Some(job.rsplit_once("/jobs/")?.0)).find(|name| TenantName::new(name).is_ok());
    event_errors(line, "", tenant.unwrap_or("projects/any/tenants/any").to_owned(), value)
}

/// Lists the error at serde's position first, because the column is that one's.
fn event_errors(line: &[u8], path: &str, tenant: String, event: &Value) -> Option<String> {
    let mut errors: Vec<_> = client_event::errors(tenant, event)
        .iter()
        .map(|field| {
            let name = field.field();
            let name = name.strip_prefix("client_event.").unwrap_or(if path.is_empty() { name } else { "event" });
            field.clone().at(name.to_owned())
        })
        .collect();
    let first = if path.is_empty() { first_path::<ClientEvent>(line) } else { first_path::<RecordedForm>(line) };
    let first = first.map(|at| json::snake_case(at.strip_prefix(path).unwrap_or(&at)));
    if let Some(index) = first.and_then(|at| errors.iter().position(|field| field.field() == at)) {
        errors[..=index].rotate_right(1);
    }
    list_errors("not a valid event", &errors)
}

/// The path at which serde stopped, e.g. `jobEvent.jobs[2]`.
fn first_path<'l, T: serde::Deserialize<'l>>(line: &'l [u8]) -> Option<String> {
    let read = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(line));
    read.err().map(|e| e.path().to_string())
}

fn list_errors(lead: &str, errors: &[InvalidField]) -> Option<String> {
    (!errors.is_empty()).then(|| list(lead, &errors.iter().collect::<Vec<_>>(), MAX_CHARS))
}

fn unknown(name: &str, known: &[&'static str]) -> InvalidField {
    suggest(invalid(escape(name), known.join(", "), UNKNOWN), name, known.iter().copied())
}
