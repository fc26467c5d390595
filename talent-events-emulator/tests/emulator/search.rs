//! Searches, over both faces.

use prost::Message;
use talent_events::RequestId;
use talent_events::wire::{RequestMetadata, ResponseMetadata};
use talent_events_emulator::Emulator;
use tonic::transport::Endpoint;
use tonic_prost::ProstCodec;
use tonic_types::StatusExt;

use crate::support::grpc::TENANT;
use crate::support::http::{EVENTS, SEARCH, event, fields, get, post, search};

/// The fields of Google's messages that the emulator knows.
#[derive(Clone, PartialEq, Message)]
struct SearchJobsRequest {
    #[prost(string, tag = "1")]
    parent: String,
    #[prost(message, optional, tag = "3")]
    request_metadata: Option<RequestMetadata>,
    #[prost(int32, tag = "9")]
    offset: i32,
    #[prost(int32, tag = "10")]
    max_page_size: i32,
    #[prost(string, tag = "11")]
    page_token: String,
}

#[derive(Clone, PartialEq, Message)]
struct SearchJobsResponse {
    #[prost(message, repeated, tag = "1")]
    matching_jobs: Vec<MatchingJob>,
    #[prost(string, tag = "3")]
    next_page_token: String,
    #[prost(int32, tag = "6")]
    total_size: i32,
    #[prost(message, optional, tag = "7")]
    metadata: Option<ResponseMetadata>,
}

#[derive(Clone, PartialEq, Message)]
struct MatchingJob {
    #[prost(message, optional, tag = "1")]
    job: Option<Job>,
}

#[derive(Clone, PartialEq, Message)]
struct Job {
    #[prost(string, tag = "1")]
    name: String,
}

impl SearchJobsResponse {
    fn ids(&self) -> Vec<&str> {
        let names = self.matching_jobs.iter().map(|matching| matching.job.as_ref().unwrap().name.as_str());
        names.map(|name| name.strip_prefix(TENANT).unwrap().strip_prefix("/jobs/").unwrap()).collect()
    }
}

fn request(max_page_size: i32) -> SearchJobsRequest {
    let user = RequestMetadata {
        domain: "board.example".into(),
        session_id: "s".into(),
        user_id: "u".into(),
        ..Default::default()
    };
    SearchJobsRequest { parent: TENANT.into(), request_metadata: Some(user), max_page_size, ..Default::default() }
}

async fn call(
    emulator: &Emulator,
    method: &str,
    request: SearchJobsRequest,
) -> Result<SearchJobsResponse, tonic::Status> {
    let endpoint = Endpoint::from_shared(format!("http://{}", emulator.host())).unwrap();
    let mut grpc = tonic::client::Grpc::new(endpoint.connect().await.unwrap());
    grpc.ready().await.unwrap();
    let path = format!("/google.cloud.talent.v4.JobService/{method}").parse().unwrap();
    grpc.unary(tonic::Request::new(request), path, ProstCodec::default()).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_search_returns_jobs_and_a_known_id() {
    let emulator = Emulator::builder().strict().jobs(["nurse", "welder", "cook"]).start().await.unwrap();
    let body = search(r#""maxPageSize": 2, "offset": 1, "jobQuery": {"query": "x"},"#);
    let answer = post(&emulator, SEARCH, body).await.json();
    let jobs: Vec<_> = answer["matchingJobs"].as_array().unwrap().iter().map(|j| j["job"]["name"].clone()).collect();
    assert_eq!(jobs, [format!("{TENANT}/jobs/welder"), format!("{TENANT}/jobs/cook")]);
    assert_eq!(answer["totalSize"], 3);
    let id = answer["metadata"]["requestId"].as_str().unwrap();
    assert!(RequestId::new(id).is_ok());

    for (event_id, request_id, discarded) in [("e-1", id, false), ("e-2", "made-up", true)] {
        post(&emulator, EVENTS, event("IMPRESSION", event_id, request_id)).await;
        assert_eq!(emulator.events().last().unwrap().discarded, discarded);
    }
    let again = post(&emulator, SEARCH, search("")).await.json();
    assert_ne!(again["metadata"]["requestId"], id, "each search has its own id");
}

/// gRPC is the default of Google's clients.
#[tokio::test]
async fn a_search_over_grpc_returns_the_same() {
    let emulator = Emulator::builder().strict().jobs(["nurse", "welder", "cook"]).start().await.unwrap();
    for method in ["SearchJobs", "SearchJobsForAlert"] {
        let answer = call(&emulator, method, request(2)).await.unwrap();
        assert_eq!((answer.ids(), answer.total_size), (vec!["nurse", "welder"], 3));
        let id = answer.metadata.unwrap().request_id;
        post(&emulator, EVENTS, event("IMPRESSION", "e", &id)).await;
        assert!(!emulator.events().last().unwrap().discarded, "{method}");
    }
}

#[tokio::test]
async fn page_tokens_lead_through_all_jobs() {
    let emulator = Emulator::builder().jobs((1..=7).map(|n| n.to_string())).start().await.unwrap();
    let (mut token, mut pages) = (String::new(), Vec::new());
    loop {
        // The offset is ignored beside a token.
        let offset = if token.is_empty() { 0 } else { 5 };
        let answer = call(&emulator, "SearchJobs", SearchJobsRequest { page_token: token, offset, ..request(3) });
        let answer = answer.await.unwrap();
        pages.push(answer.ids().join(" "));
        token = answer.next_page_token.clone();
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(pages, ["1 2 3", "4 5 6", "7"]);

    let first = post(&emulator, SEARCH, search(r#""maxPageSize": 4,"#)).await.json();
    let token = first["nextPageToken"].as_str().unwrap();
    let second = post(&emulator, SEARCH, search(&format!(r#""pageToken": "{token}","#))).await.json();
    assert_eq!(second["matchingJobs"][0]["job"]["name"], format!("{TENANT}/jobs/5"));
    assert_eq!(second.get("nextPageToken"), None);
}

/// As Google's reference requires: the ids, or the statement that they may be missing.
#[tokio::test]
async fn request_metadata_is_required() {
    let emulator = Emulator::start().await.unwrap();
    let user = |domain: &str, allow_missing_ids| RequestMetadata {
        domain: domain.into(),
        allow_missing_ids,
        ..Default::default()
    };
    for (metadata, field) in [
        (None, Some("request_metadata")),
        (Some(user("", false)), Some("request_metadata.domain")),
        (Some(user("board.example", false)), Some("request_metadata.session_id")),
        (Some(user("", true)), None),
        (Some(user(&"d".repeat(256), true)), Some("request_metadata.domain")),
    ] {
        let answer =
            call(&emulator, "SearchJobs", SearchJobsRequest { request_metadata: metadata, ..request(1) }).await;
        let invalid = answer.err().map(|status| {
            assert_eq!(status.code(), tonic::Code::InvalidArgument, "{status:?}");
            status.get_details_bad_request().unwrap().field_violations[0].field.clone()
        });
        assert_eq!(invalid.as_deref(), field);
    }
    for (body, field) in [
        ("", Some("request_metadata")),
        ("{}", Some("request_metadata")),
        (r#"{"requestMetadata": {}}"#, Some("request_metadata.domain")),
        (r#"{"requestMetadata": {"allowMissingIds": true, "deviceInfo": {"deviceType": "WEB"}}}"#, None),
        (r#"{"request_metadata": {"allow_missing_ids": true}}"#, None),
        (r#"{"requestMetadata": {"allowMissingIds": 1}}"#, Some("request_metadata.allow_missing_ids")),
        (
            r#"{"requestMetadata": {"deviceInfo": {"deviceType": "TV"}}}"#,
            Some("request_metadata.device_info.device_type"),
        ),
        (r#"{"requestMetadata": {"sesionId": "s"}}"#, Some("request_metadata.sesionId")),
        (r#"{"requestMetadata": []}"#, Some("request_metadata")),
    ] {
        let answer = post(&emulator, SEARCH, body).await;
        let invalid = if answer.status == 200 { None } else { fields(&answer).into_iter().next() };
        assert_eq!(invalid.as_deref(), field, "{body}: {}", answer.text);
    }
}

/// Like protobuf's own JSON parsers.
#[tokio::test]
async fn a_search_is_read_as_proto3_json() {
    let emulator = Emulator::builder().jobs((0..30).map(|n| n.to_string())).start().await.unwrap();
    for (body, count) in [
        ("", 10),
        (r#""maxPageSize": 3,"#, 3),
        (r#""max_page_size": 3.0, "job_query": {"query": "x"},"#, 3),
        (r#""maxPageSize": "3", "offset": "28","#, 2),
        (r#""maxPageSize": 0, "offset": null, "searchMode": "JOB_SEARCH","#, 10),
        (r#""maxPageSize": 2147483647,"#, 30),
    ] {
        let answer = post(&emulator, SEARCH, search(body)).await;
        assert_eq!(answer.json()["matchingJobs"].as_array().unwrap().len(), count, "{body}: {}", answer.text);
    }
    for (body, wrong) in [
        (r#""maxPageSize": -1, "offset": 5001,"#, &["max_page_size", "offset"][..]),
        (r#""maxPageSize": 2147483648, "offset": "x","#, &["max_page_size", "offset"]),
        (r#""pageSize": 3, "offset": true,"#, &["pageSize", "offset"]),
        (r#""offset": 1, "offset": 1,"#, &["offset"]),
        (r#""maxPageSize": 1, "max_page_size": 2,"#, &["max_page_size"]),
        (r#""pageToken": "made-up","#, &["page_token"]),
    ] {
        let answer = post(&emulator, SEARCH, search(body)).await;
        let found = (answer.status.as_u16(), fields(&answer));
        assert_eq!(found, (400, wrong.iter().map(ToString::to_string).collect()), "{body}");
    }
    assert_eq!(post(&emulator, SEARCH, "[]").await.status, 400);
    assert_eq!(get(&emulator, "/emulator/v1/requestIds").await.json()["requestIds"].as_array().unwrap().len(), 6);
}
