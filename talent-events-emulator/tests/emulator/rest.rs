//! The REST face says what the gRPC face says.

use std::io::Write;

use crate::common::{TENANT, client, request};
use crate::http::{EVENTS, SEARCH, event, fields, get, post, send, try_send};
use proptest::prelude::*;
use serde_json::{Value, json};
use talent_events::{ClientEvent, JobEventType, RequestId};
use talent_events_emulator::{Code, Emulator};
use tonic::Status;
use tonic::codec::CompressionEncoding;
use tonic_types::StatusExt;

#[tokio::test]
async fn an_event_is_taken_as_over_grpc() {
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
async fn google_s_system_parameters_are_understood() {
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
async fn all_that_is_wrong_is_told_at_once_in_google_s_form() {
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

/// Both faces name the same fields for the same event.
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
async fn what_is_no_json_is_an_error_with_a_place() {
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
async fn another_method_on_a_path_says_which_are_allowed() {
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

/// A message that goes to a terminal or a log holds whole sentences.
#[tokio::test]
async fn a_message_is_not_cut_within_a_field() {
    let emulator = Emulator::start().await.unwrap();
    let body = json!({"requestId": 7, "createTime": "yesterday", "jobEvent": {"type": "CLICK", "jobs": ["42", "43"]}});
    let answer = post(&emulator, EVENTS, body.to_string()).await.json();
    let message = answer["error"]["message"].as_str().unwrap();
    let told = message.matches("`: expected ").count();
    assert!(message.ends_with(&format!("; and {} more", 6 - told)) && message.chars().count() <= 330, "{message}");
}

#[tokio::test]
async fn a_search_answers_jobs_and_an_id_that_counts() {
    let emulator = Emulator::builder().strict().jobs(["nurse", "welder", "cook"]).start().await.unwrap();
    let answer = post(&emulator, SEARCH, r#"{"maxPageSize": 2, "offset": 1, "jobQuery": {"query": "x"}}"#).await.json();
    let jobs: Vec<_> = answer["matchingJobs"].as_array().unwrap().iter().map(|j| j["job"]["name"].clone()).collect();
    assert_eq!(jobs, [format!("{TENANT}/jobs/welder"), format!("{TENANT}/jobs/cook")]);
    assert_eq!(answer["totalSize"], 3);
    let id = answer["metadata"]["requestId"].as_str().unwrap();
    assert!(RequestId::new(id).is_ok());

    for (event_id, request_id, discarded) in [("e-1", id, false), ("e-2", "made-up", true)] {
        post(&emulator, EVENTS, event("IMPRESSION", event_id, request_id)).await;
        assert_eq!(emulator.events().last().unwrap().discarded, discarded);
    }
    let again = post(&emulator, SEARCH, "").await.json();
    assert_ne!(again["metadata"]["requestId"], id, "each search has its own");
}

/// Google's clients can be told to compress what they send.
#[tokio::test]
async fn what_is_compressed_is_read() {
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
    // As much as fits uncompressed, and not a byte more.
    for (bytes, status) in [(4 * 1024 * 1024, 200), (4 * 1024 * 1024 + 1, 400)] {
        let padded = format!("{}{sent}", " ".repeat(bytes - sent.len()));
        let answer = send("gzip", gzip(&padded)).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    }
    let answer = send("gzip", sent.clone().into()).await;
    assert!(answer.status == 400 && answer.text.contains("the body can not be read"), "{}", answer.text);
    let answer = send("br", sent.into()).await;
    assert!(
        answer.status == 400 && answer.text.contains("expected gzip, or none, found \\\"br\\\""),
        "{}",
        answer.text
    );

    let mut client = client(&emulator).await.send_compressed(CompressionEncoding::Gzip);
    client.create_client_event(request(JobEventType::View, "e-2")).await.unwrap();
    let events = emulator.events();
    assert_eq!(events.iter().map(|e| e.event.event_id.as_str()).collect::<Vec<_>>(), ["e-1", "e-1", "e-1", "e-2"]);
}

/// As protobuf's own JSON parsers read it.
#[tokio::test]
async fn a_search_is_read_as_proto3_json() {
    let emulator = Emulator::builder().jobs((0..30).map(|n| n.to_string())).start().await.unwrap();
    for (body, count) in [
        ("{}", 10),
        (r#"{"maxPageSize": 3}"#, 3),
        (r#"{"max_page_size": 3.0, "job_query": {"query": "x"}}"#, 3),
        (r#"{"maxPageSize": "3", "offset": "28"}"#, 2),
        (r#"{"maxPageSize": 0, "offset": null, "searchMode": "JOB_SEARCH"}"#, 10),
        (r#"{"maxPageSize": 2147483647}"#, 30),
    ] {
        let answer = post(&emulator, SEARCH, body).await;
        assert_eq!(answer.json()["matchingJobs"].as_array().unwrap().len(), count, "{body}: {}", answer.text);
    }
    for (body, wrong) in [
        (r#"{"maxPageSize": -1, "offset": 1.5}"#, &["maxPageSize", "offset"][..]),
        (r#"{"maxPageSize": 2147483648, "offset": "x"}"#, &["maxPageSize", "offset"]),
        (r#"{"pageSize": 3, "offset": true}"#, &["offset", "pageSize"]),
        (r#"{"offset": 1, "offset": 1}"#, &["offset"]),
        (r#"{"maxPageSize": 1, "max_page_size": 2}"#, &["max_page_size"]),
    ] {
        let answer = post(&emulator, SEARCH, body).await;
        assert_eq!(
            (answer.status.as_u16(), fields(&answer)),
            (400, wrong.iter().map(ToString::to_string).collect()),
            "{body}"
        );
    }
    assert_eq!(post(&emulator, SEARCH, "[]").await.status, 400);
    assert_eq!(get(&emulator, "/emulator/v1/requestIds").await.json()["requestIds"].as_array().unwrap().len(), 6);
}

/// JSON leaves open which of two fields holds; protobuf's parsers, `lint` and an import refuse both.
#[tokio::test]
async fn no_field_is_there_twice() {
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
        assert!(answer.text.contains("it twice"), "{}", answer.text);
    }
    assert_eq!(emulator.events(), []);
}

/// A page of another site can send a simple request to this port; a program has no origin.
#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let emulator = Emulator::start().await.unwrap();
    let own = format!("http://{}", emulator.host());
    for (origin, status) in [("https://evil.example", 403), ("null", 403), (own.as_str(), 200)] {
        let headers = [("origin", origin), ("content-type", "text/plain")];
        let answer = try_send(&emulator, "POST", EVENTS, &headers, event("VIEW", "e", "s")).await.unwrap();
        assert_eq!(answer.status, status, "{origin}: {}", answer.text);
        assert!(!answer.text.contains("access-control"));
    }
    // Google's API answers under any name.
    let answer = try_send(&emulator, "POST", EVENTS, &[("host", "emulator:8484")], event("VIEW", "e", "s")).await;
    assert_eq!(answer.unwrap().status, 200);
    assert_eq!(get(&emulator, "/emulator/v1/counts").await.json()["kept"], 2);
}

/// JSON texts, as values would not hold a field that is there twice.
fn texts() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "requestId",
        "request_id",
        "eventId",
        "createTime",
        "jobEvent",
        "job_event",
        "eventNotes",
        "type",
        "jobs",
        "other",
        "",
    ]);
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<f64>().prop_map(|value| Value::from(value).to_string()),
        ".{0,20}".prop_map(|value| Value::from(value).to_string()),
        prop::sample::select(vec!["2", "2.0", "\"2\"", "\"VIEW\"", "\"2026-02-03T09:30:00Z\""]).prop_map(String::from),
        Just("\"projects/acme/tenants/board/jobs/1\"".to_owned()),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        let field = (name.clone(), inner.clone()).prop_map(|(name, value)| format!("\"{name}\": {value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(|values| format!("[{}]", values.join(", "))),
            prop::collection::vec(field, 0..6).prop_map(|fields| format!("{{{}}}", fields.join(", "))),
        ]
    })
}

/// Events that are nearly valid: the fields of one, some of them again by another value or another name.
fn nearly() -> impl Strategy<Value = String> {
    let more = prop::sample::subsequence(
        vec![
            r#""eventId": "f""#,
            r#""event_id": "f""#,
            r#""requestId": null"#,
            r#""request_id": "r""#,
            r#""createTime": "2026-02-03 09:30:00Z""#,
            r#""event_notes": """#,
            r#""jobEvent": null"#,
        ],
        0..2,
    );
    let event_type = prop::sample::select(vec!["VIEW", "VIEW\", \"type\": \"HIRED", "2", "0", "x"]);
    (more, event_type).prop_map(|(more, event_type)| {
        let event = event(event_type, "e", "s");
        more.iter().fold(event, |event, field| event.replacen('{', &format!("{{{field}, "), 1))
    })
}

fn serving<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes, it is taken and counted or refused with a reason, and what is taken is what serde's form takes.
    #[test]
    fn any_json_is_answered(bodies in prop::collection::vec(prop_oneof![texts(), nearly()], 1..20)) {
        serving(async {
            let emulator = Emulator::start().await.unwrap();
            for body in &bodies {
                let answer = post(&emulator, EVENTS, body.clone()).await;
                match answer.status.as_u16() {
                    200 => drop(serde_json::from_str::<ClientEvent>(body).expect(body)),
                    400 => assert!(!fields(&answer).is_empty(), "{}", answer.text),
                    other => panic!("{other}: {}", answer.text),
                }
            }
            let stats = emulator.stats();
            assert_eq!(stats.total_kept() + stats.total_refused(), bodies.len() as u64);
        });
    }

    #[test]
    fn any_bytes_are_answered(bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 1..20)) {
        serving(async {
            let emulator = Emulator::start().await.unwrap();
            for body in bodies {
                let answer = post(&emulator, EVENTS, body).await;
                assert_eq!(answer.status, 400);
                assert!(!fields(&answer).is_empty());
            }
        });
    }

    /// An event that is valid but for one byte is taken or refused, never half taken.
    #[test]
    fn any_changed_byte_is_answered(changes in prop::collection::vec((0_usize..300, any::<u8>()), 1..20)) {
        serving(async {
            let emulator = Emulator::start().await.unwrap();
            for (place, byte) in changes {
                let mut body = event("VIEW", "e", "s").into_bytes();
                let place = place % body.len();
                body[place] = byte;
                let taken = serde_json::from_slice::<ClientEvent>(&body)
                    .is_ok_and(|event| event.check(&TENANT.parse().unwrap()).is_ok());
                let answer = post(&emulator, EVENTS, body.clone()).await;
                assert_eq!(answer.status == 200, taken, "{}: {}", String::from_utf8_lossy(&body), answer.text);
            }
        });
    }
}
