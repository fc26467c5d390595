//! A shutdown with very much waiting.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use talent_events::Tracker;
use talent_events_benches::Goal;

use crate::medians::medians;
use crate::sample::{GOOD, client, opened};
use crate::{Bench, Result};

const DEADLINE: Duration = Duration::from_millis(500);
const FEW: u64 = 1_000;
const MANY: u64 = 1_000_000;
/// Between two looks at the accounts.
const LOOK: Duration = Duration::from_micros(200);

pub(crate) fn rows(bench: &mut Bench) -> Result {
    let variants =
        ["overrun, 1,000 waiting", "overrun, 1 M", "longest `stats()`, 1,000 waiting", "longest `stats()`, 1 M"];
    let [few_late, many_late, few_blocked, many_blocked] = medians("ms", variants, || {
        let [few, many] = [shut_down(bench, FEW)?, shut_down(bench, MANY)?];
        Ok([few.0, many.0, few.1, many.1].map(|time| time.as_secs_f64() * 1e3))
    })?;
    let what = "shutdown(500 ms) with 1 M waiting: overrun, beside 1,000 waiting";
    bench.table.row(what, "ms", many_late, few_late, Some(Goal::Ours(20.0)));
    bench.table.row("the same: longest `stats()` meanwhile", "ms", many_blocked, few_blocked, Some(Goal::Ours(2.0)));
    Ok(())
}

/// How late it was, and the longest look at the accounts meanwhile.
fn shut_down(bench: &Bench, events: u64) -> Result<(Duration, Duration)> {
    let service = bench.remote.service()?;
    service.set("hang")?;
    let tracker = bench.runtime.block_on(async {
        let client = client(&service.address).connect().await?;
        Result::Ok(Tracker::builder().max_events(1 << 20).max_bytes(1 << 30).spawn(client)?)
    })?;
    (0..events).try_for_each(|number| tracker.enqueue(&opened(GOOD, number)))?;
    let over = AtomicBool::new(false);
    let (report, late, blocked) = std::thread::scope(|threads| {
        let watch = threads.spawn(|| longest_look(&tracker, &over));
        let begun = Instant::now();
        let report = bench.runtime.block_on(tracker.shutdown(DEADLINE));
        let late = begun.elapsed().saturating_sub(DEADLINE);
        over.store(true, Relaxed);
        Result::Ok((report, late, watch.join().map_err(|_| "the watch panicked")?))
    })?;
    match report.remaining.len() as u64 == events {
        true => Ok((late, blocked)),
        false => Err(format!("{} of {events} events were handed back", report.remaining.len()).into()),
    }
}

fn longest_look(tracker: &Tracker, over: &AtomicBool) -> Duration {
    let mut longest = Duration::ZERO;
    while !over.load(Relaxed) {
        let begun = Instant::now();
        let stats = tracker.stats();
        longest = longest.max(begun.elapsed());
        assert_eq!(stats.accepted, stats.settled() + stats.waiting, "{stats:?}");
        std::thread::sleep(LOOK);
    }
    longest
}
