//! A relay over a store in memory.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::fake::{Fake, Then};
use super::support::{event, tenant};
use crate::JobEventType::{self, Hired, Impression, View};
use crate::delivery::{Relay, RelayBuilder};
use crate::testing::MemoryStore;

const LEASE: Duration = Duration::from_secs(10);

fn relay_by(builder: RelayBuilder, fake: &Fake, store: &MemoryStore) -> Relay {
    builder.spawn_with(fake.clone(), tenant(), Arc::new(store.clone())).expect("a runtime")
}

fn relay(fake: &Fake, store: &MemoryStore) -> Relay {
    relay_by(Relay::builder(), fake, store)
}

fn fill(store: &MemoryStore, numbers: Range<usize>, event_type: JobEventType) {
    for number in numbers {
        store.insert(event(number, event_type));
    }
}

async fn until_empty(store: &MemoryStore) -> Duration {
    let begun = Instant::now();
    while store.waiting() > 0 {
        sleep(Duration::from_millis(10)).await;
        assert!(begun.elapsed() < Duration::from_secs(3_600), "{} wait", store.waiting());
    }
    begun.elapsed()
}

#[tokio::test(start_paused = true)]
async fn what_is_stored_is_delivered_once_and_settled() {
    let (fake, store) = (Fake::new(), MemoryStore::new());
    fill(&store, 0..500, View);
    let relay = relay(&fake, &store);
    until_empty(&store).await;
    fill(&store, 500..1_000, View);
    until_empty(&store).await;
    let mut delivered = fake.delivered();
    delivered.sort_unstable();
    assert_eq!(delivered, (0..1_000).collect::<Vec<_>>());
    assert!(relay.is_leading());
    let stats = relay.shutdown(Duration::from_secs(5)).await;
    assert_eq!((stats.accepted, stats.delivered, stats.waiting), (1_000, 1_000, 0));
    assert!(!relay.is_leading());
}

#[tokio::test(start_paused = true)]
async fn a_hire_is_sent_next_though_the_store_is_full_of_impressions() {
    let (fake, store) = (Fake::new(), MemoryStore::new());
    fill(&store, 0..20_000, Impression);
    let _relay = relay_by(Relay::builder().max_in_flight(4), &fake, &store);
    sleep(Duration::from_secs(1)).await;
    store.insert(event(20_000, Hired));
    sleep(Duration::from_millis(300)).await;
    let delivered = fake.delivered();
    assert!(delivered.contains(&20_000) && delivered.len() < 1_000, "{}", delivered.len());
}

#[tokio::test(start_paused = true)]
async fn a_standby_takes_over_when_the_leader_falls_silent_and_at_once_when_it_stops() {
    let (fake, store) = (Fake::new(), MemoryStore::new());
    let leader = relay_by(Relay::builder().lease(LEASE), &fake, &store);
    sleep(Duration::from_secs(1)).await;
    let standby = relay_by(Relay::builder().lease(LEASE), &fake, &store);
    sleep(3 * LEASE).await;
    assert!(leader.is_leading() && !standby.is_leading(), "a leader that renews its lease keeps it");
    let _ = leader.shutdown(Duration::from_secs(1)).await;
    sleep(LEASE / 5).await;
    assert!(standby.is_leading());

    // A leader that was killed renews nothing.
    let killed = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let (fake, store) = (Fake::new(), MemoryStore::new());
    let thread = std::thread::spawn({
        let (fake, store) = (fake.clone(), store.clone());
        move || {
            let relay = killed.block_on(async {
                let relay = relay_by(Relay::builder().lease(LEASE), &fake, &store);
                sleep(Duration::from_secs(1)).await;
                assert!(relay.is_leading());
                relay
            });
            drop(killed);
            relay
        }
    });
    let _dead = thread.join().unwrap();
    let standby = relay_by(Relay::builder().lease(LEASE), &fake, &store);
    sleep(LEASE - Duration::from_secs(1)).await;
    assert!(!standby.is_leading(), "the lease may still hold");
    sleep(Duration::from_secs(3)).await;
    assert!(standby.is_leading());
}

#[tokio::test(start_paused = true)]
async fn refused_and_exhausted_events_become_dead_letters() {
    let (fake, store) = (Fake::new(), MemoryStore::new());
    (fake.state().poison, fake.state().poison_then) = (0..2, Then::Rejected);
    fill(&store, 0..100, View);
    let relay = relay_by(Relay::builder().max_attempts(2), &fake, &store);
    until_empty(&store).await;
    (fake.state().poison, fake.state().poison_then) = (100..102, Then::Unavailable);
    for number in 100..2_000 {
        store.insert(event(number, View));
        sleep(Duration::from_millis(10)).await;
    }
    until_empty(&store).await;
    let reasons: Vec<_> = store.dead_letters().iter().map(|letter| letter.reason).collect();
    assert_eq!(reasons, ["rejected", "rejected", "exhausted", "exhausted"]);
    assert_eq!(relay.stats().delivered, 1_996);
}

/// An earlier leader may have sent it, and its answer is gone.
#[tokio::test(start_paused = true)]
async fn an_event_that_exists_already_was_delivered() {
    let (fake, store) = (Fake::new(), MemoryStore::new());
    fake.state().next.push_back(Then::Exists);
    store.insert(event(0, View));
    let relay = relay(&fake, &store);
    until_empty(&store).await;
    assert_eq!((relay.stats().delivered, store.dead_letters().len()), (1, 0));
}

/// More events back off than fit half of the window: the others get through, and these come again.
#[tokio::test(start_paused = true)]
async fn events_that_back_off_do_not_fill_the_window() {
    let (fake, store) = (Fake::new(), MemoryStore::new());
    (fake.state().poison, fake.state().poison_then) = (0..100, Then::Unavailable);
    let relay = relay_by(Relay::builder().window(60).max_attempts(1_000), &fake, &store);
    for number in 0..900 {
        store.insert(event(100 + number, View));
        if number % 9 == 0 {
            store.insert(event(number / 9, View));
        }
        sleep(Duration::from_millis(10)).await;
    }
    sleep(Duration::from_secs(60)).await;
    assert_eq!(relay.stats().delivered, 900, "{:?}", relay.stats());
    fake.state().poison = 0..0;
    until_empty(&store).await;
    let mut delivered = fake.delivered();
    delivered.sort_unstable();
    delivered.dedup();
    assert_eq!(delivered.len(), 1_000);
}

#[tokio::test(start_paused = true)]
async fn a_stop_settles_what_is_in_flight_and_leaves_the_rest() {
    let (fake, store) = (Fake::new(), MemoryStore::new());
    fake.state().latency = Duration::from_secs(1);
    fill(&store, 0..100, View);
    let relay = relay_by(Relay::builder().max_in_flight(10), &fake, &store);
    sleep(Duration::from_millis(500)).await;
    let begun = Instant::now();
    let stats = relay.shutdown(Duration::from_secs(5)).await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!((stats.delivered, fake.attempts(), store.waiting()), (10, 10, 90));

    // At the deadline calls are given up; the next leader sends their events again.
    fake.state().latency = Duration::from_secs(100);
    let relay = relay_by(Relay::builder().max_in_flight(10), &fake, &store);
    sleep(Duration::from_secs(1)).await;
    let begun = Instant::now();
    let _ = relay.shutdown(Duration::from_secs(2)).await;
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert_eq!(store.waiting(), 90);
}
