//! Calls that are unavailable at random.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use talent_events::{TrackError, Tracker};
use talent_events_benches::Goal;

use crate::medians::medians;
use crate::sample::{GOOD, client, opened};
use crate::{Bench, Result};

const PERCENT: [u64; 5] = [0, 5, 15, 25, 50];
const WARM: Duration = Duration::from_millis(500);
const MEASURED: Duration = Duration::from_secs(2);

pub(crate) fn rows(bench: &mut Bench) -> Result {
    let variants = ["no call unavailable", "5 %", "15 %", "25 %", "50 %"];
    let rates = medians("k/s", variants, || {
        let mut rates = [0.0; PERCENT.len()];
        for (rate, percent) in rates.iter_mut().zip(PERCENT) {
            *rate = delivered_a_second(bench, percent)? / 1e3;
        }
        Ok(rates)
    })?;
    for (rate, percent) in rates.into_iter().zip(PERCENT).skip(1) {
        let goal = Goal::AtLeast(0.85 * (100 - percent) as f64 / 100.0);
        bench.table.row(
            format!("delivered, {percent} % of calls UNAVAILABLE at random"),
            "k/s",
            rate,
            rates[0],
            Some(goal),
        );
    }
    Ok(())
}

/// While there is always something new to send.
fn delivered_a_second(bench: &Bench, percent: u64) -> Result<f64> {
    let service = bench.remote.service()?;
    service.set(&format!("random {percent}"))?;
    let tracker = bench.runtime.block_on(async {
        let client = client(&service.address).connect().await?;
        Result::Ok(Tracker::spawn(client)?)
    })?;
    let stop = AtomicBool::new(false);
    let rate = std::thread::scope(|threads| {
        let producer = threads.spawn(|| produce(&tracker, &stop));
        std::thread::sleep(WARM);
        let (before, begun) = (tracker.stats().delivered, Instant::now());
        std::thread::sleep(MEASURED);
        let rate = (tracker.stats().delivered - before) as f64 / begun.elapsed().as_secs_f64();
        stop.store(true, Relaxed);
        producer.join().map_err(|_| "the producer panicked")??;
        Result::Ok(rate)
    })?;
    drop(bench.runtime.block_on(tracker.shutdown(Duration::ZERO)));
    Ok(rate)
}

fn produce(tracker: &Tracker, stop: &AtomicBool) -> Result {
    let mut number = 0;
    while !stop.load(Relaxed) {
        match tracker.enqueue(&opened(GOOD, number)) {
            Ok(()) => number += 1,
            Err(TrackError::QueueFull) => std::thread::sleep(Duration::from_millis(1)),
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}
