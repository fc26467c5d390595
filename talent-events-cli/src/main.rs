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

use options::{Command, Options};

/// What prevents the work; its `Display` form says it all.
type Failure = Box<dyn Error + Send + Sync>;

/// How the work ended, where nothing prevented it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Nothing to complain of.
    Clean,
    /// Done, and there is something in the data to look at.
    Findings,
    /// Not all is done; what is, is accounted for.
    Unfinished,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .with_writer(io::stderr)
        .init();
    let command = Options::parse().command;
    let done = Runtime::new().map_err(Failure::from).and_then(|runtime| {
        let done = runtime.block_on(run(command));
        // A read that can not be called off, of a pipe that nobody writes to, say, does not keep the program.
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
            found.ok_or_else(|| format!("there is no command {name:?}, but {}", names.join(", ")))?
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

/// Whoever reads us has read enough: what we have to do and to answer is the same.
fn unless_nobody_reads(printed: io::Result<()>) -> io::Result<()> {
    printed.or_else(|e| if e.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(e) })
}

/// A line on the standard error, unless nobody listens: `eprintln` would panic.
fn say(words: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", visible(words));
}

/// `1 event`, `2 events`.
fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Without what a terminal would obey, or what would show it in another order.
fn visible(words: &str) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    words.chars().map(|c| if obeyed(c) { '\u{fffd}' } else { c }).collect()
}

/// Foreign words in one line, as much of them as is of use.
fn harmless(words: &str) -> String {
    const MAX_CHARS: usize = 500;
    let end = words.chars().nth(MAX_CHARS).map(|_| '…');
    visible(words).chars().take(MAX_CHARS).chain(end).collect()
}
