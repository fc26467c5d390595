//! What is logged and counted for others.

use std::time::Duration;

use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use talent_events::delivery::Overflow;
use talent_events::{TalentClient, Tracker};
use talent_events_emulator::Emulator;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tracing::Level;

use crate::log::Log;
use crate::support::{Result, TENANT, client_of, opened};

#[tokio::test]
async fn a_drop_logs_what_it_leaves_and_waits_for_nothing() -> Result {
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let client = TalentClient::builder(TENANT).emulator(silent.local_addr()?.to_string()).connect().await?;
    let log = Log::default();
    let _guard = log.of_this_thread(Level::INFO);
    let tracker = Tracker::spawn(client)?;
    (0..7).try_for_each(|number| tracker.enqueue(&opened(number)))?;
    drop(tracker);
    // Before anything else could run on this thread.
    let said = log.take();
    assert!(said.contains("ERROR talent_events::delivery: ") && said.contains("waiting=7"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    Ok(())
}

#[tokio::test]
async fn an_outage_is_told_of_once_and_its_end_too() -> Result {
    let nowhere = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let client = TalentClient::builder(TENANT).emulator(nowhere.to_string()).connect().await?;
    let log = Log::default();
    let _guard = log.of_this_thread(Level::INFO);
    let tracker = Tracker::spawn(client)?;
    (0..100).try_for_each(|number| tracker.enqueue(&opened(number)))?;
    while tracker.stats().retried < 70 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let emulator = Emulator::builder().address(nowhere).start().await?;
    timeout(Duration::from_secs(60), tracker.flush()).await?;
    emulator.shutdown().await;
    let said = log.take();
    assert_eq!(said.matches("delivery is throttled").count(), 1, "{said}");
    assert_eq!(said.matches("delivery resumed").count(), 1, "{said}");
    Ok(())
}

/// Of many that are lost one is told of, with what it is found by; and not again for a while.
#[tokio::test]
async fn the_first_event_that_is_lost_is_told_of() -> Result {
    let log = Log::default();
    let _guard = log.of_this_thread(Level::INFO);
    let emulator = Emulator::start().await?;
    let tracker = Tracker::builder().max_events(2).overflow(Overflow::DropOldest);
    let tracker = tracker.spawn(client_of(&emulator).connect().await?)?;
    for round in [1, 2] {
        // Nothing else runs on this thread meanwhile.
        (0..10).try_for_each(|number| tracker.enqueue(&opened(number)))?;
        let stats = tracker.flush().await;
        assert_eq!(stats.dropped.overflow, 8 * round);
        let said = log.take();
        let told = |line: &&str| line.contains("WARN talent_events::delivery: event not delivered ");
        let lines: Vec<_> = said.lines().filter(told).collect();
        assert_eq!(lines.len(), usize::from(round == 1), "{said}");
        assert!(lines.iter().all(|line| line.contains("event_id=") && line.contains(r#"event_type="VIEW""#)), "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn the_span_of_an_attempt_ends_with_it() -> Result {
    let emulator = Emulator::start().await?;
    let client = client_of(&emulator).connect().await?;
    let log = Log::default();
    let _guard = log.of_this_thread(Level::DEBUG);
    let tracker = Tracker::spawn(client)?;
    tracker.enqueue(&opened(1))?;
    tracker.flush().await;
    let said = log.take();
    let ends = |line: &&str| line.contains("talent_events::delivery::attempt: close") && line.contains("attempt=1");
    assert_eq!(said.lines().filter(ends).count(), 1, "{said}");
    Ok(())
}

/// The gauges of two trackers of one tenant add up, and what one leaves is taken back when it ends.
#[test]
fn gauges_are_of_all_trackers_of_a_tenant() -> Result {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let mut waiting = 0.0;
    // A look takes the gauge to nothing.
    let mut look = || {
        for (key, _, _, value) in snapshotter.snapshot().into_vec() {
            if let (DebugValue::Gauge(n), "talent_events_waiting") = (value, key.key().name()) {
                waiting += n.into_inner();
            }
        }
        waiting
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let nowhere = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
            let client = TalentClient::builder(TENANT).emulator(nowhere.to_string()).connect().await?;
            let trackers = [Tracker::spawn(client.clone())?, Tracker::spawn(client)?];
            let [one, other] = &trackers;
            (0..3).try_for_each(|number| one.enqueue(&opened(number)))?;
            (0..2).try_for_each(|number| other.enqueue(&opened(number)))?;
            tokio::time::sleep(Duration::from_secs(3)).await;
            assert_eq!(look(), 5.0);
            let [one, other] = trackers;
            drop(one);
            tokio::time::sleep(Duration::from_secs(3)).await;
            assert_eq!(look(), 2.0);
            assert_eq!(other.shutdown(Duration::ZERO).await.remaining.len(), 2);
            drop(other);
            tokio::time::sleep(Duration::from_secs(3)).await;
            assert_eq!(look(), 0.0);
            Result::Ok(())
        })
    })
}

/// It is the app's, and no event is the worse for it.
#[test]
fn a_recorder_that_panics_is_told_of_once_and_stops_nothing() -> Result {
    struct Broken;

    impl metrics::Recorder for Broken {
        fn describe_counter(&self, _: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}
        fn describe_gauge(&self, _: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}
        fn describe_histogram(&self, _: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}
        fn register_counter(&self, _: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Counter {
            panic!("told to")
        }
        fn register_gauge(&self, _: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Gauge {
            panic!("told to")
        }
        fn register_histogram(&self, _: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Histogram {
            panic!("told to")
        }
    }

    let log = Log::default();
    let _guard = log.of_this_thread(Level::INFO);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    metrics::with_local_recorder(&Broken, || {
        runtime.block_on(async {
            let nowhere = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
            let client = TalentClient::builder(TENANT).emulator(nowhere.to_string()).connect().await?;
            let tracker = Tracker::spawn(client)?;
            (0..3).try_for_each(|number| tracker.enqueue(&opened(number)))?;
            tokio::time::sleep(Duration::from_secs(10)).await;
            assert_eq!(tracker.health().worker_restarts, 0);
            assert_eq!(tracker.shutdown(Duration::ZERO).await.remaining.len(), 3);
            Result::Ok(())
        })
    })?;
    let said = log.take();
    assert_eq!(said.matches("the recorder of `metrics` panicked").count(), 1, "{said}");
    Ok(())
}

#[test]
fn metrics_are_the_accounts() -> Result {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let emulator = Emulator::start().await?;
            let tracker = Tracker::builder().max_events(5).spawn(client_of(&emulator).connect().await?)?;
            for number in 0..8 {
                let _ = tracker.enqueue(&opened(number));
            }
            let report = tracker.shutdown(Duration::from_secs(60)).await;
            assert!(report.remaining.is_empty());
            Result::Ok(())
        })
    })?;
    let mut seen: Vec<String> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| {
            let labels: Vec<_> = key.key().labels().map(|l| format!("{}={}", l.key(), l.value())).collect();
            let value = match value {
                DebugValue::Counter(n) => n.to_string(),
                DebugValue::Gauge(n) => n.to_string(),
                DebugValue::Histogram(_) => "histogram".into(),
            };
            format!("{}{{{}}} {value}", key.key().name(), labels.join(","))
        })
        .collect();
    seen.sort_unstable();
    let tenant = format!("tenant={TENANT}");
    assert_eq!(
        seen,
        [
            format!("talent_events_accepted_total{{{tenant}}} 5"),
            format!("talent_events_ended_total{{{tenant},outcome=delivered}} 5"),
            format!("talent_events_in_flight{{{tenant}}} 0"),
            format!("talent_events_paused{{{tenant}}} 0"),
            format!("talent_events_refused_total{{{tenant},reason=full}} 3"),
            format!("talent_events_throttled{{{tenant}}} 0"),
            format!("talent_events_waiting_bytes{{{tenant}}} 0"),
            format!("talent_events_waiting{{{tenant}}} 0"),
        ]
    );
    Ok(())
}
