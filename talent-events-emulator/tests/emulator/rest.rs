//! The REST face says what the gRPC face says.

use crate::common::{TENANT, client, request};
use crate::http::{EVENTS, SEARCH, event, fields, get, post, send, try_send};
use proptest::prelude::*;
use serde_json::{Value, json};
use talent_events::{ClientEvent, JobEventType, RequestId};
use talent_events_emulator::{Code, Emulator};
use tonic::Status;
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
    let told = message.matches("; allowed: ").count();
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
    assert_eq!(post(&emulator, SEARCH, r#"{"maxPageSize": -1}"#).await.status, 400);
    assert_eq!(post(&emulator, SEARCH, "[]").await.status, 400);
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

fn values() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("requestId"),
        Just("eventId"),
        Just("createTime"),
        Just("jobEvent"),
        Just("eventNotes"),
        Just("type"),
        Just("jobs"),
        Just("job_event"),
        Just("other"),
        Just("")
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(Value::from("VIEW")),
        Just(Value::from("2026-02-03T09:30:00Z")),
        Just(Value::from("projects/acme/tenants/board/jobs/1")),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(name.clone().prop_map(String::from), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn serving<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes, it is taken and counted or refused with a reason, and what is taken is what serde's form takes.
    #[test]
    fn any_json_is_answered(bodies in prop::collection::vec(values(), 1..20)) {
        serving(async {
            let emulator = Emulator::start().await.unwrap();
            for body in &bodies {
                let answer = post(&emulator, EVENTS, body.to_string()).await;
                match answer.status.as_u16() {
                    200 => drop(serde_json::from_value::<ClientEvent>(body.clone()).unwrap()),
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
