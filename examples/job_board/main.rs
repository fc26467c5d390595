//! A day of a small job board, told to Google Cloud Talent Solution: `cargo run --example job_board`.
//!
//! Each line of the day is a domain event (`src/lib.rs`). It is read by serde, tracked, and accounted for.

mod input;
mod options;
mod report;
mod service;
mod tally;

use std::cell::Cell;
use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;

use futures_util::StreamExt;
use talent_events::{TalentClient, Track};
use talent_events_examples::BoardEvent;
use tokio::sync::Notify;

use input::{Input, Line, Text};
use options::Options;
use report::{Interrupted, Outcome, Report};
use service::Service;

/// Events on their way at the same time.
const IN_FLIGHT: usize = 16;

/// What prevents the run; its `Display` form says it all.
type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let ran = match Options::from_args(std::env::args_os().skip(1)) {
        Ok(Options::Run(path)) => run(&path).await,
        Ok(Options::Help) => io::stdout().write_all(options::HELP.as_bytes()).map_err(Failure::from),
        Err(wrong) => {
            say(&format!("{wrong}\n\n{}", options::HELP));
            return ExitCode::from(2);
        }
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads us has read enough.
        Err(e) if e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) => {
            ExitCode::SUCCESS
        }
        Err(e) => {
            say(&format!("job_board: {e}\n"));
            ExitCode::FAILURE
        }
    }
}

async fn run(path: &Path) -> Result<(), Failure> {
    let input = Input::open(path)?;
    let service = Service::from_env().await?;
    let progress = input.progress();
    let mut report = Report::new(&service);

    let stop = Notify::new();
    let interrupted = Cell::new(Interrupted::No);
    // The first Ctrl-C ends the reading, and what is on its way gets its answer. The second does not wait for it.
    let end = async {
        tokio::select! {
            () = ctrl_c() => interrupted.set(Interrupted::Once),
            () = stop.notified() => {}
        }
    };
    let give_up = async {
        ctrl_c().await;
        ctrl_c().await;
        interrupted.set(Interrupted::Twice);
    };
    let outcomes = input.lines()?.take_until(end).map(|line| told(line, service.client())).buffered(IN_FLIGHT);
    let mut outcomes = pin!(outcomes.take_until(give_up));
    while let Some((line, outcome)) = outcomes.next().await {
        progress.inc(line.bytes);
        report.add(line.number, outcome);
        if report.failure().is_some() {
            stop.notify_one();
        }
    }
    progress.finish_and_clear();
    let printed = report.print(&mut io::stdout().lock(), &service, interrupted.get());
    // What went wrong is told even where nobody reads the report.
    match report.into_failure() {
        Some(e) => Err(e),
        None => Ok(printed?),
    }
}

/// What became of one line.
async fn told(mut line: Line, client: &TalentClient) -> (Line, Outcome) {
    let outcome = match line.take() {
        Text::Blank => Outcome::Blank,
        Text::TooLong => Outcome::Malformed(format!("longer than {} bytes", input::MAX_LINE_BYTES)),
        Text::Unreadable(e) => Outcome::Unreadable(e),
        Text::Whole(text) => match serde_json::from_slice::<BoardEvent>(&text) {
            Err(e) => Outcome::Malformed(within_line(&e)),
            Ok(event) => match event.track(client).await {
                Ok(Some(receipt)) => Outcome::Delivered(receipt),
                Ok(None) => Outcome::Skipped,
                Err(e) => Outcome::Failed(e),
            },
        },
    };
    (line, outcome)
}

/// What is wrong, and where in the line: serde_json counts lines too, and always finds one.
fn within_line(error: &serde_json::Error) -> String {
    let words = error.to_string();
    match words.strip_suffix(&format!(" at line {} column {}", error.line(), error.column())) {
        Some(_) if error.is_eof() => format!("no JSON, as the line ends before it does, at column {}", error.column()),
        Some(words) if error.is_syntax() => format!("no JSON: {words}, at column {}", error.column()),
        Some(words) => format!("{words}, at column {}", error.column()),
        None => words,
    }
}

async fn ctrl_c() {
    // Where the signal can not be had, there is none to wait for.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// Says it, unless nobody listens: `eprintln` would panic.
fn say(words: &str) {
    let _ = io::stderr().write_all(words.as_bytes());
}
