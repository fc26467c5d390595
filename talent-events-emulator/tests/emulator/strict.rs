//! A strict emulator discards events without a valid request id, as Google says of its service.

use crate::support::grpc::{client, request};
use talent_events::{JobEventType, RequestId};
use talent_events_emulator::{Builder, Emulator};

fn id(text: &str) -> RequestId {
    RequestId::new(text).unwrap()
}

/// Sends a view with each of these request ids, and returns which were discarded.
async fn discarded(emulator: &Emulator, request_ids: &[&str]) -> Vec<bool> {
    let before = emulator.events().len();
    let mut client = client(emulator).await;
    for (n, request_id) in request_ids.iter().enumerate() {
        let mut request = request(JobEventType::View, &format!("e-{n}"));
        request.client_event.as_mut().unwrap().request_id = (*request_id).into();
        let answer =
            client.create_client_event(request).await.expect("discarded events are answered with OK").into_inner();
        assert_eq!(answer.request_id, *request_id);
    }
    emulator.events()[before..].iter().map(|recorded| recorded.discarded).collect()
}

fn strict() -> Builder {
    Emulator::builder().strict()
}

#[tokio::test]
async fn unknown_and_missing_request_ids_are_discarded() {
    let emulator = strict().known_request_id(id("one")).known_request_id(id("two")).start().await.unwrap();
    assert_eq!(
        discarded(&emulator, &["one", "", "three", "two", "One", "one "]).await,
        [false, true, true, false, true, true]
    );
    let stats = emulator.stats();
    assert_eq!((stats.kept(JobEventType::View), stats.discarded(JobEventType::View)), (2, 4));
    assert_eq!((stats.total_kept(), stats.total_discarded(), stats.total_refused()), (2, 4, 0));
}

#[tokio::test]
async fn an_id_is_known_from_then_on() {
    let emulator = strict().start().await.unwrap();
    assert_eq!(discarded(&emulator, &["late"]).await, [true]);
    emulator.know_request_id(id("late"));
    assert_eq!(discarded(&emulator, &["late"]).await, [false]);
    let all: Vec<_> = emulator.events().iter().map(|r| r.discarded).collect();
    assert_eq!(all, [true, false], "discarded events stay discarded");

    emulator.clear();
    assert_eq!(discarded(&emulator, &["late"]).await, [false], "request ids stay known");
}

#[tokio::test]
async fn by_default_nothing_is_discarded() {
    let emulator = Emulator::builder().known_request_id(id("one")).start().await.unwrap();
    assert_eq!(discarded(&emulator, &["one", "", "three"]).await, [false; 3]);
    assert_eq!(emulator.stats().total_discarded(), 0);
}
