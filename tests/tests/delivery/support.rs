//! An app's events, and a client of an emulator.

use talent_events::client::TalentClientBuilder;
use talent_events::{RequestId, TalentClient, TalentEvent};
use talent_events_emulator::Emulator;

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

pub(crate) const TENANT: &str = "projects/acme/tenants/board";

/// Somebody opened a job.
#[derive(TalentEvent)]
#[talent(event = View, notes = "number {number}")]
pub(crate) struct Opened {
    #[talent(job)]
    job: &'static str,
    #[talent(request_id)]
    search: RequestId,
    pub(crate) number: usize,
}

pub(crate) fn opened(number: usize) -> Opened {
    Opened { job: "42", search: RequestId::new("search-7f").expect("an id"), number }
}

pub(crate) fn client_of(emulator: &Emulator) -> TalentClientBuilder {
    TalentClient::builder(TENANT).emulator(emulator.host()).connections(2)
}

/// The numbers of what the emulator recorded, sorted.
pub(crate) fn recorded(emulator: &Emulator) -> Vec<usize> {
    let events = emulator.events();
    let number = |notes: &str| notes.strip_prefix("number ").and_then(|n| n.parse().ok()).expect("a number");
    let mut numbers: Vec<_> = events.iter().map(|r| number(&r.event.event_notes)).collect();
    numbers.sort_unstable();
    numbers
}
