//! What a clean build costs: the default form and that of a crate that only describes its events, beside
//! google-cloud-talent-v4.
//!
//! `cargo build` for debugging, dependencies included, their sources fetched before. Time is the wall clock's: it is what
//! somebody waits for, and a build uses all of a machine.

use std::fs;
use std::io::ErrorKind;
use std::time::Instant;

use talent_events_benches::workspace::{Package, Result, Workspace};
use talent_events_benches::{Goal, Table, interleaved};

const SUBJECTS: [(&str, &str); 3] = [
    ("default", "talent-events = { path = \"ROOT/talent-events\" }"),
    ("domain", "talent-events = { path = \"ROOT/talent-events\", default-features = false, features = [\"derive\"] }"),
    ("google", "google-cloud-talent-v4 = \"1\""),
];

fn main() -> Result<()> {
    let packages = SUBJECTS.map(|(name, dependency)| Package { name, dependency, source: String::new() });
    let workspace = Workspace::write("bench-clean-build", &packages)?;
    workspace.cargo(&["fetch"])?;
    let [default, domain, google] = interleaved(|subject| clean_build(&workspace, SUBJECTS[subject].0))?;

    let mut table = Table::default();
    let goals = [(default, "default features", 0.9), (domain, "a crate that only describes its events", 0.15)];
    for (ours, what, goal) in goals {
        let what = format!("clean build, {what}, beside google-cloud-talent-v4");
        table.row(what, "s", ours, google, Some(Goal::AtMost(goal)));
    }
    print!("{table}");
    Ok(())
}

/// Seconds to build the package and all that it depends on.
fn clean_build(workspace: &Workspace, package: &str) -> Result<f64> {
    match fs::remove_dir_all(workspace.path().join("target")) {
        Err(e) if e.kind() != ErrorKind::NotFound => return Err(e.into()),
        _ => {}
    }
    let began = Instant::now();
    workspace.cargo(&["build", "--offline", "--package", package])?;
    Ok(began.elapsed().as_secs_f64())
}
