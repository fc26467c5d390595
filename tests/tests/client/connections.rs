//! The connections of a client: to which servers, how many, and why there is none.

use std::collections::HashMap;

use talent_events::{ConnectError, TalentClient, TrackError};
use tokio::net::TcpListener;

use crate::support::{Result, Service, TENANT, Then, event, fixed};

#[tokio::test]
async fn calls_are_balanced() -> Result {
    let service = Service::start(Then::Echo).await?;
    let client = TalentClient::builder(TENANT).emulator(service.address.to_string()).connections(4).connect().await?;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let client = client.clone();
        calls.spawn(async move { client.create_client_event(&event()).await });
    }
    while let Some(call) = calls.join_next().await {
        call??;
    }
    let mut calls_of_peer = HashMap::new();
    for seen in service.seen() {
        *calls_of_peer.entry(seen.peer).or_insert(0) += 1;
    }
    assert!(calls_of_peer.values().eq(&[10; 4]), "{calls_of_peer:?}");
    Ok(())
}

/// It fails at once, and so has the fewest calls under way.
#[tokio::test]
async fn a_connection_that_fails_is_passed_over_for_a_while() -> Result {
    let service = Service::start(Then::Echo).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (address, behind) = (listener.local_addr()?, service.address);
    // Lets the first through, and hangs up on all others.
    let gate = tokio::spawn(async move {
        let (mut outside, _) = listener.accept().await?;
        let mut inside = tokio::net::TcpStream::connect(behind).await?;
        let passing = tokio::io::copy_bidirectional(&mut outside, &mut inside);
        let refusing = async {
            while let Ok((connection, _)) = listener.accept().await {
                drop(connection)
            }
        };
        tokio::join!(passing, refusing).0
    });
    let client = TalentClient::builder(TENANT).emulator(address.to_string()).connections(2).connect().await?;
    let mut failed = 0;
    for _ in 0..200 {
        failed += usize::from(client.create_client_event(&event()).await.is_err());
    }
    gate.abort();
    // In turn, it would be every other.
    assert!((1..50).contains(&failed), "{failed} of 200");
    Ok(())
}

#[tokio::test]
async fn an_app_starts_before_its_service() -> Result {
    // An address of this test's own, so that nobody takes the port meanwhile.
    let address = TcpListener::bind("127.77.0.1:0").await?.local_addr()?;
    let client = TalentClient::builder(TENANT).emulator(address.to_string()).connect().await?;

    let error = client.create_client_event(&event()).await.unwrap_err();
    assert!(matches!(error, TrackError::Unavailable { .. }) && error.is_retryable(), "{error:?}");
    assert!(!error.may_have_arrived(), "{error:?}");
    let said = error.to_string();
    assert!(said.contains("Connection refused") && said.contains(&address.to_string()), "{said}");

    let service = Service::run(TcpListener::bind(address).await?, Then::Echo, None)?;
    client.create_client_event(&event()).await?;
    assert_eq!(service.seen().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_lost_connection_is_opened_again() -> Result {
    let listener = TcpListener::bind("127.77.0.2:0").await?;
    let address = listener.local_addr()?;
    let client = TalentClient::builder(TENANT).emulator(address.to_string()).connect().await?;

    // One that hangs up on everybody.
    let rude = tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            drop(connection)
        }
    });
    let error = client.create_client_event(&event()).await.unwrap_err();
    assert!(matches!(error, TrackError::Unavailable { .. }), "{error:?}");
    assert!(!error.to_string().contains("transport error"), "{error}");
    rude.abort();
    assert!(rude.await.is_err_and(|e| e.is_cancelled()));

    let service = Service::run(TcpListener::bind(address).await?, Then::Echo, None)?;
    // What was lost on the way to the one before may still be found out by this call.
    if client.create_client_event(&event()).await.is_err() {
        client.create_client_event(&event()).await?;
    }
    assert_eq!(service.seen().len(), 1);
    Ok(())
}

#[tokio::test]
async fn an_unknown_name_is_told() -> Result {
    // Longer than a label may be, so that no name server is asked.
    let client = TalentClient::builder(TENANT).emulator(format!("{}:80", "a".repeat(64))).connect().await?;
    let error = client.create_client_event(&event()).await.unwrap_err();
    assert!(matches!(error, TrackError::Unavailable { .. }) && !error.may_have_arrived(), "{error:?}");
    assert!(error.to_string().contains("lookup"), "{error}");
    Ok(())
}

#[tokio::test]
async fn credentials_do_not_leave_this_machine_in_plaintext() -> Result {
    let connecting = TalentClient::builder(TENANT)
        .endpoint("http://jobs.googleapis.com")
        .credentials(fixed::credentials())
        .connect();
    let error = connecting.await.unwrap_err();
    assert!(matches!(&error, ConnectError::Plaintext { host } if host == "jobs.googleapis.com"), "{error:?}");
    assert!(error.to_string().contains("write `https://`"), "{error}");
    Ok(())
}

#[tokio::test]
async fn settings_out_of_range_are_named() -> Result {
    use std::time::Duration;

    let builder = || TalentClient::builder(TENANT).emulator("localhost:1");
    for (builder, said) in [
        (builder().connections(0), "`connections`: expected 1 to 256, found 0"),
        (builder().connections(257), "`connections`: expected 1 to 256, found 257"),
        (builder().deadline(Duration::ZERO), "`deadline`: expected 1ms to 3600s, found 0ns"),
        (builder().deadline(Duration::MAX), "expected 1ms to 3600s, found "),
        (builder().user_agent("a\nb"), "`user_agent`: expected visible ASCII"),
        (builder().user_agent(""), "found \"\""),
        (builder().endpoint("jobs.googleapis.com"), "found no scheme in \"jobs.googleapis.com\""),
        (builder().emulator("localhost"), "found no port in \"localhost\""),
        (TalentClient::builder("projects/acme"), "found no `tenants/{tenant}`"),
    ] {
        let error = builder.connect().await.unwrap_err();
        assert!(matches!(error, ConnectError::Invalid(_)), "{error:?}");
        assert!(error.to_string().contains(said), "{error}");
    }
    Ok(())
}

#[test]
fn outside_of_a_runtime_there_is_no_client() {
    let mut connecting = std::pin::pin!(TalentClient::builder(TENANT).emulator("localhost:1").connect());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(connected) = connecting.as_mut().poll(&mut context) else { panic!("it waits") };
    assert!(matches!(connected, Err(ConnectError::NoRuntime)), "{connected:?}");
}
