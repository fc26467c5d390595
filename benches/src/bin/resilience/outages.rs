//! 90 events a second while the service is away for a time: how long until nothing is left of that.

use std::time::{Duration, Instant};

use talent_events::delivery::Ticket;
use talent_events::{Track, Tracker};
use talent_events_benches::Goal;
use tokio::time::{interval, sleep, timeout};

use crate::medians::medians;
use crate::sample::{GOOD, client, opened};
use crate::service::Remotely;
use crate::{Bench, Result};

const EVERY: Duration = Duration::from_micros(11_111);
const BEFORE: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_secs(60);
const GOAL: f64 = 5.5;

/// The orders that begin and end an outage, and how long it lasts.
const OUTAGES: [(&str, &str, u64); 7] = [
    ("normal", "normal", 1),
    ("unavailable", "normal", 1),
    ("unavailable", "normal", 5),
    ("unavailable", "normal", 20),
    ("down", "up", 1),
    ("down", "up", 5),
    ("down", "up", 20),
];

pub(crate) fn rows(bench: &mut Bench) -> Result {
    let variants = [
        "no outage",
        "1 s of UNAVAILABLE",
        "5 s of UNAVAILABLE",
        "20 s of UNAVAILABLE",
        "1 s of refused connections",
        "5 s of refused connections",
        "20 s of refused connections",
    ];
    // All at once: none of them burdens the machine.
    let took = medians("s", variants, || {
        let services: Vec<_> = OUTAGES.iter().map(|_| bench.remote.service()).collect::<Result<_>>()?;
        let mut took = [0.0; OUTAGES.len()];
        bench.runtime.block_on(async {
            let [a, b, c, d, e, f, g] = std::array::from_fn(|n| drained(&services[n], OUTAGES[n]));
            let all = tokio::try_join!(a, b, c, d, e, f, g)?;
            took = [all.0, all.1, all.2, all.3, all.4, all.5, all.6].map(|took| took.as_secs_f64());
            Result::Ok(())
        })?;
        Ok(took)
    })?;
    for (took_one, what) in took.into_iter().zip(variants).skip(1) {
        let what = format!("90 events/s, {what}: all delivered after its end");
        bench.table.row(what, "s", took_one, took[0], Some(Goal::Ours(GOAL)));
    }
    Ok(())
}

/// From the end of the outage until all events that were tracked before are delivered.
async fn drained(service: &Remotely<'_>, (begin, end, seconds): (&str, &str, u64)) -> Result<Duration> {
    let tracker = Tracker::spawn(client(&service.address).connect().await?)?;
    let mut tickets: Vec<Ticket> = Vec::new();
    let mut number = 0;
    let mut ticks = interval(EVERY);
    let mut track_for = async |time: Duration, tickets: &mut Vec<Ticket>| {
        let over = sleep(time);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return Result::Ok(()),
                _ = ticks.tick() => {
                    tickets.push(opened(GOOD, number).track(&tracker).await?);
                    number += 1;
                }
            }
        }
    };
    track_for(BEFORE, &mut tickets).await?;
    service.set(begin)?;
    track_for(Duration::from_secs(seconds), &mut tickets).await?;
    service.set(end)?;
    let ended = Instant::now();
    // Others come meanwhile.
    let mut later = Vec::new();
    let took = tokio::select! {
        delivered = timeout(LIMIT, async {
            for ticket in tickets {
                ticket.await?;
            }
            Result::Ok(())
        }) => match delivered {
            Ok(all) => all.map(|()| ended.elapsed())?,
            Err(_) => LIMIT,
        },
        never = track_for(LIMIT * 2, &mut later) => return Err(format!("no end: {never:?}").into()),
    };
    drop(tracker.shutdown(Duration::ZERO).await);
    Ok(took)
}
