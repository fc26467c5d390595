//! A soak: events as fast as they go, while the service is down for half of the time.
//!
//! `soak [SECONDS]` (600) takes five turns of an up half and a down half, prints a Markdown table, and fails where the
//! memory is not flat, the account does not add up, or the service does not have every event that was accepted.

mod service;

use std::error::Error;
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use talent_events::delivery::Stats;
use talent_events::{TalentClient, TalentEvent, TrackError, Tracker};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{sleep, timeout};

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const SERVE: &str = "serve";
const TURNS: u32 = 5;
/// How many rows of the table each half has.
const ROWS: u32 = 2;
const SAMPLE: Duration = Duration::from_millis(50);
/// No turn may take more memory than the first, which had a full queue, an outage and a recovery already, but for what
/// the allocator leaves here and there.
const FLAT: f64 = 1.1;
/// The longest pause of a lane is 30 s; the rest is for what waits.
const DRAIN: Duration = Duration::from_secs(120);

#[derive(TalentEvent)]
#[talent(event = View, event_id = "{number}", notes = "opened from the list of results")]
struct Opened {
    #[talent(job)]
    job: &'static str,
    #[talent(request_id)]
    search: &'static str,
    number: u64,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("soak failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    match std::env::args().nth(1).as_deref() {
        Some(SERVE) => runtime.block_on(service::run()),
        Some(seconds) => runtime.block_on(soak(seconds.parse().map_err(|_| "usage: soak [SECONDS]")?)),
        None => runtime.block_on(soak(600)),
    }
}

async fn soak(seconds: u32) -> Result {
    let half = Duration::from_secs(u64::from(seconds.max(10))) / (TURNS * 2);
    let mut service = Service::start().await?;
    let address = service.say("up").await?;
    let client = TalentClient::builder("projects/acme/tenants/board").emulator(address).connections(2).connect();
    let tracker = Tracker::spawn(client.await?)?;
    let stop = Arc::new(AtomicBool::new(false));
    let producer = {
        let (tracker, stop) = (tracker.clone(), Arc::clone(&stop));
        std::thread::spawn(move || produce(&tracker, &stop))
    };

    println!("| to second | service | delivered/s | refused, no room | waiting | resident MiB |");
    println!("|--:|---|--:|--:|--:|--:|");
    let begun = Instant::now();
    let mut peaks = Vec::new();
    for turn in 0..TURNS {
        if turn > 0 {
            service.say("up").await?;
        }
        let mut peak = watch(&tracker, "up", half, begun).await?;
        service.say("down").await?;
        peak = watch(&tracker, "down", half, begun).await?.max(peak);
        peaks.push(peak);
    }
    stop.store(true, Relaxed);
    service.say("up").await?;
    let drained = timeout(DRAIN, tracker.flush()).await;
    producer.join().map_err(|_| "the producer panicked")??;
    let stats = tracker.shutdown(Duration::from_secs(1)).await.stats;
    let counts = service.say("down").await?;
    let (answered, distinct) = counts.split_once(' ').ok_or("no counts")?;
    let (answered, distinct): (u64, u64) = (answered.parse()?, distinct.parse()?);

    println!();
    println!(
        "accepted {} = delivered {} + rejected {} + expired {} + dropped {} + waiting {}; attempts made again {}",
        stats.accepted,
        stats.delivered,
        stats.rejected,
        stats.expired,
        stats.dropped.total(),
        stats.waiting,
        stats.retried
    );
    println!("the service has {distinct} different events, and {} of them twice", answered - distinct);
    let peaks_said: Vec<_> = peaks.iter().map(|peak| format!("{peak:.1}")).collect();
    println!("peak of each turn, MiB resident: {}", peaks_said.join(", "));
    drained.map_err(|_| "what waited was not delivered after the last outage")?;
    add_up(&stats)?;
    if (stats.delivered, distinct) != (stats.accepted, stats.accepted) {
        return Err("not every accepted event was delivered".into());
    }
    if answered > stats.delivered + stats.retried {
        return Err("events were sent of which the account says nothing".into());
    }
    match peaks.iter().find(|&&peak| peak > peaks[0] * FLAT) {
        Some(peak) => {
            Err(format!("memory is not flat: {peak:.1} MiB after {:.1} MiB in the first turn", peaks[0]).into())
        }
        None => Ok(()),
    }
}

/// As fast as there is room, and a millisecond for a pause where there is none.
fn produce(tracker: &Tracker, stop: &AtomicBool) -> Result {
    let mut number = 0;
    while !stop.load(Relaxed) {
        match tracker.enqueue(&Opened { job: "42", search: "search-7f", number }) {
            Ok(()) => number += 1,
            Err(TrackError::QueueFull) => std::thread::sleep(Duration::from_millis(1)),
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}

/// Prints the rows of one half, and answers the most memory that was resident, in MiB.
async fn watch(tracker: &Tracker, service: &str, half: Duration, begun: Instant) -> Result<f64> {
    let mut peak_of_half = 0.0_f64;
    for _ in 0..ROWS {
        let (row, before, mut peak) = (Instant::now(), tracker.stats(), 0.0_f64);
        while row.elapsed() < half / ROWS {
            sleep(SAMPLE).await;
            add_up(&tracker.stats())?;
            peak = peak.max(resident()?);
        }
        let after = tracker.stats();
        println!(
            "| {:.0} | {service} | {:.0} | {} | {} | {peak:.1} |",
            begun.elapsed().as_secs_f64(),
            (after.delivered - before.delivered) as f64 / row.elapsed().as_secs_f64(),
            after.refused.full - before.refused.full,
            after.waiting,
        );
        peak_of_half = peak_of_half.max(peak);
    }
    Ok(peak_of_half)
}

fn add_up(stats: &Stats) -> Result {
    if stats.accepted == stats.settled() + stats.waiting {
        return Ok(());
    }
    Err(format!("the account does not add up: {stats:?}").into())
}

/// What this process has in memory, in MiB.
fn resident() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib / 1024.0)
}

/// The other process; dropped, it ends.
struct Service {
    _process: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Service {
    async fn start() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(SERVE).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn()?;
        let orders = process.stdin.take().ok_or("no standard input")?;
        let answers = BufReader::new(process.stdout.take().ok_or("no standard output")?).lines();
        Ok(Self { _process: process, orders, answers })
    }

    async fn say(&mut self, order: &str) -> Result<String> {
        self.orders.write_all(format!("{order}\n").as_bytes()).await?;
        Ok(self.answers.next_line().await?.ok_or("the service ended")?)
    }
}
