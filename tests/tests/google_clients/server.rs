//! Our client, and a server that reads with Google's own classes.

use std::time::Duration;

use serde_json::{Value, json};
use talent_events::track::{Code, Rejected};
use talent_events::{
    ClientEvent, JobEvent, JobEventType, JobName, RequestId, TalentClient, TalentEvent, Timestamp, Track, TrackError,
};

use crate::Result;
use crate::process::Python;
use crate::sample::{NOTES, REQUEST_IDS, TENANT, events, fields, job};

struct GoogleServer {
    python: Python,
    address: String,
}

impl GoogleServer {
    async fn start() -> Result<Self> {
        let mut python = Python::start("server.py", &[])?;
        let port = python.hear().await?;
        Ok(Self { python, address: format!("127.0.0.1:{port}") })
    }

    async fn client(&self) -> Result<TalentClient> {
        Ok(TalentClient::builder(TENANT).emulator(&*self.address).connect().await?)
    }

    /// What the next call is answered.
    async fn then(&mut self, answer: Value) -> Result {
        self.python.say(&answer).await
    }

    /// The next call, as Google's classes read it.
    async fn received(&mut self) -> Result<Value> {
        self.python.hear().await
    }
}

/// The fields of a received call, in the form of [`fields`].
fn received_fields(received: &Value) -> Value {
    json!({
        "requestId": received["requestId"],
        "eventId": received["eventId"],
        "createTime": received["createTime"],
        "jobEvent": {"type": received["type"], "jobs": received["jobs"]},
        "eventNotes": received["eventNotes"],
    })
}

#[derive(TalentEvent)]
#[talent(event = self.kind)]
struct Step<'a> {
    kind: JobEventType,
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: &'a str,
    #[talent(event_id)]
    id: String,
    #[talent(create_time)]
    at: Timestamp,
    #[talent(notes)]
    notes: &'a str,
}

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn a_derived_event_of_every_type_is_read_field_by_field() -> Result {
    let mut server = GoogleServer::start().await?;
    let client = server.client().await?;
    for (n, kind) in JobEventType::ALL.into_iter().enumerate() {
        let at = Timestamp::new(1_770_111_000, 123_456_789 + n as u32)?;
        let (search, notes) = (REQUEST_IDS[n % REQUEST_IDS.len()], NOTES[n % NOTES.len()]);
        let step = Step { kind, job: job("42 ü")?, search, id: format!("é-{n}/="), at, notes };
        server.then(json!("echo")).await?;
        let receipt = step.track(&client).await?;

        let received = server.received().await?;
        let expected = json!({
            "requestId": search,
            "eventId": format!("é-{n}/="),
            "createTime": {"seconds": 1_770_111_000, "nanos": 123_456_789 + n},
            "jobEvent": {"type": kind.google_name(), "jobs": [format!("{TENANT}/jobs/42 ü")]},
            "eventNotes": notes,
        });
        assert_eq!(received_fields(&received), expected);
        assert_eq!(received["parent"], TENANT);
        assert_eq!(received["kind"], "job_event");
        assert_eq!(received["unknown"], 0, "Google's classes know every field");
        // What Google's classes answer is what our client reads.
        assert_eq!(fields(&receipt), expected);
        // And their JSON is what our own reads.
        assert_eq!(serde_json::from_value::<ClientEvent>(received["json"].clone())?, receipt);
    }
    Ok(())
}

#[derive(TalentEvent)]
#[talent(event = Impression, notes = "{query:?}, page {page}")]
struct Page<'a> {
    #[talent(jobs)]
    shown: Vec<String>,
    #[talent(request_id)]
    search: RequestId,
    query: &'a str,
    page: u32,
}

#[derive(TalentEvent)]
enum Other {
    #[talent(event = Notification, request_id = none)]
    Alerted(#[talent(jobs)] Vec<JobName>),
    #[talent(event = ApplicationStart, request_id = "application-{user}-{job}", event_id = "{user}/{job}/start")]
    Started {
        #[talent(job)]
        job: &'static str,
        user: u32,
    },
    #[talent(event = Bookmark, request_id = none)]
    Saved {
        #[talent(job)]
        job: &'static str,
        #[talent(notes)]
        why: String,
    },
}

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn what_the_derive_fills_in_is_read_too() -> Result {
    let mut server = GoogleServer::start().await?;
    let client = server.client().await?;

    let shown: Vec<_> = (0..500).map(|n| n.to_string()).collect();
    let names: Vec<_> = shown.iter().map(|id| format!("{TENANT}/jobs/{id}")).collect();
    server.then(json!("echo")).await?;
    let before = Timestamp::now();
    Page { shown, search: "search-7f".parse()?, query: "Pflege 看護", page: 2 }.track(&client).await?;
    let received = server.received().await?;
    assert_eq!((&received["type"], &received["jobs"]), (&json!("IMPRESSION"), &json!(names)));
    assert_eq!(received["eventNotes"], "\"Pflege 看護\", page 2");
    let time = &received["createTime"];
    let nanos = u32::try_from(time["nanos"].as_u64().ok_or("nanos")?)?;
    let at = Timestamp::new(time["seconds"].as_i64().ok_or("seconds")?, nanos)?;
    assert!(before <= at && at <= Timestamp::now(), "{at}");
    let id = received["eventId"].as_str().ok_or("an event id")?;
    assert_eq!(uuid::Uuid::parse_str(id)?.get_version_num(), 7);

    server.then(json!("echo")).await?;
    Other::Alerted(vec![job("1")?, job("2")?]).track(&client).await?;
    let received = server.received().await?;
    assert_eq!((&received["type"], &received["requestId"]), (&json!("NOTIFICATION"), &json!("")));
    assert_eq!(received["jobs"], json!([job("1")?.as_str(), job("2")?.as_str()]));

    server.then(json!("echo")).await?;
    Other::Started { job: "42", user: 7 }.track(&client).await?;
    let received = server.received().await?;
    assert_eq!((&received["requestId"], &received["eventId"]), (&json!("application-7-42"), &json!("7/42/start")));

    server.then(json!("echo")).await?;
    Other::Saved { job: "42", why: "看".repeat(1_001) }.track(&client).await?;
    let received = server.received().await?;
    assert_eq!(received["eventNotes"], "看".repeat(999) + "…");
    Ok(())
}

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn readable_events_travel_to_the_limits() -> Result {
    let mut server = GoogleServer::start().await?;
    let client = server.client().await?;
    for event in events()? {
        server.then(json!("echo")).await?;
        assert_eq!(client.create_client_event(&event).await?, event);
        let received = server.received().await?;
        assert_eq!(received_fields(&received), fields(&event));
        assert_eq!(received["unknown"], 0);
        assert_eq!(serde_json::from_value::<ClientEvent>(received["json"].clone())?, event);
        let left = received["secondsLeft"].as_f64().ok_or("a deadline")?;
        assert!(left > 20.0 && left <= 30.0, "{left} s of 30 s are left");
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn the_routing_header_names_the_parent() -> Result {
    let mut server = GoogleServer::start().await?;
    let parent = "projects/acme/tenants/böard 1&parent=x+%2F";
    let client = server.client().await?.tenant(parent.parse()?);
    let mut event = ClientEvent::new(JobEvent::new(JobEventType::View, [format!("{parent}/jobs/42").parse()?]));
    event.request_id = Some("search-7f".parse()?);
    server.then(json!("echo")).await?;
    client.create_client_event(&event).await?;
    let received = server.received().await?;
    assert_eq!(received["parent"], parent);
    assert_eq!(received["routing"], json!({"parent": [parent]}));
    Ok(())
}

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn an_answer_of_google_s_classes_is_the_receipt() -> Result {
    let mut server = GoogleServer::start().await?;
    let client = server.client().await?;
    let [sent, recorded] = [1, 11].map(|n| events().map(|mut events| events.swap_remove(n)));
    // The answer is about the event that was sent, and says something else of it.
    let (sent, recorded) = (sent?, recorded?);
    let mut recorded = recorded;
    recorded.event_id = sent.event_id.clone();
    server.then(json!({"event": recorded})).await?;
    assert_eq!(client.create_client_event(&sent).await?, recorded);
    Ok(())
}

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn many_at_once_over_one_connection() -> Result {
    let mut server = GoogleServer::start().await?;
    let client = server.client().await?;
    let mut calls = tokio::task::JoinSet::new();
    for n in 0..100 {
        server.then(json!("echo")).await?;
        let client = client.clone();
        let mut event = ClientEvent::new(JobEvent::new(JobEventType::View, [job(&n.to_string())?]));
        event.request_id = Some("search-7f".parse()?);
        event.event_id = format!("e-{n:03}").parse()?;
        calls.spawn(async move { client.create_client_event(&event).await.map(|receipt| (receipt, event)) });
    }
    // First, as the server can not answer when nobody reads what it prints.
    let mut ids = Vec::new();
    for _ in 0..100 {
        ids.push(server.received().await?["eventId"].as_str().ok_or("an event id")?.to_owned());
    }
    for call in calls.join_all().await {
        let (receipt, event) = call?;
        assert_eq!(receipt, event);
    }
    ids.sort();
    assert_eq!(ids, (0..100).map(|n| format!("e-{n:03}")).collect::<Vec<_>>());
    assert_eq!(client.stats().delivered, 100);
    Ok(())
}

/// A `google.rpc.Status` as Google's services send it: `grpcio-status` makes the headers.
fn status(code: i32, message: &str) -> Value {
    json!({"status": {"code": code, "message": message, "details": [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_DISABLED",
            "domain": "googleapis.com",
            "metadata": {"service": "jobs.googleapis.com"},
        },
        // Of no use to us, and in the way of a reader that expects an order.
        {"@type": "type.googleapis.com/google.rpc.Help", "links": [{"description": "more", "url": "https://example.org"}]},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7.250s"},
        {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [
            {"field": "client_event.event_id", "description": "muß neu sein"},
            {"field": "client_event.job_event.jobs", "description": "no such job"},
        ]},
    ]}})
}

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn rich_errors_are_read() -> Result {
    let mut server = GoogleServer::start().await?;
    let client = server.client().await?;
    let mut refused = async |code, message: &str| -> Result<TrackError> {
        server.then(status(code, message)).await?;
        let error = client.create_client_event(&events()?[1]).await.err().ok_or("an error")?;
        server.received().await?;
        Ok(error)
    };

    let error = refused(3, "so nicht, 100 %").await?;
    let TrackError::Rejected(rejected) = &error else { return Err(error.into()) };
    let mut expected = Rejected::new(Code::InvalidArgument, "so nicht, 100 %");
    expected.reason = Some(("API_DISABLED".into(), "googleapis.com".into()));
    expected.violations = vec![
        ("client_event.event_id".into(), "muß neu sein".into()),
        ("client_event.job_event.jobs".into(), "no such job".into()),
    ];
    assert_eq!(**rejected, expected);

    let error = refused(8, "slower").await?;
    assert!(matches!(&error, TrackError::OverQuota { .. }), "{error:?}");
    assert_eq!(error.retry_after(), Some(Duration::from_millis(7_250)));

    let error = refused(14, "later").await?;
    assert!(matches!(&error, TrackError::Unavailable { .. }), "{error:?}");
    assert_eq!(error.retry_after(), Some(Duration::from_millis(7_250)));

    for code in [7, 16] {
        let error = refused(code, "not you").await?;
        assert!(matches!(&error, TrackError::NotPermitted { .. }), "{error:?}");
        assert!(error.to_string().contains("not you [API_DISABLED, googleapis.com]"), "{error}");
    }

    let error = refused(4, "too late").await?;
    assert!(matches!(error, TrackError::TimedOut { after: None, .. }), "{error:?}");
    Ok(())
}
