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

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .with_writer(io::stderr)
        .init();
    let done = match Options::parse().command {
        Command::Emulator(options) => emulator::run(options).await,
        Command::Lint(options) => lint::run(&options),
        Command::Replay(options) => replay::run(options).await,
        Command::Completions { shell } => print(&completions(shell)),
        Command::Man { command } => man(command.as_deref()).and_then(|page| print(&page)),
    };
    match done {
        Ok(End::Clean) => ExitCode::SUCCESS,
        Ok(End::Findings) => ExitCode::from(1),
        Ok(End::Unfinished) => ExitCode::from(3),
        // Whoever reads us has read enough.
        Err(e) if e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) => {
            ExitCode::SUCCESS
        }
        Err(e) => {
            say(&format!("talent-events: {e}"));
            ExitCode::from(3)
        }
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
    out.write_all(text)?;
    out.flush()?;
    Ok(End::Clean)
}

/// A line on the standard error, unless nobody listens: `eprintln` would panic.
fn say(words: &str) {
    let _ = writeln!(io::stderr().lock(), "{words}");
}

/// `1 event`, `2 events`.
fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Foreign words in one line, without what a terminal would obey.
fn harmless(words: &str) -> String {
    const MAX_CHARS: usize = 500;
    let shown = words.chars().take(MAX_CHARS).map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let end = words.chars().nth(MAX_CHARS).map(|_| '…');
    shown.chain(end).collect()
}
