//! Generated bodies: each is recorded or refused with a reason.

use proptest::prelude::*;
use serde_json::Value;
use talent_events::ClientEvent;
use talent_events_emulator::Emulator;

use crate::support::grpc::TENANT;
use crate::support::http::{EVENTS, event, fields, post};

/// JSON as text, because a `Value` cannot hold duplicate keys.
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

/// Nearly valid events, some with a duplicate field under the same name or another.
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

    /// Each body is recorded, or refused with its invalid fields. serde reads each recorded one.
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

    /// An event with one changed byte is recorded if and only if it is valid.
    #[test]
    fn any_changed_byte_is_answered(changes in prop::collection::vec((0_usize..300, any::<u8>()), 1..20)) {
        serving(async {
            let emulator = Emulator::start().await.unwrap();
            for (place, byte) in changes {
                let mut body = event("VIEW", "e", "s").into_bytes();
                let place = place % body.len();
                body[place] = byte;
                let valid = serde_json::from_slice::<ClientEvent>(&body)
                    .is_ok_and(|event| event.check(&TENANT.parse().unwrap()).is_ok());
                let answer = post(&emulator, EVENTS, body.clone()).await;
                assert_eq!(answer.status == 200, valid, "{}: {}", String::from_utf8_lossy(&body), answer.text);
            }
        });
    }
}
