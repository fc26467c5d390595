//! When the service is not there, or is and says nothing.

use std::time::{Duration, Instant};

use talent_events::delivery::{Flow, Pause};
use talent_events::{TalentClient, Tracker};
use talent_events_emulator::Emulator;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use crate::support::{Result, TENANT, client_of, opened, recorded};

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn an_outage_ends_with_everything_delivered() -> Result {
    let emulator = Emulator::start().await?;
    let address = emulator.address();
    let tracker = Tracker::spawn(client_of(&emulator).connect().await?)?;
    tracker.enqueue(&opened(0))?;
    tracker.flush().await;
    emulator.shutdown().await;

    for number in 1..200 {
        tracker.enqueue(&opened(number))?;
    }
    timeout(LONG, async {
        while tracker.health().is_good() {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await?;
    assert!(matches!(tracker.health().flow, Flow::Throttled { reason: Pause::Unavailable, .. }));
    assert_eq!(tracker.stats().waiting, 199);

    let emulator = Emulator::builder().address(address).start().await?;
    let stats = timeout(LONG, tracker.flush()).await?;
    assert_eq!((stats.accepted, stats.delivered, stats.waiting), (200, 200, 0));
    assert_eq!(recorded(&emulator), (1..200).collect::<Vec<_>>());
    assert!(tracker.health().is_good());
    Ok(())
}

/// The overrun is asserted on a paused clock, beside the code; here it is shown, and bounded generously.
#[tokio::test]
async fn a_black_hole_does_not_hold_up_a_shutdown() -> Result {
    // The system completes the connection, and nobody ever reads from it.
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let client = TalentClient::builder(TENANT).emulator(silent.local_addr()?.to_string()).connect().await?;
    let tracker = Tracker::spawn(client)?;
    for number in 0..1_000 {
        tracker.enqueue(&opened(number))?;
    }
    let begun = Instant::now();
    let report = tracker.shutdown(Duration::from_secs(1)).await;
    let overrun = begun.elapsed().saturating_sub(Duration::from_secs(1));
    println!("shutdown(1 s) before a black hole: {overrun:?} over");
    assert!(overrun < Duration::from_secs(5), "{overrun:?}");
    assert_eq!((report.remaining.len(), report.remaining.in_doubt()), (1_000, 64));
    assert_eq!(report.stats.accepted, report.stats.settled() + report.stats.waiting);
    Ok(())
}

#[tokio::test]
async fn clients_of_other_tenants_share_one_pace() -> Result {
    use talent_events::delivery::Quota;

    let emulator = Emulator::start().await?;
    let client = client_of(&emulator).quota(Quota::per_minute(1_200)).connect().await?;
    let other = client.tenant("projects/acme/tenants/other".parse()?);
    let trackers = [Tracker::spawn(client)?, Tracker::spawn(other)?];
    let begun = Instant::now();
    for tracker in &trackers {
        (0..10).try_for_each(|number| tracker.enqueue(&opened(number)))?;
    }
    for tracker in &trackers {
        assert_eq!(timeout(LONG, tracker.flush()).await?.delivered, 10);
    }
    // 20 calls, 50 ms apart: not before 950 ms, but for what a timer may catch up.
    assert!(begun.elapsed() >= Duration::from_millis(900), "{:?}", begun.elapsed());
    Ok(())
}

#[tokio::test]
async fn a_quota_of_nothing_is_refused() {
    let quota = talent_events::delivery::Quota::per_minute(0);
    let error = TalentClient::builder(TENANT).emulator("localhost:1").quota(quota).connect().await.unwrap_err();
    assert!(
        error.to_string().starts_with("`quota`: expected 1 to 60000000 calls a minute, found 0 calls a minute"),
        "{error}"
    );
}
