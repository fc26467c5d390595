//! An application from the first look to the hire, one step a run: `cargo run --example hired_weeks_later`.
//!
//! Weeks lie between an application and what comes of it, and many processes. Between two runs there is only a
//! checkpoint, in a file in the current folder.

use std::error::Error;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use talent_events::event::rules::Stage;
use talent_events::sequence::{ApplicationFunnel, Checkpoint, stage};
use talent_events::{ClientEvent, EventId, TalentClient, TalentEvent, TenantName};
use talent_events_emulator::Emulator;

const FILE: &str = "hired_weeks_later.json";

const HELP: &str = "\
Tells Google Cloud Talent Solution of one application, one step a run.

Usage: cargo run --example hired_weeks_later [-- --reset]

  --reset    begin anew: forget the application in hired_weeks_later.json

Where the application stands is kept in hired_weeks_later.json, in the current
folder. The event goes to an emulator inside this program, or to the one that
TALENT_EMULATOR_HOST names (host:port).

Exit status: 0 when the step was taken or there is none left; 1 when something
prevented it, and then the next run takes the same step; 2 for wrong usage.
";

/// What the site knows of an application when its form comes in.
#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, request_id = from_session, job = from_funnel)]
#[talent(event_id = "{application}-finish", notes = "{pages} CV pages")]
struct ApplicationSubmitted {
    application: &'static str,
    pages: u32,
}

const APPLICATION: &str = "application-1017";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(|a| a.to_str()).collect();
    let told = match arguments[..] {
        [] => next_step().await,
        [Some("--reset")] => reset(),
        [Some("--help" | "-h")] => Ok(HELP.into()),
        _ => {
            say(io::stderr(), HELP);
            return ExitCode::from(2);
        }
    };
    match told {
        Ok(words) => say(io::stdout(), &words),
        Err(e) => {
            say(io::stderr(), &format!("hired_weeks_later: {e}\n"));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Takes the next step, and stores where the application stands then.
async fn next_step() -> Result<String, Box<dyn Error>> {
    let tenant: TenantName = "projects/demo/tenants/board".parse()?;
    let (client, _emulator) = connect(&tenant).await?;

    let checkpoint = match stored()? {
        Some(checkpoint) => checkpoint,
        // The id that the search answered, which the site keeps with the application.
        None => ApplicationFunnel::begin(&client, "search-7f", "42")?.checkpoint(),
    };
    let (words, receipt, checkpoint) = match checkpoint.stage() {
        Stage::Open => {
            let funnel = checkpoint.resume::<stage::Open, _>(&client)?.view().event_id(id("view")?).await?;
            ("The posting was opened.", receipt(&funnel), funnel.checkpoint())
        }
        Stage::Viewed => {
            let funnel = checkpoint.resume::<stage::Viewed, _>(&client)?.start().event_id(id("start")?).await?;
            ("The form was opened.", receipt(&funnel), funnel.checkpoint())
        }
        Stage::Started => {
            let submitted = ApplicationSubmitted { application: APPLICATION, pages: 3 };
            let funnel = checkpoint.resume::<stage::Started, _>(&client)?.record(&submitted).await?;
            ("The application was submitted.", receipt(&funnel), funnel.checkpoint())
        }
        Stage::Applied => {
            let step = checkpoint.resume::<stage::Applied, _>(&client)?.grant_interview();
            let funnel = step.event_id(id("interview")?).notes("by video").await?;
            ("Two weeks later: an interview was granted.", receipt(&funnel), funnel.checkpoint())
        }
        Stage::Interviewing => {
            let funnel = checkpoint.resume::<stage::Interviewing, _>(&client)?.hire().event_id(id("hire")?).await?;
            ("Three weeks later: hired!", receipt(&funnel), funnel.checkpoint())
        }
        end => {
            return Ok(format!("The application is at its end ({end}). `--reset` begins anew.\n"));
        }
    };
    store(&checkpoint)?;
    Ok(format!("{words}\n  {receipt}\nNow at {}; {FILE} keeps it for the next run.\n", checkpoint.stage()))
}

/// The same fact has the same id: a step that is told twice, as the file was lost in between, is one event twice.
fn id(step: &str) -> Result<EventId, Box<dyn Error>> {
    Ok(EventId::new(format!("{APPLICATION}-{step}"))?)
}

fn receipt<S: talent_events::sequence::StageType>(funnel: &ApplicationFunnel<TalentClient, S>) -> String {
    let event = |e: &ClientEvent| format!("{} as {} of {}", e.job_event.r#type, e.event_id, funnel.request_id());
    funnel.receipt().map(event).unwrap_or_default()
}

/// A client of the emulator that the environment names, or else of one of our own.
async fn connect(tenant: &TenantName) -> Result<(TalentClient, Option<Emulator>), Box<dyn Error>> {
    if std::env::var_os("TALENT_EMULATOR_HOST").is_some_and(|host| !host.is_empty()) {
        return Ok((TalentClient::connect(tenant.clone()).await?, None));
    }
    let emulator = Emulator::start().await?;
    let client = TalentClient::builder(tenant.clone()).emulator(emulator.host()).connect().await?;
    Ok((client, Some(emulator)))
}

fn stored() -> Result<Option<Checkpoint>, Box<dyn Error>> {
    let json = match fs::read(FILE) {
        Ok(json) => json,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(format!("can not read {FILE}: {e}").into()),
    };
    match serde_json::from_slice(&json) {
        Ok(checkpoint) => Ok(Some(checkpoint)),
        Err(e) => Err(format!("{FILE} holds no checkpoint that can be resumed: {e}; `--reset` begins anew").into()),
    }
}

/// All of it or nothing: written beside the file, then put in its place.
fn store(checkpoint: &Checkpoint) -> Result<(), Box<dyn Error>> {
    let beside = format!("{FILE}.new");
    let json = serde_json::to_string_pretty(checkpoint)?;
    let written = fs::write(&beside, json + "\n").and_then(|()| fs::rename(&beside, FILE));
    written.map_err(|e| format!("the step was taken, but {FILE} can not be written: {e}").into())
}

fn reset() -> Result<String, Box<dyn Error>> {
    match fs::remove_file(FILE) {
        Ok(()) => Ok("The application is forgotten; the next run begins anew.\n".into()),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok("There was nothing to forget.\n".into()),
        Err(e) => Err(format!("can not remove {FILE}: {e}").into()),
    }
}

/// Says it, unless nobody listens: `println` would panic.
fn say(mut to: impl Write, words: &str) {
    let _ = to.write_all(words.as_bytes());
}
