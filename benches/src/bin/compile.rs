//! What a derive costs: `cargo check` of 1,000 structs with ours, with thiserror's `Error`, with serde's `Serialize`, and
//! with none of these.
//!
//! Every struct derives `Debug`, which `Error` asks for, so that it falls out of the difference. Time is the CPU time,
//! user and system, of cargo and all that it starts: on a busy machine the wall clock tells more of its neighbours.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use nix::sys::resource::UsageWho;
use talent_events_benches::{Goal, Table, cpu, interleaved};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

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
    let workspace = write_workspace()?;
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

/// A workspace with a package for each subject, under the target directory, so that dependencies are built once. It
/// has our lock file: what is compared is what we depend on.
fn write_workspace() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let workspace = target.join("bench-compile");
    for subject in &SUBJECTS {
        let package = workspace.join(subject.package);
        fs::create_dir_all(package.join("src"))?;
        let dependency = subject.dependency.replace("ROOT", &root.to_string_lossy());
        let manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependency}\n",
            subject.package
        );
        write_if_changed(&package.join("Cargo.toml"), &manifest)?;
        write_if_changed(&package.join("src/lib.rs"), &source(subject))?;
    }
    let members: Vec<_> = SUBJECTS.iter().map(|s| s.package).collect();
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n");
    write_if_changed(&workspace.join("Cargo.toml"), &manifest)?;
    fs::copy(root.join("Cargo.lock"), workspace.join("Cargo.lock"))?;
    Ok(workspace)
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

fn write_if_changed(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    Ok(fs::write(path, text)?)
}

/// Milliseconds of CPU time to check the package itself, its dependencies being there.
fn check(workspace: &Path, subject: &Subject) -> Result<f64> {
    let source = workspace.join(subject.package).join("src/lib.rs");
    fs::File::options().append(true).open(source)?.set_modified(std::time::SystemTime::now())?;
    // Of all processes started here and ended, and of those that they started.
    let before = cpu(UsageWho::RUSAGE_CHILDREN)?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["check", "--quiet", "--package", subject.package, "--target-dir"])
        .arg(workspace.join("target"))
        .current_dir(workspace)
        .env("CARGO_INCREMENTAL", "0")
        .output()?;
    if !output.status.success() {
        return Err(format!("{}: {}", subject.package, String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok((cpu(UsageWho::RUSAGE_CHILDREN)? - before).as_secs_f64() * 1e3)
}
