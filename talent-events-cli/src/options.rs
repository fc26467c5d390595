//! What the program is asked to do.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use talent_events::TenantName;
use talent_events_emulator::Quota;

/// Client events of Google Cloud Talent Solution: an emulator to send them to, and tools for files of them.
///
/// Files hold one JSON object a line: client events as the REST API has them, or what the emulator exports.
#[derive(Debug, Parser)]
#[command(name = "talent-events", version, after_long_help = EXIT, arg_required_else_help = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT: &str = "Exit status: 0 done, and nothing to complain of; 1 done, and the data has defects (lint) or events \
                    that were refused (replay); 2 wrong usage; 3 something prevented the work, or it was interrupted.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Emulator(EmulatorOptions),
    Lint(LintOptions),
    Replay(ReplayOptions),
    /// Print the completions for a shell
    Completions {
        shell: Shell,
    },
    /// Print the manual page, as roff: `talent-events man | man -l -`
    Man {
        /// Of this command instead of the whole program
        command: Option<String>,
    },
}

/// Run a local EventService that any of Google's clients can send to, until Ctrl-C
///
/// It speaks gRPC and REST on one port and keeps events in memory.
///
/// The console is its page for people, at http://127.0.0.1:8484/ where nothing else is said: events as they arrive, each
/// with its warnings; the way from impression to hire; and what does not fit together, with the reasons.
///
/// Programs ask and tell it under /emulator/v1, which lists what there is. More: docs/emulator.md.
#[derive(Debug, Args)]
#[command(after_help = EXIT)]
pub(crate) struct EmulatorOptions {
    /// Where to listen; 0 is any free port
    #[arg(long, default_value_t = 8484)]
    pub(crate) port: u16,
    /// The address or name to listen at; 0.0.0.0 is open to the network
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// A further host name by which the control API and the console may be spoken to; repeatable
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,
    /// Discard events without a request id that a search has answered
    #[arg(long)]
    pub(crate) strict: bool,
    /// Refuse calls beyond this rate, e.g. 300/min
    #[arg(long)]
    pub(crate) quota: Option<Quota>,
    /// Refuse calls without a token; any token will do
    #[arg(long)]
    pub(crate) require_token: bool,
    /// Record an event once, however often its event id is sent
    #[arg(long)]
    pub(crate) idempotent: bool,
    /// Read these events before any others are taken: an export, or client events, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(crate) import: Option<PathBuf>,
    /// Write all events to this file at the end
    ///
    /// That it can be written is tried at the start. Where it can not any more, the events are kept in a temporary file,
    /// which is then named.
    #[arg(long, value_name = "FILE")]
    pub(crate) export_at_exit: Option<PathBuf>,
    /// What is to go wrong, as a JSON list
    ///
    /// Each call meets all of them in order, until one ends it:
    ///
    ///   [{"do": {"delay": {"millis": 200}}},
    ///    {"times": 3, "do": {"answer": {"code": "UNAVAILABLE"}}},
    ///    {"every": 10, "do": "disconnect"},
    ///    {"every": 100, "times": 1, "do": "blackHole"}]
    ///
    /// Each `every`-th call only, and so many `times`. An answer may have a
    /// `message` and `retryAfterMillis` too. To change them while it runs, PUT
    /// such a list to /emulator/v1/faults.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(crate) faults: Option<PathBuf>,
    /// The tenant to name in TALENT_TENANT; the emulator takes events of any
    #[arg(long, value_name = "NAME", default_value = "projects/demo/tenants/board")]
    pub(crate) tenant: TenantName,
}

/// Check events by themselves and among each other, and list the defects
#[derive(Debug, Args)]
#[command(after_help = EXIT)]
pub(crate) struct LintOptions {
    /// The events; - is the standard input
    pub(crate) file: PathBuf,
    /// Print JSON instead of a table
    ///
    /// The table is as wide as the terminal, or as the variable COLUMNS says; in a pipe each defect is one line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Send the events of a file to an emulator or to Google
///
/// Each event is sent until it is taken or refused, at least once: an interruption may send some again, with the same
/// event id. Ctrl-C stops reading, gives up what waits to be tried again, and waits for the answers on their way; a second
/// one does not wait.
#[derive(Debug, Args)]
#[command(after_help = EXIT)]
pub(crate) struct ReplayOptions {
    /// The events; - is the standard input
    pub(crate) file: PathBuf,
    /// The emulator to send to, instead of the one that TALENT_EMULATOR_HOST names
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "google")]
    pub(crate) emulator: Option<String>,
    /// Send to Google, with application default credentials
    #[arg(long)]
    pub(crate) google: bool,
    /// Send nothing, whatever else is said: only check, as lint does
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Send no faster than this, e.g. 300/min; evenly, from the first event on
    #[arg(long)]
    pub(crate) quota: Option<Quota>,
    /// Events on their way at the same time, at most 1000
    #[arg(long, value_name = "N", default_value = "16", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) concurrency: u16,
    /// How often an event is tried that the service can not take just now; the last failure ends the replay
    ///
    /// That it is over quota is not counted: the pause that the service asks for is kept, for an hour at most. The replay
    /// ends where it still is when it has taken nothing for ten minutes.
    #[arg(long, value_name = "N", default_value = "5")]
    pub(crate) attempts: NonZeroU32,
    /// Keep account in this file; where there is one already, go on from there
    ///
    /// It is about one input and one target, and is written every second: what was answered since is sent again after a
    /// sudden end.
    #[arg(long, value_name = "FILE")]
    pub(crate) progress: Option<PathBuf>,
    /// Append what is refused to this file, with the reason
    ///
    /// A line each, which replay and lint read too: {"line": 3, "error": "…", "entry": …}
    #[arg(long, value_name = "FILE")]
    pub(crate) dead_letters: Option<PathBuf>,
}
