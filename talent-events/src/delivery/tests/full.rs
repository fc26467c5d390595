//! A queue without room says so before it looks at an event.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::sleep;

use super::fake::{Fake, balance};
use crate::delivery::{Overflow, Tracker};
use crate::event::{EventDescriptor, EventWriter};
use crate::{InvalidEvent, JobEventType, TalentEvent, TrackError};

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

#[tokio::test(start_paused = true)]
async fn it_is_asked_once_more_at_most_and_again_when_there_is_room() {
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
    assert_eq!(asked.times.get(), 3);
    tracker.enqueue(&skipped).unwrap();

    sleep(Duration::from_secs(1)).await;
    tracker.enqueue(&asked).unwrap();
    assert_eq!((asked.times.get(), tracker.stats().accepted), (4, 3));
    balance(&tracker);
    tracker.shutdown(Duration::from_secs(1)).await;
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
