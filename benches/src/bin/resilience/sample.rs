//! The events that are sent, and the client that sends them.

use std::time::Duration;

use talent_events::client::TalentClientBuilder;
use talent_events::{TalentClient, TalentEvent};

const TENANT: &str = "projects/acme/tenants/board";

/// For calls that are answered, or not at all.
pub(crate) const DEADLINE: Duration = Duration::from_secs(2);

/// Somebody opened a job. The first part of the id tells the service what to answer.
#[derive(TalentEvent)]
#[talent(event = View, event_id = "{fate}-{number}", notes = "opened from the list of results")]
pub(crate) struct Opened {
    #[talent(job)]
    job: &'static str,
    #[talent(request_id)]
    search: &'static str,
    fate: &'static str,
    number: u64,
}

/// The fate of an event with which nothing is wrong.
pub(crate) const GOOD: &str = "good";
/// A code of gRPC, each time.
pub(crate) const INTERNAL: &str = "13";
/// A code of gRPC, each time.
pub(crate) const NOT_FOUND: &str = "5";
/// No answer, ever.
pub(crate) const HANGS: &str = "hang";
/// The service resets the connection that the event comes by.
pub(crate) const RESETS: &str = "reset";

/// One event of this fate.
pub(crate) fn opened(fate: &'static str, number: u64) -> Opened {
    Opened { job: "42", search: "search-7f", fate, number }
}

/// So many in a hundred have the fate, evenly among the others.
pub(crate) fn mixed(number: u64, percent: u64, fate: &'static str) -> Opened {
    opened(if number * 37 % 100 < percent { fate } else { GOOD }, number)
}

impl Opened {
    pub(crate) fn is_good(&self) -> bool {
        self.fate == GOOD
    }
}

/// Default settings, except the deadline.
pub(crate) fn client(address: &str) -> TalentClientBuilder {
    TalentClient::builder(TENANT).emulator(address).deadline(DEADLINE)
}
