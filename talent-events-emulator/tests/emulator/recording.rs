//! What is taken is recorded as it was sent.

use std::collections::BTreeSet;

use crate::support::grpc::{TENANT, client, job, request};
use prost::Message;
use talent_events::event::{Envelope, EventDescriptor, EventWriter};
use talent_events::wire::{self, CreateClientEventRequest, client_event};
use talent_events::{
    EncodedEvent, EventId, InvalidEvent, JobEventType, JobName, RequestId, TalentEvent, TenantName, Timestamp,
};
use talent_events_emulator::{Emulator, StartError};

#[tokio::test]
async fn every_type_is_recorded_field_by_field() {
    let emulator = Emulator::start().await.unwrap();
    let mut client = client(&emulator).await;
    let requests: Vec<_> = JobEventType::ALL
        .into_iter()
        .enumerate()
        .map(|(n, event_type)| {
            let mut request = request(event_type, &format!("e-{n}"));
            let event = request.client_event.as_mut().unwrap();
            event.request_id = format!("search-{n}");
            event.create_time = Some(wire::Timestamp { seconds: n as i64 - 7, nanos: n as i32 });
            event.event_notes = "ä".repeat(n);
            let client_event::Event::JobEvent(job_event) = event.event.as_mut().unwrap();
            job_event.jobs = (0..=n).map(|j| job(&format!("{n}-{j}"))).collect();
            request
        })
        .collect();
    for request in &requests {
        let answer = client.create_client_event(request.clone()).await.unwrap().into_inner();
        assert_eq!(Some(answer), request.client_event);
    }

    let events = emulator.events();
    assert_eq!(events.len(), 15);
    for (n, (recorded, sent)) in events.iter().zip(&requests).enumerate() {
        assert_eq!(recorded.number, n + 1);
        assert_eq!(recorded.tenant.as_str(), sent.parent);
        assert!(!recorded.discarded);
        let event = &recorded.event;
        assert_eq!(event.job_event.r#type, JobEventType::ALL[n]);
        assert_eq!(event.request_id.as_ref().unwrap().as_str(), format!("search-{n}"));
        assert_eq!(event.event_id.as_str(), format!("e-{n}"));
        assert_eq!(event.create_time, Timestamp::new(n as i64 - 7, n as u32).unwrap());
        assert_eq!(event.event_notes, "ä".repeat(n));
        assert_eq!(event.job_event.jobs.len(), n + 1);
        // All fields, also future ones.
        assert_eq!(Some(wire::ClientEvent::from(event)), sent.client_event);
        assert_eq!(emulator.stats().kept(JobEventType::ALL[n]), 1);
    }
    assert_eq!(emulator.stats().total_kept(), 15);
    let names: BTreeSet<_> = events.iter().map(|recorded| recorded.tenant.as_str().as_ptr()).collect();
    assert_eq!(names.len(), 1, "all events share one copy of the tenant's name");

    emulator.clear();
    assert_eq!(emulator.events(), []);
    assert_eq!(emulator.stats(), talent_events_emulator::Stats::default());
    client.create_client_event(requests[3].clone()).await.unwrap();
    assert_eq!(emulator.events()[0].number, 1);
}

struct Applied {
    job: &'static str,
    search: RequestId,
    id: EventId,
    at: Timestamp,
    pages: u32,
}

/// Writes its fields in another order than the encoding.
impl TalentEvent for Applied {
    fn write(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
        w.notes(format_args!("{} CV pages — naïve", self.pages))?;
        w.request_id(&self.search)?;
        w.create_time(&self.at)?;
        w.event_type(JobEventType::ApplicationFinish)?;
        w.event_id(&self.id)?;
        w.job(self.job)
    }

    fn descriptor(&self) -> &'static EventDescriptor {
        static DESCRIPTOR: EventDescriptor = EventDescriptor::new("Applied");
        &DESCRIPTOR
    }
}

#[tokio::test]
async fn a_hand_written_event_arrives_unchanged() {
    let applied = Applied {
        job: "42",
        search: RequestId::new("search/7f:=").unwrap(),
        id: EventId::new("application-9-finish").unwrap(),
        at: Timestamp::new(-1, 999_999_999).unwrap(),
        pages: 3,
    };
    let tenant: TenantName = TENANT.parse().unwrap();
    let encoded = EncodedEvent::encode(&applied, Envelope::new(&tenant)).unwrap().expect("it is not skipped");
    let request = CreateClientEventRequest {
        parent: encoded.tenant().to_string(),
        client_event: Some(wire::ClientEvent::decode(encoded.as_bytes()).unwrap()),
    };

    let emulator = Emulator::start().await.unwrap();
    client(&emulator).await.create_client_event(request).await.unwrap();

    let [recorded] = &emulator.events()[..] else { panic!("one event was sent") };
    assert_eq!(recorded.tenant, tenant);
    let (event, sent) = (&recorded.event, encoded.to_client_event());
    assert_eq!(event.request_id, sent.request_id);
    assert_eq!(event.request_id.as_ref(), Some(&applied.search));
    assert_eq!(event.event_id, sent.event_id);
    assert_eq!(event.event_id, applied.id);
    assert_eq!(event.create_time, sent.create_time);
    assert_eq!(event.create_time, applied.at);
    assert_eq!(event.job_event.r#type, sent.job_event.r#type);
    assert_eq!(event.job_event.r#type, JobEventType::ApplicationFinish);
    assert_eq!(event.job_event.jobs, sent.job_event.jobs);
    assert_eq!(event.job_event.jobs, [JobName::new(job("42")).unwrap()]);
    assert_eq!(event.event_notes, sent.event_notes);
    assert_eq!(event.event_notes, "3 CV pages — naïve");
    assert_eq!(*event, sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_lose_nothing() {
    const CLIENTS: usize = 16;
    const EACH: usize = 50;
    let emulator = Emulator::start().await.unwrap();
    let mut senders = tokio::task::JoinSet::new();
    for c in 0..CLIENTS {
        let mut client = client(&emulator).await;
        senders.spawn(async move {
            for n in 0..EACH {
                let mut request = request(JobEventType::View, &format!("{c}-{n}"));
                // Each tenth is invalid.
                if n % 10 == 9 {
                    request.client_event.as_mut().unwrap().create_time = None;
                }
                assert_eq!(client.create_client_event(request).await.is_ok(), n % 10 != 9);
            }
        });
    }
    let expected = CLIENTS * EACH * 9 / 10;
    let events = emulator.recorded(expected).await;
    senders.join_all().await;

    assert_eq!(events.len(), expected);
    assert!(events.iter().enumerate().all(|(n, recorded)| recorded.number == n + 1));
    let ids: BTreeSet<_> = events.iter().map(|recorded| recorded.event.event_id.as_str()).collect();
    assert_eq!(ids.len(), expected, "each event once");
    for c in 0..CLIENTS {
        let prefix = format!("{c}-");
        let own = events.iter().filter_map(|r| r.event.event_id.as_str().strip_prefix(&prefix)?.parse::<usize>().ok());
        assert!(own.is_sorted(), "the events of one client arrive in order");
    }
    let stats = emulator.stats();
    assert_eq!(stats.kept(JobEventType::View), expected as u64);
    assert_eq!(stats.total_refused(), (CLIENTS * EACH / 10) as u64);
}

#[tokio::test]
async fn recorded_waits_for_the_number_of_events() {
    let emulator = Emulator::start().await.unwrap();
    let mut client = client(&emulator).await;
    assert_eq!(emulator.recorded(0).await, []);

    let mut waiting = std::pin::pin!(emulator.recorded(2));
    client.create_client_event(request(JobEventType::View, "e-1")).await.unwrap();
    let early = std::future::poll_fn(|cx| std::task::Poll::Ready(waiting.as_mut().poll(cx).is_ready())).await;
    assert!(!early, "there is only one event");
    client.create_client_event(request(JobEventType::View, "e-2")).await.unwrap();
    let events = waiting.await;
    assert_eq!(events.iter().map(|r| r.event.event_id.as_str()).collect::<Vec<_>>(), ["e-1", "e-2"]);
}

#[tokio::test]
async fn an_address_in_use_is_a_typed_error() {
    let first = Emulator::start().await.unwrap();
    let error = Emulator::builder().address(first.address()).start().await.unwrap_err();
    assert!(matches!(&error, StartError::Listen { address, .. } if *address == first.address()), "{error:?}");
    assert!(error.to_string().contains(&first.host()), "{error}");
}

#[test]
fn without_a_runtime_is_a_typed_error() {
    let start = std::pin::pin!(Emulator::start());
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(outcome) = start.poll(&mut cx) else { panic!("it does not wait") };
    assert!(matches!(outcome, Err(StartError::NoRuntime)), "{outcome:?}");
}
