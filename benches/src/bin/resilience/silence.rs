//! A connection on which nothing moves any more.

use std::time::{Duration, Instant};

use talent_events::{Track, Tracker};
use talent_events_benches::Goal;
use tokio::time::{interval, sleep};

use crate::medians::medians;
use crate::sample::{DEADLINE, GOOD, client, opened};
use crate::{Bench, Result};

const EVERY: Duration = Duration::from_micros(11_111);
/// For answers that were under way when the connection fell silent.
const STRAGGLERS: Duration = Duration::from_millis(100);
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) fn rows(bench: &mut Bench) -> Result {
    let variants =
        ["tracker, no silence", "tracker, back after", "direct calls, no silence", "direct calls, failures in a row"];
    let [without, with, direct_without, direct] = medians("", variants, || {
        bench.runtime.block_on(async {
            let [without, with] = [back_after(bench, "normal").await?, back_after(bench, "silent").await?];
            let [direct_without, direct] = [failures(bench, "normal").await?, failures(bench, "silent").await?];
            Ok([without.as_secs_f64(), with.as_secs_f64(), direct_without, direct])
        })
    })?;
    let goal = Some(Goal::Ours(2.0 * DEADLINE.as_secs_f64()));
    bench.table.row(
        "90 events/s, the connection falls silent, deadline 2 s: delivering again after",
        "s",
        with,
        without,
        goal,
    );
    let what = "direct calls, the connection falls silent: failures in a row";
    bench.table.row(what, "calls", direct, direct_without, Some(Goal::Ours(2.0)));
    Ok(())
}

async fn back_after(bench: &Bench, mode: &str) -> Result<Duration> {
    let service = bench.remote.service()?;
    let tracker = Tracker::spawn(client(&service.address).connect().await?)?;
    let feed = async {
        let mut ticks = interval(EVERY);
        for number in 0.. {
            ticks.tick().await;
            tracker.enqueue(&opened(GOOD, number))?;
        }
        Result::Ok(())
    };
    let silence = async {
        sleep(Duration::from_secs(1)).await;
        service.set(mode)?;
        let begun = Instant::now();
        sleep(STRAGGLERS).await;
        let before = tracker.stats().delivered;
        while tracker.stats().delivered == before && begun.elapsed() < LIMIT {
            sleep(Duration::from_millis(1)).await;
        }
        Result::Ok(begun.elapsed())
    };
    let took = tokio::select! {
        fed = feed => return Err(format!("no end: {fed:?}").into()),
        took = silence => took?,
    };
    drop(tracker.shutdown(Duration::ZERO).await);
    Ok(took)
}

async fn failures(bench: &Bench, mode: &str) -> Result<f64> {
    let service = bench.remote.service()?;
    let client = client(&service.address).connect().await?;
    opened(GOOD, 0).track(&client).await?;
    service.set(mode)?;
    let (mut failures, begun) = (0, Instant::now());
    while opened(GOOD, 1).track(&client).await.is_err() && begun.elapsed() < LIMIT {
        failures += 1;
    }
    Ok(f64::from(failures))
}
