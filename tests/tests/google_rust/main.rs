//! Google's own client for Rust, which speaks REST, against the emulator.
//!
//! It is a heavy build, so it stands behind a feature: `scripts/test.sh google`.

#[path = "../google_clients/sample.rs"]
mod sample;

use std::time::Duration;

use google_cloud_auth::credentials::anonymous;
use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::{Code, Status, StatusDetails};
use google_cloud_gax::options::RequestOptionsBuilder;
use google_cloud_talent_v4::builder::event_service::CreateClientEvent;
use google_cloud_talent_v4::client::{EventService, JobService};
use google_cloud_talent_v4::model::device_info::DeviceType;
use google_cloud_talent_v4::model::job_event::JobEventType;
use google_cloud_talent_v4::model::{ClientEvent, DeviceInfo, JobEvent, RequestMetadata};
use google_cloud_wkt::Timestamp;
use serde_json::{Value, json};
use talent_events_emulator::{ERROR_DOMAIN, ERROR_REASON, Emulator, QUOTA_REASON, faults};

use sample::{TENANT, events, fields, job, tenant};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

async fn client(emulator: &Emulator) -> Result<EventService> {
    let credentials = anonymous::Builder::new().build();
    let endpoint = format!("http://{}", emulator.host());
    Ok(EventService::builder().with_endpoint(endpoint).with_credentials(credentials).build().await?)
}

/// The same event in Google's model.
fn google(event: &talent_events::ClientEvent) -> Result<ClientEvent> {
    let job_event = JobEvent::new()
        .set_type(JobEventType::from(event.job_event.r#type.google_name()))
        .set_jobs(event.job_event.jobs.iter().map(|job| job.as_str()));
    let time = Timestamp::new(event.create_time.seconds(), i32::try_from(event.create_time.nanos())?)?;
    Ok(ClientEvent::new()
        .set_request_id(event.request_id.as_ref().map_or("", |id| id.as_str()))
        .set_event_id(event.event_id.as_str())
        .set_create_time(time)
        .set_job_event(job_event)
        .set_event_notes(&event.event_notes))
}

/// Reads an event of Google's model by its fields, in the form of [`fields`].
fn read(event: &ClientEvent) -> Result<Value> {
    let time = event.create_time.ok_or("a time")?;
    let job_event = event.job_event().ok_or("a job event")?;
    Ok(json!({
        "requestId": event.request_id,
        "eventId": event.event_id,
        "createTime": {"seconds": time.seconds(), "nanos": time.nanos()},
        "jobEvent": {"type": job_event.r#type.name().ok_or("a type that is known")?, "jobs": job_event.jobs},
        "eventNotes": event.event_notes,
    }))
}

fn create(client: &EventService, event: ClientEvent) -> CreateClientEvent {
    client.create_client_event().set_parent(TENANT).set_client_event(event)
}

fn good() -> Result<ClientEvent> {
    google(&events()?[1])
}

fn status(error: &Error) -> Result<&Status> {
    Ok(error.status().ok_or_else(|| format!("no status in {error:?}"))?)
}

#[tokio::test]
async fn every_type_and_every_field_arrives() -> Result {
    let emulator = Emulator::start().await?;
    let client = client(&emulator).await?;
    let sent = events()?;
    for event in &sent {
        let answer = create(&client, google(event)?).send().await?;
        assert_eq!(read(&answer)?, fields(event));
    }
    let recorded = emulator.events();
    assert!(recorded.iter().all(|recorded| recorded.tenant.as_str() == TENANT));
    assert_eq!(recorded.into_iter().map(|recorded| recorded.event).collect::<Vec<_>>(), sent);
    for r#type in talent_events::JobEventType::ALL {
        assert!(emulator.stats().kept(r#type) > 0, "{type}");
    }
    Ok(())
}

#[tokio::test]
async fn the_fields_at_fault_are_in_the_details() -> Result {
    let emulator = Emulator::start().await?;
    let client = client(&emulator).await?;
    let job_event = JobEvent::new().set_type(JobEventType::from(99)).set_jobs([job("1")?.as_str(), "42"]);
    for (event, expected) in [
        (ClientEvent::new(), vec!["event_id", "create_time", "job_event"]),
        (good()?.set_event_id(""), vec!["event_id"]),
        (good()?.set_request_id("a\u{7f}"), vec!["request_id"]),
        (good()?.set_job_event(job_event), vec!["job_event.type", "job_event.jobs[1]"]),
        (good()?.set_event_notes("ü".repeat(1_001)), vec!["event_notes"]),
    ] {
        let error = create(&client, event).send().await.err().ok_or("an error")?;
        assert_eq!(error.http_status_code(), Some(400), "{error:?}");
        let status = status(&error)?;
        assert_eq!(status.code, Code::InvalidArgument);
        let bad = status.details.iter().find_map(|detail| match detail {
            StatusDetails::BadRequest(bad) => Some(bad),
            _ => None,
        });
        let named: Vec<_> = bad.ok_or("a BadRequest")?.field_violations.iter().map(|v| v.field.clone()).collect();
        assert_eq!(named, expected.iter().map(|field| format!("client_event.{field}")).collect::<Vec<_>>());
        assert!(status.message.contains(expected[0]), "{status:?}");
        assert_eq!(reason(status), Some((ERROR_REASON, ERROR_DOMAIN)));
    }
    assert_eq!(emulator.events(), []);
    Ok(())
}

fn reason(status: &Status) -> Option<(&str, &str)> {
    status.details.iter().find_map(|detail| match detail {
        StatusDetails::ErrorInfo(info) => Some((&*info.reason, &*info.domain)),
        _ => None,
    })
}

/// The pause that is asked for.
fn pause(status: &Status) -> Option<f64> {
    status.details.iter().find_map(|detail| match detail {
        StatusDetails::RetryInfo(info) => {
            info.retry_delay.map(|delay| delay.seconds() as f64 + f64::from(delay.nanos()) / 1e9)
        }
        _ => None,
    })
}

#[tokio::test]
async fn each_code_comes_through() -> Result {
    let emulator = Emulator::start().await?;
    let client = client(&emulator).await?;
    for number in 1..=16 {
        let code = Code::from(number);
        let action =
            json!([{"do": {"answer": {"code": code.name(), "message": "nö, 7 %", "retryAfterMillis": 1_500}}}]);
        emulator.set_faults(faults::parse(&action.to_string())?);
        let error = create(&client, good()?).send().await.err().ok_or("an error")?;
        let status = status(&error)?;
        assert_eq!((status.code, &*status.message), (code, "nö, 7 %"));
        assert_eq!((reason(status), pause(status)), (Some((faults::FAULT_REASON, ERROR_DOMAIN)), Some(1.5)));
    }
    assert_eq!(emulator.events(), []);
    Ok(())
}

#[tokio::test]
async fn quota_and_token() -> Result {
    let emulator = Emulator::builder().quota("1/h".parse()?).start().await?;
    let limited = client(&emulator).await?;
    create(&limited, good()?).send().await?;
    let error = create(&limited, good()?).send().await.err().ok_or("an error")?;
    let found = status(&error)?;
    assert_eq!((found.code, error.http_status_code()), (Code::ResourceExhausted, Some(429)));
    assert_eq!(reason(found), Some((QUOTA_REASON, ERROR_DOMAIN)));
    assert!(pause(found).is_some_and(|pause| pause > 3_000.0 && pause <= 3_600.0), "{error:?}");

    let emulator = Emulator::builder().require_token().start().await?;
    let error = create(&client(&emulator).await?, good()?).send().await.err().ok_or("an error")?;
    assert_eq!((status(&error)?.code, error.http_status_code()), (Code::Unauthenticated, Some(401)));
    Ok(())
}

#[tokio::test]
async fn silence_and_a_cut_connection() -> Result {
    let emulator = Emulator::start().await?;
    let client = client(&emulator).await?;
    let faults = r#"[{"times": 1, "do": "blackHole"}, {"times": 1, "do": "disconnect"}]"#;
    emulator.set_faults(faults::parse(faults)?);
    let silence = create(&client, good()?).with_attempt_timeout(Duration::from_millis(300)).send().await;
    assert!(silence.as_ref().is_err_and(|error| error.is_timeout()), "{silence:?}");
    let cut = create(&client, good()?).send().await;
    assert!(cut.as_ref().is_err_and(|error| error.status().is_none()), "{cut:?}");
    assert_eq!(emulator.events(), []);
    create(&client, good()?).send().await?;
    Ok(())
}

/// From a search to an event that counts.
#[tokio::test]
async fn the_request_id_of_a_search_makes_events_count() -> Result {
    let emulator = Emulator::builder().strict().jobs(["a", "b", "c"]).start().await?;
    let searches = JobService::builder()
        .with_endpoint(format!("http://{}", emulator.host()))
        .with_credentials(anonymous::Builder::new().build())
        .build()
        .await?;
    let user = RequestMetadata::new()
        .set_domain("board.example")
        .set_session_id("s-1")
        .set_user_id("u-1")
        .set_device_info(DeviceInfo::new().set_device_type(DeviceType::Android).set_id("d-1"));
    let found =
        searches.search_jobs().set_parent(TENANT).set_request_metadata(user).set_max_page_size(2).send().await?;
    let names: Vec<_> = found.matching_jobs.iter().filter_map(|m| Some(m.job.as_ref()?.name.as_str())).collect();
    let tenant = tenant()?;
    assert_eq!(names, [tenant.job("a")?.as_str(), tenant.job("b")?.as_str()]);

    let id = found.metadata.ok_or("metadata")?.request_id;
    let client = client(&emulator).await?;
    for id in [id.as_str(), "session-7"] {
        create(&client, good()?.set_request_id(id)).send().await?;
    }
    assert_eq!(emulator.events().iter().map(|recorded| recorded.discarded).collect::<Vec<_>>(), [false, true]);
    Ok(())
}
