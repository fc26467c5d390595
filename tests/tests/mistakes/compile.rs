//! What rustc says to a program.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// An error, and the lines on which its primary spans begin and end.
#[derive(Debug)]
pub(crate) struct Error {
    pub(crate) message: String,
    pub(crate) lines: Vec<usize>,
}

/// rustc, with the crates that the programs use checked already.
pub(crate) struct Compiler {
    externs: Vec<String>,
    deps: PathBuf,
    out: tempfile::TempDir,
}

const CRATES: [&str; 3] = ["talent-events", "thiserror", "serde"];

impl Compiler {
    /// Checks the crates, as far as they are not up to date. Events need no network.
    pub(crate) fn new() -> Self {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut check = Command::new(cargo);
        check.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
        check.args(["check", "--locked", "--message-format=json", "--quiet"]);
        check.args(["--no-default-features", "--features", "talent-events/derive"]);
        check.args(CRATES.iter().flat_map(|name| ["-p", name]));
        let output = check.output().expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut externs = Vec::new();
        for message in json(&output.stdout) {
            let Some(name) = message["target"]["name"].as_str() else { continue };
            let is_library = message["target"]["kind"][0] == "lib";
            if is_library && CRATES.contains(&&*name.replace('_', "-")) {
                externs.push((name.replace('-', "_"), message["filenames"][0].as_str().expect("a file").to_owned()));
            }
        }
        assert_eq!(externs.len(), CRATES.len(), "{externs:?}");
        let deps = Path::new(&externs[0].1).parent().expect("a directory").to_owned();
        let externs = externs.into_iter().map(|(name, file)| format!("{name}={file}")).collect();
        Self { externs, deps, out: tempfile::tempdir().expect("a directory for what compiles") }
    }

    /// The errors that rustc prints to a library of this source.
    pub(crate) fn errors(&self, source: &str) -> Vec<Error> {
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.args(["--edition", "2024", "--crate-type", "lib", "--crate-name", "mistake"]);
        rustc.args(["--emit", "metadata", "--error-format", "json", "-A", "warnings"]);
        rustc.arg("--out-dir").arg(self.out.path());
        rustc.arg("-L").arg(format!("dependency={}", self.deps.display()));
        rustc.args(self.externs.iter().flat_map(|e| ["--extern", e]));
        rustc.arg("-").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = rustc.spawn().expect("rustc runs");
        child.stdin.take().expect("piped").write_all(source.as_bytes()).expect("rustc reads");
        let output = child.wait_with_output().expect("rustc ends");
        let errors: Vec<_> = json(&output.stderr).filter_map(|message| error(&message)).collect();
        assert_eq!(errors.is_empty(), output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        errors
    }
}

fn json(output: &[u8]) -> impl Iterator<Item = Value> {
    output.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

fn error(message: &Value) -> Option<Error> {
    let text = message["message"].as_str()?;
    let level = message["level"].as_str()?;
    if !level.starts_with("error") || text.starts_with("aborting due to") {
        return None;
    }
    let spans = message["spans"].as_array().into_iter().flatten().filter(|span| span["is_primary"] == true);
    let ends = spans.flat_map(|span| [&span["line_start"], &span["line_end"]]);
    Some(Error { message: text.into(), lines: ends.filter_map(|line| Some(line.as_u64()? as usize)).collect() })
}
