//! A Python process, spoken to line by line.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time;

use crate::Result;

/// Importing Google's package takes seconds where other tests keep the machine busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs a script of `tests/python`: JSON lines in, JSON lines out. Dropped, it is killed, and the test's output, which
/// is shown when the test fails, gets what it wrote to stderr.
pub(crate) struct Python {
    child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
    stderr: File,
}

impl Python {
    pub(crate) fn start(script: &str, arguments: &[&str]) -> Result<Self> {
        let stderr = tempfile::tempfile()?;
        let mut child = command(script)?
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr.try_clone()?)
            .kill_on_drop(true)
            .spawn()?;
        let stdin = child.stdin.take().ok_or("its stdin is a pipe")?;
        let stdout = child.stdout.take().ok_or("its stdout is a pipe")?;
        Ok(Self { child, stdin, stdout: BufReader::new(stdout).lines(), stderr })
    }

    pub(crate) async fn say(&mut self, line: &Value) -> Result {
        self.stdin.write_all(format!("{line}\n").as_bytes()).await?;
        Ok(())
    }

    pub(crate) async fn hear(&mut self) -> Result<Value> {
        match time::timeout(PATIENCE, self.stdout.next_line()).await {
            Ok(Ok(Some(line))) => Ok(serde_json::from_str(&line)?),
            Ok(Ok(None)) => Err(format!("the script has ended: {}", self.child.wait().await?).into()),
            Ok(Err(e)) => Err(e.into()),
            Err(_) => Err(format!("the script said nothing for {PATIENCE:?}").into()),
        }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let mut words = String::new();
        if self.stderr.rewind().and_then(|()| self.stderr.read_to_string(&mut words)).is_ok() && !words.is_empty() {
            eprintln!("the script's stderr:\n{words}");
        }
    }
}

/// What a script without input prints.
pub(crate) async fn output(script: &str) -> Result<Vec<u8>> {
    let ended = time::timeout(PATIENCE, command(script)?.kill_on_drop(true).output()).await??;
    if !ended.status.success() {
        let words = String::from_utf8_lossy(&ended.stderr);
        return Err(format!("{script} has failed, {}:\n{words}", ended.status).into());
    }
    Ok(ended.stdout)
}

/// With an environment of its own, as proxies and credentials of the machine are no part of the test.
fn command(script: &str) -> Result<Command> {
    let python = std::env::var_os("TALENT_TEST_PYTHON").map(PathBuf::from).ok_or(
        "TALENT_TEST_PYTHON does not name a Python with Google's packages: run `scripts/test.sh google`, or set it to \
         what `scripts/python_venv.sh` prints",
    )?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(script);
    let mut command = Command::new(python);
    command.env_clear().env("PYTHONUTF8", "1").env("PYTHONDONTWRITEBYTECODE", "1").arg(script);
    Ok(command)
}
