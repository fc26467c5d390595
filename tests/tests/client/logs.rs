//! What is written about a call, and what never is.

use talent_events::{TalentClient, Track};
use tonic::{Code, Status};
use tracing::Level;

use crate::log::Log;
use crate::support::fixed::{self, TOKEN};
use crate::support::{Result, Service, TENANT, Then, Viewed, event};

#[tokio::test]
async fn quota_and_time_outs_are_warnings_and_the_rest_errors() -> Result {
    let log = Log::default();
    for (code, level) in [
        (Code::ResourceExhausted, "WARN"),
        (Code::DeadlineExceeded, "WARN"),
        (Code::InvalidArgument, "ERROR"),
        (Code::PermissionDenied, "ERROR"),
        (Code::Unavailable, "ERROR"),
    ] {
        let service = Service::start(Then::Fail(Status::new(code, "said so"))).await?;
        let client = TalentClient::builder(TENANT).emulator(service.address.to_string()).connect().await?;
        let guard = log.of_this_thread(Level::INFO);
        assert_eq!(Viewed.track_or_log(&client).await, None);
        drop(guard);
        let said = log.take();
        let (stamp, rest) = said.split_once(" talent_events::track: ").ok_or("a line of the target")?;
        assert!(stamp.ends_with(level), "{said}");
        assert!(rest.contains("event not delivered") && rest.contains("Viewed"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn a_delivered_event_is_answered_and_not_logged() -> Result {
    let log = Log::default();
    let service = Service::start(Then::Echo).await?;
    let client = TalentClient::builder(TENANT).emulator(service.address.to_string()).connect().await?;
    let _guard = log.of_this_thread(Level::INFO);
    assert!(Viewed.track_or_log(&client).await.is_some());
    assert_eq!(log.take(), "");
    Ok(())
}

#[tokio::test]
async fn a_token_is_nowhere_to_be_read() -> Result {
    let log = Log::default();
    let _guard = log.of_this_thread(Level::TRACE);
    let service = Service::start(Then::Fail(Status::permission_denied("no"))).await?;
    let builder = TalentClient::builder(TENANT).endpoint(service.endpoint()).credentials(fixed::credentials());
    let mut said = format!("{builder:?}");
    let client = builder.connect().await?;
    let error = client.create_client_event(&event()).await.unwrap_err();
    said += &format!("{client:?} {client:#?} {error} {error:?}");
    drop(service);
    let error = client.create_client_event(&event()).await.unwrap_err();
    said += &format!("{error} {error:?}");
    assert!(said.contains("credentials: true"), "{said}");

    let logged = log.take();
    // The layers below did write, of the call's headers too.
    assert!(logged.contains("x-goog-request-params") || logged.contains("h2"), "{logged}");
    assert!(!said.contains(TOKEN), "{said}");
    assert!(!logged.contains(TOKEN), "{}", logged.lines().find(|line| line.contains(TOKEN)).unwrap_or_default());
    Ok(())
}
