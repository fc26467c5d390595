//! Searches.

use talent_events::RequestId;
use talent_events_emulator::Emulator;

use crate::support::grpc::TENANT;
use crate::support::http::{EVENTS, SEARCH, event, fields, get, post};

#[tokio::test]
async fn a_search_returns_jobs_and_a_known_id() {
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
    assert_ne!(again["metadata"]["requestId"], id, "each search has its own id");
}

/// Like protobuf's own JSON parsers.
#[tokio::test]
async fn a_search_is_read_as_proto3_json() {
    let emulator = Emulator::builder().jobs((0..30).map(|n| n.to_string())).start().await.unwrap();
    for (body, count) in [
        ("{}", 10),
        (r#"{"maxPageSize": 3}"#, 3),
        (r#"{"max_page_size": 3.0, "job_query": {"query": "x"}}"#, 3),
        (r#"{"maxPageSize": "3", "offset": "28"}"#, 2),
        (r#"{"maxPageSize": 0, "offset": null, "searchMode": "JOB_SEARCH"}"#, 10),
        (r#"{"maxPageSize": 2147483647}"#, 30),
    ] {
        let answer = post(&emulator, SEARCH, body).await;
        assert_eq!(answer.json()["matchingJobs"].as_array().unwrap().len(), count, "{body}: {}", answer.text);
    }
    for (body, wrong) in [
        (r#"{"maxPageSize": -1, "offset": 1.5}"#, &["maxPageSize", "offset"][..]),
        (r#"{"maxPageSize": 2147483648, "offset": "x"}"#, &["maxPageSize", "offset"]),
        (r#"{"pageSize": 3, "offset": true}"#, &["offset", "pageSize"]),
        (r#"{"offset": 1, "offset": 1}"#, &["offset"]),
        (r#"{"maxPageSize": 1, "max_page_size": 2}"#, &["max_page_size"]),
    ] {
        let answer = post(&emulator, SEARCH, body).await;
        assert_eq!(
            (answer.status.as_u16(), fields(&answer)),
            (400, wrong.iter().map(ToString::to_string).collect()),
            "{body}"
        );
    }
    assert_eq!(post(&emulator, SEARCH, "[]").await.status, 400);
    assert_eq!(get(&emulator, "/emulator/v1/requestIds").await.json()["requestIds"].as_array().unwrap().len(), 6);
}
