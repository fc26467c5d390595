//! From a search to an application: `cargo run --example application_funnel`.
//!
//! A job board sends what its user does: a page of results is shown, a job is opened, an application is begun, sent and
//! passed on. Then it does the same without keeping the request id of the search, and sees what that costs.
//!
//! The service is an emulator in this process. Like the real one, it knows which searches it has answered.

use std::error::Error;
use std::io::{self, Write};

use talent_events::sequence::{DeviceInfo, DeviceType, RequestMetadata};
use talent_events::wire::{self, ResponseMetadata};
use talent_events::{ApplicationFunnel, SearchSession, TalentClient, TalentEvent};
use talent_events_emulator::Emulator;

const TENANT: &str = "projects/demo/tenants/board";

/// The board's own event. It has neither request id nor job: the application that it belongs to fills them in.
#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, request_id = from_session, job = from_funnel, notes = "{pages} pages of CV")]
struct ApplicationSubmitted {
    pages: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::builder().strict().start().await?;
    let client = TalentClient::builder(TENANT).emulator(emulator.host()).connect().await?;

    // Who searches: goes with the search, and never with an event. The ids are obfuscated.
    let user = RequestMetadata::builder()
        .domain("jobs.example.com")
        .session_id("5f1d7a0c")
        .user_id("c2b94e77")
        .device_info(DeviceInfo::new(DeviceType::Web))
        .build()?;
    let (results, answered) = search(&emulator, &(&user).into())?;

    // 1. The page is shown: its jobs are noted as they are rendered, and sent as one impression.
    let session = SearchSession::begin(&client, &answered)?.with_request_metadata(user);
    let mut page = session.collect();
    for job in results {
        page.shown(job)?;
    }
    page.flush().await?;

    // 2. A job is opened, and saved for later.
    session.view("backend-engineer").notes("position 2").await?;
    session.bookmark("backend-engineer").await?;

    // 3. The application. A step that can not follow, such as `hire()` before it has begun, does not compile.
    let application = session.application("backend-engineer")?;
    let application = application.start().notes("from the job page").await?;
    let application = application.record(&ApplicationSubmitted { pages: 3 }).await?;
    let _application = application.send_cv().notes("to the employer").await?;

    report(&emulator, "Under the request id of the search")?;

    // The same application, its search forgotten: the request id is made up of user and job.
    emulator.clear();
    let job = TENANT.parse::<talent_events::TenantName>()?.job("backend-engineer")?;
    let application = ApplicationFunnel::for_applicant(&client, "c2b94e77", job)?;
    let _application = application.start().await?.finish().await?.send_cv().await?;

    report(&emulator, "Under a request id that is made up")?;
    Ok(())
}

/// Stands for the app's own search call, which answers jobs and the request id.
fn search(
    emulator: &Emulator,
    _user: &wire::RequestMetadata,
) -> Result<([&'static str; 3], ResponseMetadata), Box<dyn Error>> {
    let answered = ResponseMetadata { request_id: "search-7f".into() };
    emulator.know_request_id(answered.request_id.parse()?);
    Ok((["data-engineer", "backend-engineer", "site-reliability-engineer"], answered))
}

/// What the service has got, what of it counts, and what its data validation would list.
fn report(emulator: &Emulator, what: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{what}\n")?;
    for recorded in emulator.events() {
        let event = recorded.event;
        let jobs: Vec<_> = event.job_event.jobs.iter().map(|job| job.job()).collect();
        let counts = if recorded.discarded { "discarded" } else { "counts" };
        let line = format!("  {:<19} {counts:<9}  {}  {}", event.job_event.r#type, jobs.join(", "), event.event_notes);
        writeln!(out, "{}", line.trim_end())?;
    }
    let defects = emulator.defects();
    if defects.is_empty() {
        writeln!(out, "\n  No defects.")?;
    }
    for defect in &defects {
        writeln!(out, "\n  {}", defect.rule)?;
    }
    writeln!(out)
}
