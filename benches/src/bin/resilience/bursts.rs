//! Two thousand events at once, some of which are never accepted: how long the good ones take.

use std::time::{Duration, Instant};

use talent_events::{Track, Tracker};
use talent_events_benches::Goal;
use tokio::time::timeout;

use crate::medians::medians;
use crate::sample::{DEADLINE, GOOD, HANGS, INTERNAL, NOT_FOUND, RESETS, client, mixed};
use crate::{Bench, Result};

const EVENTS: u64 = 2_000;
/// A run that takes longer is given up.
const LIMIT: Duration = Duration::from_secs(20);

/// How many in a hundred have which fate, and the deadline of a call.
type Burst = (u64, &'static str, Duration);

pub(crate) fn poison(bench: &mut Bench) -> Result {
    let variants = ["all good", "5 % INTERNAL", "20 % INTERNAL", "50 % INTERNAL", "20 % NOT_FOUND", "50 % NOT_FOUND"];
    let bursts = [(0, GOOD), (5, INTERNAL), (20, INTERNAL), (50, INTERNAL), (20, NOT_FOUND), (50, NOT_FOUND)];
    let bursts = bursts.map(|(percent, fate)| (percent, fate, DEADLINE));
    let took = took(bench, variants, bursts)?;
    for (row, what) in variants.iter().enumerate().skip(1) {
        let goal = Goal::AtMost(if bursts[row].0 < 50 { 2.0 } else { 3.0 });
        bench.table.row(format!("2,000 events, {what} each time: all good ones"), "s", took[row], took[0], Some(goal));
    }
    Ok(())
}

pub(crate) fn hang(bench: &mut Bench) -> Result {
    const SHORT: Duration = Duration::from_millis(500);
    let variants = ["all good", "5 % hang, deadline 500 ms", "5 % make the service reset the connection"];
    let [none, hang, reset] = took(bench, variants, [(0, GOOD, DEADLINE), (5, HANGS, SHORT), (5, RESETS, DEADLINE)])?;
    for (took, what, most) in [(hang, variants[1], 2.0), (reset, variants[2], 5.0)] {
        bench.table.row(format!("2,000 events, {what}: all good ones"), "s", took, none, Some(Goal::Ours(most)));
    }
    Ok(())
}

fn took<const N: usize>(bench: &Bench, variants: [&str; N], bursts: [Burst; N]) -> Result<[f64; N]> {
    medians("s", variants, || {
        let mut took = [0.0; N];
        for (took, burst) in took.iter_mut().zip(bursts) {
            *took = bench.runtime.block_on(good_ones(bench, burst))?.as_secs_f64();
        }
        Ok(took)
    })
}

/// From the first event to the last answer to a good one.
async fn good_ones(bench: &Bench, (percent, fate, deadline): Burst) -> Result<Duration> {
    let service = bench.remote.service()?;
    let tracker = Tracker::spawn(client(&service.address).deadline(deadline).connect().await?)?;
    let begun = Instant::now();
    let mut good = Vec::new();
    for number in 0..EVENTS {
        let event = mixed(number, percent, fate);
        let ticket = event.track(&tracker).await?;
        if event.is_good() {
            good.push(ticket);
        }
    }
    let delivered = timeout(LIMIT, async {
        for ticket in good {
            ticket.await?;
        }
        Result::Ok(())
    });
    let took = match delivered.await {
        Ok(all) => all.map(|()| begun.elapsed())?,
        Err(_) => LIMIT,
    };
    drop(tracker.shutdown(Duration::ZERO).await);
    Ok(took)
}
