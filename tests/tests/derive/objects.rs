use std::rc::Rc;
use std::sync::{Arc, Mutex};

use talent_events::event::Envelope;
use talent_events::{
    BoxDestination, Destination, EncodedEvent, JobName, SelfContained, TalentEvent, TenantName, Track, TrackError,
};

use super::{job, tenant};

#[derive(TalentEvent)]
#[talent(event = View, request_id = none)]
struct Opened(#[talent(job)] JobName);

#[derive(TalentEvent)]
#[talent(request_id = none)]
enum Board {
    #[talent(event = Hired)]
    Hired(#[talent(job)] JobName),
    #[talent(skip)]
    Heartbeat,
}

/// Keeps what it is given, and answers how many that were.
struct Kept {
    tenant: TenantName,
    events: Mutex<Vec<EncodedEvent>>,
}

impl Kept {
    fn new() -> Self {
        Self { tenant: tenant(), events: Mutex::default() }
    }
}

impl Destination for Kept {
    type Receipt = usize;

    fn envelope(&self) -> Envelope<'_> {
        Envelope::new(&self.tenant)
    }

    async fn deliver(&self, event: EncodedEvent) -> Result<usize, TrackError> {
        let mut events = self.events.lock().unwrap();
        events.push(event);
        Ok(events.len())
    }
}

#[tokio::test]
async fn objects_are_tracked() {
    let kept = Kept::new();
    let events: Vec<Box<dyn SelfContained>> =
        vec![Box::new(Opened(job("1"))), Box::new(Board::Heartbeat), Box::new(Board::Hired(job("2")))];
    let mut receipts = Vec::new();
    for event in &events {
        receipts.push(event.track(&kept).await.unwrap());
    }
    assert_eq!(receipts, [Some(1), None, Some(2)]);

    let one: usize = Opened(job("1")).track(&kept).await.unwrap();
    assert_eq!(one, 3, "an event that is always sent answers its receipt");
    let one: usize = Rc::new(Arc::new(&Opened(job("1")))).track(&kept).await.unwrap();
    assert_eq!(one, 4);
}

#[tokio::test]
async fn an_event_that_breaks_a_rule_never_reaches_the_destination() {
    let kept = Kept::new();
    let foreign = Opened("projects/p/tenants/other/jobs/1".parse().unwrap());
    let error = foreign.track(&kept).await.unwrap_err();
    assert!(matches!(&error, TrackError::Invalid(e) if e.event() == Some("Opened")), "{error}");
    assert!(!error.is_retryable());
    assert_eq!(foreign.track_or_log(&kept).await, None);
    assert!(kept.events.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_boxed_destination_is_application_state() {
    #[derive(Clone)]
    struct App {
        events: BoxDestination<usize>,
    }

    let kept = Arc::new(Kept::new());
    let app = App { events: BoxDestination::new(Arc::clone(&kept)) };
    let task = tokio::spawn({
        let app = app.clone();
        async move {
            // Not `Send`, and yet the future is: the event is encoded before it is awaited.
            let tracking = Rc::new(Opened(job("1"))).track(&app.events);
            tracking.await
        }
    });
    assert_eq!(task.await.unwrap().unwrap(), 1);
    assert_eq!(kept.events.lock().unwrap().len(), 1);
}

#[test]
fn nothing_is_sent_unless_it_is_awaited() {
    fn is_send<T: Send>(_: &T) {}
    let kept = Kept::new();
    let tracking = Opened(job("1")).track(&kept);
    is_send(&tracking);
    drop(tracking);
    assert!(kept.events.lock().unwrap().is_empty());
}
