//! What the job board tells Google Cloud Talent Solution, as a table: `cargo run --example tracking_plan`, and as JSON
//! with `-- --json`.

use std::io::{self, Write};

use talent_events::catalog;
use talent_events_examples::BoardEvent;

fn main() -> io::Result<()> {
    let plan = catalog![BoardEvent];
    let text = match std::env::args().nth(1).as_deref() {
        None => plan.to_string(),
        Some("--json") => plan.to_json(),
        Some(other) => return Err(io::Error::other(format!("there is no option {other:?}: --json is the only one"))),
    };
    match io::stdout().write_all(text.as_bytes()) {
        // Whoever reads us has read enough.
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
