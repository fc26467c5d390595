//! Who waits for room gets it, whoever else waits, gives up or takes some without waiting.

use std::time::Duration;

use futures_util::FutureExt;
use proptest::prelude::*;
use tokio::time::{Instant, sleep, timeout};

use super::fake::{Fake, Then, balance};
use super::support::{event, event_of, limits, take, tenant};
use crate::delivery::Tracker;
use crate::delivery::hook::Hook;
use crate::delivery::queue::{Limits, Queue};
use crate::delivery::source::{End, Source};
use crate::{Destination, JobEventType};

/// One is told of room, and does not take it: another has been quicker, or it gives up. Then it is a third's.
#[test]
fn the_word_is_passed_on() {
    for gives_up in [false, true] {
        let (large, small) = (event_of(0, JobEventType::View, 900), event(1, JobEventType::View));
        // One large and no small one beside it.
        let limits = Limits { bytes: large.as_bytes().len() + 64 + 40, ..limits(10) };
        let (queue, now) = (Queue::new(tenant(), limits, Hook::default()), Instant::now());
        queue.push(large.clone(), None, None, now).expect("room");
        let key = take(&queue, now);

        let mut first = Box::pin(queue.push_when_room(large, None));
        let mut second = Box::pin(queue.push_when_room(small, None));
        assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
        queue.settle(key, End::Delivered, now);
        assert!((&mut second).now_or_never().is_none(), "it is the first one's turn");
        if gives_up {
            drop(first);
        } else {
            queue.push(event(2, JobEventType::View), None, None, now).expect("room");
            assert!((&mut first).now_or_never().is_none());
        }
        assert!(matches!(second.now_or_never(), Some(Ok(()))), "gives up: {gives_up}");
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Track {
        notes: u16,
    },
    Enqueue {
        notes: u16,
    },
    GiveUp(prop::sample::Index),
    Hang(u8),
    Wait(u16),
    /// Whoever has something to do does it, and the others are looked at.
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    let notes = || prop_oneof![0..20u16, 500..1_000u16];
    prop_oneof![
        4 => notes().prop_map(|notes| Step::Track { notes }),
        1 => notes().prop_map(|notes| Step::Enqueue { notes }),
        1 => any::<prop::sample::Index>().prop_map(Step::GiveUp),
        1 => (1..3u8).prop_map(Step::Hang),
        // As long as a call: what comes next comes before those who were told of the room it left.
        3 => prop_oneof![4 => Just(10), 1 => 1..40_000u16].prop_map(Step::Wait),
        2 => Just(Step::Look),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn nobody_waits_for_room_that_is_there(
        max_events in 1..8usize,
        max_bytes in 1_200..4_000usize,
        steps in prop::collection::vec(step(), 1..50),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        runtime.block_on(async {
            let fake = Fake::new();
            let builder = Tracker::builder().max_events(max_events).max_bytes(max_bytes).max_in_flight(2);
            let tracker = fake.tracker_by(builder.wait_for_room());
            let mut waiting = Vec::new();
            for (number, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Track { notes } => {
                        let event = event_of(number, JobEventType::View, notes.into());
                        let (size, tracker) = (event.as_bytes().len() + 64, tracker.clone());
                        waiting.push((size, tokio::spawn(async move { tracker.deliver(event).await.map(drop) })));
                    }
                    Step::Enqueue { notes } => {
                        let _ = tracker.enqueue_encoded(event_of(number, JobEventType::View, notes.into()));
                    }
                    Step::GiveUp(which) if !waiting.is_empty() => waiting.swap_remove(which.index(waiting.len())).1.abort(),
                    Step::GiveUp(_) => {}
                    Step::Hang(many) => fake.state().next.extend((0..many).map(|_| Then::Hang)),
                    Step::Wait(ms) => sleep(Duration::from_millis(ms.into())).await,
                    Step::Look => {}
                }
                if !matches!(step, Step::Look) {
                    continue;
                }
                // Whom one wakes may wake another, who came later.
                for _ in 0..2 * waiting.len() + 2 {
                    tokio::task::yield_now().await;
                }
                waiting.retain(|(_, task)| !task.is_finished());
                balance(&tracker);
                let stats = tracker.stats();
                let fits = |size| {
                    stats.waiting < max_events as u64 && stats.waiting_bytes + size as u64 <= max_bytes as u64
                };
                assert!(waiting.iter().all(|(size, _)| !fits(*size)), "{stats:?}");
            }
            for (_, task) in waiting {
                let waited = timeout(Duration::from_secs(3_600), task).await.expect("room in the end");
                waited.expect("no panic").expect("it was not shut down");
            }
            let stats = tracker.flush().await;
            assert_eq!((stats.waiting, stats.delivered), (0, stats.accepted));
        });
    }
}
