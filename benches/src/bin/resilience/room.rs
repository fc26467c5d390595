//! Very many tasks that wait for capacity.

use nix::sys::resource::UsageWho;
use talent_events::delivery::TrackerBuilder;
use talent_events::{Track, Tracker};
use talent_events_benches::{Goal, cpu};
use tokio::task::JoinSet;

use crate::medians::medians;
use crate::sample::{GOOD, client, opened};
use crate::{Bench, Result};

const TASKS: u64 = 30_000;
/// How many events there is capacity for.
const CAPACITY: usize = 1_000;

pub(crate) fn rows(bench: &mut Bench) -> Result {
    let bytes = bench.runtime.block_on(bytes_of_one(bench))?;
    let by_count = move |tracker: TrackerBuilder| tracker.max_events(CAPACITY);
    let by_bytes = move |tracker: TrackerBuilder| tracker.max_bytes(bytes * CAPACITY);
    let [count, bytes] = medians("µs", ["capacity by count", "capacity by bytes"], || {
        Ok([
            bench.runtime.block_on(cpu_of_a_task(bench, by_count))?,
            bench.runtime.block_on(cpu_of_a_task(bench, by_bytes))?,
        ])
    })?;
    let what = "CPU of each of 30,000 tasks that wait for capacity by bytes, beside by count";
    bench.table.row(what, "µs", bytes, count, Some(Goal::AtMost(2.0)));
    Ok(())
}

/// What one event takes of the capacity.
async fn bytes_of_one(bench: &Bench) -> Result<usize> {
    let service = bench.remote.service()?;
    service.set("hang")?;
    let tracker = Tracker::spawn(client(&service.address).connect().await?)?;
    tracker.enqueue(&opened(GOOD, TASKS))?;
    let bytes = tracker.stats().waiting_bytes;
    drop(tracker.shutdown(std::time::Duration::ZERO).await);
    Ok(usize::try_from(bytes)?)
}

/// With all that the delivery of its event costs, in microseconds.
async fn cpu_of_a_task(bench: &Bench, capacity: impl Fn(TrackerBuilder) -> TrackerBuilder) -> Result<f64> {
    let service = bench.remote.service()?;
    let client = client(&service.address).connect().await?;
    let tracker = capacity(Tracker::builder().wait_for_room()).spawn(client)?;
    let before = cpu(UsageWho::RUSAGE_SELF)?;
    let mut tasks = JoinSet::new();
    for number in 0..TASKS {
        let tracker = tracker.clone();
        tasks.spawn(async move { opened(GOOD, number).track(&tracker).await.map(drop) });
    }
    while let Some(tracked) = tasks.join_next().await {
        tracked??;
    }
    tracker.flush().await;
    Ok((cpu(UsageWho::RUSAGE_SELF)? - before).as_secs_f64() * 1e6 / TASKS as f64)
}
