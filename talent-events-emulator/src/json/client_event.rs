//! A client event in proto3 JSON, read so that all errors are reported at once.
//!
//! serde's derive stops at the first error. This reader notes each value of the wrong shape, leaves it out, and checks the
//! rest by the rules of the gRPC face.

use std::borrow::Cow;

use serde_json::{Map, Value};
use talent_events::wire::{self, ClientEvent, CreateClientEventRequest, JobEvent, client_event};
use talent_events::{InvalidField, JobEventType, Timestamp};

use super::{duplicate_keys, error, value};
use crate::text::{DUPLICATE, ONCE, UNKNOWN, escape, invalid, suggest};

/// Maximum number of errors to report for one event.
const MAX_ERRORS: usize = 1_000;

/// The fields of an event in proto3 JSON.
pub(crate) const FIELDS: [&str; 5] = ["requestId", "eventId", "createTime", "jobEvent", "eventNotes"];

/// The readable part of the event, and the values of the wrong shape.
pub(crate) fn read(body: &[u8]) -> Result<(ClientEvent, Vec<InvalidField>), InvalidField> {
    let (value, duplicates) = duplicate_keys::read(body).map_err(|e| {
        let found = error::invalid_json(&e) + &error::position(&e);
        invalid("client_event", "a client event in proto3 JSON", found)
    })?;
    let duplicate = |field: String| invalid(format!("client_event.{field}"), ONCE, DUPLICATE);
    let mut reader = Reader { errors: duplicates.into_iter().map(duplicate).collect() };
    let event = reader.client_event(&value);
    Ok((event, reader.errors))
}

/// All errors of an event of this parent.
///
/// If there are none, serde reads the event too, with one exception: serde refuses duplicate keys, and `value` holds only
/// the last of them.
pub(crate) fn errors(parent: String, value: &Value) -> Vec<InvalidField> {
    let mut reader = Reader { errors: Vec::new() };
    let request = CreateClientEventRequest { parent, client_event: Some(reader.client_event(value)) };
    add_rule_errors(&request, &mut reader.errors);
    reader.errors
}

/// Adds the rules that the request breaks.
///
/// A rule about a field of the wrong shape is left out, and so is one about a field around it or in it: the reader has
/// replaced that value.
pub(crate) fn add_rule_errors(request: &CreateClientEventRequest, errors: &mut Vec<InvalidField>) {
    let Err(invalid) = request.read() else { return };
    let shapes = errors.len();
    for field in invalid.fields() {
        let related =
            |shape: &InvalidField| contains(shape.field(), field.field()) || contains(field.field(), shape.field());
        if !errors[..shapes].iter().any(related) {
            errors.push(field.clone());
        }
    }
}

/// Whether `inner` is the field `outer` or is in it.
fn contains(outer: &str, inner: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

struct Reader {
    errors: Vec<InvalidField>,
}

impl Reader {
    fn client_event(&mut self, value: &Value) -> ClientEvent {
        let mut event = ClientEvent::default();
        for (name, field) in self.object("client_event", value) {
            let other = value::snake_case(name);
            if other != *name && FIELDS.contains(&name.as_str()) && value.get(&other).is_some() {
                let found = || format!("{DUPLICATE}, as `{name}` and `{other}`");
                self.error(|| invalid(format!("client_event.{other}"), ONCE, found()))
            }
            match name.as_str() {
                "requestId" | "request_id" => event.request_id = self.text("client_event.request_id", field),
                "eventId" | "event_id" => event.event_id = self.text("client_event.event_id", field),
                "createTime" | "create_time" => event.create_time = self.time("client_event.create_time", field),
                "jobEvent" | "job_event" => event.event = self.job_event("client_event.job_event", field),
                "eventNotes" | "event_notes" => event.event_notes = self.text("client_event.event_notes", field),
                _ => self.unknown("client_event", name, &FIELDS),
            }
        }
        event
    }

    fn job_event(&mut self, path: &'static str, value: &Value) -> Option<client_event::Event> {
        if value.is_null() {
            return None;
        }
        let mut event = JobEvent::default();
        for (name, field) in self.object(path, value) {
            match name.as_str() {
                "type" => event.r#type = self.event_type("client_event.job_event.type", field),
                "jobs" => event.jobs = self.jobs("client_event.job_event.jobs", field),
                _ => self.unknown(path, name, &["type", "jobs"]),
            }
        }
        Some(client_event::Event::JobEvent(event))
    }

    fn event_type(&mut self, path: &'static str, value: &Value) -> i32 {
        const EXPECTED: &str = "the name or the number of one of the 15 types";
        match value {
            Value::Null => 0,
            value if let Some(number) = value::whole_number(value) => match i32::try_from(number) {
                Ok(number) => number,
                Err(_) => self.expected(path, EXPECTED, || format!("the number {number}")),
            },
            Value::String(name) => match name.parse::<JobEventType>() {
                Ok(event_type) => event_type.number(),
                Err(e) => self.error(|| {
                    let error = invalid(path, EXPECTED, e.found().to_owned());
                    suggest(error, name, JobEventType::ALL.map(JobEventType::google_name))
                }),
            },
            Value::Number(number) => self.expected(path, EXPECTED, || format!("the number {number}")),
            other => self.expected(path, EXPECTED, || value::kind(other)),
        }
    }

    /// Each job keeps its index, so that the paths of other errors stay right.
    fn jobs(&mut self, path: &'static str, value: &Value) -> Vec<String> {
        match value {
            Value::Null => Vec::new(),
            Value::Array(jobs) => {
                let job = |(index, job): (usize, &Value)| match job {
                    Value::String(name) => name.clone(),
                    other => self.error(|| invalid(format!("{path}[{index}]"), "a string", value::kind(other))),
                };
                jobs.iter().enumerate().map(job).collect()
            }
            other => self.expected(path, "an array of job names", || value::kind(other)),
        }
    }

    fn time(&mut self, path: &'static str, value: &Value) -> Option<wire::Timestamp> {
        const EXPECTED: &str = "a time in RFC 3339, e.g. \"2026-02-03T09:30:00Z\"";
        match value {
            Value::Null => None,
            Value::String(text) => match text.parse::<Timestamp>() {
                Ok(time) => Some(time.into()),
                Err(e) => self.expected(path, EXPECTED, || e.found().to_owned()),
            },
            other => self.expected(path, EXPECTED, || value::kind(other)),
        }
    }

    fn text(&mut self, path: &'static str, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => self.expected(path, "a string", || value::kind(other)),
        }
    }

    fn object<'v>(
        &mut self,
        path: &'static str,
        value: &'v Value,
    ) -> impl Iterator<Item = (&'v String, &'v Value)> + use<'v> {
        let fields = match value {
            Value::Object(fields) => Some(fields),
            other => self.expected(path, "an object", || value::kind(other)),
        };
        fields.into_iter().flat_map(Map::iter)
    }

    fn unknown(&mut self, path: &str, name: &str, known: &[&'static str]) {
        self.error(|| {
            let error = invalid(format!("{path}.{}", escape(name)), known.join(", "), UNKNOWN);
            suggest(error, name, known.iter().copied())
        })
    }

    fn expected<T: Default, F: Into<Cow<'static, str>>>(
        &mut self,
        path: &'static str,
        expected: &'static str,
        found: impl FnOnce() -> F,
    ) -> T {
        self.error(|| invalid(path, expected, found()))
    }

    /// Notes an error and returns the default, as if the value were missing. Beyond [`MAX_ERRORS`] it makes no message.
    fn error<T: Default>(&mut self, error: impl FnOnce() -> InvalidField) -> T {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(error());
        }
        T::default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn piece() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\u0000",
            "\\ud800",
            "null",
            "true",
            "-1",
            "2",
            "1e999",
            " ",
            "\"eventId\":\"e\"",
            "\"requestId\":",
            "\"createTime\":\"2026-02-03T09:30:00Z\"",
            "\"jobEvent\":{",
            "\"type\":\"VIEW\"",
            "\"jobs\":[",
            "\"projects/p/tenants/t/jobs/j\"",
            "\"eventNotes\":",
            "\"other\":",
        ])
    }

    /// Pieces of an event, in any order. Sometimes they make an event.
    fn pieces() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(piece(), 0..24).prop_map(|pieces| pieces.concat().into_bytes())
    }

    /// A valid event with a few other tokens. Most are JSON, with errors of shape or of rules.
    fn damaged() -> impl Strategy<Value = Vec<u8>> {
        const EVENT: &str = r#"{ "requestId" : "r" , "eventId" : "e" , "createTime" : "2026-02-03T09:30:00Z" , "jobEvent" : { "type" : "VIEW" , "jobs" : [ "projects/p/tenants/t/jobs/j" ] } , "eventNotes" : "n" }"#;
        let token = prop_oneof![
            piece(),
            prop::sample::select(EVENT.split(' ').collect::<Vec<_>>()),
            prop::sample::select(vec![
                "[]",
                "{}",
                "\"\"",
                "16",
                "1.5",
                "\"2026-02-30T00:00:00Z\"",
                "\"projects/p/tenants/u/jobs/j\""
            ]),
        ];
        let damage = (any::<prop::sample::Index>(), token);
        prop::collection::vec(damage, 0..4).prop_map(|damages| {
            let mut tokens: Vec<_> = EVENT.split(' ').collect();
            for (at, token) in damages {
                let at = at.index(tokens.len());
                tokens[at] = token;
            }
            tokens.concat().into_bytes()
        })
    }

    /// A suggestion for each of very many unknown fields would take long.
    #[test]
    fn beyond_the_maximum_no_message_is_made() {
        let mut reader = Reader { errors: Vec::new() };
        let mut made = 0;
        for _ in 0..MAX_ERRORS + 7 {
            reader.error::<()>(|| {
                made += 1;
                invalid("f", "x", "y")
            });
        }
        assert_eq!((made, reader.errors.len()), (MAX_ERRORS, MAX_ERRORS));
    }

    proptest! {
        /// For a long run: `PROPTEST_CASES=1000000`.
        #[test]
        fn any_body_is_read_or_has_an_error(
            body in prop_oneof![pieces(), damaged(), prop::collection::vec(any::<u8>(), 0..64)]
        ) {
            match read(&body) {
                Err(invalid) => prop_assert_eq!(invalid.field(), "client_event"),
                Ok((event, mut errors)) => {
                    let shapes = errors.len();
                    let request = CreateClientEventRequest { parent: "projects/p/tenants/t".into(), client_event: Some(event) };
                    add_rule_errors(&request, &mut errors);
                    // No field is reported twice, and no error is lost.
                    prop_assert_eq!(request.read().is_err() || shapes > 0, !errors.is_empty());
                    prop_assert!(errors[shapes..].iter().all(|e| !errors[..shapes].iter().any(|w| w.field() == e.field())));
                }
            }
        }
    }
}
