//! Imports and exports.

use std::io::Write;

use serde_json::json;
use talent_events::{JobEventType, RequestId};
use talent_events_emulator::{Emulator, FileError, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::http::{API, EVENTS, event, get, post};

#[tokio::test]
async fn an_export_restores_the_events() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("events.ndjson");
    let known = RequestId::new("known:/=").unwrap();
    let emulator = Emulator::builder().strict().known_request_id(known).start().await.unwrap();
    for (id, search) in [("e-1", "known:/="), ("e-2", "made-up")] {
        post(&emulator, EVENTS, event("VIEW", id, search)).await;
    }
    let (before, defects) = (emulator.events(), emulator.defects());
    assert_eq!(emulator.shutdown_and_export(&file).await.unwrap(), 2);

    let again = Emulator::builder().strict().start().await.unwrap();
    assert_eq!(again.import(&file).await.unwrap(), 2);
    assert_eq!(again.events(), before, "discarded events stay discarded");
    assert_eq!(again.defects(), defects);
    assert_eq!(again.stats().discarded(JobEventType::View), 1);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "no temporary file is left");

    let other = directory.path().join("nowhere/events.ndjson");
    assert!(matches!(again.export(&other).await, Err(FileError::Io { path, .. }) if path == other));
    // At the end the events go to a temporary file.
    let Err(FileError::Elsewhere { path, kept, .. }) = again.shutdown_and_export(&other).await else { panic!() };
    assert_eq!((path, std::fs::read(&kept).unwrap()), (other, std::fs::read(&file).unwrap()));
    std::fs::remove_file(kept).unwrap();
}

#[tokio::test]
async fn an_import_at_the_start_comes_before_any_call() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "{{\"knownRequestId\": \"s\"}}\n{}", event("VIEW", "e-1", "s").replace('\n', " ")).unwrap();
    let emulator = Emulator::builder().strict().import(file.path()).start().await.unwrap();
    post(&emulator, EVENTS, event("VIEW", "e-2", "s")).await;
    let there: Vec<_> = emulator.events().into_iter().map(|r| (r.event.event_id.to_string(), r.discarded)).collect();
    assert_eq!(there, [("e-1".to_owned(), false), ("e-2".to_owned(), false)]);

    writeln!(file, "[]").unwrap();
    let address = emulator.address();
    emulator.shutdown().await;
    let error = Emulator::builder().address(address).import(file.path()).start().await.unwrap_err();
    assert!(matches!(&error, StartError::Import(FileError::Line { line: 3, .. })), "{error:?}");
    assert!(error.to_string().starts_with("cannot import "), "{error}");
}

#[tokio::test]
async fn an_invalid_line_imports_nothing_and_has_a_position() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let good = event("VIEW", "e-1", "s").replace('\n', " ");
    write!(file, "{good}\n\n{}\n", good.replace("VIEW", "CLICK")).unwrap();
    let emulator = Emulator::start().await.unwrap();
    let error = emulator.import(file.path()).await.unwrap_err();
    let FileError::Line { line: 3, column: Some(column), ref message, .. } = error else { panic!("{error:?}") };
    assert!(message.contains("CLICK") && column > 100, "{error}");
    assert_eq!(emulator.events(), []);
    let answer = post(&emulator, &format!("{API}/import"), "{\"knownRequestId\": \"k\"}\n{}").await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("line 2"), "{}", answer.text);
    assert_eq!(get(&emulator, &format!("{API}/requestIds")).await.json(), json!({"requestIds": []}));
    for (no_file_of_events, words) in [
        ("# Events\n", "the body, line 1, column 1: invalid JSON: expected a value"),
        ("{\n  \"eventId\": 1\n}", "line 1, column 1: invalid JSON: expected more, found the end of the text"),
        ("[]", "line 1, column 1: expected a JSON object, found an array"),
    ] {
        let answer = post(&emulator, &format!("{API}/import"), no_file_of_events).await;
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(answer.status == 400 && message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn an_import_adds_to_the_recorded_events() {
    let emulator = Emulator::start().await.unwrap();
    for imported in 1..=2 {
        let line = event("VIEW", "e-1", "s").replace('\n', " ");
        assert_eq!(post(&emulator, &format!("{API}/import"), line).await.status, 200);
        assert_eq!(emulator.events().len(), imported);
    }
}

#[tokio::test]
async fn an_idempotent_emulator_imports_no_event_again() {
    let emulator = Emulator::builder().idempotent().start().await.unwrap();
    post(&emulator, EVENTS, event("VIEW", "e-1", "s")).await;
    let lines: Vec<_> = ["e-1", "e-2", "e-2"].map(|id| event("VIEW", id, "s").replace('\n', " ")).into();
    for imported in [1, 0] {
        let answer = post(&emulator, &format!("{API}/import"), lines.join("\n")).await;
        assert_eq!(answer.json(), json!({"imported": imported}), "{}", answer.text);
        assert_eq!(emulator.stats().total_kept(), 2);
    }
}

/// The events are cleared during an export. Its reader does not take the part for the whole.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_cleared_events_fails() {
    let emulator = Emulator::start().await.unwrap();
    // More than fits into the buffers of the connection.
    let line = event("VIEW", "e", "s").replace('\n', " ").replace("größer", &"n".repeat(900));
    let events = 16_000;
    let imported = post(&emulator, &format!("{API}/import"), format!("{line}\n").repeat(events)).await;
    assert_eq!(imported.json()["imported"], events);

    let mut export = Vec::new();
    let mut stream = tokio::net::TcpStream::connect(emulator.address()).await.unwrap();
    let request = format!("GET {API}/export HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", emulator.host());
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.read_buf(&mut export).await.unwrap();
    emulator.clear();
    // The system may report the closed connection as an error.
    let _ = stream.read_to_end(&mut export).await;
    assert!(export.starts_with(b"HTTP/1.1 200"));
    let lines = export.split(|c| *c == b'\n').filter(|line| line.starts_with(b"{")).count();
    assert!(lines < events, "the export was complete: {lines}");
    assert!(!export.ends_with(b"\r\n0\r\n\r\n"), "the last chunk would mark the export as complete");
}

/// Otherwise a few megabytes of gzip would fill the memory.
#[tokio::test]
async fn an_import_is_read_as_it_arrives() {
    let emulator = Emulator::start().await.unwrap();
    let mut stream = tokio::net::TcpStream::connect(emulator.address()).await.unwrap();
    let head = format!("POST {API}/import HTTP/1.1\r\nhost: {}\r\ncontent-length: 1000000\r\n\r\n", emulator.host());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(b"{\"knownRequestId\": 7}\n").await.unwrap();
    // The rest of the body never comes.
    let mut answer = String::new();
    while !answer.contains("line 1, column") {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.unwrap();
        assert_ne!(read, 0, "{answer}");
        answer.push_str(std::str::from_utf8(&part[..read]).unwrap());
    }
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}
