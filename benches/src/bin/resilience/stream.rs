//! A steady stream, in which some events are never accepted.

use std::time::{Duration, Instant};

use talent_events::{Track, Tracker};
use talent_events_benches::Goal;
use tokio::task::JoinSet;
use tokio::time::{interval, timeout, timeout_at};

use crate::medians::medians;
use crate::sample::{GOOD, INTERNAL, client, mixed, opened};
use crate::{Bench, Result};

const EVERY: Duration = Duration::from_millis(5);
const EVENTS: u64 = 1_200;
/// For what is not answered when the last event was sent.
const LIMIT: Duration = Duration::from_secs(10);

const MAX_ATTEMPTS: u32 = 6;
const POISON: u64 = 20;
/// Six attempts with their pauses take 3 s on average.
const SENDS_LIMIT: Duration = Duration::from_secs(30);

pub(crate) fn latency(bench: &mut Bench) -> Result {
    let [without, with] = medians("ms", ["p99, all good", "p99, 10 % INTERNAL each time"], || {
        let p99 = |percent| bench.runtime.block_on(p99(bench, percent)).map(|p99| p99.as_secs_f64() * 1e3);
        Ok([p99(0)?, p99(10)?])
    })?;
    let what = "200 events/s, 10 % INTERNAL each time: p99 of the good ones, to the answer";
    bench.table.row(what, "ms", with, without, Some(Goal::AtMost(1.5)));
    Ok(())
}

/// Of the good ones, from enqueue to the answer.
async fn p99(bench: &Bench, percent: u64) -> Result<Duration> {
    let service = bench.remote.service()?;
    let tracker = Tracker::spawn(client(&service.address).connect().await?)?;
    // Connecting is not measured.
    opened(GOOD, EVENTS).track(&tracker).await?.await?;
    let mut waiting = JoinSet::new();
    let end = tokio::time::Instant::now() + EVERY * EVENTS as u32 + LIMIT;
    let mut ticks = interval(EVERY);
    for number in 0..EVENTS {
        ticks.tick().await;
        let event = mixed(number, percent, INTERNAL);
        let begun = Instant::now();
        let ticket = event.track(&tracker).await?;
        if event.is_good() {
            waiting.spawn(async move {
                // An event without an answer counts for as long as the run lasts.
                let _ = timeout_at(end, ticket).await;
                begun.elapsed()
            });
        }
    }
    let mut took = waiting.join_all().await;
    took.sort();
    drop(tracker.shutdown(Duration::ZERO).await);
    took.get(took.len() * 99 / 100).copied().ok_or_else(|| "no event".into())
}

pub(crate) fn sends(bench: &mut Bench) -> Result {
    let [sends] = medians("sends", ["most sends of one event while others are accepted, max_attempts 6"], || {
        Ok([bench.runtime.block_on(most_sends(bench))?])
    })?;
    let what = format!("most sends of one event while others are accepted, `max_attempts` {MAX_ATTEMPTS}");
    bench.table.row(what, "sends", sends, None, Some(Goal::Ours(f64::from(MAX_ATTEMPTS + 1))));
    Ok(())
}

async fn most_sends(bench: &Bench) -> Result<f64> {
    let service = bench.remote.service()?;
    let client = client(&service.address).connect().await?;
    let tracker = Tracker::builder().max_attempts(MAX_ATTEMPTS).spawn(client)?;
    let mut bad = JoinSet::new();
    for number in 0..POISON {
        let ticket = opened(INTERNAL, number).track(&tracker).await?;
        bad.spawn(async move { ticket.await.is_err() });
    }
    let good = async {
        let mut ticks = interval(EVERY);
        for number in POISON.. {
            ticks.tick().await;
            tracker.enqueue(&opened(GOOD, number))?;
        }
        Result::Ok(())
    };
    let over = async { while bad.join_next().await.is_some() {} };
    tokio::select! {
        good = good => good?,
        ended = timeout(SENDS_LIMIT, over) => {
            if ended.is_err() {
                eprintln!("given up after {SENDS_LIMIT:?}: not all such events had expired");
            }
        }
    }
    drop(tracker.shutdown(Duration::ZERO).await);
    service.sends()
}
