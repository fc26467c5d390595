//! A queue without room says so before it looks at an event.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::fake::{Fake, balance};
use super::support::{event, limits, take, tenant};
use crate::delivery::backlog::{Backlog, Limits, Look};
use crate::delivery::hook::Hook;
use crate::delivery::{Overflow, Tracker};
use crate::event::{EventDescriptor, EventWriter};
use crate::{EncodedEvent, InvalidEvent, JobEventType, SelfContained, TalentEvent, TrackError};

/// Counts how often it was asked what it says.
#[derive(Default)]
struct Asked {
    times: Cell<usize>,
    skipped: bool,
}

impl TalentEvent for Asked {
    fn write(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
        self.times.set(self.times.get() + 1);
        if self.skipped {
            w.skip();
            return Ok(());
        }
        w.event_type(JobEventType::View)?;
        w.event_id(&format!("{}", self.times.get()))?;
        w.job("1")?;
        w.no_request_id()
    }

    fn descriptor(&self) -> &'static EventDescriptor {
        const SENT: EventDescriptor = EventDescriptor::new("Asked");
        match self.skipped {
            false => &SENT,
            true => &const { EventDescriptor { skipped: true, ..SENT } },
        }
    }
}

impl SelfContained for Asked {}

#[tokio::test(start_paused = true)]
async fn it_refuses_without_a_look_and_looks_again_when_there_is_room() {
    let fake = Fake::new();
    let tracker = fake.tracker_by(Tracker::builder().max_events(2));
    let (asked, skipped) = (Asked::default(), Asked { skipped: true, ..Asked::default() });
    for _ in 0..2 {
        tracker.enqueue(&asked).unwrap();
    }
    for refused in 1..=5 {
        assert!(matches!(tracker.enqueue(&asked), Err(TrackError::QueueFull)));
        assert_eq!(tracker.stats().refused.full, refused);
    }
    assert_eq!(asked.times.get(), 2, "not once it was full");
    tracker.enqueue(&skipped).unwrap();

    sleep(Duration::from_secs(1)).await;
    tracker.enqueue(&asked).unwrap();
    assert_eq!((asked.times.get(), tracker.stats().accepted), (3, 3));
    balance(&tracker);
    let _ = tracker.shutdown(Duration::from_secs(1)).await;
    assert!(matches!(tracker.enqueue(&asked), Err(TrackError::ShutDown)));
}

#[tokio::test(start_paused = true)]
async fn one_that_makes_room_looks_at_each() {
    let tracker = Fake::new().tracker_by(Tracker::builder().max_events(2).overflow(Overflow::DropOldest));
    let asked = Asked::default();
    for _ in 0..5 {
        tracker.enqueue(&asked).unwrap();
    }
    assert_eq!((asked.times.get(), tracker.stats().dropped.overflow), (5, 3));
}

/// An event on a busy thread of a user's request: queued, or refused.
#[test]
fn in_or_refused_it_allocates_nothing() {
    let (queue, now) = (Backlog::new(tenant(), limits(100), Hook::default()), Instant::now());
    let push = |event: &EncodedEvent| queue.push(event.parts(), None, None, now);
    // Both chunks and the first blocks have their memory.
    for number in 0..2 {
        push(&event(number, JobEventType::View)).expect("room");
        queue.settle(take(&queue, now), Ok(()), now);
    }

    let next = event(1, JobEventType::View);
    let pushed = allocation_counter::measure(|| push(&next).expect("room"));
    let settled = allocation_counter::measure(|| {
        queue.settle(take(&queue, now), Ok(()), now);
    });
    // The worker copies the event into memory of its own to send it.
    assert_eq!((pushed.count_total, settled.count_total), (0, 1));

    (2..102).for_each(|number| push(&event(number, JobEventType::View)).expect("room"));
    assert_eq!(queue.look(now), Look::Send);
    let mut refused = None;
    let seen = allocation_counter::measure(|| refused = push(&next).err());
    assert_eq!(seen.count_total, 0);
    assert!(matches!(refused, Some(TrackError::QueueFull)));
    assert_eq!(allocation_counter::measure(|| assert!(queue.refuses(now))).count_total, 0);

    let limits = Limits { overflow: Overflow::DropOldest, ..limits(1) };
    let queue = Backlog::new(tenant(), limits, Hook::default());
    // The first that makes room is logged.
    (0..2).for_each(|number| queue.push_event(event(number, JobEventType::View), None, None, now).expect("room"));
    let seen = allocation_counter::measure(|| queue.push(next.parts(), None, None, now).expect("room is made"));
    // The event that is dropped is read out of its block.
    assert_eq!((seen.count_total, queue.stats().dropped.overflow), (1, 2));
}
