//! What a derive costs: `cargo check` of 1,000 structs with ours, with thiserror's `Error`, with serde's `Serialize`, and
//! with none of these.
//!
//! Every struct derives `Debug`, which `Error` asks for, so that it falls out of the difference. Time is the CPU time,
//! user and system, of cargo and all that it starts: on a busy machine the wall clock tells more of its neighbours.

use std::fmt::Write as _;
use std::fs;
use std::time::SystemTime;

use nix::sys::resource::UsageWho;
use talent_events_benches::workspace::{Package, Result, Workspace};
use talent_events_benches::{Goal, Table, cpu, interleaved};

const STRUCTS: usize = 1000;

struct Subject {
    package: &'static str,
    dependency: &'static str,
    /// The attributes of each struct, and of its first two fields.
    attributes: [&'static str; 3],
}

const PLAIN: usize = 0;
const OURS: usize = 1;
const THISERROR: usize = 2;
const SERDE: usize = 3;

const SUBJECTS: [Subject; 4] = [
    Subject { package: "plain", dependency: "", attributes: ["#[derive(Debug)]", "", ""] },
    Subject {
        package: "ours",
        dependency: "talent-events = { path = \"ROOT/talent-events\", default-features = false, features = [\"derive\"] }",
        attributes: [
            "#[derive(Debug, talent_events::TalentEvent)]\n\
             #[talent(event = ApplicationFinish, notes = \"Applied via {channel}, {pages} CV pages\")]",
            "#[talent(job)] ",
            "#[talent(request_id)] ",
        ],
    },
    Subject {
        package: "with-thiserror",
        dependency: "thiserror = \"2\"",
        attributes: [
            "#[derive(Debug, thiserror::Error)]\n#[error(\"Applied via {channel}, {pages} CV pages\")]",
            "",
            "",
        ],
    },
    Subject {
        package: "with-serde",
        dependency: "serde = { version = \"1\", features = [\"derive\"] }",
        attributes: ["#[derive(Debug, serde::Serialize)]", "", ""],
    },
];

fn main() -> Result<()> {
    let package =
        |subject: &Subject| Package { name: subject.package, dependency: subject.dependency, source: source(subject) };
    let workspace = Workspace::write("bench-compile", &SUBJECTS.each_ref().map(package))?;
    let medians: [f64; SUBJECTS.len()] = interleaved(|subject| check(&workspace, &SUBJECTS[subject]))?;
    let per_struct = medians.map(|median| (median - medians[PLAIN]) / STRUCTS as f64);

    let mut table = Table::default();
    let what = "CPU time of `cargo check` per struct beyond a plain one, beside";
    let goal = Some(Goal::AtMost(1.0));
    table.row(format!("{what} thiserror's `Error`"), "ms", per_struct[OURS], per_struct[THISERROR], goal);
    table.row(format!("{what} serde's `Serialize`"), "ms", per_struct[OURS], per_struct[SERDE], None);
    print!("{table}");
    Ok(())
}

fn source(subject: &Subject) -> String {
    let [item, first, second] = subject.attributes;
    let mut source = String::new();
    for n in 0..STRUCTS {
        let _ = writeln!(
            source,
            "{item}\npub struct Applied{n} {{\n    {first}pub job: String,\n    {second}pub search: String,\n    pub channel: String,\n    pub pages: u32,\n}}\n"
        );
    }
    source
}

/// Milliseconds of CPU time to check the package itself, its dependencies being there.
fn check(workspace: &Workspace, subject: &Subject) -> Result<f64> {
    let source = workspace.path().join(subject.package).join("src/lib.rs");
    fs::File::options().append(true).open(source)?.set_modified(SystemTime::now())?;
    // Of all processes started here and ended, and of those that they started.
    let before = cpu(UsageWho::RUSAGE_CHILDREN)?;
    workspace.cargo(&["check", "--package", subject.package])?;
    Ok((cpu(UsageWho::RUSAGE_CHILDREN)? - before).as_secs_f64() * 1e3)
}
