//! Many trackers behind one quota, and services that ask to wait.

use std::time::Duration;

use nix::sys::resource::UsageWho;
use talent_events::Tracker;
use talent_events::delivery::{Flow, Quota};
use talent_events_benches::{Goal, cpu};
use tokio::time::sleep;

use crate::medians::medians;
use crate::sample::{GOOD, client, opened};
use crate::{Bench, Result};

const EVENTS: u64 = 20_000;
const QUOTA: Quota = Quota::per_minute(100 * 60);
const SETTLE: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(3);
/// The longest wait that is honoured at a time, in seconds.
const LONGEST: f64 = 600.0;

pub(crate) fn rows(bench: &mut Bench) -> Result {
    let [one, many] = medians("ms/s", ["one tracker", "1,000 trackers"], || {
        let cpu = |trackers| bench.runtime.block_on(cpu_a_second(bench, trackers)).map(|cpu| cpu.as_secs_f64() * 1e3);
        Ok([cpu(1)?, cpu(1_000)?])
    })?;
    bench.table.row("CPU of 1,000 trackers behind one quota of 100/s, beside one tracker", "ms/s", many, one, None);

    let asked = [
        ("UNAVAILABLE", 14, i64::MAX, "i64::MAX s"),
        ("UNAVAILABLE", 14, 3_600, "an hour"),
        ("RESOURCE_EXHAUSTED", 8, i64::MAX, "i64::MAX s"),
        ("RESOURCE_EXHAUSTED", 8, 3_600, "an hour"),
    ];
    for (name, code, seconds, wait) in asked {
        let what = format!("{name} with a RetryInfo of {wait}: next probe, by `health()`");
        let [paused] =
            medians("s", [&*what], || Ok([bench.runtime.block_on(next_probe(bench, code, seconds))?.as_secs_f64()]))?;
        bench.table.row(what, "s", paused, None, Some(Goal::Ours(LONGEST)));
    }
    Ok(())
}

/// All trackers have enough to send.
async fn cpu_a_second(bench: &Bench, trackers: u64) -> Result<Duration> {
    let service = bench.remote.service()?;
    let client = client(&service.address).quota(QUOTA).connect().await?;
    let trackers: Vec<_> = (0..trackers).map(|_| Ok(Tracker::spawn(client.clone())?)).collect::<Result<_>>()?;
    for (number, tracker) in (0..EVENTS).zip(trackers.iter().cycle()) {
        tracker.enqueue(&opened(GOOD, number))?;
    }
    sleep(SETTLE).await;
    let before = cpu(UsageWho::RUSAGE_SELF)?;
    sleep(MEASURED).await;
    let spent = cpu(UsageWho::RUSAGE_SELF)? - before;
    for tracker in &trackers {
        drop(tracker.shutdown(Duration::ZERO).await);
    }
    Ok(spent.div_f64(MEASURED.as_secs_f64()))
}

/// How long the pause is after the one event's first answer.
async fn next_probe(bench: &Bench, code: u16, seconds: i64) -> Result<Duration> {
    let service = bench.remote.service()?;
    service.set(&format!("retry {code} {seconds}"))?;
    let client = client(&service.address).connect().await?;
    let tracker = Tracker::spawn(client.clone())?;
    tracker.enqueue(&opened(GOOD, 0))?;
    while client.stats().failed == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    // Until the queue has heard of it.
    while tracker.stats().retried == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    let flow = tracker.health().flow;
    drop(tracker.shutdown(Duration::ZERO).await);
    Ok(match flow {
        Flow::Throttled { next_probe, .. } | Flow::Paused { next_probe, .. } => next_probe,
        _ => Duration::ZERO,
    })
}
