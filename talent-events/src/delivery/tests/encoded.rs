//! Events that are encoded already, and events that are objects.

use std::error::Error;
use std::time::Duration;

use super::fake::{Fake, Then, balance};
use super::support::{event, tenant};
use crate::delivery::Tracker;
use crate::event::{EventDescriptor, EventWriter};
use crate::{EncodedEvent, InvalidEvent, JobEventType, SelfContained, TalentEvent, TrackError};

struct Opened(&'static str);

impl TalentEvent for Opened {
    fn write(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
        w.event_type(JobEventType::View)?;
        w.event_id(self.0)?;
        w.job("1")?;
        w.no_request_id()
    }

    fn descriptor(&self) -> &'static EventDescriptor {
        const { &EventDescriptor::new("Opened") }
    }
}

impl SelfContained for Opened {}

#[tokio::test(start_paused = true)]
async fn objects_are_queued() {
    let tracker = Fake::new().tracker();
    let events: Vec<Box<dyn SelfContained>> = vec![Box::new(Opened("1")), Box::new(Opened("2"))];
    for event in &events {
        tracker.enqueue(event).unwrap();
        tracker.enqueue_within(&**event, Duration::from_secs(1)).unwrap();
    }
    assert_eq!(tracker.flush().await.delivered, 4);
    balance(&tracker);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_queued_comes_back_and_is_an_error_like_others() {
    fn queue(tracker: &Tracker, number: usize) -> Result<(), TrackError> {
        Ok(tracker.enqueue_encoded(event(number, JobEventType::View))?)
    }
    fn queue_boxed(tracker: &Tracker, event: EncodedEvent) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(tracker.enqueue_encoded(event)?)
    }
    let tracker = Fake::new().tracker_by(Tracker::builder().max_events(1));
    queue(&tracker, 0).unwrap();
    assert!(matches!(queue(&tracker, 1), Err(TrackError::QueueFull)));
    let given = event(2, JobEventType::View);
    let not_queued = tracker.enqueue_encoded(given.clone()).unwrap_err();
    assert_eq!(not_queued.event, given);
    assert_eq!(not_queued.to_string(), TrackError::QueueFull.to_string());
    assert_eq!(queue_boxed(&tracker, given).unwrap_err().to_string(), not_queued.to_string());
}

/// What is handed back goes to a disk and comes from it, and is delivered by another tracker.
#[tokio::test(start_paused = true)]
async fn what_is_handed_back_goes_over_a_restart() {
    let fake = Fake::new();
    fake.always(Then::Unavailable);
    let tracker = fake.tracker();
    for number in 0..3 {
        tracker.enqueue_encoded(event(number, JobEventType::View)).unwrap();
    }
    let report = tracker.shutdown(Duration::from_secs(1)).await;
    let file: String = report.remaining.map(|event| serde_json::to_string(&event).unwrap() + "\n").collect();

    let fake = Fake::new();
    let tracker = fake.tracker();
    for line in file.lines() {
        let event: EncodedEvent = serde_json::from_str(line).unwrap();
        assert_eq!(event.tenant(), &tenant());
        tracker.enqueue_encoded(event).unwrap();
    }
    assert_eq!(tracker.flush().await.delivered, 3);
    let mut delivered = fake.delivered();
    delivered.sort_unstable();
    assert_eq!(delivered, [0, 1, 2]);
}
