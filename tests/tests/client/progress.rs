//! How far a failed call came: whether the service may have the event.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use h2::Reason;
use talent_events::track::Progress;
use talent_events::{TalentClient, TrackError};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use tonic::{Code, Status};

use crate::support::{Result, Service, TENANT, Then, event, fixed};

async fn error(client: &TalentClient) -> TrackError {
    client.create_client_event(&event()).await.expect_err("the call fails")
}

fn progress(error: &TrackError) -> Option<Progress> {
    match error {
        TrackError::Unavailable { progress, .. } | TrackError::TimedOut { progress, .. } => Some(*progress),
        _ => None,
    }
}

#[tokio::test]
async fn without_credentials_nothing_is_sent() -> Result {
    let service = Service::start(Then::Echo).await?;
    let client =
        TalentClient::builder(TENANT).endpoint(service.endpoint()).credentials(fixed::failing()).connect().await?;
    let error = error(&client).await;
    assert_eq!(progress(&error), Some(Progress::NotSent), "{error:?}");
    assert!(error.is_retryable() && !error.may_have_arrived());
    assert!(service.seen().is_empty());
    Ok(())
}

#[tokio::test]
async fn what_the_service_refused_it_does_not_have() -> Result {
    for (code, may_have_arrived) in [
        (Code::InvalidArgument, false),
        (Code::AlreadyExists, false),
        (Code::PermissionDenied, false),
        (Code::ResourceExhausted, false),
        (Code::Unavailable, true),
        (Code::Internal, true),
        (Code::DeadlineExceeded, true),
    ] {
        let service = Service::start(Then::Fail(Status::new(code, "no"))).await?;
        let client = TalentClient::builder(TENANT).emulator(service.address.to_string()).connect().await?;
        assert_eq!(error(&client).await.may_have_arrived(), may_have_arrived, "{code:?}");
    }
    Ok(())
}

/// The server handles one call of a connection at a time, and that one hangs.
#[tokio::test]
async fn a_call_that_waited_for_its_connection_in_vain_was_not_sent() -> Result {
    let hangs = |event: &talent_events::wire::ClientEvent| match &*event.event_id {
        "e-hangs" => Then::Hang,
        _ => Then::Echo,
    };
    let service = Service::start_one_at_a_time(Then::By(Arc::new(hangs))).await?;
    let client = TalentClient::builder(TENANT)
        .emulator(service.address.to_string())
        .deadline(Duration::from_secs(1))
        .connect()
        .await?;
    // From its answer on, the client knows the server's limit.
    client.create_client_event(&event()).await?;
    let mut hangs = event();
    hangs.event_id = "e-hangs".parse()?;
    let (first, second) = tokio::join!(client.create_client_event(&hangs), error(&client));
    assert_eq!(first.err().as_ref().and_then(progress), Some(Progress::MaybeSent));
    assert_eq!(progress(&second), Some(Progress::NotSent), "{second:?}");
    assert!(matches!(second, TrackError::TimedOut { .. }) && !second.may_have_arrived());
    Ok(())
}

/// How a server on bare HTTP/2 ends a call that it has read.
#[derive(Clone, Copy, Debug)]
enum End {
    /// RST_STREAM.
    Reset(Reason),
    /// GOAWAY.
    GoAway,
    /// The connection is closed.
    Close,
}

async fn server(end: End) -> Result<(SocketAddr, AbortHandle)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let serving = async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut connection = h2::server::handshake(stream).await?;
            while let Some(call) = connection.accept().await {
                let (request, mut respond) = call?;
                let mut body = request.into_body();
                // Drives the connection until the event is here.
                tokio::select! {
                    _ = async { while body.data().await.is_some() {} } => {}
                    _ = connection.accept() => {}
                }
                match end {
                    End::Reset(reason) => respond.send_reset(reason),
                    End::GoAway => connection.abrupt_shutdown(Reason::INTERNAL_ERROR),
                    End::Close => break,
                }
            }
        }
        Result::Ok(())
    };
    Ok((address, tokio::spawn(serving).abort_handle()))
}

#[tokio::test]
async fn a_connection_that_ends_under_a_call_leaves_its_event_in_doubt() -> Result {
    for (end, expected) in [
        (End::Close, Progress::ConnectionLost),
        (End::GoAway, Progress::ConnectionLost),
        (End::Reset(Reason::INTERNAL_ERROR), Progress::MaybeSent),
        (End::Reset(Reason::CANCEL), Progress::MaybeSent),
        // By this the server says that it did nothing.
        (End::Reset(Reason::REFUSED_STREAM), Progress::NotSent),
    ] {
        let (address, serving) = server(end).await?;
        let client = TalentClient::builder(TENANT).emulator(address.to_string()).connect().await?;
        let error = error(&client).await;
        serving.abort();
        assert_eq!(progress(&error), Some(expected), "{end:?}: {error:?}");
        assert_eq!(error.may_have_arrived(), expected != Progress::NotSent);
    }
    Ok(())
}
