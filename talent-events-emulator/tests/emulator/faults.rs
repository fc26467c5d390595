//! Scripted faults, over both faces.

use std::time::Duration;

use crate::support::grpc::{client, request};
use crate::support::http::{EVENTS, event, get, post, send, try_send};
use proptest::prelude::*;
use serde_json::json;
use talent_events::JobEventType::View;
use talent_events_emulator::{Code, ERROR_DOMAIN, Emulator, QUOTA_REASON, Quota, Settings, faults};
use tokio::time::{self, Instant};
use tonic_types::StatusExt;

async fn with_faults(json: &str) -> Emulator {
    Emulator::builder().faults(faults::parse(json).unwrap()).start().await.unwrap()
}

#[tokio::test]
async fn the_next_calls_are_answered_with_a_code() {
    let emulator = with_faults(
        r#"[{"times": 3, "do": {"answer": {"code": "UNAVAILABLE", "message": "not now", "retryAfterMillis": 1500}}}]"#,
    )
    .await;
    let mut grpc = client(&emulator).await;
    for _ in 0..2 {
        let status = grpc.create_client_event(request(View, "e")).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (tonic::Code::Unavailable, "not now"));
        let wait = status.get_details_retry_info().unwrap().retry_delay.unwrap();
        assert_eq!(wait, Duration::from_millis(1500));
    }
    assert_eq!(get(&emulator, "/emulator/v1/faults").await.json()[0]["times"], 1);
    let answer = post(&emulator, EVENTS, event("VIEW", "e", "s")).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["error"]["message"]), (503, &json!("not now")));
    let retry = answer.json()["error"]["details"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(retry["retryDelay"], "1.500000000s");

    grpc.create_client_event(request(View, "e")).await.unwrap();
    assert_eq!((emulator.events().len(), emulator.stats().refused(Code::Unavailable)), (1, 3));
    assert_eq!(emulator.faults(), []);
}

#[tokio::test]
async fn each_nth_call_and_a_change_while_it_runs() {
    let emulator = Emulator::start().await.unwrap();
    let script = r#"[{"every": 3, "do": {"answer": {"code": "INTERNAL"}}}]"#;
    let put = send(&emulator, "PUT", "/emulator/v1/faults", script).await;
    assert_eq!(put.status, 200, "{}", put.text);
    let mut grpc = client(&emulator).await;
    let mut codes = Vec::new();
    for n in 0..7 {
        codes.push(grpc.create_client_event(request(View, &n.to_string())).await.is_ok());
    }
    assert_eq!(codes, [true, true, false, true, true, false, true]);
    emulator.set_faults([]);
    for n in 0..4 {
        grpc.create_client_event(request(View, &format!("again-{n}"))).await.unwrap();
    }
}

#[tokio::test]
async fn a_delay_delays_the_call() {
    let emulator = with_faults(r#"[{"do": {"delay": {"millis": 60000}}}, {"do": {"delay": {"millis": 1}}}]"#).await;
    let mut grpc = client(&emulator).await;
    time::pause();
    let start = Instant::now();
    grpc.create_client_event(request(View, "e")).await.unwrap();
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(60_001) && took < Duration::from_secs(61), "{took:?}");
}

#[tokio::test]
async fn a_connection_is_closed_without_an_answer() {
    let emulator = with_faults(r#"[{"times": 2, "do": "disconnect"}]"#).await;
    let mut grpc = client(&emulator).await;
    let status = grpc.create_client_event(request(View, "e")).await.unwrap_err();
    assert_ne!(status.code(), tonic::Code::Ok);
    assert!(std::error::Error::source(&status).is_some(), "the connection failed, not the service: {status:?}");
    assert!(try_send(&emulator, "POST", EVENTS, &[], event("VIEW", "e", "s")).await.is_none());
    assert_eq!((emulator.events().len(), emulator.stats().total_refused()), (0, 0));
    // The emulator itself still works.
    assert_eq!(post(&emulator, EVENTS, event("VIEW", "e", "s")).await.status, 200);
}

#[tokio::test]
async fn a_black_hole_never_answers_and_does_not_delay_the_shutdown() {
    let emulator = with_faults(r#"[{"times": 1, "do": "blackHole"}]"#).await;
    let mut grpc = client(&emulator).await;
    let mut swallowed = grpc.clone();
    let swallowed = tokio::spawn(async move { swallowed.create_client_event(request(View, "lost")).await });
    // The call has arrived when the fault is spent.
    while !emulator.faults().is_empty() {
        tokio::task::yield_now().await;
    }
    grpc.create_client_event(request(View, "e")).await.unwrap();
    assert!(!swallowed.is_finished());
    let start = Instant::now();
    emulator.shutdown().await;
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    swallowed.await.unwrap().unwrap_err();
}

#[tokio::test]
async fn a_call_over_quota_has_a_retry_delay() {
    let quota = Quota::new(2, Duration::from_secs(60)).unwrap();
    let emulator = Emulator::builder().quota(quota).start().await.unwrap();
    let mut grpc = client(&emulator).await;
    time::pause();
    for n in 0..2 {
        grpc.create_client_event(request(View, &n.to_string())).await.unwrap();
    }
    let status = grpc.create_client_event(request(View, "e")).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    let info = status.get_details_error_info().unwrap();
    assert_eq!((info.reason.as_str(), info.domain.as_str()), (QUOTA_REASON, ERROR_DOMAIN));
    let wait = status.get_details_retry_info().unwrap().retry_delay.unwrap();
    assert!(wait > Duration::from_secs(25) && wait <= Duration::from_secs(30), "{wait:?}");
    time::advance(wait + Duration::from_millis(1)).await;
    grpc.create_client_event(request(View, "e")).await.unwrap();
    grpc.create_client_event(request(View, "f")).await.unwrap_err();
    emulator.set_settings(Settings::default());
    grpc.create_client_event(request(View, "f")).await.unwrap();
    assert_eq!(emulator.stats().refused(Code::ResourceExhausted), 2);
}

#[tokio::test]
async fn a_token_is_required_when_asked_for() {
    let emulator = Emulator::builder().require_token().start().await.unwrap();
    let mut grpc = client(&emulator).await;
    let status = grpc.create_client_event(request(View, "e")).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unauthenticated);
    let mut with_token = tonic::Request::new(request(View, "e"));
    with_token.metadata_mut().insert("authorization", "Bearer any".parse().unwrap());
    grpc.create_client_event(with_token).await.unwrap();

    for (header, status) in [("Bearer t", 200), ("bearer t", 200), ("Bearer ", 401), ("Basic dDp0", 401), ("", 401)] {
        let id = if header.trim().is_empty() { "none" } else { header };
        let headers = [("authorization", header)];
        let answer = try_send(&emulator, "POST", EVENTS, &headers, event("VIEW", id, "s")).await.unwrap();
        assert_eq!(answer.status.as_u16(), status, "{header}: {}", answer.text);
    }
    let answer = post(&emulator, &format!("{EVENTS}?access_token=hunter2"), event("VIEW", "q", "s")).await;
    assert_eq!(answer.status, 200);
    assert!(!format!("{emulator:?} {}", answer.text).contains("hunter2"));
}

#[tokio::test]
async fn an_event_id_counts_once_when_asked_for() {
    let emulator = Emulator::start().await.unwrap();
    let mut grpc = client(&emulator).await;
    grpc.create_client_event(request(View, "before")).await.unwrap();
    let mut settings = emulator.settings();
    settings.idempotent = true;
    emulator.set_settings(settings);
    for id in ["before", "e", "e"] {
        let mut again = request(View, id);
        again.client_event.as_mut().unwrap().event_notes = format!("of {id}");
        grpc.create_client_event(again).await.unwrap();
    }
    let mut other_notes = request(View, "e");
    other_notes.client_event.as_mut().unwrap().event_notes = "other".into();
    let answer = grpc.create_client_event(other_notes).await.unwrap().into_inner();
    assert_eq!(answer.event_notes, "of e", "the first is answered");
    let mut of_another = request(View, "e");
    of_another.parent = "projects/acme/tenants/other".into();
    let event = of_another.client_event.as_mut().unwrap();
    let talent_events::wire::client_event::Event::JobEvent(job_event) = event.event.as_mut().unwrap();
    job_event.jobs = vec!["projects/acme/tenants/other/jobs/1".into()];
    grpc.create_client_event(of_another).await.unwrap();
    assert_eq!((emulator.events().len(), emulator.stats().total_repeated()), (3, 3));
}

#[test]
fn invalid_faults_have_a_position() {
    for (json, words) in [
        ("", "invalid JSON: expected more, found the end of the text, at line 1 column 0"),
        ("{}", "expected an array, found an object"),
        (r#"[{"do": "explode"}]"#, "`[0].do`: unknown variant `explode`"),
        (
            r#"[{"do": {"delay": {"millis": 3600001}}}]"#,
            "`[0].do.delay.millis`: expected 0 to 3600000 milliseconds, found 3600001",
        ),
        (
            r#"[{"do": {"answer": {"code": "OK"}}}]"#,
            "expected a canonical code except OK, e.g. UNAVAILABLE, found \"OK\"",
        ),
        (r#"[{"do": "disconnect", "every": 0}]"#, "`[0].every`: "),
        (r#"[{"do": "disconnect", "evry": 2}]"#, "unknown field `evry`"),
        (r#"[{"every": 2}]"#, "missing field `do`"),
        (r#"[] []"#, "expected the end, found more text after the value, at line 1 column 4"),
    ] {
        let error = faults::parse(json).unwrap_err().to_string();
        assert!(error.starts_with("invalid faults: ") && error.contains(words), "{json}: {error}");
    }
    let many = format!("[{}]", vec![r#"{"do": "disconnect"}"#; 101].join(","));
    assert!(faults::parse(&many).unwrap_err().to_string().contains("expected at most 100 faults, found 101"));
}

fn script() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("["),
        Just("]"),
        Just("{"),
        Just("}"),
        Just(","),
        Just(":"),
        Just("\"do\""),
        Just("\"every\""),
        Just("\"times\""),
        Just("\"delay\""),
        Just("\"millis\""),
        Just("\"answer\""),
        Just("\"code\""),
        Just("\"UNAVAILABLE\""),
        Just("\"disconnect\""),
        Just("\"blackHole\""),
        Just("1"),
        Just("0"),
        Just("-1"),
        Just("99999999999999999999"),
        Just("null"),
        Just("\\")
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// What is read is written so that it reads the same; what is not read is an error, never a panic.
    #[test]
    fn any_script_is_read_or_refused(json in prop_oneof![script(), ".{0,60}"]) {
        if let Ok(faults) = faults::parse(&json) {
            let written = serde_json::to_string(&faults).unwrap();
            prop_assert_eq!(faults::parse(&written).unwrap(), faults);
        }
    }

    #[test]
    fn any_valid_script_is_read(
        every in prop::option::of(1_u64..), times in prop::option::of(1_u64..), millis in 0..=faults::MAX_MILLIS, action in 0..4
    ) {
        let action = match action {
            0 => json!({"delay": {"millis": millis}}),
            1 => json!({"answer": {"code": "DATA_LOSS", "message": "m", "retryAfterMillis": millis}}),
            2 => json!("disconnect"),
            _ => json!("blackHole"),
        };
        let mut fault = json!({"do": action});
        if let Some(every) = every { fault["every"] = every.into(); }
        if let Some(times) = times { fault["times"] = times.into(); }
        let text = json!([fault]).to_string();
        let faults = faults::parse(&text).unwrap();
        prop_assert_eq!(serde_json::to_value(&faults).unwrap(), json!([fault]));
    }
}
