//! What the program is asked to do.

use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) enum Options {
    /// Tell the service of the events in this file; `-` is the standard input.
    Run(PathBuf),
    Help,
}

const DAY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/job_board.ndjson");

pub(crate) const HELP: &str = "\
Tells Google Cloud Talent Solution of a day of a small job board.

Usage: cargo run --example job_board [-- FILE]

  FILE    domain events, one JSON object a line; - is the standard input.
          Without it: the day that comes along, data/job_board.ndjson.
  --help  this text.

Where the events go:
  by default              to an emulator inside this program
  TALENT_EMULATOR_HOST    to the emulator at this host:port
  TALENT_TENANT           as events of this tenant, projects/…/tenants/…; without
                          TALENT_EMULATOR_HOST to Google, with application
                          default credentials

To see them arrive, run cargo run -p talent-events-cli -- emulator in another
terminal, open http://127.0.0.1:8484/, and here
  TALENT_EMULATOR_HOST=127.0.0.1:8484 cargo run --example job_board

Ctrl-C stops reading and reports what was done; a second one does not wait for
the answers that are still to come.

The last line counts lines: delivered (the service answered OK), rejected
(malformed lines, and events that break a rule), skipped (not meant for the
service). An event with a defect is delivered all the same: the service takes it.

The day that comes along holds six defects, two malformed lines and two events
that are refused, so that there is something to see.

Exit status: 0 when it ran through or was stopped by Ctrl-C, whatever it found
in the data; 1 when something prevented that; 2 for wrong usage.
";

impl Options {
    pub(crate) fn from_args(args: impl IntoIterator<Item = OsString>) -> Result<Self, String> {
        let mut args = args.into_iter();
        let Some(first) = args.next() else { return Ok(Self::Run(DAY.into())) };
        if let Some(more) = args.next() {
            return Err(format!("job_board: one file at most, but there is {more:?} too"));
        }
        match first.to_str() {
            Some("--help" | "-h") => Ok(Self::Help),
            Some(option) if option.starts_with('-') && option != "-" => {
                Err(format!("job_board: there is no option {option:?}"))
            }
            _ => Ok(Self::Run(first.into())),
        }
    }
}
