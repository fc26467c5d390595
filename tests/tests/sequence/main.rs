//! One application's steps: the types, their run-time twin, failures, and what is resumed weeks later.

mod cells;
mod checkpoints;
mod emulator;
mod failures;
#[path = "../support/invalid.rs"]
mod invalid;
mod random;
mod steps;
#[path = "../support/strict.rs"]
mod strict;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use talent_events::event::Envelope;
use talent_events::sequence::{ApplicationFunnel, stage};
use talent_events::{ClientEvent, Destination, EncodedEvent, JobName, RequestId, TenantName, TrackError};

fn tenant() -> TenantName {
    "projects/acme/tenants/board".parse().unwrap()
}

fn job(id: &str) -> JobName {
    tenant().job(id).unwrap()
}

fn search(id: &str) -> RequestId {
    id.parse().unwrap()
}

/// Keeps what it is given, and answers how many events that were; fails where it was told to.
#[derive(Clone)]
struct Shelf(Arc<Kept>);

struct Kept {
    tenant: TenantName,
    events: Mutex<Vec<EncodedEvent>>,
    failures: Mutex<VecDeque<TrackError>>,
}

impl Shelf {
    fn new() -> Self {
        Self::of(tenant())
    }

    fn of(tenant: TenantName) -> Self {
        Self(Arc::new(Kept { tenant, events: Mutex::default(), failures: Mutex::default() }))
    }

    /// The next event is not taken, for this reason.
    fn fail_next(&self, error: TrackError) {
        self.0.failures.lock().unwrap().push_back(error);
    }

    fn encoded(&self) -> Vec<EncodedEvent> {
        self.0.events.lock().unwrap().clone()
    }

    fn events(&self) -> Vec<ClientEvent> {
        self.encoded().iter().map(EncodedEvent::to_client_event).collect()
    }

    fn begin(&self) -> ApplicationFunnel<Self, stage::Open> {
        ApplicationFunnel::begin(self, search("search-7f"), job("42")).unwrap()
    }
}

impl Destination for Shelf {
    type Receipt = usize;

    fn envelope(&self) -> Envelope<'_> {
        Envelope::new(&self.0.tenant)
    }

    async fn deliver(&self, event: EncodedEvent) -> Result<usize, TrackError> {
        if let Some(error) = self.0.failures.lock().unwrap().pop_front() {
            return Err(error);
        }
        let mut events = self.0.events.lock().unwrap();
        events.push(event);
        Ok(events.len())
    }
}
