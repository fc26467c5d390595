//! What the user's request pays: handing one event to the queue, beside OpenTelemetry's batch log processor and
//! emit_batcher, which get the same five attributes.
//!
//! - *idle*: the queue is empty when a burst of 1,000 comes, and is delivered behind it: ours over gRPC to a server
//!   (which competes for the two cores), theirs to an exporter that does nothing.
//! - *saturated*: the queue is full, and what comes is refused.
//! - *down*: the service refuses connections, or the exporter fails.
//!
//! Means are of the calling thread's CPU time; the p99 is wall time of single calls, what the machine's other work does
//! to them included.

use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use opentelemetry::logs::{Logger, LoggerProvider};
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::logs::{BatchLogProcessor, LogBatch, LogExporter, SdkLoggerProvider};
use talent_events::{TalentClient, Tracker};
use talent_events_benches::sample::{TENANT, Viewed};
use talent_events_benches::server::{Server, served};
use talent_events_benches::{Goal, Table, interleaved, rounds, thread_cpu};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const BURST: usize = 1_000;
const BURSTS: usize = 20;
/// OpenTelemetry's default is 2,048, which a burst fits in.
const CAPACITY: usize = 65_536;
const LONG: Duration = Duration::from_secs(60);

/// A queue: how to hand it an event, and to wait until it is empty.
struct Subject {
    enqueue: Box<dyn Fn(&Viewed)>,
    drain: Box<dyn Fn()>,
}

fn main() -> Result<()> {
    if served()? {
        return Ok(());
    }
    let server = Server::start()?;
    // Connections are taken by the system, and nobody answers them.
    let silent = TcpListener::bind("127.0.0.1:0")?;
    // Bound and closed: what connects there is refused.
    let closed = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let events = Viewed::several(BURST)?;
    let goal = Some(Goal::AtMost(0.35));
    let mut table = Table::default();

    let idle = [ours(server.address(), CAPACITY)?, otel(Exporter::Takes), emit(true)?];
    let [ours_mean, otel_mean, emit_mean] = means(&idle, &events)?;
    table.row("CPU of a call, queue idle, beside OpenTelemetry", "ns", ours_mean, otel_mean, goal);
    table.row("the same, beside emit_batcher", "ns", ours_mean, emit_mean, None);
    let idle_p99: [f64; 3] = p99s(&idle, &events)?;
    drop(idle);

    let gate = Arc::new(Mutex::new(()));
    let shut = gate.lock().unwrap_or_else(PoisonError::into_inner);
    let full = [ours(silent.local_addr()?, BURST)?, otel(Exporter::Stands(Arc::clone(&gate))), emit(false)?];
    for Subject { enqueue, .. } in &full {
        (0..2 * CAPACITY).for_each(|n| enqueue(&events[n % BURST]));
    }
    let full = full.map(|subject| Subject { drain: Box::new(|| ()), ..subject });
    let [ours_mean, otel_mean, emit_mean] = means(&full, &events)?;
    table.row("CPU of a call, queue saturated, beside OpenTelemetry", "ns", ours_mean, otel_mean, goal);
    table.row("the same, beside emit_batcher", "ns", ours_mean, emit_mean, None);
    let full_p99: [f64; 3] = p99s(&full, &events)?;
    drop(shut);
    drop(full);

    // What is not delivered stays, and there is room for that of all rounds; theirs gives it up.
    let down = [ours(closed, BURST * BURSTS * (rounds() + 1))?, otel(Exporter::Fails)];
    let down = down.map(|subject| Subject { drain: Box::new(|| ()), ..subject });
    let down_p99: [f64; 2] = p99s(&down, &events)?;

    for (what, [ours, otel]) in
        [("idle", [idle_p99[0], idle_p99[1]]), ("saturated", [full_p99[0], full_p99[1]]), ("service down", down_p99)]
    {
        table.row(format!("p99 of a call, {what}, beside OpenTelemetry"), "ns", ours, otel, None);
    }
    print!("{table}");
    Ok(())
}

/// CPU time of a call, in ns.
fn means<const N: usize>(subjects: &[Subject; N], events: &[Viewed]) -> Result<[f64; N]> {
    interleaved(|subject| {
        let Subject { enqueue, drain } = &subjects[subject];
        let mut spent = Duration::ZERO;
        for _ in 0..BURSTS {
            let before = thread_cpu()?;
            events.iter().for_each(enqueue);
            spent += thread_cpu()? - before;
            drain();
        }
        Ok(spent.as_secs_f64() * 1e9 / (BURST * BURSTS) as f64)
    })
}

/// Of the wall time of a call, in ns.
fn p99s<const N: usize>(subjects: &[Subject; N], events: &[Viewed]) -> Result<[f64; N]> {
    interleaved(|subject| {
        let Subject { enqueue, drain } = &subjects[subject];
        let mut took = Vec::with_capacity(BURST * BURSTS);
        for _ in 0..BURSTS {
            for event in events {
                let start = Instant::now();
                enqueue(event);
                took.push(start.elapsed());
            }
            drain();
        }
        took.sort();
        Ok(took[took.len() * 99 / 100].as_secs_f64() * 1e9)
    })
}

/// It delivers on a thread of its own, as the others do.
fn ours(service: SocketAddr, capacity: usize) -> Result<Subject> {
    let client = TalentClient::builder(TENANT).emulator(service.to_string());
    let tracker = Tracker::builder().max_events(capacity).spawn_thread(client)?;
    let drained = tracker.clone();
    Ok(Subject {
        enqueue: Box::new(move |event| drop(tracker.enqueue(event))),
        drain: Box::new(move || _ = drained.flush_blocking(LONG)),
    })
}

fn otel(exporter: Exporter) -> Subject {
    let provider =
        SdkLoggerProvider::builder().with_log_processor(BatchLogProcessor::builder(exporter).build()).build();
    let logger = provider.logger("bench");
    Subject {
        enqueue: Box::new(move |event| {
            let mut record = logger.create_log_record();
            event.record(&mut record);
            logger.emit(record);
        }),
        drain: Box::new(move || drop(provider.force_flush())),
    }
}

fn emit(delivers: bool) -> Result<Subject> {
    let (sender, receiver) = emit_batcher::bounded::<Vec<_>>(CAPACITY);
    // A receiver that is dropped closes the queue; one that is kept and never run lets it fill up.
    let idle = match delivers {
        true => {
            emit_batcher::sync::spawn("emit", receiver, |batch| {
                drop(batch);
                Ok(())
            })?;
            None
        }
        false => Some(receiver),
    };
    let sender = Arc::new(sender);
    let drained = Arc::clone(&sender);
    Ok(Subject {
        enqueue: Box::new(move |event| {
            let _not_run = &idle;
            drop(sender.try_send(event.by_hand()));
        }),
        drain: Box::new(move || {
            emit_batcher::sync::blocking_flush(&drained, LONG);
        }),
    })
}

#[derive(Debug)]
enum Exporter {
    Takes,
    Fails,
    /// Until somebody opens.
    Stands(Arc<Mutex<()>>),
}

impl LogExporter for Exporter {
    async fn export(&self, _: LogBatch<'_>) -> OTelSdkResult {
        match self {
            Self::Takes => Ok(()),
            Self::Fails => Err(OTelSdkError::InternalFailure("down".into())),
            Self::Stands(gate) => {
                drop(gate.lock());
                Ok(())
            }
        }
    }
}
