//! The command line of talent-events: `talent-events --help`.

mod emulator;
mod input;
mod lint;
mod options;
mod replay;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use tokio::runtime::Runtime;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

use options::{Command, Options};

/// An error that prevents the work. Its `Display` form is the whole message.
type Failure = Box<dyn Error + Send + Sync>;

/// The end of the work without a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Done, without findings.
    Clean,
    /// Done, with findings in the data.
    Findings,
    /// Interrupted, with an account of the finished part.
    Unfinished,
}

fn main() -> ExitCode {
    // A replay says in its own words how the delivery goes.
    let logged =
        Targets::new().with_default(LevelFilter::WARN).with_target("talent_events::delivery", LevelFilter::OFF);
    let log = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_filter(logged);
    tracing_subscriber::registry().with(log).init();
    let command = Options::parse().command;
    let done = Runtime::new().map_err(Failure::from).and_then(|runtime| {
        let done = runtime.block_on(run(command));
        // A blocking read, e.g. of a pipe without a writer, cannot be cancelled and must not delay the exit.
        runtime.shutdown_background();
        done
    });
    match done {
        Ok(End::Clean) => ExitCode::SUCCESS,
        Ok(End::Findings) => ExitCode::from(1),
        Ok(End::Unfinished) => ExitCode::from(3),
        Err(e) => {
            say(&format!("talent-events: {e}"));
            ExitCode::from(3)
        }
    }
}

async fn run(command: Command) -> Result<End, Failure> {
    match command {
        Command::Emulator(options) => emulator::run(options).await,
        Command::Lint(options) => lint::run(&options),
        Command::Replay(options) => replay::run(options).await,
        Command::Completions { shell } => print(&completions(shell)),
        Command::Man { command } => print(&man(command.as_deref())?),
    }
}

fn completions(shell: clap_complete::Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Options::command(), "talent-events", &mut script);
    if shell != clap_complete::Shell::Bash {
        return script;
    }
    // clap_complete takes the hyphen in a program's name for the start of a command in half of the places:
    // https://github.com/clap-rs/clap/issues/6421
    String::from_utf8_lossy(&script).replace("talent__subcmd__events", "talent__events").into_bytes()
}

fn man(command: Option<&str>) -> Result<Vec<u8>, Failure> {
    let mut all = Options::command();
    all.build();
    let page = match command {
        None => all,
        Some(name) => {
            let names: Vec<_> = all.get_subcommands().map(|c| c.get_name().to_owned()).collect();
            let found = all.find_subcommand(name).cloned();
            found.ok_or_else(|| format!("expected one of the commands {}, found {name:?}", names.join(", ")))?
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    Ok(text)
}

fn print(text: &[u8]) -> Result<End, Failure> {
    let mut out = io::stdout().lock();
    unless_nobody_reads(out.write_all(text).and_then(|()| out.flush()))?;
    Ok(End::Clean)
}

/// Ignores a broken pipe, because the reader has read enough.
fn unless_nobody_reads(printed: io::Result<()>) -> io::Result<()> {
    printed.or_else(|e| if e.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(e) })
}

/// Prints a line to the standard error. Unlike `eprintln`, it does not panic if nobody reads it.
fn say(words: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", visible(words));
}

/// `1 event`, `2 events`.
fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Replaces characters that control a terminal or reorder text.
fn visible(words: &str) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    words.chars().map(|c| if obeyed(c) { '\u{fffd}' } else { c }).collect()
}

/// Foreign text for one line of output, at most 500 characters.
fn harmless(words: &str) -> String {
    const MAX_CHARS: usize = 500;
    let end = words.chars().nth(MAX_CHARS).map(|_| '…');
    visible(words).chars().take(MAX_CHARS).chain(end).collect()
}
