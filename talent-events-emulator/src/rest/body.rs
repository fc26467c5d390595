//! A client event in proto3 JSON, read so that all that is wrong with it is told at once.
//!
//! Not by serde's derive, which stops at the first: what has the wrong shape is noted and left out, and the rest is
//! checked with the rules of the gRPC face.

use serde_json::{Map, Value};
use talent_events::wire::{self, ClientEvent, CreateClientEventRequest, JobEvent, client_event};
use talent_events::{InvalidField, JobEventType, Timestamp};
use tonic::Status;

use crate::similar::did_you_mean;
use crate::{json, refusal};

/// Most complaints about one body.
const MAX_WRONG: usize = 1_000;

/// Longest part of an unknown name that a path repeats, in characters.
const MAX_NAME_CHARS: usize = 80;

/// The fields of an event in proto3 JSON.
pub(crate) const FIELDS: [&str; 5] = ["requestId", "eventId", "createTime", "jobEvent", "eventNotes"];

/// Of a field that is there twice.
pub(crate) const ONCE: &str = "each field once";

/// The event as far as it can be read, and what has the wrong shape.
pub(super) fn read(body: &[u8]) -> Result<(ClientEvent, Vec<InvalidField>), Status> {
    let (value, twice) = json::read(body).map_err(|e| {
        let found = json::not_json(&e) + &json::place(&e);
        refusal::of_fields(&[&InvalidField::new("client_event", found, "a client event in proto3 JSON")])
    })?;
    let twice = twice.iter().map(|field| InvalidField::new(format!("client_event.{field}"), "it twice", ONCE));
    let mut reader = Reader { wrong: twice.collect() };
    let event = reader.client_event(&value);
    Ok((event, reader.wrong))
}

/// All that is wrong with an event of this parent. It is read by serde where nothing is, but for a field that is there
/// twice by the same name: of these `value` holds the last.
pub(crate) fn complaints(parent: String, value: &Value) -> Vec<InvalidField> {
    let mut reader = Reader { wrong: Vec::new() };
    let request = CreateClientEventRequest { parent, client_event: Some(reader.client_event(value)) };
    if let Err(invalid) = request.read() {
        add(invalid.fields(), &mut reader.wrong);
    }
    reader.wrong
}

/// More complaints, without those that only follow from the shape of the field, or of one around it or in it.
pub(super) fn add<'w>(more: impl Iterator<Item = &'w InvalidField>, wrong: &mut Vec<InvalidField>) {
    let shapes = wrong.len();
    for field in more {
        let told = |shape: &InvalidField| holds(shape.field(), field.field()) || holds(field.field(), shape.field());
        if !wrong[..shapes].iter().any(told) {
            wrong.push(field.clone());
        }
    }
}

/// Whether `inner` is the field `outer`, or in it.
fn holds(outer: &str, inner: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

struct Reader {
    wrong: Vec<InvalidField>,
}

impl Reader {
    fn client_event(&mut self, value: &Value) -> ClientEvent {
        let mut event = ClientEvent::default();
        let value_has = |name: &str| value.get(name).is_some();
        for (name, value) in self.object("client_event", value) {
            let other = json::snake(name);
            if other != *name && FIELDS.contains(&name.as_str()) && value_has(&other) {
                self.complain(format!("client_event.{other}"), format!("it twice, as `{name}` and `{other}`"), ONCE)
            }
            match name.as_str() {
                "requestId" | "request_id" => event.request_id = self.text("client_event.request_id", value),
                "eventId" | "event_id" => event.event_id = self.text("client_event.event_id", value),
                "createTime" | "create_time" => event.create_time = self.time("client_event.create_time", value),
                "jobEvent" | "job_event" => event.event = self.job_event("client_event.job_event", value),
                "eventNotes" | "event_notes" => event.event_notes = self.text("client_event.event_notes", value),
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
        for (name, value) in self.object(path, value) {
            match name.as_str() {
                "type" => event.r#type = self.event_type("client_event.job_event.type", value),
                "jobs" => event.jobs = self.jobs("client_event.job_event.jobs", value),
                _ => self.unknown(path, name, &["type", "jobs"]),
            }
        }
        Some(client_event::Event::JobEvent(event))
    }

    fn event_type(&mut self, path: &'static str, value: &Value) -> i32 {
        const ALLOWED: &str = "the name or the number of one of the 15 types";
        match value {
            Value::Null => 0,
            value if let Some(number) = json::whole(value) => match i32::try_from(number) {
                Ok(number) => number,
                Err(_) => self.complain(path, format!("the number {number}"), ALLOWED),
            },
            Value::String(name) => match name.parse::<JobEventType>() {
                Ok(event_type) => event_type.number(),
                Err(e) => {
                    let error = InvalidField::new(path, e.found().to_owned(), ALLOWED);
                    self.add(did_you_mean(error, name, JobEventType::ALL.map(JobEventType::google_name)))
                }
            },
            Value::Number(number) => self.complain(path, format!("the number {number}"), ALLOWED),
            other => self.complain(path, json::kind(other), ALLOWED),
        }
    }

    /// A place for each, so that the rest keeps its index.
    fn jobs(&mut self, path: &'static str, value: &Value) -> Vec<String> {
        match value {
            Value::Null => Vec::new(),
            Value::Array(jobs) => {
                let job = |(index, job): (usize, &Value)| match job {
                    Value::String(name) => name.clone(),
                    other => self.complain(format!("{path}[{index}]"), json::kind(other), "a string"),
                };
                jobs.iter().enumerate().map(job).collect()
            }
            other => self.complain(path, json::kind(other), "a list of job names"),
        }
    }

    fn time(&mut self, path: &'static str, value: &Value) -> Option<wire::Timestamp> {
        match value {
            Value::Null => None,
            Value::String(text) => match text.parse::<Timestamp>() {
                Ok(time) => Some(time.into()),
                Err(e) => self.complain(path, e.found().to_owned(), "RFC 3339, e.g. 2026-02-03T09:30:00Z"),
            },
            other => {
                self.complain(path, json::kind(other), "a string in the form of RFC 3339, e.g. 2026-02-03T09:30:00Z")
            }
        }
    }

    fn text(&mut self, path: &'static str, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => self.complain(path, json::kind(other), "a string"),
        }
    }

    fn object<'v>(
        &mut self,
        path: &'static str,
        value: &'v Value,
    ) -> impl Iterator<Item = (&'v String, &'v Value)> + use<'v> {
        let fields = match value {
            Value::Object(fields) => Some(fields),
            other => self.complain(path, json::kind(other), "an object"),
        };
        fields.into_iter().flat_map(Map::iter)
    }

    fn unknown(&mut self, path: &str, name: &str, known: &[&'static str]) {
        let shown: String = name.chars().take(MAX_NAME_CHARS).flat_map(char::escape_default).collect();
        let error = InvalidField::new(format!("{path}.{shown}"), "a field that is not known", known.join(", "));
        self.add(did_you_mean(error, name, known.iter().copied()))
    }

    /// And goes on with the default, as if it were missing.
    fn complain<T: Default>(
        &mut self,
        path: impl Into<std::borrow::Cow<'static, str>>,
        found: impl Into<std::borrow::Cow<'static, str>>,
        allowed: impl Into<std::borrow::Cow<'static, str>>,
    ) -> T {
        self.add(InvalidField::new(path, found, allowed))
    }

    fn add<T: Default>(&mut self, error: InvalidField) -> T {
        if self.wrong.len() < MAX_WRONG {
            self.wrong.push(error);
        }
        T::default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tonic::Code;

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

    /// Pieces of an event, in any order: now and then they make one.
    fn pieces() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(piece(), 0..24).prop_map(|pieces| pieces.concat().into_bytes())
    }

    /// A valid event but for a few of its tokens: most are still JSON, and wrong behind that.
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

    proptest! {
        /// `PROPTEST_CASES=1000000` for a long run.
        #[test]
        fn any_body_is_read_or_refused_with_a_reason(
            body in prop_oneof![pieces(), damaged(), prop::collection::vec(any::<u8>(), 0..64)]
        ) {
            match read(&body) {
                Err(status) => prop_assert_eq!(status.code(), Code::InvalidArgument),
                Ok((event, mut wrong)) => {
                    let shapes = wrong.len();
                    let request = CreateClientEventRequest { parent: "projects/p/tenants/t".into(), client_event: Some(event) };
                    if let Err(invalid) = request.read() {
                        add(invalid.fields(), &mut wrong);
                        // What was left out is not complained of twice, and nothing is lost without a word.
                        prop_assert!(!wrong.is_empty());
                        prop_assert!(wrong[shapes..].iter().all(|e| !wrong[..shapes].iter().any(|w| w.field() == e.field())));
                    }
                    if !wrong.is_empty() {
                        let status = refusal::of_fields(&wrong.iter().collect::<Vec<_>>());
                        prop_assert_eq!(status.code(), Code::InvalidArgument);
                    }
                }
            }
        }
    }
}
