//! What is allocated: by encoding an event, and by a queue full of them.
//!
//! A queue's own memory counts, from its making on: what it reserves ahead is its events' share too. The events are
//! queued on the thread that counts, and nobody takes them.

use std::error::Error;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use allocation_counter::{AllocationInfo, measure};
use opentelemetry::logs::{Logger, LoggerProvider};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{BatchConfigBuilder, BatchLogProcessor, LogBatch, LogExporter, SdkLoggerProvider};
use talent_events::{TalentClient, Tracker};
use talent_events_benches::sample::{TENANT, Viewed, tenant};
use talent_events_benches::{Goal, Table};

const EVENTS: usize = 50_000;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let tenant = tenant()?;
    let events = Viewed::several(EVENTS)?;
    let mut table = Table::default();

    // The first of a thread makes its scratch buffer.
    drop(events[0].encoded(&tenant));
    let ours = measure(|| drop(events[0].encoded(&tenant))).count_total as f64;
    let theirs = measure(|| drop(events[0].encoded_by_hand())).count_total as f64;
    table.row("allocations, derive → bytes, beside prost by hand", "", ours, theirs, Some(Goal::Ours(1.0)));

    let encoded: usize =
        events.iter().filter_map(|event| event.encoded(&tenant).ok()?).map(|e| e.as_bytes().len()).sum();
    let encoded = encoded as f64 / EVENTS as f64;

    let silent = TcpListener::bind("127.0.0.1:0")?;
    let client = TalentClient::builder(TENANT).emulator(silent.local_addr()?.to_string());
    let tracker = Tracker::builder().spawn_thread(client)?;
    let ours = measure(|| events.iter().for_each(|event| drop(tracker.enqueue(event))));
    if tracker.stats().waiting != EVENTS as u64 {
        return Err(format!("not all are waiting: {:?}", tracker.stats()).into());
    }

    let gate = Arc::new(Mutex::new(()));
    let shut = gate.lock().unwrap_or_else(PoisonError::into_inner);
    let mut kept = None;
    let otel = measure(|| {
        let config = BatchConfigBuilder::default().with_max_queue_size(EVENTS).build();
        let processor = BatchLogProcessor::builder(Stands(Arc::clone(&gate))).with_batch_config(config).build();
        let provider = SdkLoggerProvider::builder().with_log_processor(processor).build();
        let logger = provider.logger("bench");
        for event in &events {
            let mut record = logger.create_log_record();
            event.record(&mut record);
            logger.emit(record);
        }
        kept = Some(provider);
    });

    let (sender, receiver) = emit_batcher::bounded::<Vec<_>>(EVENTS);
    let emit = measure(|| {
        for event in &events {
            drop(sender.try_send(event.by_hand()));
        }
    });

    let per_event = |info: AllocationInfo| info.bytes_current as f64 / EVENTS as f64;
    let (ours, otel, emit) = (per_event(ours), per_event(otel), per_event(emit));
    let goal = Some(Goal::Ours(64.0));
    table.row("memory of a queued event beyond its encoded size", "bytes", ours - encoded, None, goal);
    table.row("memory of a queued event, beside OpenTelemetry's", "bytes", ours, otel, None);
    table.row("the same, beside emit_batcher's", "bytes", ours, emit, None);
    print!("{table}");
    drop((shut, kept, receiver));
    Ok(())
}

/// An exporter that stands until the lock is released.
#[derive(Debug)]
struct Stands(Arc<Mutex<()>>);

impl LogExporter for Stands {
    async fn export(&self, _: LogBatch<'_>) -> OTelSdkResult {
        drop(self.0.lock());
        Ok(())
    }
}
