//! The REST face agrees with the gRPC face.

use std::io::Write;

use serde_json::json;
use talent_events::{ClientEvent, JobEventType};
use talent_events_emulator::{Code, Emulator};
use tonic::Status;
use tonic::codec::CompressionEncoding;
use tonic_types::StatusExt;

use crate::support::grpc::{TENANT, client, request};
use crate::support::http::{EVENTS, SEARCH, event, fields, post, send, try_send};

#[tokio::test]
async fn an_event_is_recorded_like_over_grpc() {
    let emulator = Emulator::start().await.unwrap();
    let body = event("VIEW", "e-1", "search:7f/==");
    let answer = post(&emulator, EVENTS, body.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let sent: ClientEvent = serde_json::from_str(&body).unwrap();
    assert_eq!(serde_json::from_str::<ClientEvent>(&answer.text).unwrap(), sent);
    assert!(answer.text.contains("\n  \""), "pretty, as Google's answers: {}", answer.text);

    client(&emulator).await.create_client_event(request(JobEventType::View, "e-2")).await.unwrap();
    let events = emulator.events();
    assert_eq!(events[0].event, sent);
    assert_eq!(events[0].tenant, events[1].tenant);
    assert_eq!(emulator.stats().kept(JobEventType::View), 2);
}

#[tokio::test]
async fn googles_system_parameters_are_read() {
    let emulator = Emulator::start().await.unwrap();
    let path = format!("{EVENTS}?%24alt=json%3Benum-encoding%3Dint&$.xgafv=2&fields=eventId&key=k&quotaUser=q");
    let answer = post(&emulator, &path, event("HIRED", "e-1", "s")).await;
    assert_eq!(answer.json()["jobEvent"]["type"], 13, "{}", answer.text);
    let answer = post(&emulator, &format!("{EVENTS}?alt=json&prettyPrint=false"), event("HIRED", "e-2", "s")).await;
    assert_eq!(answer.json()["jobEvent"]["type"], "HIRED");
    assert!(!answer.text.contains('\n'), "{}", answer.text);
    let answer = post(&emulator, &format!("{EVENTS}?colour=blue&alt=proto"), event("HIRED", "e-3", "s")).await;
    assert_eq!((answer.status.as_u16(), fields(&answer).len()), (400, 2), "{}", answer.text);
    assert_eq!(emulator.events().len(), 2);
}

#[tokio::test]
async fn all_forms_of_proto3_json_are_read() {
    let emulator = Emulator::start().await.unwrap();
    for number in ["2", "2.0", "\"2\""] {
        let answer = post(&emulator, EVENTS, event("VIEW", "e", "s").replace("\"VIEW\"", number)).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["jobEvent"]["type"]), (200, &json!("VIEW")), "{number}");
    }
    emulator.clear();
    let body = json!({
        "request_id": null,
        "event_id": "e-1",
        "create_time": "2026-02-03T10:30:00+01:00",
        "job_event": {"type": 2, "jobs": [format!("{TENANT}/jobs/1")]},
        "event_notes": null,
    });
    let answer = post(&emulator, EVENTS, body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["createTime"], "2026-02-03T09:30:00Z");
    assert_eq!(answer.json()["jobEvent"]["type"], "VIEW");
    let recorded = &emulator.events()[0].event;
    assert_eq!((recorded.request_id.clone(), &*recorded.event_notes), (None, ""));
}

#[tokio::test]
async fn all_errors_are_reported_at_once_in_googles_form() {
    let emulator = Emulator::start().await.unwrap();
    let body = json!({
        "requestId": 7,
        "createTime": "yesterday",
        "jobEvent": {"type": "CLICK", "jobs": ["42", 43, format!("{TENANT}/jobs/1")], "job": "x"},
        "notes": "x",
        "eventNotes": "x".repeat(1001),
    });
    let answer = post(&emulator, EVENTS, body.to_string()).await;
    let error = &answer.json()["error"];
    assert_eq!((error["code"].as_u64(), error["status"].as_str()), (Some(400), Some("INVALID_ARGUMENT")));
    assert_eq!(answer.status, 400);
    let mut fields = fields(&answer);
    fields.sort();
    assert_eq!(
        fields,
        [
            "client_event.create_time",
            "client_event.event_id",
            "client_event.event_notes",
            "client_event.job_event.job",
            "client_event.job_event.jobs[0]",
            "client_event.job_event.jobs[1]",
            "client_event.job_event.type",
            "client_event.notes",
            "client_event.request_id",
        ]
    );
    let info = &error["details"][0];
    assert_eq!(info["@type"], "type.googleapis.com/google.rpc.ErrorInfo");
    assert_eq!(info["domain"], talent_events_emulator::ERROR_DOMAIN, "not Google's");
    assert_eq!(emulator.stats().refused(Code::InvalidArgument), 1);
    assert_eq!(emulator.events(), []);
}

/// Both faces name the same invalid fields for the same event.
#[tokio::test]
async fn the_faces_agree() {
    let emulator = Emulator::start().await.unwrap();
    let mut grpc = client(&emulator).await;
    let named = |status: &Status| -> Vec<String> {
        status.get_details_bad_request().unwrap().field_violations.into_iter().map(|v| v.field).collect()
    };
    for (jobs, id, time) in [(vec![], "e", "2026-02-03T09:30:00Z"), (vec!["projects/p/tenants/other/jobs/1"], "", "")] {
        let mut over_grpc = request(JobEventType::View, id);
        let event = over_grpc.client_event.as_mut().unwrap();
        let talent_events::wire::client_event::Event::JobEvent(job_event) = event.event.as_mut().unwrap();
        job_event.jobs = jobs.iter().map(ToString::to_string).collect();
        let mut body = json!({"eventId": id, "jobEvent": {"type": "VIEW", "jobs": jobs}});
        if time.is_empty() {
            event.create_time = None;
        } else {
            body["createTime"] = time.into();
        }
        let status = grpc.create_client_event(over_grpc).await.unwrap_err();
        let answer = post(&emulator, EVENTS, body.to_string()).await;
        assert_eq!(fields(&answer), named(&status));
    }
}

#[tokio::test]
async fn invalid_json_is_an_error_with_a_position() {
    let emulator = Emulator::start().await.unwrap();
    for body in ["", "{", "[1]", "7", "null", r#"{"eventId": "e""#, "\u{feff}{}"] {
        let answer = post(&emulator, EVENTS, body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["error"]["status"].as_str()),
            (400, Some("INVALID_ARGUMENT"))
        );
        assert_eq!(fields(&answer)[0].split('.').next(), Some("client_event"), "{body}: {}", answer.text);
    }
    let answer = post(&emulator, EVENTS, "{\n  \"eventId\": }").await;
    assert!(answer.text.contains("line 2 column 14"), "{}", answer.text);
    let answer = post(&emulator, EVENTS, vec![b' '; 5 * 1024 * 1024]).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("longer than 4194304 bytes"), "{}", answer.text);
}

#[tokio::test]
async fn other_paths_are_not_found() {
    let emulator = Emulator::start().await.unwrap();
    for (method, path) in [("POST", "/v4/projects/acme/clientEvents"), ("POST", "/v4"), ("PUT", "/x")] {
        let answer = send(&emulator, method, path, "").await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["status"]), (404, &json!("NOT_FOUND")), "{path}");
    }
    let answer = post(&emulator, "/v4/projects/acme/tenants/bo%2Fard/clientEvents", event("VIEW", "e", "s")).await;
    assert!(fields(&answer).contains(&"parent".to_owned()), "{}", answer.text);
}

#[tokio::test]
async fn a_wrong_method_names_the_allowed_ones() {
    let emulator = Emulator::start().await.unwrap();
    for (method, path, allow) in [
        ("GET", EVENTS, "POST"),
        ("GET", SEARCH, "POST"),
        ("PUT", "/emulator/v1/events", "GET,HEAD,DELETE"),
        ("POST", "/emulator/v1", "GET,HEAD"),
        ("POST", "/dashboard", "GET,HEAD"),
    ] {
        let answer = send(&emulator, method, path, "").await;
        assert_eq!((answer.status.as_u16(), &*answer.allow), (405, allow), "{path}");
        let error = &answer.json()["error"];
        assert_eq!((&error["code"], &error["status"]), (&json!(405), &json!("UNIMPLEMENTED")), "{path}");
        assert!(error["message"].as_str().unwrap().contains(method), "{error}");
    }
    assert_eq!(emulator.stats().total_refused(), 0);
}

/// A message for a terminal or a log has only whole fields.
#[tokio::test]
async fn a_message_is_not_cut_within_a_field() {
    let emulator = Emulator::start().await.unwrap();
    let body = json!({"requestId": 7, "createTime": "yesterday", "jobEvent": {"type": "CLICK", "jobs": ["42", "43"]}});
    let answer = post(&emulator, EVENTS, body.to_string()).await.json();
    let message = answer["error"]["message"].as_str().unwrap();
    let listed = message.matches(": expected ").count();
    assert!(message.ends_with(&format!("; and {} more", 6 - listed)) && message.chars().count() <= 330, "{message}");
}

/// Google's clients can compress their requests.
#[tokio::test]
async fn compressed_bodies_are_read() {
    let emulator = Emulator::start().await.unwrap();
    let gzip = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let send = async |encoding, body: Vec<u8>| {
        try_send(&emulator, "POST", EVENTS, &[("content-encoding", encoding)], body).await.unwrap()
    };
    let sent = event("VIEW", "e-1", "s");
    assert_eq!(send("gzip", gzip(&sent)).await.status, 200);
    assert_eq!(send("identity", sent.clone().into()).await.status, 200);
    // The limit is on the decompressed size.
    for (bytes, status) in [(4 * 1024 * 1024, 200), (4 * 1024 * 1024 + 1, 400)] {
        let padded = format!("{}{sent}", " ".repeat(bytes - sent.len()));
        let answer = send("gzip", gzip(&padded)).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    }
    let answer = send("gzip", sent.clone().into()).await;
    assert!(answer.status == 400 && answer.text.contains("cannot read the body"), "{}", answer.text);
    let answer = send("br", sent.into()).await;
    assert!(answer.status == 400 && answer.text.contains("expected gzip or none, found \\\"br\\\""), "{}", answer.text);

    let mut client = client(&emulator).await.send_compressed(CompressionEncoding::Gzip);
    client.create_client_event(request(JobEventType::View, "e-2")).await.unwrap();
    let events = emulator.events();
    assert_eq!(events.iter().map(|e| e.event.event_id.as_str()).collect::<Vec<_>>(), ["e-1", "e-1", "e-1", "e-2"]);
}

/// JSON does not say which of two equal keys holds. protobuf's parsers, `lint` and imports refuse duplicates.
#[tokio::test]
async fn duplicate_fields_are_refused() {
    let emulator = Emulator::start().await.unwrap();
    let body = event("VIEW", "e", "s");
    for (one, two, field) in [
        ("\"eventId\"", "\"eventId\": \"b\", \"eventId\"", "client_event.event_id"),
        ("\"eventId\"", "\"event_id\": \"b\", \"eventId\"", "client_event.event_id"),
        ("\"requestId\"", "\"request_id\": null, \"requestId\"", "client_event.request_id"),
        ("\"type\"", "\"type\": \"VIEW\", \"type\"", "client_event.job_event.type"),
        ("\"jobEvent\"", "\"jobEvent\": {}, \"jobEvent\"", "client_event.job_event"),
    ] {
        let answer = post(&emulator, EVENTS, body.replace(one, two)).await;
        assert_eq!((answer.status.as_u16(), fields(&answer)), (400, vec![field.to_owned()]), "{two}: {}", answer.text);
        assert!(answer.text.contains("a duplicate"), "{}", answer.text);
    }
    assert_eq!(emulator.events(), []);
}
