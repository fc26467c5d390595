//! Events in files: one JSON object a line, in one of four forms.
//!
//! - A client event in proto3 JSON, as the REST API speaks it. Its tenant is that of its first job.
//! - A recorded event, as [`Emulator::export`](crate::Emulator::export) and `/emulator/v1/events` write it:
//!   `{"tenant": …, "event": {…}}`, with `discarded` and `receivedAt` where there is more to tell. (`number` is read over.)
//!   So is an event that an app kept over a restart, [`EncodedEvent`](talent_events::EncodedEvent) as serde writes it.
//!   (Its `notesTruncated` and `syntheticRequestId` are read over: no service is told of them.)
//! - `{"knownRequestId": "…"}`: a search has answered this id.
//! - A dead letter, as `talent-events replay` keeps what was refused: `{"line": n, "error": "…", "entry": …}`. It says
//!   what its `entry` says, a line in one of the other forms; the rest is for people.
//!
//! ```
//! use talent_events_emulator::ndjson::Entry;
//!
//! let line = r#"{"eventId": "e-1", "createTime": "2026-02-03T09:30:00Z",
//!     "jobEvent": {"type": "VIEW", "jobs": ["projects/acme/tenants/board/jobs/42"]}}"#;
//! let Entry::Event(event) = Entry::parse(line.as_bytes())? else { panic!("it is an event") };
//! assert_eq!(event.tenant.as_str(), "projects/acme/tenants/board");
//!
//! let error = Entry::parse(br#"{"knownRequestId": 7}"#).unwrap_err();
//! assert_eq!(error.column, Some(20));
//! # Ok::<(), talent_events_emulator::ndjson::LineError>(())
//! ```

mod words;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use talent_events::{ClientEvent, InvalidField, RequestId, TenantName, Timestamp};

use words::Wrong;

/// Most bytes of a line: as many as a call's body.
pub const MAX_LINE_BYTES: usize = 4 * 1024 * 1024;

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Entry {
    /// An event, valid as a call would have to be.
    Event(Box<Event>),
    /// A search has answered this id.
    KnownRequestId(RequestId),
}

/// An event, and what a file may tell of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Whose it is.
    pub tenant: TenantName,
    /// The event.
    pub event: ClientEvent,
    /// It was answered `OK` and did not count.
    pub discarded: bool,
    /// When it was recorded.
    pub received_at: Option<Timestamp>,
}

/// Why a line says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
#[non_exhaustive]
pub struct LineError {
    /// Where in the line, in bytes from 1, as far as it is one place.
    pub column: Option<usize>,
    /// What was found there.
    pub words: String,
}

/// Tells the forms apart, by names that no other has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form<'l> {
    event: Option<IgnoredAny>,
    known_request_id: Option<IgnoredAny>,
    #[serde(borrow, default, deserialize_with = "present")]
    entry: Option<&'l RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RecordedForm {
    tenant: TenantName,
    event: ClientEvent,
    #[serde(default)]
    discarded: bool,
    received_at: Option<Timestamp>,
    #[serde(rename = "number")]
    _number: Option<u64>,
    #[serde(rename = "notesTruncated")]
    _notes_truncated: Option<bool>,
    #[serde(rename = "syntheticRequestId")]
    _synthetic_request_id: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KnownForm {
    known_request_id: RequestId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LetterForm<'l> {
    #[serde(rename = "line")]
    _line: Option<u64>,
    #[serde(rename = "error")]
    _error: Option<String>,
    #[serde(borrow)]
    entry: &'l RawValue,
}

/// `null` too is there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// The `entry` of a dead letter, as it stands there; `None` where the line is none.
pub fn dead_letter(line: &[u8]) -> Option<&str> {
    serde_json::from_slice::<LetterForm<'_>>(line).ok().map(|letter| letter.entry.get())
}

impl Entry {
    /// Reads a line, and checks an event as a call would be.
    ///
    /// # Errors
    ///
    /// Says all that is wrong with the line, in the words of the REST face, and where the first of it stands.
    pub fn parse(line: &[u8]) -> Result<Self, LineError> {
        Self::read(line, Self::letter).map_err(|wrong| words::explain(line, wrong))
    }

    /// `letter` reads a dead letter.
    fn read(line: &[u8], letter: fn(&[u8]) -> Result<Self, Wrong>) -> Result<Self, Wrong> {
        // serde takes an array for the fields of a struct.
        if line.trim_ascii_start().first() != Some(&b'{') {
            return Err(Wrong::Form(None));
        }
        let form: Form<'_> = serde_json::from_slice(line)?;
        if form.entry.is_some() {
            return letter(line);
        }
        if form.known_request_id.is_some() {
            return Ok(Self::KnownRequestId(serde_json::from_slice::<KnownForm>(line)?.known_request_id));
        }
        let event = if form.event.is_some() {
            let RecordedForm { tenant, event, discarded, received_at, .. } = serde_json::from_slice(line)?;
            Event { tenant, event, discarded, received_at }
        } else {
            let event: ClientEvent = serde_json::from_slice(line)?;
            let job = event.job_event.jobs.first();
            let job = job.ok_or_else(|| InvalidField::new("job_event.jobs", "no job", "1 to 500 jobs"))?;
            let tenant = TenantName::new(format!("projects/{}/tenants/{}", job.project(), job.tenant()))?;
            Event { tenant, event, discarded: false, received_at: None }
        };
        event.event.check(&event.tenant).map_err(Wrong::Event)?;
        Ok(Self::Event(Box::new(event)))
    }

    fn letter(line: &[u8]) -> Result<Self, Wrong> {
        let entry = serde_json::from_slice::<LetterForm<'_>>(line)?.entry.get();
        // What was no JSON is kept as a text, whose places are not those of the line.
        let text: Option<String> = serde_json::from_str(entry).ok();
        let start = text.is_none().then(|| entry.as_ptr().addr() - line.as_ptr().addr());
        let entry = text.as_deref().unwrap_or(entry).as_bytes();
        // One in the other would be a way to go as deep as a line is long.
        let nested = |_: &[u8]| Err(Wrong::Told(LineError::of("a dead letter in a dead letter; allowed: one alone")));
        Self::read(entry, nested).map_err(|wrong| {
            let LineError { column, words } = words::explain(entry, wrong);
            Wrong::Told(LineError { column: start.and_then(|start| Some(start + column?)), words })
        })
    }
}

impl LineError {
    /// Of the line as a whole.
    pub fn of(words: impl Into<String>) -> Self {
        Self { column: None, words: words.into() }
    }
}

/// serde_json counts lines too, and mostly finds one.
fn column(error: &serde_json::Error) -> Option<usize> {
    (error.line() == 1).then(|| error.column())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVENT: &str = r#""eventId":"e","createTime":"2026-02-03T09:30:00Z","#;
    const JOB: &str = r#""jobEvent":{"type":"VIEW","jobs":["projects/p/tenants/t/jobs/1"]}"#;

    fn refused(line: &str) -> (Option<usize>, String) {
        let LineError { column, words } = Entry::parse(line.as_bytes()).unwrap_err();
        (column, words)
    }

    #[test]
    fn what_is_no_object_is_told_as_rest_tells_it() {
        for (line, column, words) in [
            ("nope", 2, "found what is not JSON: a word that is not true, false or null"),
            ("{\"eventId\": }", 13, "found what is not JSON: a value is expected"),
            ("{", 1, "found what is not JSON: it ends before the value does; allowed: one JSON object a line"),
            ("[]", 1, "a JSON object is expected, found an array"),
            ("  7", 3, "a JSON object is expected, found a number"),
            ("null", 1, "a JSON object is expected, found null"),
        ] {
            assert_eq!(refused(line), (Some(column), words.to_owned()), "{line}");
        }
        // serde would take it for the fields in their order.
        let array = r#"[null,"e","2026-02-03T09:30:00Z",["VIEW",["projects/p/tenants/t/jobs/1"]],""]"#;
        assert_eq!(refused(array).1, "a JSON object is expected, found an array");
    }

    #[test]
    fn no_form_is_hidden() {
        let recorded = r#"{"tenant": …, "event": {…}}"#;
        assert_eq!(
            refused(r#"{"tenant":"projects/p/tenants/t"}"#).1,
            format!("has `tenant` but no `event`; allowed: {recorded}")
        );
        assert_eq!(refused(r#"{"event":{}}"#).1, format!("has `event` but no `tenant`; allowed: {recorded}"));
        let (column, words) = refused(r#"{"knownRequestID":"a"}"#);
        assert!(
            words.starts_with("expected a client event with")
                && words.contains("found the field `knownRequestID`, which"),
            "{words}"
        );
        assert!(column.is_some() && words.ends_with("; help: did you mean `knownRequestId`?"), "{words}");
        for line in ["{}", r#"{"colour":"blue"}"#] {
            let words = refused(line).1;
            for form in ["eventId, createTime, jobEvent", recorded, r#"{"knownRequestId": …}"#] {
                assert!(words.contains(form), "{line}: {words}");
            }
        }
        for (line, expected) in [
            (r#"{"tenant":"x"}"#, "has `tenant` but no `event`"),
            (
                r#"{"tenant":"x","event":{}}"#,
                "not a recorded event: `tenant`: expected projects/{project}/tenants/{tenant}, found \"x\" where `projects` should stand",
            ),
            (r#"{"tenant":7,"event":{}}"#, "not a recorded event: `tenant`: expected a string, found a number"),
            (r#"{"tennant":"projects/p/tenants/t","event":{}}"#, "; help: did you mean `tenant`?"),
            (r#"{"knownRequestId":7}"#, "not a known request id: `knownRequestId`: expected a string, found a number"),
            (
                r#"{"knownRequestId":"s","eventId":"e"}"#,
                "`eventId`: expected `knownRequestId` alone, found a field that is not known",
            ),
            (
                r#"{"tenant":"projects/p/tenants/t","event":[]}"#,
                "not a valid event: `event`: expected an object, found an array",
            ),
        ] {
            let (column, words) = refused(line);
            assert!(column.is_some() && words.contains(expected), "{line}: {words}");
        }
    }

    #[test]
    fn all_that_is_wrong_with_an_event_is_told_and_first_what_stands_at_the_column() {
        let line = format!("{{{EVENT}{JOB},\"eventNotes\":7,\"eventIdd\":1}}");
        let (column, words) = refused(&line);
        assert!(
            words.starts_with("not a valid event: `event_notes`: expected a string, found a number; and "),
            "{words}"
        );
        assert!(
            words.contains("`eventIdd`: expected ")
                && words.contains("found a field that is not known")
                && words.ends_with("did you mean `eventId`?"),
            "{words}"
        );
        let column = column.unwrap();
        assert!(line[..column].ends_with("\"eventNotes\":7"), "{column}");

        let recorded =
            format!(r#"{{"tenant":"projects/p/tenants/t","event":{{{EVENT}{}}}}}"#, JOB.replace("VIEW", "VEW"));
        let (_, words) = refused(&recorded);
        assert!(words.starts_with("not a valid event: `job_event.type`: expected the name or"), "{words}");
        assert!(words.ends_with("did you mean `VIEW`?"), "{words}");

        let other = format!("{{{EVENT}{}}}", JOB.replace("/1\"", "/1\",\"projects/p/tenants/x/jobs/1\""));
        assert!(refused(&other).1.starts_with("not a valid event: `job_event.jobs[1]`: expected a job of "));
        assert_eq!(refused(&format!("{{{EVENT}{EVENT}{JOB}}}")).1, "duplicate field `eventId`");
    }

    #[test]
    fn what_an_app_kept_is_a_recorded_event() {
        let line = format!(
            r#"{{"tenant":"projects/p/tenants/t","event":{{{EVENT}"requestId":"u1",{JOB}}},"notesTruncated":true,"syntheticRequestId":true}}"#
        );
        let kept: talent_events::EncodedEvent = serde_json::from_str(&line).unwrap();
        for line in [serde_json::to_string(&kept).unwrap(), format!(r#"{{"error":"too old","entry":{line}}}"#)] {
            let Entry::Event(event) = Entry::parse(line.as_bytes()).unwrap() else { panic!("{line}") };
            assert_eq!((event.tenant, event.event), (kept.tenant().clone(), kept.to_client_event()));
        }
        let words = refused(&line.replace("\"notesTruncated\":true", "\"notesTruncated\":7")).1;
        assert_eq!(words, "not a recorded event: `notesTruncated`: expected true or false, found a number");
    }

    #[test]
    fn a_dead_letter_says_what_was_refused() {
        let event = format!("{{{EVENT}{JOB}}}");
        let letter = |entry: &str| format!(r#"{{"line": 3, "error": "no", "entry": {entry}}}"#);
        assert_eq!(Entry::parse(letter(&event).as_bytes()), Entry::parse(event.as_bytes()));
        assert!(matches!(Entry::parse(letter(r#"{"knownRequestId":"s"}"#).as_bytes()), Ok(Entry::KnownRequestId(_))));
        assert_eq!(dead_letter(letter("[1, 1.0]").as_bytes()), Some("[1, 1.0]"));
        assert_eq!(dead_letter(event.as_bytes()), None);

        // The column is one of the line.
        let line = letter(&event.replace("\"VIEW\"", "\"VEW\""));
        let (column, words) = refused(&line);
        assert!(words.starts_with("not a valid event: `job_event.type`: expected the name or"), "{words}");
        assert!(line[..column.unwrap()].ends_with("\"VEW\""), "{column:?}");

        for (line, words) in [
            (letter("null"), "a JSON object is expected, found null"),
            (letter("\"nope\""), "found what is not JSON: a word that is not true, false or null"),
            (letter(&letter(&event)), "a dead letter in a dead letter; allowed: one alone"),
            (r#"{"line":"3","entry":{}}"#.into(), "not a dead letter: `line`: expected a whole number, found a string"),
            (
                r#"{"eror":"no","entry":{}}"#.into(),
                "not a dead letter: `eror`: expected line, error, entry, found a field that is not known; help: did you \
                 mean `error`?",
            ),
        ] {
            assert_eq!(refused(&line).1, words, "{line}");
        }
        let deep = letter("").replace('}', "").repeat(50_000);
        assert!(Entry::parse(deep.as_bytes()).is_err());
        let deep = format!("{}{event}{}", letter("").replace('}', "").repeat(50_000), "}".repeat(50_000));
        assert_eq!(refused(&deep).1, "a dead letter in a dead letter; allowed: one alone");
    }

    #[test]
    fn no_rust_shows() {
        for line in [
            "[]",
            "{}",
            "7",
            "{\"event\":[]}",
            "{\"tenant\":[]}",
            "{\"jobEvent\":[]}",
            "{\"jobEvent\":{\"jobs\":{}}}",
            "{\"createTime\":[]}",
            "{\"knownRequestId\":[]}",
            "{\"eventId\":1.5}",
            "{\"requestId\":{}}",
            "{\"number\":-1}",
            "{\"entry\":[]}",
            "{\"entry\":{},\"line\":[]}",
        ] {
            let words = refused(line).1;
            for internal in ["struct", "invalid type", "invalid length", "sequence", "map", "ident", ", expected a"] {
                assert!(!words.contains(internal), "{line}: {words}");
            }
        }
    }

    /// Pieces of all forms, in any order.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "null",
            "7",
            "1e999",
            "\"ü\"",
            "\"tenant\"",
            "\"event\"",
            "\"knownRequestId\"",
            "\"entry\":",
            "\"jobEvent\":{",
            "\"type\":\"VEW\"",
            "\"jobs\":[",
            "\"projects/p/tenants/t/jobs/1\"",
            EVENT,
            JOB,
            r#""tenant":"projects/p/tenants/t","event":{"#,
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_told_why_not(line in prop_oneof![pieces(), pieces().prop_map(|p| format!("{{{p}}}")), ".{0,40}"]) {
            if let Err(LineError { column, words }) = Entry::parse(line.as_bytes()) {
                prop_assert!(!words.is_empty() && words != "not an event");
                prop_assert!(column.is_none_or(|column| column <= line.len() + 1), "{column:?} in {line}");
                for internal in ["struct ", "invalid type", "invalid length", "expected ident"] {
                    prop_assert!(!words.contains(internal), "{line}: {words}");
                }
            }
        }
    }
}
