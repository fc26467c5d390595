//! Google's Python client raises the right class for each refusal, with its details.

use serde_json::{Value, json};
use talent_events_emulator::{ERROR_DOMAIN, ERROR_REASON, Emulator, QUOTA_REASON, faults};

use crate::Result;
use crate::python_client::{BOTH, GoogleClient, Transport, create};
use crate::sample::{TENANT, events, fields};

fn good() -> Result<Value> {
    Ok(fields(&events()?[1]))
}

/// The class of `google.api_core.exceptions`, by the name that the error has there.
fn class(answer: &Value) -> &str {
    let class = answer["error"]["class"].as_str().unwrap_or("no error");
    class.strip_prefix("google.api_core.exceptions.").unwrap_or(class)
}

fn detail<'a>(answer: &'a Value, name: &str) -> Result<&'a Value> {
    let name = format!("type.googleapis.com/google.rpc.{name}");
    let details = answer["error"]["details"].as_array().ok_or("details")?;
    Ok(details.iter().find(|detail| detail["@type"] == *name).ok_or_else(|| format!("no {name} in {answer}"))?)
}

/// The delay of a `RetryInfo`, in seconds.
fn delay(answer: &Value) -> Result<f64> {
    let delay = detail(answer, "RetryInfo")?["retryDelay"].as_str().ok_or("a duration")?;
    Ok(delay.strip_suffix('s').ok_or("seconds")?.parse()?)
}

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn the_fields_at_fault_are_in_the_details() -> Result {
    for transport in BOTH {
        let emulator = Emulator::start().await?;
        let mut client = GoogleClient::start(transport, &emulator)?;
        let job = format!("{TENANT}/jobs/1");
        let change = |name: &str, value: Value| -> Result<Value> {
            let mut event = good()?;
            event[name] = value;
            Ok(event)
        };
        let bad = [
            (json!({}), vec!["event_id", "create_time", "job_event"]),
            (change("requestId", "r".repeat(4_097).into())?, vec!["request_id"]),
            (change("requestId", "a\u{7f}".into())?, vec!["request_id"]),
            (change("eventId", "".into())?, vec!["event_id"]),
            (change("jobEvent", json!({"type": 0, "jobs": [job]}))?, vec!["job_event.type"]),
            (change("jobEvent", json!({"type": 99, "jobs": [job]}))?, vec!["job_event.type"]),
            (change("jobEvent", json!({"type": "VIEW", "jobs": []}))?, vec!["job_event.jobs"]),
            (change("jobEvent", json!({"type": "VIEW", "jobs": vec![&job; 501]}))?, vec!["job_event.jobs"]),
            (
                change("jobEvent", json!({"type": 99, "jobs": [job, "42", "projects/acme/tenants/other/jobs/1"]}))?,
                vec!["job_event.type", "job_event.jobs[1]", "job_event.jobs[2]"],
            ),
            (change("eventNotes", "ü".repeat(1_001).into())?, vec!["event_notes"]),
        ];
        for (event, fields) in bad {
            let answer = client.create(event).await?;
            let told = format!("{transport:?}: {fields:?}: {answer}");
            let expected = match transport {
                Transport::Grpc => ("InvalidArgument", json!("INVALID_ARGUMENT")),
                // Its superclass: over REST Google's client knows HTTP's status alone.
                Transport::Rest => ("BadRequest", Value::Null),
            };
            assert_eq!((class(&answer), &answer["error"]["grpc"]), (expected.0, &expected.1), "{told}");
            assert_eq!(answer["error"]["http"], 400, "{told}");
            assert_eq!(answer["error"]["reason"], ERROR_REASON, "{told}");
            assert_eq!(answer["error"]["domain"], ERROR_DOMAIN, "{told}");
            let violations = &detail(&answer, "BadRequest")?["fieldViolations"];
            let named: Vec<_> = violations.as_array().ok_or("violations")?.iter().map(|v| &v["field"]).collect();
            assert_eq!(
                json!(named),
                json!(fields.iter().map(|f| format!("client_event.{f}")).collect::<Vec<_>>()),
                "{told}"
            );
            assert!(violations[0]["description"].as_str().is_some_and(|words| words.contains("expected ")), "{told}");
            let message = answer["error"]["message"].as_str().ok_or("a message")?;
            assert!(message.contains(fields[0]), "{told}");
        }
        assert_eq!(emulator.events(), []);
    }
    Ok(())
}

/// What no other transport lets out: REST's client refuses such a parent itself, and JSON knows no such time.
#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn a_parent_and_a_time_that_only_grpc_carries() -> Result {
    let emulator = Emulator::start().await?;
    let mut client = GoogleClient::start(Transport::Grpc, &emulator)?;
    let mut event = good()?;
    event["createTime"] = json!({"seconds": 253_402_300_800_i64, "nanos": 1_000_000_000});
    let answer = client.call(json!({"parent": "projects/acme", "event": event})).await?;
    assert_eq!(class(&answer), "InvalidArgument", "{answer}");
    let violations = &detail(&answer, "BadRequest")?["fieldViolations"];
    assert_eq!(violations[0]["field"], "parent", "{answer}");
    assert_eq!(violations[1]["field"], "client_event.create_time", "{answer}");
    Ok(())
}

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn beyond_the_quota_the_wait_is_told() -> Result {
    for transport in BOTH {
        let emulator = Emulator::builder().quota("1/h".parse()?).start().await?;
        let mut client = GoogleClient::start(transport, &emulator)?;
        let answer = client.create(good()?).await?;
        assert_eq!(answer, json!({"event": good()?}));
        let answer = client.create(good()?).await?;
        let expected = match transport {
            Transport::Grpc => "ResourceExhausted",
            Transport::Rest => "TooManyRequests",
        };
        assert_eq!((class(&answer), &answer["error"]["http"]), (expected, &json!(429)), "{answer}");
        assert_eq!(answer["error"]["reason"], QUOTA_REASON, "{answer}");
        let delay = delay(&answer)?;
        assert!(delay > 3_000.0 && delay <= 3_600.0, "{answer}");
        assert_eq!(emulator.events().len(), 1);
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn a_token_may_be_required() -> Result {
    for transport in BOTH {
        let emulator = Emulator::builder().require_token().start().await?;
        let mut client = GoogleClient::start(transport, &emulator)?;
        let answer = client.create(good()?).await?;
        let expected = match transport {
            Transport::Grpc => "Unauthenticated",
            Transport::Rest => "Unauthorized",
        };
        assert_eq!((class(&answer), &answer["error"]["http"]), (expected, &json!(401)), "{answer}");
        let mut call = create(good()?);
        call["metadata"] = json!({"authorization": "Bearer a token"});
        assert_eq!(client.call(call).await?, json!({"event": good()?}), "{transport:?}");
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn each_code_has_its_class() -> Result {
    // Over REST Google's client goes by HTTP's status, and gives the class that gRPC's is derived from.
    let classes = [
        ("CANCELLED", "Cancelled", "Cancelled", 499),
        ("UNKNOWN", "Unknown", "InternalServerError", 500),
        ("INVALID_ARGUMENT", "InvalidArgument", "BadRequest", 400),
        ("DEADLINE_EXCEEDED", "DeadlineExceeded", "GatewayTimeout", 504),
        ("NOT_FOUND", "NotFound", "NotFound", 404),
        ("ALREADY_EXISTS", "AlreadyExists", "Conflict", 409),
        ("PERMISSION_DENIED", "PermissionDenied", "Forbidden", 403),
        ("RESOURCE_EXHAUSTED", "ResourceExhausted", "TooManyRequests", 429),
        ("FAILED_PRECONDITION", "FailedPrecondition", "BadRequest", 400),
        ("ABORTED", "Aborted", "Conflict", 409),
        ("OUT_OF_RANGE", "OutOfRange", "BadRequest", 400),
        ("UNIMPLEMENTED", "MethodNotImplemented", "MethodNotImplemented", 501),
        ("INTERNAL", "InternalServerError", "InternalServerError", 500),
        ("UNAVAILABLE", "ServiceUnavailable", "ServiceUnavailable", 503),
        ("DATA_LOSS", "DataLoss", "InternalServerError", 500),
        ("UNAUTHENTICATED", "Unauthenticated", "Unauthorized", 401),
    ];
    for transport in BOTH {
        let emulator = Emulator::start().await?;
        let mut client = GoogleClient::start(transport, &emulator)?;
        for (code, grpc, rest, http) in classes {
            let action = json!([{"do": {"answer": {"code": code, "message": "nö, 7 %", "retryAfterMillis": 1_500}}}]);
            emulator.set_faults(faults::parse(&action.to_string())?);
            let answer = client.create(good()?).await?;
            let told = format!("{code} over {transport:?}: {answer}");
            let expected = if transport == Transport::Grpc { grpc } else { rest };
            assert_eq!(class(&answer), expected, "{told}");
            match transport {
                Transport::Grpc => assert_eq!(answer["error"]["grpc"], code, "{told}"),
                Transport::Rest => assert_eq!(answer["error"]["http"], http, "{told}"),
            }
            assert!(answer["error"]["message"].as_str().is_some_and(|message| message.contains("nö, 7 %")), "{told}");
            assert_eq!(answer["error"]["reason"], faults::FAULT_REASON, "{told}");
            assert_eq!(delay(&answer)?, 1.5, "{told}");
        }
        // Over REST Google's client asks for another token, twice, when it was refused for want of one.
        let refused = if transport == Transport::Grpc { 16 } else { 18 };
        assert_eq!((emulator.events().len(), emulator.stats().total_refused()), (0, refused));
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn silence_and_a_cut_connection() -> Result {
    for transport in BOTH {
        let emulator = Emulator::start().await?;
        let mut client = GoogleClient::start(transport, &emulator)?;
        let faults = r#"[{"times": 1, "do": "blackHole"}, {"times": 1, "do": "disconnect"}]"#;
        emulator.set_faults(faults::parse(faults)?);
        let mut call = create(good()?);
        call["timeout"] = json!(0.5);
        let answer = client.call(call).await?;
        // Over REST Google's client lets the errors of `requests` through.
        let (silence, cut) = match transport {
            Transport::Grpc => ("DeadlineExceeded", "ServiceUnavailable"),
            Transport::Rest => ("requests.exceptions.ReadTimeout", "requests.exceptions.ConnectionError"),
        };
        assert_eq!(class(&answer), silence, "{answer}");
        let answer = client.create(good()?).await?;
        assert_eq!(class(&answer), cut, "{answer}");
        assert_eq!(emulator.events(), []);
        assert_eq!(client.create(good()?).await?, json!({"event": good()?}), "{transport:?}: it has recovered");
    }
    Ok(())
}
