//! The command line.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use talent_events::TenantName;
use talent_events_emulator::Quota;

/// Client events of Google Cloud Talent Solution: a local emulator, and tools for files of events
///
/// A file has one JSON object per line: a client event in the form of the REST API, or a line of an export.
#[derive(Debug, Parser)]
#[command(name = "talent-events", version, after_long_help = EXIT, arg_required_else_help = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT: &str = "Exit status: 0 done; 1 done, with defects (lint) or refused events (replay); 2 wrong usage; \
                    3 failed or interrupted.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Emulator(EmulatorOptions),
    Lint(LintOptions),
    Replay(ReplayOptions),
    /// Print completions for a shell
    Completions {
        shell: Shell,
    },
    /// Print the manual page, as roff: `talent-events man | man -l -`
    Man {
        /// A command; without one, the whole program
        command: Option<String>,
    },
}

/// Run a local EventService for any of Google's clients, until Ctrl-C
///
/// It answers gRPC and REST on one port, and keeps events in memory.
///
/// The console for people is at http://127.0.0.1:8484/ by default. It shows events with their warnings as they arrive, the
/// funnel from impression to hire, and all defects with their reasons.
///
/// Programs use /emulator/v1, which lists its endpoints. See docs/emulator.md.
#[derive(Debug, Args)]
#[command(after_help = EXIT)]
pub(crate) struct EmulatorOptions {
    /// The port to listen on; 0 is any free port
    #[arg(long, default_value_t = 8484)]
    pub(crate) port: u16,
    /// The address or name to listen on; 0.0.0.0 is open to the network
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// Another host name of the control API and the console; repeatable
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,
    /// Discard events whose request id no search has answered
    #[arg(long)]
    pub(crate) strict: bool,
    /// Refuse calls over this quota, e.g. 300/min
    #[arg(long)]
    pub(crate) quota: Option<Quota>,
    /// Refuse calls without a token; any token is accepted
    #[arg(long)]
    pub(crate) require_token: bool,
    /// Record each event id once
    #[arg(long)]
    pub(crate) idempotent: bool,
    /// Import a file at the start: an export, or client events, one JSON object per line
    #[arg(long, value_name = "FILE")]
    pub(crate) import: Option<PathBuf>,
    /// Export all events to this file at the end
    ///
    /// The emulator checks at the start that it can write the file. If it cannot write the file at the end, it keeps the
    /// events in a temporary file and prints its name.
    #[arg(long, value_name = "FILE")]
    pub(crate) export_at_exit: Option<PathBuf>,
    /// A file of scripted faults, a JSON array
    ///
    /// Each call meets all faults in order, until one ends the call:
    ///
    ///   [{"do": {"delay": {"millis": 200}}},
    ///    {"times": 3, "do": {"answer": {"code": "UNAVAILABLE"}}},
    ///    {"every": 10, "do": "disconnect"},
    ///    {"every": 100, "times": 1, "do": "blackHole"}]
    ///
    /// `every` n: only each n-th call. `times` n: only n calls. An answer may
    /// have a `message` and `retryAfterMillis`. To change the faults of a
    /// running emulator, PUT an array to /emulator/v1/faults.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(crate) faults: Option<PathBuf>,
    /// The tenant to print as TALENT_TENANT; the emulator accepts events of any tenant
    #[arg(long, value_name = "NAME", default_value = "projects/demo/tenants/board")]
    pub(crate) tenant: TenantName,
}

/// Check the events of a file, and list the defects between them
#[derive(Debug, Args)]
#[command(after_help = EXIT)]
pub(crate) struct LintOptions {
    /// The file of events; - is the standard input
    pub(crate) file: PathBuf,
    /// Print JSON instead of a table
    ///
    /// The table is as wide as the terminal or as the variable COLUMNS. In a pipe, each defect is one line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Send the events of a file to an emulator or to Google
///
/// Each event is sent at least once, until it is accepted or refused. After an interruption some events may be sent again,
/// with the same event id. Ctrl-C stops reading, gives up pending retries, and waits for calls in flight. A second Ctrl-C
/// does not wait.
#[derive(Debug, Args)]
#[command(after_help = EXIT)]
pub(crate) struct ReplayOptions {
    /// The file of events; - is the standard input
    pub(crate) file: PathBuf,
    /// The emulator to send to, instead of TALENT_EMULATOR_HOST
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "google")]
    pub(crate) emulator: Option<String>,
    /// Send to Google, with application default credentials
    #[arg(long)]
    pub(crate) google: bool,
    /// Send nothing, and only check the file, like lint
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Send at most at this rate, e.g. 300/min, evenly spaced; at least 1/min
    #[arg(long)]
    pub(crate) quota: Option<Quota>,
    /// Maximum number of calls in flight, at most 1000
    #[arg(long, value_name = "N", default_value = "16", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) concurrency: u16,
    /// Maximum number of attempts per event, and of failures in a row; the last failure ends the replay
    ///
    /// Calls that fail at the same time are one failure. An answer over quota is none: the replay waits as long as the service
    /// requests, for ten minutes at most. It ends if the service accepts nothing for ten minutes.
    #[arg(long, value_name = "N", default_value = "5")]
    pub(crate) attempts: NonZeroU32,
    /// Keep the progress in this file, and resume from it
    ///
    /// A progress file belongs to one input and one target. It is written every second: after a sudden end, events that were
    /// answered since are sent again.
    #[arg(long, value_name = "FILE")]
    pub(crate) progress: Option<PathBuf>,
    /// Append refused events to this file, with the reason
    ///
    /// Replay and lint read its lines too: {"line": 3, "error": "…", "entry": …}
    #[arg(long, value_name = "FILE")]
    pub(crate) dead_letters: Option<PathBuf>,
}
