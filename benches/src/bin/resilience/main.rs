//! Delivery under faults, each beside the same run without them, in the same process.
//!
//! `resilience [ROW …]` measures these groups of rows, or all. The service is a process of its own, on the same cores.
//! Each figure is the median of `BENCH_ROUNDS` rounds (7), in which the variants follow each other; every sample is
//! printed to standard error. A run that does not finish is given up, and its limit is the sample.

mod bursts;
mod medians;
mod outages;
mod quota;
mod random;
mod room;
mod sample;
mod service;
mod shutdown;
mod silence;
mod stream;

use std::error::Error;

use talent_events_benches::Table;
use tokio::runtime::Runtime;

use crate::service::Remote;

type Failure = Box<dyn Error + Send + Sync>;
type Result<T = ()> = std::result::Result<T, Failure>;

/// What a group of rows is measured with.
struct Bench {
    runtime: Runtime,
    remote: Remote,
    table: Table,
}

type Measure = fn(&mut Bench) -> Result;

const GROUPS: [(&str, Measure); 10] = [
    ("random", random::rows),
    ("poison", bursts::poison),
    ("hang", bursts::hang),
    ("stream", stream::latency),
    ("sends", stream::sends),
    ("outage", outages::rows),
    ("shutdown", shutdown::rows),
    ("silent", silence::rows),
    ("quota", quota::rows),
    ("room", room::rows),
];

fn main() -> Result {
    if service::served()? {
        return Ok(());
    }
    let chosen: Vec<_> = std::env::args().skip(1).collect();
    if let Some(unknown) = chosen.iter().find(|name| GROUPS.iter().all(|(group, _)| group != name)) {
        let names = GROUPS.map(|(group, _)| group).join(", ");
        return Err(format!("expected one of {names}; found `{unknown}`").into());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut bench = Bench { runtime, remote: Remote::start()?, table: Table::default() };
    eprintln!("processor: {}", processor());
    for (group, measure) in GROUPS {
        if chosen.is_empty() || chosen.iter().any(|name| name == group) {
            measure(&mut bench)?;
        }
    }
    print!("{}", bench.table);
    Ok(())
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map(|name| name.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{} ({cores} cores)", model.unwrap_or("unknown"))
}
