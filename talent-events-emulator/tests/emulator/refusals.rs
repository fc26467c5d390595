//! A call that breaks rules about fields is refused with the names of all these fields, and records nothing.

use crate::support::grpc::{TENANT, client, job, request};
use talent_events::event::limits::{
    MAX_EVENT_ID_BYTES, MAX_JOBS, MAX_NOTES_CHARS, MAX_REQUEST_ID_BYTES, MAX_TIMESTAMP_SECONDS, MIN_TIMESTAMP_SECONDS,
};
use talent_events::wire::{ClientEvent, CreateClientEventRequest, JobEvent, Timestamp, client_event};
use talent_events::{JobEventType, RequestId};
use talent_events_emulator::{Code, ERROR_DOMAIN, ERROR_REASON, Emulator};
use tonic::Status;
use tonic_types::StatusExt;

/// A valid request with one change.
fn changed(change: impl FnOnce(&mut CreateClientEventRequest)) -> CreateClientEventRequest {
    let mut request = request(JobEventType::Impression, "e-1");
    change(&mut request);
    request
}

fn event(change: impl FnOnce(&mut ClientEvent)) -> CreateClientEventRequest {
    changed(|request| change(request.client_event.as_mut().unwrap()))
}

fn job_event(change: impl FnOnce(&mut JobEvent)) -> CreateClientEventRequest {
    event(|event| {
        let client_event::Event::JobEvent(job_event) = event.event.as_mut().unwrap();
        change(job_event);
    })
}

fn time(seconds: i64, nanos: i32) -> CreateClientEventRequest {
    event(|e| e.create_time = Some(Timestamp { seconds, nanos }))
}

fn jobs(jobs: impl IntoIterator<Item = String>) -> CreateClientEventRequest {
    let jobs = jobs.into_iter().collect();
    job_event(|e| e.jobs = jobs)
}

fn fields(status: &Status) -> Vec<String> {
    let details = status.get_details_bad_request().expect("the details say which fields");
    details.field_violations.into_iter().map(|v| v.field).collect()
}

const REQUEST_ID: &str = "client_event.request_id";
const EVENT_ID: &str = "client_event.event_id";
const CREATE_TIME: &str = "client_event.create_time";
const JOB_EVENT: &str = "client_event.job_event";
const TYPE: &str = "client_event.job_event.type";
const JOBS: &str = "client_event.job_event.jobs";
const NOTES: &str = "client_event.event_notes";

#[tokio::test]
async fn each_invalid_field_is_named() {
    let emulator = Emulator::start().await.unwrap();
    let mut client = client(&emulator).await;
    let bad = [
        ("no parent", changed(|r| r.parent = String::new()), "parent"),
        ("parent without tenant", changed(|r| r.parent = "projects/acme".into()), "parent"),
        ("parent with an empty project", changed(|r| r.parent = "projects//tenants/board".into()), "parent"),
        ("parent of another kind", changed(|r| r.parent = "projects/acme/companies/board".into()), "parent"),
        ("a job for a parent", changed(|r| r.parent = job("42")), "parent"),
        ("no event", changed(|r| r.client_event = None), "client_event"),
        ("huge request id", event(|e| e.request_id = "r".repeat(MAX_REQUEST_ID_BYTES + 1)), REQUEST_ID),
        ("control character in the request id", event(|e| e.request_id = "a\nb".into()), REQUEST_ID),
        ("DEL in the request id", event(|e| e.request_id = "a\u{7f}".into()), REQUEST_ID),
        ("no event id", event(|e| e.event_id = String::new()), EVENT_ID),
        ("huge event id", event(|e| e.event_id = "e".repeat(MAX_EVENT_ID_BYTES + 1)), EVENT_ID),
        ("control character in the event id", event(|e| e.event_id = "\u{0}".into()), EVENT_ID),
        ("no time", event(|e| e.create_time = None), CREATE_TIME),
        ("before the year 1", time(MIN_TIMESTAMP_SECONDS - 1, 0), CREATE_TIME),
        ("after the year 9999", time(MAX_TIMESTAMP_SECONDS + 1, 0), CREATE_TIME),
        ("least time of all", time(i64::MIN, i32::MIN), CREATE_TIME),
        ("a second of nanoseconds", time(0, 1_000_000_000), CREATE_TIME),
        ("negative nanoseconds", time(0, -1), CREATE_TIME),
        ("no job event", event(|e| e.event = None), JOB_EVENT),
        ("type 0", job_event(|e| e.r#type = 0), TYPE),
        ("type 16", job_event(|e| e.r#type = 16), TYPE),
        ("negative type", job_event(|e| e.r#type = -1), TYPE),
        ("no jobs", jobs([]), JOBS),
        ("501 jobs", jobs((0..=MAX_JOBS).map(|n| job(&n.to_string()))), JOBS),
        ("a bare job id", jobs([job("1"), job("2"), "3".into()]), "client_event.job_event.jobs[2]"),
        ("an empty job id", jobs([job("")]), "client_event.job_event.jobs[0]"),
        ("a job name that goes on", jobs([job("1"), job("2/x")]), "client_event.job_event.jobs[1]"),
        (
            "a job of another tenant",
            jobs([job("1"), "projects/acme/tenants/other/jobs/2".into()]),
            "client_event.job_event.jobs[1]",
        ),
        (
            "a job of a tenant whose name begins alike",
            jobs([format!("{TENANT}2/jobs/1")]),
            "client_event.job_event.jobs[0]",
        ),
        ("1,001 characters of notes", event(|e| e.event_notes = "ü".repeat(MAX_NOTES_CHARS + 1)), NOTES),
    ];
    let count = bad.len() as u64;
    for (what, request, field) in bad {
        let status = client.create_client_event(request).await.expect_err(what);
        assert_eq!((status.code(), fields(&status)), (tonic::Code::InvalidArgument, vec![field.to_owned()]), "{what}");
        assert!(status.message().contains(field), "{what}: {}", status.message());
        let info = status.get_details_error_info().expect(what);
        assert_eq!((&*info.reason, &*info.domain), (ERROR_REASON, ERROR_DOMAIN), "{what}");
    }
    assert_eq!(emulator.events(), []);
    let stats = emulator.stats();
    assert_eq!((stats.refused(Code::InvalidArgument), stats.total_refused()), (count, count));
    assert_eq!((stats.total_kept(), stats.total_discarded()), (0, 0));
}

#[tokio::test]
async fn values_at_the_limit_are_accepted() {
    let emulator = Emulator::start().await.unwrap();
    let mut client = client(&emulator).await;
    let good = [
        ("longest request id", event(|e| e.request_id = "r".repeat(MAX_REQUEST_ID_BYTES))),
        ("no request id", event(|e| e.request_id = String::new())),
        ("longest event id", event(|e| e.event_id = "e".repeat(MAX_EVENT_ID_BYTES))),
        ("first time", time(MIN_TIMESTAMP_SECONDS, 0)),
        ("last time", time(MAX_TIMESTAMP_SECONDS, 999_999_999)),
        ("1970", time(0, 0)),
        ("500 jobs", jobs((0..MAX_JOBS).map(|n| job(&n.to_string())))),
        ("the project by its number", jobs(["projects/123456789/tenants/board/jobs/1".into()])),
        ("1,000 characters of notes", event(|e| e.event_notes = "🦀".repeat(MAX_NOTES_CHARS))),
        ("no notes", event(|e| e.event_notes = String::new())),
    ];
    for (what, request) in &good {
        let answer = client.create_client_event(request.clone()).await.expect(what).into_inner();
        assert_eq!(Some(&answer), request.client_event.as_ref(), "{what}");
    }
    assert_eq!(emulator.events().len(), good.len());
    assert_eq!(emulator.stats().total_refused(), 0);
}

#[tokio::test]
async fn all_invalid_fields_are_named_at_once() {
    let emulator = Emulator::start().await.unwrap();
    let request = CreateClientEventRequest {
        parent: TENANT.into(),
        client_event: Some(ClientEvent {
            request_id: "a\tb".into(),
            event_id: String::new(),
            create_time: Some(Timestamp { seconds: i64::MAX, nanos: 0 }),
            event_notes: "n".repeat(MAX_NOTES_CHARS + 1),
            event: Some(client_event::Event::JobEvent(JobEvent {
                r#type: 99,
                jobs: vec![job("1"), "projects/acme/tenants/other/jobs/2".into(), job("3"), "nonsense".into()],
            })),
        }),
    };
    let mut client = client(&emulator).await;
    let status = client.create_client_event(request.clone()).await.unwrap_err();
    let inside = [
        REQUEST_ID,
        EVENT_ID,
        CREATE_TIME,
        TYPE,
        "client_event.job_event.jobs[1]",
        "client_event.job_event.jobs[3]",
        NOTES,
    ];
    assert_eq!(fields(&status), inside);

    // Without a valid parent there is no tenant to compare the jobs with.
    let status =
        client.create_client_event(CreateClientEventRequest { parent: "x".into(), ..request }).await.unwrap_err();
    let expected: Vec<_> =
        ["parent"].into_iter().chain(inside.into_iter().filter(|f| !f.ends_with("jobs[1]"))).collect();
    assert_eq!(fields(&status), expected);
    assert_eq!(emulator.events(), []);
}

/// The details travel in headers, and clients limit their size.
#[tokio::test]
async fn the_largest_refusal_reaches_its_client() {
    let emulator = Emulator::start().await.unwrap();
    let mut client = client(&emulator).await;
    let worst = "\u{10ffff}\u{1}🦀".repeat(200);
    let request = CreateClientEventRequest {
        parent: worst.clone(),
        client_event: Some(ClientEvent {
            request_id: worst.clone(),
            event_id: worst.clone(),
            create_time: None,
            event_notes: worst.repeat(2),
            event: Some(client_event::Event::JobEvent(JobEvent { r#type: i32::MIN, jobs: vec![worst; MAX_JOBS] })),
        }),
    };
    let status = client.create_client_event(request).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument, "{status:?}");
    let details = status.get_details_bad_request().unwrap().field_violations;
    assert_eq!(details[0].field, "parent");
    let last = details.last().unwrap();
    assert_eq!(last.field, "client_event");
    // Each field is listed or counted, also each of the 500 jobs.
    let more: usize = last.description.split(' ').next().unwrap().parse().expect(&last.description);
    assert_eq!(details.len() - 1 + more, 6 + MAX_JOBS);
    let header_bytes: usize = status.message().bytes().map(|b| if b.is_ascii_graphic() { 1 } else { 3 }).sum::<usize>()
        + status.details().len() * 4 / 3;
    assert!(header_bytes < 7_900, "{header_bytes} bytes of headers");
}

#[tokio::test]
async fn an_undecodable_call_is_counted() {
    let emulator = Emulator::start().await.unwrap();
    let mut grpc = tonic::client::Grpc::new(
        tonic::transport::Endpoint::from_shared(format!("http://{}", emulator.host())).unwrap().connect_lazy(),
    );
    grpc.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<RawField, ClientEvent>::default();
    // Field 1, the parent, is not UTF-8.
    let path = "/google.cloud.talent.v4.EventService/CreateClientEvent".parse().unwrap();
    let garbled = RawField { parent: vec![0xff, 0xfe] };
    let status = grpc.unary(tonic::Request::new(garbled), path, codec).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::Internal);

    grpc.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<CreateClientEventRequest, ClientEvent>::default();
    let path = "/google.cloud.talent.v4.JobService/CreateJob".parse().unwrap();
    let status = grpc.unary(tonic::Request::new(request(JobEventType::View, "e")), path, codec).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unimplemented);
    assert!(status.message().contains("JobService/SearchJobs") && status.message().contains("CreateJob"), "{status:?}");

    let refusals: Vec<_> = emulator.stats().refusals().collect();
    assert_eq!(refusals, [(Code::Unimplemented, 1), (Code::Internal, 1)]);
    assert_eq!(emulator.events(), []);
}

#[derive(Clone, PartialEq, prost::Message)]
struct RawField {
    #[prost(bytes = "vec", tag = "1")]
    parent: Vec<u8>,
}

/// A strict emulator refuses the same calls: strictness is only about request ids.
#[tokio::test]
async fn a_strict_emulator_refuses_the_same() {
    let known = RequestId::new("search:7f/==").unwrap();
    let emulator = Emulator::builder().strict().known_request_id(known).start().await.unwrap();
    let status = client(&emulator).await.create_client_event(jobs([])).await.unwrap_err();
    assert_eq!(fields(&status), [JOBS]);
    assert_eq!(emulator.stats().refused(Code::InvalidArgument), 1);
}
