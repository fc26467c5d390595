//! Connections that fall silent: nothing comes, and nobody closes them.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use talent_events::{TalentClient, Track, TrackError, Tracker, wire};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::support::{Result, Service, TENANT, Then, Viewed, event};

const DEADLINE: Duration = Duration::from_millis(500);
/// Before a ping would find out that a connection is dead.
const GUARD: Duration = Duration::from_secs(15);

/// Stands between client and service, and can lose all that is sent by the connections of now.
struct Gate {
    address: SocketAddr,
    lost: watch::Sender<u64>,
    task: AbortHandle,
}

impl Gate {
    async fn before(service: &Service) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, behind) = (listener.local_addr()?, service.address);
        let lost = watch::Sender::new(0);
        let losses = lost.subscribe();
        let accepting = async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((mut outside, _)) = listener.accept().await {
                let mut losses = losses.clone();
                losses.mark_unchanged();
                connections.spawn(async move {
                    let mut inside = TcpStream::connect(behind).await?;
                    tokio::select! {
                        passed = tokio::io::copy_bidirectional(&mut outside, &mut inside) => drop(passed?),
                        // Both stay open.
                        _ = losses.changed() => std::future::pending().await,
                    }
                    Result::Ok(())
                });
            }
        };
        Ok(Self { address, lost, task: tokio::spawn(accepting).abort_handle() })
    }

    fn fall_silent(&self) {
        self.lost.send_modify(|times| *times += 1);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn client(address: SocketAddr) -> Result<TalentClient> {
    Ok(TalentClient::builder(TENANT).emulator(address.to_string()).deadline(DEADLINE).connect().await?)
}

#[tokio::test]
async fn direct_calls_get_another_connection_after_two_time_outs() -> Result {
    let service = Service::start(Then::Echo).await?;
    let gate = Gate::before(&service).await?;
    let client = client(gate.address).await?;
    for _ in 0..2 {
        client.create_client_event(&event()).await?;
        gate.fall_silent();
        for _ in 0..2 {
            let error = client.create_client_event(&event()).await.unwrap_err();
            assert!(matches!(error, TrackError::TimedOut { .. }) && error.may_have_arrived(), "{error:?}");
        }
    }
    timeout(GUARD, client.create_client_event(&event())).await??;
    Ok(())
}

#[tokio::test]
async fn a_queue_goes_on_over_another_connection() -> Result {
    let service = Service::start(Then::Echo).await?;
    let gate = Gate::before(&service).await?;
    let client = client(gate.address).await?;
    let tracker = Tracker::spawn(client)?;
    Viewed.track(&tracker).await?.await?;
    gate.fall_silent();
    let mut tickets = Vec::new();
    for _ in 0..100 {
        tickets.push(Viewed.track(&tracker).await?);
    }
    timeout(GUARD, async {
        for ticket in tickets {
            ticket.await?;
        }
        Result::Ok(())
    })
    .await??;
    Ok(())
}

/// Events that the service never answers say nothing about a connection by which it answers others.
#[tokio::test]
async fn a_connection_that_answers_other_calls_stays() -> Result {
    let hangs = |event: &wire::ClientEvent| match event.event_id.starts_with("e-hangs") {
        true => Then::Hang,
        false => Then::Echo,
    };
    let service = Service::start(Then::By(Arc::new(hangs))).await?;
    let client = client(service.address).await?;
    for number in 0..2 {
        let mut hangs = event();
        hangs.event_id = format!("e-hangs-{number}").parse()?;
        // All begin before the same answers and end after them.
        let hang = || async { client.create_client_event(&hangs).await.unwrap_err() };
        let mut hanging = std::pin::pin!(async { tokio::join!(hang(), hang(), hang()) });
        loop {
            tokio::select! {
                biased;
                (error, ..) = &mut hanging => break assert!(matches!(error, TrackError::TimedOut { .. }), "{error:?}"),
                answered = async { client.create_client_event(&event()).await } => drop(answered?),
            }
        }
    }
    let peers: HashSet<_> = service.seen().iter().map(|seen| seen.peer).collect();
    assert_eq!(peers.len(), 1);
    Ok(())
}
