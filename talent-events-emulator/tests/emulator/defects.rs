//! Defects between the recorded events.

use crate::support::grpc::{client, request};
use talent_events::event::rules::Defect;
use talent_events::wire::{CreateClientEventRequest, client_event};
use talent_events::{JobEventType, RequestId};
use talent_events_emulator::Emulator;

/// An event of this search about this job, `at` seconds after the first.
fn event(search: &str, event_type: JobEventType, job: &str, at: i64) -> CreateClientEventRequest {
    let mut request = request(event_type, &format!("{search}-{event_type}-{job}"));
    let event = request.client_event.as_mut().unwrap();
    event.request_id = search.into();
    event.create_time.as_mut().unwrap().seconds += at;
    let client_event::Event::JobEvent(job_event) = event.event.as_mut().unwrap();
    job_event.jobs = vec![crate::support::grpc::job(job)];
    request
}

async fn send(emulator: &Emulator, requests: impl IntoIterator<Item = CreateClientEventRequest>) {
    let mut client = client(emulator).await;
    for request in requests {
        client.create_client_event(request).await.unwrap();
    }
}

fn rules(defects: &[Defect]) -> Vec<&'static str> {
    defects.iter().map(|d| d.rule.id()).collect()
}

#[tokio::test]
async fn a_late_event_settles_a_defect() {
    use JobEventType::{ApplicationFinish, ApplicationStart, Impression, View};

    let emulator = Emulator::start().await.unwrap();
    assert_eq!(emulator.defects(), []);
    send(&emulator, [event("s", View, "1", 1), event("s", ApplicationFinish, "1", 3)]).await;
    assert_eq!(rules(&emulator.defects()), ["impressions-none", "finish-without-start"]);
    // They arrive later, with earlier times.
    send(&emulator, [event("s", ApplicationStart, "1", 2), event("s", Impression, "1", 0)]).await;
    assert_eq!(emulator.defects(), []);
}

#[tokio::test]
async fn a_defect_names_the_search_the_job_and_the_events() {
    use JobEventType::{ApplicationQuickSubmission, ApplicationStart, Impression};

    let emulator = Emulator::start().await.unwrap();
    let sent = [
        event("s", Impression, "1", 0),
        event("s", ApplicationStart, "1", 1),
        event("s", ApplicationQuickSubmission, "1", 2),
    ];
    send(&emulator, sent).await;
    let defects = emulator.defects();
    assert_eq!(rules(&defects), ["quick-alone"]);
    assert_eq!(defects[0].request_id, Some(RequestId::new("s").unwrap()));
    assert_eq!(defects[0].job.as_ref().map(|job| job.job()), Some("1"));
    let mut events: Vec<_> = defects[0].events.iter().map(|id| id.as_str()).collect();
    events.sort();
    assert_eq!(events, ["s-APPLICATION_QUICK_SUBMISSION-1", "s-APPLICATION_START-1"]);
}

#[tokio::test]
async fn events_that_do_not_count_are_losses() {
    use JobEventType::Impression;

    let sent =
        || [event("", Impression, "1", 0), event("made-up", Impression, "1", 0), event("real", Impression, "1", 0)];
    let emulator = Emulator::start().await.unwrap();
    send(&emulator, sent()).await;
    assert_eq!(rules(&emulator.defects()), ["request-id-missing"], "no request id is known");

    emulator.know_request_id(RequestId::new("real").unwrap());
    let defects = emulator.defects();
    assert_eq!(rules(&defects), ["request-id-missing", "request-id-synthetic"]);
    assert_eq!(defects[1].request_id, Some(RequestId::new("made-up").unwrap()));

    let strict = Emulator::builder().strict().start().await.unwrap();
    send(&strict, sent()).await;
    assert_eq!(strict.stats().total_discarded(), 3);
    assert_eq!(rules(&strict.defects()), ["request-id-missing", "request-id-synthetic", "request-id-synthetic"]);
}

#[tokio::test]
async fn tenants_are_judged_apart() {
    let emulator = Emulator::start().await.unwrap();
    let of = |tenant: &str| {
        let mut request = event("s", JobEventType::Impression, "1", 0);
        request.parent = format!("projects/acme/tenants/{tenant}");
        let event = request.client_event.as_mut().unwrap();
        event.event_id += tenant;
        let client_event::Event::JobEvent(job_event) = event.event.as_mut().unwrap();
        job_event.jobs = vec![format!("{}/jobs/1", request.parent)];
        request
    };
    send(&emulator, [of("one"), of("two")]).await;
    assert_eq!(emulator.defects(), [], "one impression for each");
    let mut again = of("one");
    again.client_event.as_mut().unwrap().event_id = "again".into();
    send(&emulator, [again]).await;
    assert_eq!(rules(&emulator.defects()), ["impressions-multiple"]);
}

/// A project has an id and a number, and both are one tenant's.
#[tokio::test]
async fn the_project_of_a_tenant_is_not_compared() {
    use JobEventType::{ApplicationQuickSubmission, ApplicationStart, Impression};

    let emulator = Emulator::builder().idempotent().start().await.unwrap();
    let by_number = |mut request: CreateClientEventRequest| {
        let number = |name: &str| name.replace("projects/acme/", "projects/123456789/");
        request.parent = number(&request.parent);
        let client_event::Event::JobEvent(job_event) = request.client_event.as_mut().unwrap().event.as_mut().unwrap();
        job_event.jobs.iter_mut().for_each(|job| *job = number(job));
        request
    };
    let start = event("s", ApplicationStart, "1", 1);
    let quick = by_number(event("s", ApplicationQuickSubmission, "1", 2));
    send(&emulator, [event("s", Impression, "1", 0), start.clone(), quick]).await;
    assert_eq!(rules(&emulator.defects()), ["quick-alone"]);
    let dashboard = crate::support::http::get(&emulator, "/console/v1/dashboard").await.json();
    let counts: Vec<_> = dashboard["rules"].as_array().unwrap().iter().filter(|rule| rule["defects"] != 0).collect();
    assert_eq!((counts.len(), &counts[0]["id"]), (1, &serde_json::json!("quick-alone")), "{counts:?}");

    send(&emulator, [by_number(start)]).await;
    assert_eq!((emulator.events().len(), emulator.stats().total_repeated()), (3, 1), "the id was sent before");
}

/// The SDK's client tells an emulator which request ids it has made up.
#[tokio::test]
async fn a_request_id_that_the_client_has_made_up_is_a_defect() {
    let emulator = Emulator::start().await.unwrap();
    let tenant: talent_events::TenantName = crate::support::grpc::TENANT.parse().unwrap();
    let client = talent_events::TalentClient::builder(tenant).emulator(emulator.host()).connect().await.unwrap();
    let stored = |request_id: &str, synthetic: bool| -> talent_events::EncodedEvent {
        let event = crate::support::http::event("IMPRESSION", request_id, request_id);
        let tenant = crate::support::grpc::TENANT;
        let form = format!(r#"{{"tenant":"{tenant}","event":{event},"syntheticRequestId":{synthetic}}}"#);
        serde_json::from_str(&form).unwrap()
    };
    for (request_id, synthetic) in [("application-u1-42", true), ("search-7f", false)] {
        talent_events::Destination::deliver(&client, stored(request_id, synthetic)).await.unwrap();
    }
    let synthetic: Vec<_> = emulator.events().iter().map(|recorded| recorded.synthetic_request_id).collect();
    assert_eq!(synthetic, [true, false]);
    let defects = emulator.defects();
    assert_eq!(rules(&defects), ["request-id-synthetic"]);
    assert_eq!(defects[0].request_id, Some("application-u1-42".parse().unwrap()));
    let event = crate::support::http::get(&emulator, "/console/v1/events/1").await.json();
    assert_eq!(event["warnings"][0]["id"], "request-id-synthetic", "{event}");

    // An export keeps the mark, and an import reads it.
    let exported = crate::support::http::get(&emulator, "/emulator/v1/export").await.text;
    let other = Emulator::start().await.unwrap();
    crate::support::http::post(&other, "/emulator/v1/import", exported).await;
    assert_eq!(other.events(), emulator.events());
    assert_eq!(rules(&other.defects()), ["request-id-synthetic"]);
}
