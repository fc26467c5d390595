//! What a call carries, and what comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use talent_events::{Destination, EncodedEvent, TalentClient, Track, TrackError, Tracker, wire};
use tokio::time::timeout;

use crate::support::fixed::{self, TOKEN};
use crate::support::{Result, Service, TENANT, Then, Viewed, event, tenant};

#[tokio::test]
async fn the_event_arrives_with_every_header() -> Result {
    let service = Service::start(Then::Echo).await?;
    let client = TalentClient::builder("projects/acme/tenants/böard 1")
        .endpoint(service.endpoint())
        .credentials(fixed::credentials())
        .user_agent("board/1.2")
        .connect()
        .await?;
    let mut event = event();
    event.job_event.jobs = vec!["projects/acme/tenants/böard 1/jobs/42".parse()?];

    assert_eq!(client.create_client_event(&event).await?, event);

    let [seen] = &service.seen()[..] else { panic!("one call") };
    assert_eq!(seen.request.parent, "projects/acme/tenants/böard 1");
    assert_eq!(seen.request.client_event, Some(wire::ClientEvent::from(&event)));
    let header = |name: &str| seen.headers.get(name).map(|v| v.to_str().unwrap_or("not ASCII")).unwrap_or("none");
    assert_eq!(header("authorization"), format!("Bearer {TOKEN}"));
    assert_eq!(header("x-goog-user-project"), "billed");
    assert_eq!(header("x-unforeseen"), "sent too");
    assert_eq!(header("x-goog-request-params"), "parent=projects%2Facme%2Ftenants%2Fb%C3%B6ard%201");
    let api_client = header("x-goog-api-client");
    assert!(api_client.starts_with("gl-rust/1.") && api_client.contains(" gccl/"), "{api_client}");
    let user_agent = header("user-agent");
    assert!(user_agent.starts_with("board/1.2 talent-events/"), "{user_agent}");
    // What is left of 30 s, in microseconds.
    let timeout = header("grpc-timeout");
    let left: u64 = timeout.trim_end_matches('u').parse()?;
    assert!((20_000_000..=30_000_000).contains(&left), "{timeout}");
    Ok(())
}

/// A made-up request id is for an emulator to know, and not for Google.
#[tokio::test]
async fn only_an_emulator_is_told_of_a_made_up_request_id() -> Result {
    const HEADER: &str = "x-talent-events-synthetic-request-id";
    let service = Service::start(Then::Echo).await?;
    let emulator = TalentClient::builder(TENANT).emulator(service.address.to_string()).connect().await?;
    let google =
        TalentClient::builder(TENANT).endpoint(service.endpoint()).credentials(fixed::credentials()).connect().await?;
    for synthetic in [true, false] {
        let mut stored = serde_json::to_value(EncodedEvent::from_client_event(&event(), &tenant())?)?;
        stored["syntheticRequestId"] = synthetic.into();
        let event: EncodedEvent = serde_json::from_value(stored)?;
        for client in [&emulator, &google] {
            Destination::deliver(client, event.clone()).await?;
        }
    }
    let told: Vec<_> = service.seen().iter().map(|seen| seen.headers.contains_key(HEADER)).collect();
    assert_eq!(told, [true, false, false, false]);
    Ok(())
}

#[tokio::test]
async fn an_emulator_gets_no_credentials() -> Result {
    let service = Service::start(Then::Echo).await?;
    let client = TalentClient::builder(TENANT)
        .emulator(service.address.to_string())
        .credentials(fixed::credentials())
        .connect()
        .await?;
    client.create_client_event(&event()).await?;
    let [seen] = &service.seen()[..] else { panic!("one call") };
    for name in ["authorization", "x-goog-user-project", "x-unforeseen"] {
        assert!(!seen.headers.contains_key(name), "{name}");
    }
    assert!(seen.headers.contains_key("x-goog-request-params"));
    Ok(())
}

#[tokio::test]
async fn the_receipt_is_the_services_answer() -> Result {
    let sent = event();
    let mut recorded = sent.clone();
    recorded.event_notes = "as recorded".into();
    let service = Service::start(Then::Answer((&recorded).into())).await?;
    let client = TalentClient::builder(TENANT).emulator(service.address.to_string()).connect().await?;
    assert_eq!(client.create_client_event(&sent).await?, recorded);
    Ok(())
}

#[tokio::test]
async fn an_answer_that_is_no_event_is_a_receipt_all_the_same() -> Result {
    let sent = event();
    let mut timeless = wire::ClientEvent::from(&sent);
    timeless.create_time = None;
    for answer in [wire::ClientEvent::default(), timeless] {
        let service = Service::start(Then::Answer(answer)).await?;
        let client = TalentClient::builder(TENANT).emulator(service.address.to_string()).connect().await?;
        assert_eq!(client.create_client_event(&sent).await?, sent);
        assert_eq!(client.stats().delivered, 1);
    }
    Ok(())
}

#[tokio::test]
async fn one_that_breaks_a_rule_is_not_sent() -> Result {
    let service = Service::start(Then::Echo).await?;
    let client = TalentClient::builder(TENANT).emulator(service.address.to_string()).connect().await?;
    let mut event = event();
    event.job_event.jobs.clear();
    let error = client.create_client_event(&event).await.unwrap_err();
    assert!(matches!(error, TrackError::Invalid(_)), "{error}");
    assert!(service.seen().is_empty());
    Ok(())
}

#[tokio::test]
async fn another_tenant_shares_connection_and_counts() -> Result {
    let service = Service::start(Then::Echo).await?;
    let client = TalentClient::builder(tenant()).emulator(service.address.to_string()).connect().await?;
    let other = client.tenant("projects/acme/tenants/other".parse()?);

    let receipt = Viewed.track(&client).await?;
    assert_eq!(receipt.job_event.jobs[0].tenant(), "board");
    let receipt = Viewed.track(&other).await?;
    assert_eq!(receipt.job_event.jobs[0].tenant(), "other");
    let mut without = event();
    without.request_id = None;
    client.create_client_event(&without).await?;

    let seen = service.seen();
    let parents: Vec<_> = seen.iter().map(|seen| seen.request.parent.as_str()).collect();
    assert_eq!(parents, [TENANT, "projects/acme/tenants/other", TENANT]);
    let params = seen[1].headers.get("x-goog-request-params").map(|v| v.as_bytes());
    assert_eq!(params, Some(&b"parent=projects%2Facme%2Ftenants%2Fother"[..]));
    assert!(seen.iter().all(|s| s.peer.is_some() && s.peer == seen[0].peer));

    let stats = other.stats();
    assert_eq!(stats, client.stats());
    assert_eq!((stats.delivered, stats.failed), (3, 0));
    assert_eq!((stats.notes_truncated, stats.synthetic_request_id, stats.without_request_id), (2, 2, 1));
    Ok(())
}

#[tokio::test]
async fn an_event_for_another_tenant_keeps_it() -> Result {
    use talent_events::{Destination, EncodedEvent, event::Envelope};

    let service = Service::start(Then::Echo).await?;
    let client = TalentClient::builder(TENANT).emulator(service.address.to_string()).connect().await?;
    let other = "projects/acme/tenants/other".parse()?;
    let stored = EncodedEvent::encode(&Viewed, Envelope::new(&other))?.ok_or("an event")?;
    client.deliver(stored).await?;
    let [seen] = &service.seen()[..] else { panic!("one call") };
    assert_eq!(seen.request.parent, "projects/acme/tenants/other");
    let params = seen.headers.get("x-goog-request-params").map(|v| v.as_bytes());
    assert_eq!(params, Some(&b"parent=projects%2Facme%2Ftenants%2Fother"[..]));
    Ok(())
}

#[tokio::test]
async fn a_call_ends_at_its_deadline() -> Result {
    let deadline = Duration::from_millis(200);
    let service = Service::start(Then::Hang).await?;
    let builder = || TalentClient::builder(TENANT).endpoint(service.endpoint()).deadline(deadline);
    // The event left this machine in the one case, and not in the other.
    for (credentials, sent) in [(fixed::credentials(), true), (fixed::hanging(), false)] {
        let client = builder().credentials(credentials).connect().await?;
        let error = client.create_client_event(&event()).await.unwrap_err();
        assert!(matches!(error, TrackError::TimedOut { after: Some(after), .. } if after == deadline), "{error:?}");
        assert_eq!(error.may_have_arrived(), sent);
        assert_eq!((client.stats().delivered, client.stats().failed), (0, 1));
    }
    Ok(())
}

fn foreign() -> wire::ClientEvent {
    wire::ClientEvent { event_id: "e-foreign".into(), ..Default::default() }
}

#[tokio::test]
async fn the_answer_to_another_event_is_no_receipt() -> Result {
    let service = Service::start(Then::Answer(foreign())).await?;
    let client = TalentClient::builder(TENANT).emulator(service.address.to_string()).connect().await?;
    let mut event = event();
    event.event_id = "e-1".parse()?;
    let error = client.create_client_event(&event).await.unwrap_err();
    assert!(error.is_retryable() && error.may_have_arrived(), "{error:?}");
    let said = error.to_string();
    assert!(said.contains("expected the answer to event \"e-1\", found the answer to event \"e-foreign\""), "{said}");
    assert_eq!((client.stats().delivered, client.stats().failed), (0, 1));
    Ok(())
}

#[tokio::test]
async fn a_tracker_sends_again_what_got_the_answer_to_another_event() -> Result {
    let first = AtomicBool::new(true);
    let script = move |_: &wire::ClientEvent| match first.swap(false, Relaxed) {
        true => Then::Answer(foreign()),
        false => Then::Echo,
    };
    let service = Service::start(Then::By(Arc::new(script))).await?;
    let client = TalentClient::builder(TENANT).emulator(service.address.to_string()).connect().await?;
    let tracker = Tracker::spawn(client)?;
    let ticket = Viewed.track(&tracker).await?;
    timeout(Duration::from_secs(60), ticket).await??;
    let seen = service.seen();
    let ids: Vec<_> = seen.iter().filter_map(|seen| Some(&seen.request.client_event.as_ref()?.event_id)).collect();
    assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?}");
    Ok(())
}
