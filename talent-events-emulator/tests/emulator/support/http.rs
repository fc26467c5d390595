//! A plain HTTP/1.1 client with one connection per request.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use talent_events_emulator::Emulator;
use tokio::net::TcpStream;

pub(crate) const API: &str = "/emulator/v1";
pub(crate) const EVENTS: &str = "/v4/projects/acme/tenants/board/clientEvents";
pub(crate) const SEARCH: &str = "/v4/projects/acme/tenants/board/jobs:search";

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// The header `Allow`, or an empty string.
    pub(crate) allow: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }
}

/// Sends a request. `None`: the connection has ended without an answer.
pub(crate) async fn try_send(
    emulator: &Emulator,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Option<Answer> {
    let stream = TcpStream::connect(emulator.address()).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", emulator.host());
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = sender.send_request(request.body(Full::new(body.into())).unwrap()).await.ok()?;
    let status = response.status();
    let allow = response.headers().get("allow").map(|allow| allow.to_str().unwrap().to_owned()).unwrap_or_default();
    let body = response.into_body().collect().await.ok()?.to_bytes();
    drop(sender);
    let _ = connection.await;
    Some(Answer { status, allow, text: String::from_utf8(body.into()).unwrap() })
}

pub(crate) async fn send(emulator: &Emulator, method: &str, path: &str, body: impl Into<Bytes>) -> Answer {
    try_send(emulator, method, path, &[], body).await.expect("the emulator answers")
}

pub(crate) async fn post(emulator: &Emulator, path: &str, body: impl Into<Bytes>) -> Answer {
    send(emulator, "POST", path, body).await
}

pub(crate) async fn get(emulator: &Emulator, path: &str) -> Answer {
    send(emulator, "GET", path, "").await
}

/// A valid search in proto3 JSON, with more fields, each followed by a comma.
pub(crate) fn search(fields: &str) -> String {
    format!(r#"{{{fields} "requestMetadata": {{"domain": "board.example", "sessionId": "s", "userId": "u"}}}}"#)
}

/// A valid event in proto3 JSON.
pub(crate) fn event(event_type: &str, event_id: &str, request_id: &str) -> String {
    format!(
        r#"{{"requestId": "{request_id}", "eventId": "{event_id}", "createTime": "2026-02-03T09:30:00.000000001Z",
            "jobEvent": {{"type": "{event_type}", "jobs": ["projects/acme/tenants/board/jobs/42"]}},
            "eventNotes": "größer ✓"}}"#
    )
}

/// The invalid fields of an error in Google's form.
pub(crate) fn fields(answer: &Answer) -> Vec<String> {
    let error = &answer.json()["error"];
    let bad = error["details"].as_array().unwrap().iter();
    let bad = bad.filter(|d| d["@type"] == "type.googleapis.com/google.rpc.BadRequest");
    let violations = bad.flat_map(|d| d["fieldViolations"].as_array().unwrap());
    violations.map(|v| v["field"].as_str().unwrap().to_owned()).collect()
}
