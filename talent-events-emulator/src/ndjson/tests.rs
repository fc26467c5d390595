//! The messages and the forms of a line.

use proptest::prelude::*;

use super::*;

const EVENT: &str = r#""eventId":"e","createTime":"2026-02-03T09:30:00Z","#;
const JOB: &str = r#""jobEvent":{"type":"VIEW","jobs":["projects/p/tenants/t/jobs/1"]}"#;

fn refused(line: &str) -> (Option<usize>, String) {
    let LineError { column, message } = Entry::parse(line.as_bytes()).unwrap_err();
    (column, message)
}

#[test]
fn a_line_without_an_object_has_the_message_of_the_rest_face() {
    for (line, column, message) in [
        ("nope", 2, "invalid JSON: expected `true`, `false` or `null`, found another word"),
        ("{\"eventId\": }", 13, "invalid JSON: expected a value"),
        ("{", 1, "invalid JSON: expected more, found the end of the text"),
        ("[]", 1, "expected a JSON object, found an array"),
        ("  7", 3, "expected a JSON object, found a number"),
        ("null", 1, "expected a JSON object, found null"),
    ] {
        assert_eq!(refused(line), (Some(column), message.to_owned()), "{line}");
    }
    // serde would read it as the fields in order.
    let array = r#"[null,"e","2026-02-03T09:30:00Z",["VIEW",["projects/p/tenants/t/jobs/1"]],""]"#;
    assert_eq!(refused(array).1, "expected a JSON object, found an array");
}

#[test]
fn messages_name_all_forms() {
    let recorded = r#"{"tenant": …, "event": {…}}"#;
    assert_eq!(
        refused(r#"{"tenant":"projects/p/tenants/t"}"#).1,
        format!("expected {recorded}, found `tenant` without `event`")
    );
    assert_eq!(refused(r#"{"event":{}}"#).1, format!("expected {recorded}, found `event` without `tenant`"));
    let (column, message) = refused(r#"{"knownRequestID":"a"}"#);
    assert!(
        message.starts_with("expected a client event with")
            && message.contains("found the unknown field `knownRequestID`"),
        "{message}"
    );
    assert!(column.is_some() && message.ends_with("; help: did you mean `knownRequestId`?"), "{message}");
    for line in ["{}", r#"{"colour":"blue"}"#] {
        let message = refused(line).1;
        for form in ["eventId, createTime, jobEvent", recorded, r#"{"knownRequestId": …}"#] {
            assert!(message.contains(form), "{line}: {message}");
        }
    }
    for (line, expected) in [
        (r#"{"tenant":"x"}"#, "found `tenant` without `event`"),
        (
            r#"{"tenant":"x","event":{}}"#,
            "not a recorded event: `tenant`: expected projects/{project}/tenants/{tenant}, found \"x\"",
        ),
        (r#"{"tenant":7,"event":{}}"#, "not a recorded event: `tenant`: expected a string, found a number"),
        (r#"{"tennant":"projects/p/tenants/t","event":{}}"#, "; help: did you mean `tenant`?"),
        (r#"{"knownRequestId":7}"#, "not a known request id: `knownRequestId`: expected a string, found a number"),
        (
            r#"{"knownRequestId":"s","eventId":"e"}"#,
            "`eventId`: expected only `knownRequestId`, found an unknown field",
        ),
        (
            r#"{"tenant":"projects/p/tenants/t","event":[]}"#,
            "not a valid event: `event`: expected an object, found an array",
        ),
    ] {
        let (column, message) = refused(line);
        assert!(column.is_some() && message.contains(expected), "{line}: {message}");
    }
}

#[test]
fn all_errors_of_an_event_are_listed_and_the_one_at_the_column_comes_first() {
    let line = format!("{{{EVENT}{JOB},\"eventNotes\":7,\"eventIdd\":1}}");
    let (column, message) = refused(&line);
    assert!(
        message.starts_with("not a valid event: `event_notes`: expected a string, found a number; and "),
        "{message}"
    );
    assert!(
        message.contains("`eventIdd`: expected requestId, ") && message.ends_with("; help: did you mean `eventId`?"),
        "{message}"
    );
    let column = column.unwrap();
    assert!(line[..column].ends_with("\"eventNotes\":7"), "{column}");

    let recorded = format!(r#"{{"tenant":"projects/p/tenants/t","event":{{{EVENT}{}}}}}"#, JOB.replace("VIEW", "VEW"));
    let (_, message) = refused(&recorded);
    assert!(message.starts_with("not a valid event: `job_event.type`: expected the name or"), "{message}");
    assert!(message.ends_with("did you mean `VIEW`?"), "{message}");

    let other = format!("{{{EVENT}{}}}", JOB.replace("/1\"", "/1\",\"projects/p/tenants/x/jobs/1\""));
    assert!(
        refused(&other)
            .1
            .starts_with("not a valid event: `job_event.jobs[1]`: expected a job of `projects/p/tenants/t`")
    );
    assert_eq!(refused(&format!("{{{EVENT}{EVENT}{JOB}}}")).1, "duplicate field `eventId`");
}

#[test]
fn a_stored_encoded_event_is_a_recorded_event() {
    let line = format!(
        r#"{{"tenant":"projects/p/tenants/t","event":{{{EVENT}"requestId":"u1",{JOB}}},"notesTruncated":true,"syntheticRequestId":true}}"#
    );
    let kept: talent_events::EncodedEvent = serde_json::from_str(&line).unwrap();
    for line in [serde_json::to_string(&kept).unwrap(), format!(r#"{{"error":"too old","entry":{line}}}"#)] {
        let Entry::Event(event) = Entry::parse(line.as_bytes()).unwrap() else { panic!("{line}") };
        assert_eq!((event.tenant, event.event), (kept.tenant().clone(), kept.to_client_event()));
    }
    let message = refused(&line.replace("\"notesTruncated\":true", "\"notesTruncated\":7")).1;
    assert_eq!(message, "not a recorded event: `notesTruncated`: expected true or false, found a number");
}

#[test]
fn a_dead_letter_is_read_as_its_entry() {
    let event = format!("{{{EVENT}{JOB}}}");
    let letter = |entry: &str| format!(r#"{{"line": 3, "error": "no", "entry": {entry}}}"#);
    assert_eq!(Entry::parse(letter(&event).as_bytes()), Entry::parse(event.as_bytes()));
    assert!(matches!(Entry::parse(letter(r#"{"knownRequestId":"s"}"#).as_bytes()), Ok(Entry::KnownRequestId(_))));
    assert_eq!(dead_letter(letter("[1, 1.0]").as_bytes()), Some("[1, 1.0]"));
    assert_eq!(dead_letter(event.as_bytes()), None);

    // The column counts from the start of the line.
    let line = letter(&event.replace("\"VIEW\"", "\"VEW\""));
    let (column, message) = refused(&line);
    assert!(message.starts_with("not a valid event: `job_event.type`: expected the name"), "{message}");
    assert!(line[..column.unwrap()].ends_with("\"VEW\""), "{column:?}");

    for (line, message) in [
        (letter("null"), "expected a JSON object, found null"),
        (letter("\"nope\""), "invalid JSON: expected `true`, `false` or `null`, found another word"),
        (
            letter(&letter(&event)),
            "expected an event or a known request id in the dead letter, found another dead letter",
        ),
        (r#"{"line":"3","entry":{}}"#.into(), "not a dead letter: `line`: expected a whole number, found a string"),
        (
            r#"{"eror":"no","entry":{}}"#.into(),
            "not a dead letter: `eror`: expected line, error, entry, found an unknown field; help: did you mean \
             `error`?",
        ),
    ] {
        assert_eq!(refused(&line).1, message, "{line}");
    }
    let deep = letter("").replace('}', "").repeat(50_000);
    assert!(Entry::parse(deep.as_bytes()).is_err());
    let deep = format!("{}{event}{}", letter("").replace('}', "").repeat(50_000), "}".repeat(50_000));
    assert_eq!(
        refused(&deep).1,
        "expected an event or a known request id in the dead letter, found another dead letter"
    );
}

/// A file of another system may start with a byte order mark.
#[test]
fn a_byte_order_mark_is_skipped() {
    let event = format!("{{{EVENT}{JOB}}}");
    assert_eq!(Entry::parse(format!("\u{feff}{event}").as_bytes()), Entry::parse(event.as_bytes()));
    let (column, message) = refused("\u{feff}nope");
    assert_eq!((column, message.starts_with("invalid JSON")), (Some(5), true), "{message}");
}

/// serde's derive would read an array as the fields in their order.
#[test]
fn no_array_is_read_for_a_message() {
    let recorded = |event: &str| format!(r#"{{"tenant":"projects/p/tenants/t","event":{event}}}"#);
    let job_event = JOB.replace(r#"{"type":"VIEW","jobs":"#, r#"["VIEW","#).replace("]}", "]]");
    for line in [
        recorded(r#"[null,"e","2026-02-03T09:30:00Z",{"type":"VIEW","jobs":["projects/p/tenants/t/jobs/1"]},""]"#),
        recorded(&format!("{{{EVENT}{job_event}}}")),
        format!("{{{EVENT}{job_event}}}"),
    ] {
        assert!(refused(&line).1.contains("found an array"), "{line}: {}", refused(&line).1);
    }
}

#[test]
fn messages_name_no_types_of_rust() {
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
        let message = refused(line).1;
        for internal in ["struct", "invalid type", "invalid length", "sequence", "map", "ident"] {
            assert!(!message.contains(internal), "{line}: {message}");
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
    fn any_line_is_read_or_has_an_error(line in prop_oneof![pieces(), pieces().prop_map(|p| format!("{{{p}}}")), ".{0,40}"]) {
        if let Err(LineError { column, message }) = Entry::parse(line.as_bytes()) {
            prop_assert!(!message.is_empty() && message != "not an event");
            prop_assert!(column.is_none_or(|column| column <= line.len() + 1), "{column:?} in {line}");
            for internal in ["struct ", "invalid type", "invalid length", "expected ident"] {
                prop_assert!(!message.contains(internal), "{line}: {message}");
            }
        }
    }
}
