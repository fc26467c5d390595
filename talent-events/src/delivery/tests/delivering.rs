//! What is delivered, in which order, and how fast.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::fake::{Fake, Then, Told, balance, enqueue};
use super::support::{event, event_of, tenant};
use crate::delivery::{NotQueued, Overflow, Priority, Quota, Tracker, Undelivered};
use crate::{Destination, EncodedEvent, JobEventType, TrackError};

#[tokio::test(start_paused = true)]
async fn everything_is_delivered_once_in_order() {
    let fake = Fake::new();
    let tracker = fake.tracker_by(Tracker::builder().max_in_flight(1));
    enqueue(&tracker, 0..1_000);
    let stats = tracker.flush().await;
    assert_eq!((stats.accepted, stats.delivered, stats.waiting, stats.waiting_bytes), (1_000, 1_000, 0, 0));
    assert_eq!(fake.delivered(), (0..1_000).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn so_many_are_under_way_and_no_more() {
    let fake = Fake::new();
    let tracker = fake.tracker_by(Tracker::builder().max_in_flight(7));
    enqueue(&tracker, 0..70);
    let begun = Instant::now();
    sleep(Duration::from_millis(1)).await;
    assert_eq!((fake.attempts(), tracker.stats().in_flight), (7, 7));
    tracker.flush().await;
    // Ten rounds of 10 ms.
    assert!((100..=120).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_more_important_go_first() {
    let fake = Fake::new();
    let builder = Tracker::builder().max_in_flight(1).priority(JobEventType::Bookmark, Priority::Low);
    let tracker = fake.tracker_by(builder);
    let types = [
        JobEventType::Impression,
        JobEventType::Bookmark,
        JobEventType::View,
        JobEventType::Hired,
        JobEventType::ApplicationFinish,
        JobEventType::ViewRedirect,
    ];
    for (number, event_type) in types.into_iter().enumerate() {
        tracker.enqueue_encoded(event(number, event_type)).unwrap();
    }
    tracker.flush().await;
    assert_eq!(fake.delivered(), [3, 4, 2, 5, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_hire_does_not_wait_behind_ten_thousand_impressions() {
    let fake = Fake::with(Some(Quota::per_minute(300)));
    let tracker = fake.tracker();
    for number in 0..10_000 {
        tracker.enqueue_encoded(event(number, JobEventType::Impression)).unwrap();
    }
    sleep(Duration::from_secs(60)).await;
    assert!((300..=302).contains(&fake.attempts()), "{}", fake.attempts());
    let estimate = tracker.drain_estimate().unwrap();
    assert!((1_930..=1_945).contains(&estimate.as_secs()), "{estimate:?}");

    let begun = Instant::now();
    let ticket = tracker.deliver(event(10_000, JobEventType::Hired)).await.unwrap();
    ticket.await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    balance(&tracker);
}

#[tokio::test(start_paused = true)]
async fn the_pace_is_shared_by_all_of_one_client() {
    let fake = Fake::with(Some(Quota::per_minute(600)));
    let trackers = [fake.tracker(), fake.tracker(), fake.tracker()];
    trackers.iter().for_each(|tracker| enqueue(tracker, 0..1_000));
    sleep(Duration::from_secs(60)).await;
    assert!((599..=602).contains(&fake.attempts()), "{}", fake.attempts());
    assert!(trackers.iter().all(|tracker| tracker.stats().delivered > 0));
}

#[tokio::test(start_paused = true)]
async fn without_a_pace_the_estimate_is_by_what_was_seen() {
    let fake = Fake::new();
    let tracker = fake.tracker_by(Tracker::builder().max_in_flight(1));
    assert_eq!(tracker.drain_estimate(), Some(Duration::ZERO));
    enqueue(&tracker, 0..3_000);
    assert_eq!(tracker.drain_estimate(), None);
    sleep(Duration::from_secs(15)).await;
    // About 1,500 are left, at 80 to 100 a second.
    let estimate = tracker.drain_estimate().unwrap().as_secs();
    assert!((13..=20).contains(&estimate), "{estimate} s");
}

#[tokio::test(start_paused = true)]
async fn tickets_tell() {
    let (fake, told) = (Fake::new(), Told::default());
    let tracker = fake.tracker_by(Tracker::builder().on_undelivered(told.hook()));
    fake.state().next.extend([Then::Ok, Then::Rejected]);
    let good = tracker.deliver(event(0, JobEventType::View)).await.unwrap();
    let bad = tracker.deliver(event(1, JobEventType::View)).await.unwrap();
    drop(tracker.deliver(event(2, JobEventType::View)).await.unwrap());
    good.await.unwrap();
    let why = bad.await.unwrap_err();
    assert!(matches!(&why, Undelivered::Rejected(e) if matches!(**e, TrackError::Rejected(_))), "{why}");
    let stats = tracker.flush().await;
    assert_eq!((stats.delivered, stats.rejected), (2, 1));
    assert_eq!(told.numbers(), [1]);
}

#[tokio::test(start_paused = true)]
async fn both_bounds_hold_and_what_is_on_its_way_counts() {
    let fake = Fake::new();
    fake.always(Then::Hang);
    let tracker = fake.tracker_by(Tracker::builder().max_events(10).max_in_flight(4));
    enqueue(&tracker, 0..10);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(tracker.stats().in_flight, 4);
    let NotQueued { error, event: back } = tracker.enqueue_encoded(event(10, JobEventType::Hired)).unwrap_err();
    assert!(matches!(error, TrackError::QueueFull), "{error}");
    assert_eq!(back, event_like(&back));
    assert_eq!(tracker.stats().refused.full, 1);

    let size = event_of(0, JobEventType::View, 1_000).as_bytes().len() + 40;
    let tracker = fake.tracker_by(Tracker::builder().max_bytes(3 * size));
    for number in 0..3 {
        tracker.enqueue_encoded(event_of(number, JobEventType::View, 1_000)).unwrap();
    }
    assert_eq!(tracker.stats().waiting_bytes as usize, 3 * size);
    assert!(tracker.enqueue_encoded(event(3, JobEventType::View)).is_err());
    assert_eq!(tracker.stats().refused.full, 1);

    let tracker = fake.tracker_by(Tracker::builder().max_bytes(1_024));
    let error = tracker.enqueue_encoded(event_of(0, JobEventType::View, 1_000)).unwrap_err().error;
    let words = error.to_string();
    assert!(words.contains("found an event of") && words.contains("at most 984 bytes"), "{words}");
    assert_eq!(tracker.stats().refused.too_large, 1);
    balance(&tracker);
}

fn event_like(event: &EncodedEvent) -> EncodedEvent {
    EncodedEvent::from_parts(tenant(), event.parts())
}

#[tokio::test(start_paused = true)]
async fn the_oldest_of_the_lowest_priority_makes_room() {
    let (fake, told) = (Fake::new(), Told::default());
    fake.always(Then::Hang);
    let builder = Tracker::builder().max_events(5).max_in_flight(1).overflow(Overflow::DropOldest);
    let tracker = fake.tracker_by(builder.on_undelivered(told.hook()));
    tracker.enqueue_encoded(event(0, JobEventType::Hired)).unwrap();
    // Now on its way, and not to be dropped.
    sleep(Duration::from_millis(1)).await;
    let dropped = tracker.deliver(event(1, JobEventType::View)).await.unwrap();
    tracker.enqueue_encoded(event(2, JobEventType::Impression)).unwrap();
    tracker.enqueue_encoded(event(3, JobEventType::Impression)).unwrap();
    tracker.enqueue_encoded(event(4, JobEventType::Hired)).unwrap();

    tracker.enqueue_encoded(event(5, JobEventType::View)).unwrap();
    tracker.enqueue_encoded(event(6, JobEventType::Impression)).unwrap();
    tracker.enqueue_encoded(event(7, JobEventType::Hired)).unwrap();
    tracker.enqueue_encoded(event(8, JobEventType::Hired)).unwrap();
    assert_eq!(told.numbers(), [2, 3, 6, 1]);
    assert!(matches!(dropped.await, Err(Undelivered::Overflow)));
    // A view is left, and no impression may take its place.
    assert!(tracker.enqueue_encoded(event(9, JobEventType::Impression)).is_err());
    let stats = tracker.stats();
    assert_eq!((stats.dropped.overflow, stats.refused.full, stats.waiting), (4, 1, 5));
    balance(&tracker);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_dropped_for_what_does_not_fit_all_the_same() {
    let fake = Fake::new();
    fake.always(Then::NotPermitted);
    let small = event(0, JobEventType::Impression).as_bytes().len() + 40;
    let builder = Tracker::builder().max_bytes(20 * small).overflow(Overflow::DropOldest);
    let tracker = fake.tracker_by(builder);
    tracker.enqueue_encoded(event(0, JobEventType::Impression)).unwrap();
    for number in 0..19 {
        tracker.enqueue_encoded(event(number % 10, JobEventType::Hired)).unwrap();
    }
    assert!(tracker.enqueue_encoded(event_of(1, JobEventType::View, 200)).is_err());
    let stats = tracker.stats();
    assert_eq!((stats.dropped.overflow, stats.waiting), (0, 20));
}

#[tokio::test(start_paused = true)]
async fn track_waits_for_room_where_told_to() {
    let fake = Fake::new();
    let tracker = fake.tracker_by(Tracker::builder().max_events(2).max_in_flight(1).wait_for_room());
    let waiting: Vec<_> = (0..50)
        .map(|number| {
            let tracker = tracker.clone();
            tokio::spawn(async move { tracker.deliver(event(number, JobEventType::View)).await.unwrap().await })
        })
        .collect();
    sleep(Duration::from_millis(5)).await;
    // Some give up; the others must not miss the room that these were told of.
    waiting.iter().skip(10).step_by(3).for_each(|task| task.abort());
    let mut done = 0;
    for task in waiting {
        done += u32::from(matches!(task.await, Ok(Ok(()))));
    }
    assert_eq!(done, 36);
    let stats = tracker.flush().await;
    assert_eq!((stats.waiting, stats.refused.full), (0, 0));
    assert_eq!(stats.accepted, stats.delivered);
}

#[tokio::test(start_paused = true)]
async fn waiting_tasks_get_room_in_the_order_in_which_they_came() {
    let (large, small) = (event_of(0, JobEventType::View, 900), event(1, JobEventType::View));
    let size = |event: &EncodedEvent| event.as_bytes().len() + 40;
    let fake = Fake::new();
    let builder = Tracker::builder().max_in_flight(1).max_bytes(2 * size(&large) + 40).wait_for_room();
    let tracker = fake.tracker_by(builder);
    tracker.enqueue_encoded(large.clone()).unwrap();
    tracker.enqueue_encoded(large).unwrap();
    let track = |event: EncodedEvent| {
        let tracker = tracker.clone();
        tokio::spawn(async move { tracker.deliver(event).await.map(drop) })
    };
    assert!(size(&small) > 40);
    // The first needs the room of both, the second only that of one.
    let (first, second) = (track(two_large()), track(small));
    sleep(Duration::from_millis(15)).await;
    assert!(!first.is_finished() && !second.is_finished(), "the second does not overtake");
    second.await.unwrap().unwrap();
    first.await.unwrap().unwrap();
    assert_eq!(tracker.flush().await.delivered, 4);
}

/// About twice as large as one with 900 characters of notes.
fn two_large() -> EncodedEvent {
    let mut event = event_of(2, JobEventType::Impression, 900).to_client_event();
    event.job_event.jobs = (0..10).map(|n| tenant().job(format!("{n:0>60}")).unwrap()).collect();
    EncodedEvent::from_client_event(&event, &tenant()).unwrap()
}

/// Each event dropped is enqueued again, for which another would be dropped, and so on.
#[tokio::test(start_paused = true)]
async fn a_hook_that_enqueues_gets_the_room_there_is_and_no_more() {
    let (fake, answers) = (Fake::new(), Arc::new(Mutex::new(Vec::new())));
    fake.always(Then::Hang);
    let own = Arc::new(OnceLock::<Tracker>::new());
    let hook = {
        let (own, answers) = (Arc::clone(&own), Arc::clone(&answers));
        move |event: &EncodedEvent, _: &Undelivered| {
            let again = own.get().unwrap().enqueue_encoded(event.clone());
            answers.lock().unwrap().push(again.map_err(|not_queued| not_queued.error));
        }
    };
    let builder = Tracker::builder().max_events(5).max_in_flight(1).overflow(Overflow::DropOldest);
    let tracker = own.get_or_init(|| fake.tracker_by(builder.on_undelivered(hook)));
    enqueue(tracker, 0..100);
    let told = std::mem::take(&mut *answers.lock().unwrap());
    assert_eq!(told.len(), 95);
    assert!(told.iter().all(|answer| matches!(answer, Err(TrackError::QueueFull))));
    assert_eq!((tracker.stats().dropped.overflow, tracker.stats().refused.full), (95, 95));
    balance(tracker);

    // An event that was rejected has left its room behind.
    fake.state().next.push_back(Then::Rejected);
    fake.always(Then::Ok);
    assert_eq!(tracker.flush().await.delivered, 4);
    tracker.flush().await;
    assert!(matches!(answers.lock().unwrap()[..], [Ok(())]));
    assert_eq!(fake.delivered(), [96, 97, 98, 99, 95]);
}

#[tokio::test(start_paused = true)]
async fn another_tenants_event_is_refused() {
    let tracker = Fake::new().tracker();
    let other = "projects/acme/tenants/other".parse().unwrap();
    let foreign = EncodedEvent::from_parts(other, event(0, JobEventType::View).parts());
    let error = tracker.enqueue_encoded(foreign).unwrap_err().error;
    let words = error.to_string();
    assert!(
        words.contains("`parent`") && words.contains("tenants/other") && words.contains("the tenant of this tracker"),
        "{words}"
    );
    assert_eq!(tracker.stats().refused.invalid, 1);
}
