//! Wherever the caller is and whatever runs the delivery.

use std::future::Future;
use std::time::Duration;

use talent_events::delivery::SpawnError;
use talent_events::{Track, Tracker};
use talent_events_emulator::Emulator;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::support::{Result, client_of, opened, recorded};

const LONG: Duration = Duration::from_secs(60);

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn one_worker() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

/// On each kind of runtime, and not for ever.
fn on_each<F: Future<Output = Result>>(test: impl Fn() -> F) -> Result {
    for runtime in [current_thread(), one_worker()] {
        runtime.block_on(async { timeout(LONG, test()).await? })?;
    }
    Ok(())
}

#[test]
fn events_arrive_and_flush_and_shutdown_end() -> Result {
    on_each(|| async {
        let emulator = Emulator::start().await?;
        let tracker = Tracker::spawn(client_of(&emulator).connect().await?)?;
        for number in 0..500 {
            tracker.enqueue(&opened(number))?;
        }
        opened(500).track(&tracker).await?.await?;
        let stats = tracker.flush().await;
        assert_eq!((stats.accepted, stats.delivered, stats.waiting), (501, 501, 0));
        assert_eq!(recorded(&emulator), (0..=500).collect::<Vec<_>>());

        tracker.enqueue(&opened(501))?;
        let report = tracker.shutdown(LONG).await;
        assert_eq!((report.stats.delivered, report.remaining.len()), (502, 0));
        Ok(())
    })
}

#[test]
fn callers_may_be_cancelled_at_any_moment() -> Result {
    on_each(|| async {
        let emulator = Emulator::start().await?;
        let tracker = Tracker::builder().max_events(8).wait_for_room().spawn(client_of(&emulator).connect().await?)?;
        let mut taken = 0;
        for number in 0..300 {
            let told = tokio::select! {
                ticket = async { opened(number).track(&tracker).await } => ticket.is_ok(),
                () = async { for _ in 0..number % 7 { tokio::task::yield_now().await } } => false,
            };
            taken += u64::from(told);
            tokio::select! {
                _ = tracker.flush() => {}
                () = tokio::task::yield_now() => {}
            }
        }
        let stats = tracker.flush().await;
        // One that was cancelled may have been taken all the same, but none is lost.
        assert!(stats.accepted >= taken, "{stats:?}");
        assert_eq!(stats.accepted, stats.delivered);
        assert_eq!(recorded(&emulator).len() as u64, stats.delivered);
        Ok(())
    })
}

#[test]
fn a_program_without_a_runtime() -> Result {
    let service = one_worker();
    let emulator = service.block_on(Emulator::start())?;
    let tracker = Tracker::spawn_thread(client_of(&emulator))?;
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let tracker = &tracker;
            scope.spawn(move || {
                for number in 0..250 {
                    tracker.enqueue(&opened(thread * 250 + number)).expect("room");
                }
            });
        }
    });
    let stats = tracker.flush_blocking(LONG);
    assert_eq!((stats.accepted, stats.delivered), (1_000, 1_000));
    assert_eq!(recorded(&emulator), (0..1_000).collect::<Vec<_>>());

    tracker.enqueue(&opened(1_000))?;
    let report = tracker.shutdown_blocking(LONG);
    assert_eq!((report.stats.delivered, report.remaining.len()), (1_001, 0));
    assert!(!tracker.health().running);
    Ok(())
}

#[test]
fn from_a_thread_of_its_own_into_async_code() -> Result {
    let service = one_worker();
    let emulator = service.block_on(Emulator::start())?;
    let tracker = Tracker::spawn_thread(client_of(&emulator))?;
    current_thread().block_on(async {
        opened(0).track(&tracker).await?.await?;
        tracker.flush().await;
        let report = tracker.shutdown(LONG).await;
        assert_eq!(report.stats.delivered, 1);
        Ok(())
    })
}

/// A tracker on a thread of its own has a timer, whatever its callers have.
#[test]
fn callers_without_a_timer() -> Result {
    let service = one_worker();
    let emulator = service.block_on(Emulator::start())?;
    let tracker = Tracker::spawn_thread(client_of(&emulator))?;
    let no_timer = Builder::new_current_thread().build()?;
    let report = no_timer.block_on(async {
        opened(0).track(&tracker).await?.await?;
        tracker.enqueue(&opened(1))?;
        Result::Ok(tracker.shutdown(LONG).await)
    })?;
    assert_eq!((report.stats.delivered, report.remaining.len()), (2, 0));

    let client = service.block_on(client_of(&emulator).connect())?;
    let error = no_timer.block_on(async { Tracker::spawn(client) }).unwrap_err();
    assert!(matches!(error, SpawnError::NoTimer), "{error}");
    Ok(())
}

#[test]
fn what_can_not_start_on_its_thread_says_why() {
    let error = Tracker::spawn_thread(talent_events::TalentClient::builder("no tenant")).unwrap_err();
    assert!(error.to_string().contains("`tenant name`"), "{error}");
}

/// Blocking the only thread of a runtime is a mistake, but it must not be a deadlock.
#[test]
fn a_blocking_shutdown_on_the_only_thread_ends_at_its_deadline() -> Result {
    current_thread().block_on(async {
        let emulator = Emulator::start().await?;
        let tracker = Tracker::spawn(client_of(&emulator).connect().await?)?;
        tracker.enqueue(&opened(0))?;
        let report = tracker.shutdown_blocking(Duration::from_millis(50));
        assert_eq!((report.stats.waiting, report.remaining.len()), (1, 1));
        Ok(())
    })
}
