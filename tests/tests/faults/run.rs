//! What holds whatever fails: the account at every moment, every event in the end, and nothing left running.

use std::time::Duration;

use talent_events::client::TalentClientBuilder;
use talent_events::delivery::Stats;
use talent_events::{TalentClient, TalentEvent, Tracker};
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

use talent_events_tests_service::{Service, Then};

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

pub(crate) const TENANT: &str = "projects/acme/tenants/board";

/// For what ends by itself, on a clock that runs as fast as it can: while a socket is waited for, hours go by.
pub(crate) const LONG: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) const EVENTS: u64 = 200;

/// Somebody opened a job.
#[derive(TalentEvent)]
#[talent(event = View, event_id = "{number}")]
pub(crate) struct Opened {
    #[talent(job)]
    job: &'static str,
    #[talent(request_id)]
    search: &'static str,
    number: u64,
}

pub(crate) fn opened(number: u64) -> Opened {
    Opened { job: "42", search: "search-7f", number }
}

pub(crate) fn client_of(server: &Service) -> TalentClientBuilder {
    TalentClient::builder(TENANT).emulator(server.address().to_string()).deadline(Duration::from_secs(2))
}

pub(crate) fn assert_adds_up(stats: &Stats) {
    assert_eq!(stats.accepted, stats.settled() + stats.waiting, "{stats:?}");
}

/// Looks at the account again and again while something runs.
pub(crate) async fn watched<T>(tracker: &Tracker, running: impl Future<Output = T>) -> Result<T> {
    let watching = async {
        loop {
            assert_adds_up(&tracker.stats());
            sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        ran = timeout(LONG, running) => Ok(ran?),
        never = watching => never,
    }
}

/// Enqueues [`EVENTS`], a few at a time.
pub(crate) async fn feed(tracker: &Tracker) -> Result {
    for number in 0..EVENTS {
        tracker.enqueue(&opened(number))?;
        if number % 10 == 9 {
            sleep(Duration::from_millis(1)).await;
        }
    }
    Ok(())
}

/// Waits until no more tasks are alive than there were.
pub(crate) async fn no_more_tasks_than(before: usize) -> Result {
    let alive = || Handle::current().metrics().num_alive_tasks();
    timeout(LONG, async {
        while alive() > before {
            sleep(Duration::from_millis(100)).await;
        }
    })
    .await
    .map_err(|_| format!("{} tasks are alive, and there were {before}", alive()).into())
}

/// With some calls failing in this way, and then no more: every event is delivered, and answered OK by the service.
pub(crate) async fn survived(fault: Then, connections: usize) -> Result {
    type Fails = fn(u64) -> bool;
    // A storm is longer than what is under way at a time, so that probes fail too.
    let patterns: [(&str, Fails); 3] = [
        ("one in three", |n| n < 150 && n.is_multiple_of(3)),
        ("a storm", |n| n < 70),
        ("a storm amid others", |n| (100..170).contains(&n)),
    ];
    for (pattern, fails) in patterns {
        let before = Handle::current().metrics().num_alive_tasks();
        let server = Service::start(move |call| if fails(call.number) { fault } else { Then::Answer }).await?;
        let client = client_of(&server).connections(connections).connect().await?;
        let tracker = Tracker::spawn(client.clone())?;
        let told = |stats: &Stats| format!("{fault:?}, {pattern}, {connections} connections: {stats:?}");
        let stats = watched(&tracker, async {
            feed(&tracker).await?;
            Result::Ok(tracker.flush().await)
        })
        .await??;
        assert_eq!((stats.accepted, stats.delivered, stats.waiting), (EVENTS, EVENTS, 0), "{}", told(&stats));
        // Not by the account alone: these are the events that the other side says it has answered.
        assert_eq!(server.events(), EVENTS, "{}", told(&stats));
        assert_eq!(client.stats().delivered, EVENTS, "{}", told(&stats));
        let report = tracker.shutdown(Duration::from_secs(1)).await;
        assert_eq!((report.remaining.len(), report.stats.worker_restarts), (0, 0), "{}", told(&report.stats));
        drop((tracker, client));
        server.stop().await;
        no_more_tasks_than(before).await.map_err(|e| format!("{e}; {}", told(&report.stats)))?;
    }
    Ok(())
}
