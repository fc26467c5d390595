//! A shutdown keeps its deadline whatever the other side does, by the clock on the wall.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use talent_events::{TalentClient, Tracker};
use tokio::net::TcpListener;

use crate::run::{Result, TENANT, assert_adds_up, opened};
use talent_events_tests_service::{Service, Then};

const DEADLINE: Duration = Duration::from_secs(1);
const OVERRUN: Duration = Duration::from_millis(50);
/// A machine that is busy with something else may be late once, and not always.
const TRIES: usize = 5;

async fn keeps_its_deadline(address: String) -> Result {
    let mut overruns = Vec::new();
    for _ in 0..TRIES {
        let client = TalentClient::builder(TENANT).emulator(address.clone()).connections(2).connect().await?;
        let tracker = Tracker::spawn(client)?;
        (0..1_000).try_for_each(|number| tracker.enqueue(&opened(number)))?;
        let begun = Instant::now();
        let report = tracker.shutdown(DEADLINE).await;
        overruns.push(begun.elapsed().saturating_sub(DEADLINE));

        assert_adds_up(&report.stats);
        assert_eq!((report.stats.accepted, report.stats.waiting), (1_000, 1_000), "{:?}", report.stats);
        let remaining = report.remaining.len();
        let ids: HashSet<_> = report.remaining.map(|event| event.event_id().to_owned()).collect();
        assert_eq!((remaining, ids.len()), (1_000, 1_000));
        if overruns.last() <= Some(&OVERRUN) {
            return Ok(());
        }
    }
    Err(format!("shutdown({DEADLINE:?}) was late every time, by {overruns:?}").into())
}

#[tokio::test]
async fn nobody_reads() -> Result {
    // The system completes the connection, and nobody ever accepts it.
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    keeps_its_deadline(silent.local_addr()?.to_string()).await
}

#[tokio::test]
async fn nobody_answers() -> Result {
    let server = Service::start(|_| Then::Hang).await?;
    keeps_its_deadline(server.address().to_string()).await?;
    assert!(server.calls() > 0);
    Ok(())
}

#[tokio::test]
async fn everything_stops_midway() -> Result {
    let server = Service::start(|_| Then::HalfOpen).await?;
    keeps_its_deadline(server.address().to_string()).await
}
