//! A search session and what it sends, the page that is collected, the metadata of a search, and the recorder that
//! looks at it all.

mod agreement;
mod collected;
mod events;
mod funnel;
#[path = "../support/invalid.rs"]
mod invalid;
#[path = "../support/log.rs"]
mod log;
mod metadata;
mod one_error;
mod page;
mod recorder;
#[path = "../support/strict.rs"]
mod strict;

use std::error::Error;

use talent_events::testing::Recorder;
use talent_events::{JobName, SearchSession, TenantName};

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const TENANT: &str = "projects/acme/tenants/board";

fn tenant() -> TenantName {
    TENANT.parse().unwrap()
}

fn job(id: &str) -> JobName {
    tenant().job(id).unwrap()
}

fn recorder() -> Recorder {
    Recorder::new(tenant())
}

fn session(recorder: &Recorder) -> SearchSession<Recorder> {
    SearchSession::begin(recorder, "search-7f").unwrap()
}

fn jobs(event: &talent_events::ClientEvent) -> Vec<&str> {
    event.job_event.jobs.iter().map(JobName::job).collect()
}
