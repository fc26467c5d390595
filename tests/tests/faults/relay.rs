//! A relay over the in-memory store, against a service that fails.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use talent_events::delivery::{EventStore, Leadership, Relay};
use talent_events::testing::MemoryStore;
use talent_events::{Destination, EncodedEvent};
use talent_events_tests_service::{Service, Then};
use tokio::time::{sleep, timeout};

use crate::run::{Result, client_of, opened};

/// For what ends by itself.
const LIMIT: Duration = Duration::from_secs(60);

fn filled(client: &talent_events::TalentClient, events: u64) -> Result<MemoryStore> {
    let store = MemoryStore::new();
    for number in 0..events {
        store.insert(EncodedEvent::encode(&opened(number), client.envelope())?.ok_or("an event")?);
    }
    Ok(store)
}

async fn drained(store: &MemoryStore) -> Result {
    let empty = async {
        while store.waiting() > 0 {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(LIMIT, empty).await.map_err(|_| format!("{} events wait for ever", store.waiting()).into())
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_calls_in_flight_and_sends_no_more() -> Result {
    let server = Service::start(|_| Then::Late(Duration::from_millis(500))).await?;
    let client = client_of(&server).connect().await?;
    let store = filled(&client, 100)?;
    let relay = Relay::builder().max_in_flight(4).spawn(client, store.clone())?;
    while server.calls() < 4 {
        sleep(Duration::from_millis(10)).await;
    }
    let stats = relay.shutdown(Duration::from_secs(60)).await;
    assert_eq!((server.calls(), stats.delivered, stats.waiting), (4, 4, 0), "{stats:?}");
    assert_eq!((store.waiting(), server.events()), (96, 4), "the others stay in the store");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_failed_attempt_is_told_and_can_stop_the_relay() -> Result {
    let server = Service::start(|call| match call.number {
        0..3 => Then::Status("14"),
        _ => Then::Answer,
    })
    .await?;
    let client = client_of(&server).connect().await?;
    let store = filled(&client, 10)?;
    let told: Arc<Mutex<Vec<(u64, u32, String)>>> = Arc::default();
    let telling = Arc::clone(&told);
    let relay = Relay::builder().max_in_flight(1).on_failed_attempt(move |failed| {
        let mut told = telling.lock().expect("no panic while it was held");
        told.push((failed.position, failed.attempt, failed.error.to_string()));
        if told.len() == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let relay = relay.spawn(client, store.clone())?;
    while relay.is_leading() || server.calls() == 0 {
        sleep(Duration::from_millis(10)).await;
    }
    // Asked again, a relay that has stopped answers at once.
    relay.shutdown(Duration::ZERO).await;
    assert_eq!((server.calls(), server.events(), store.waiting()), (3, 0, 10));
    let told = told.lock().expect("no panic while it was held");
    assert!(
        told.iter().all(|(position, attempt, error)| {
            (1..=10).contains(position) && (1..=3).contains(attempt) && error.contains("UNAVAILABLE")
        }),
        "{told:?}"
    );
    Ok(())
}

/// Its runtime goes at any moment, and everything that was in memory with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn nothing_is_lost_when_the_relay_is_dropped_at_any_moment() -> Result {
    const EVENTS: u64 = 200;
    let mut cut_short = 0;
    for seed in 0..10 {
        let mut rng = Rng::with_seed(seed);
        let faults = [Then::Status("14"), Then::Reset, Then::NoTrailers, Then::Status("8")];
        let percent = rng.u64(0..20);
        let server = Service::start(move |call| {
            let mut rng = Rng::with_seed(call.number * 41 + seed);
            if rng.u64(0..100) < percent { faults[rng.usize(0..faults.len())] } else { Then::Answer }
        })
        .await?;
        let client = client_of(&server).connect().await?;
        let store = filled(&client, EVENTS)?;
        for _ in 0..8 {
            let (client, relayed, window) = (client_of(&server), store.clone(), rng.usize(3..90));
            let lives = Duration::from_micros(rng.u64(0..15_000));
            let relay = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(async {
                    let relay = Relay::builder().window(window).spawn(client.connect().await?, relayed)?;
                    sleep(lives).await;
                    // It does not stop in order.
                    std::mem::forget(relay);
                    Result::Ok(())
                })
            });
            tokio::task::spawn_blocking(|| relay.join()).await?.map_err(|_| "a relay panicked")??;
            cut_short += u64::from(store.waiting() > 0 && server.events() > 0);
            take_over(&store).await?;
        }
        let last = Relay::spawn(client, store.clone())?;
        drained(&store).await.map_err(|e| format!("seed {seed}: {e}"))?;
        last.shutdown(Duration::from_secs(1)).await;
        assert!(store.dead_letters().is_empty(), "seed {seed}: {:?}", store.dead_letters());
        let lost: Vec<_> = (0..EVENTS).filter(|number| server.answered(&number.to_string()) == 0).collect();
        assert!(lost.is_empty(), "seed {seed}: {lost:?} were lost");
    }
    assert!(cut_short > 0, "no relay was dropped between its first event and its last");
    Ok(())
}

/// Ends the lease of a relay that is gone, without waiting for that.
async fn take_over(store: &MemoryStore) -> Result {
    let lease = match store.lead(None).await? {
        Leadership::Leader(lease) => lease,
        Leadership::Standby(seen) => match store.lead(Some(seen)).await? {
            Leadership::Leader(lease) => lease,
            Leadership::Standby(_) => return Err("another relay leads".into()),
        },
    };
    Ok(store.release(lease).await?)
}
