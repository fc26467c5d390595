//! Random faults and random operations, against a model: each accepted event has one fate, and the hook, the ticket, the
//! report, the accounts and the service agree about it.
//!
//! `scripts/storm.sh` runs more seeds than the suite does, and one again.

mod check;
mod operations;
mod plan;
mod service;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};

use operations::Storm;
use plan::Plan;

/// How many seeds the suite runs.
const SEEDS: u64 = 48;

#[test]
fn every_accepted_event_has_one_fate() {
    let number = |name: &str| std::env::var(name).ok().map(|n| n.parse::<u64>().expect("a number"));
    let (seeds, first) = (number("STORM_SEEDS").unwrap_or(SEEDS), number("STORM_FIRST").unwrap_or(0));
    for seed in first..first + seeds {
        let plan = Plan::new(seed);
        let ran = std::panic::catch_unwind(AssertUnwindSafe(|| {
            // What the delivery draws at random is the same each time, at least on one thread.
            fastrand::seed(seed);
            runtime(&plan).block_on(Storm::run(plan.clone()))
        }));
        let became = match ran {
            Ok(Ok(became)) => became,
            Ok(Err(error)) => panic!("seed {seed}: {error}; again: scripts/storm.sh 1 {seed}\n{plan:#?}"),
            Err(_) => panic!("seed {seed} failed; again: scripts/storm.sh 1 {seed}\n{plan:#?}"),
        };
        println!(
            "seed {seed} of {first}..{}: {became}{}",
            first + seeds,
            if plan.real_time { ", on several threads" } else { "" }
        );
    }
}

fn runtime(plan: &Plan) -> Runtime {
    let runtime = match plan.real_time {
        true => Builder::new_multi_thread().worker_threads(2).enable_all().build(),
        false => Builder::new_current_thread().enable_all().start_paused(true).build(),
    };
    runtime.expect("a runtime")
}

type Shared = Arc<Storm>;
