//! The program in a clean environment.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

pub(crate) struct Program(Command);

impl Program {
    pub(crate) fn new<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Self {
        Self::by(&[], args)
    }

    /// Started by a program that starts it, with its arguments.
    pub(crate) fn by<S: AsRef<std::ffi::OsStr>>(starter: &[&str], args: impl IntoIterator<Item = S>) -> Self {
        let whole: Vec<_> = starter.iter().copied().chain([env!("CARGO_BIN_EXE_talent-events")]).collect();
        let mut command = Command::new(whole[0]);
        command.args(&whole[1..]).args(args);
        command.env_remove("TALENT_EMULATOR_HOST").env_remove("TALENT_TENANT").env_remove("COLUMNS");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command)
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    /// With this for its standard output.
    #[cfg(unix)]
    pub(crate) fn onto(mut self, out: impl Into<Stdio>) -> Self {
        self.0.stdout(out);
        self
    }

    /// Its standard output is a pipe that nobody reads.
    pub(crate) fn unread(mut self) -> Self {
        self.0.stdout(std::io::pipe().unwrap().1);
        self
    }

    /// With this for its standard input.
    pub(crate) fn from(mut self, input: std::fs::File) -> Self {
        self.0.stdin(input);
        self
    }

    pub(crate) fn run(self) -> Output {
        self.fed("")
    }

    pub(crate) fn fed(mut self, input: impl AsRef<[u8]>) -> Output {
        let mut child = self.0.spawn().unwrap();
        // What the command holds of a terminal keeps it open.
        drop(self);
        if let Some(mut stdin) = child.stdin.take() {
            // It may end before it has read all.
            let _ = stdin.write_all(input.as_ref());
        }
        child.wait_with_output().unwrap()
    }

    pub(crate) fn spawn(mut self) -> Child {
        self.0.spawn().unwrap()
    }
}

/// An emulator in a process of its own, killed at the end where it still runs.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) host: String,
    /// Open, so that the program has somebody to write to.
    _out: BufReader<ChildStdout>,
}

impl Running {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::greeted(Program::new(["emulator", "--port", "0"].iter().chain(args)).spawn())
    }

    /// Waits until it is ready.
    pub(crate) fn greeted(mut child: Child) -> Self {
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let host =
            line.trim().strip_prefix("export TALENT_EMULATOR_HOST=").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        line.clear();
        out.read_line(&mut line).unwrap();
        assert!(line.starts_with("export TALENT_TENANT='projects/"), "{line:?}");
        Self { child, host, _out: out }
    }

    /// Asks it to end, and answers what it said.
    #[cfg(unix)]
    pub(crate) fn stop(mut self, signal: rustix::process::Signal) -> (Option<i32>, String) {
        kill(&self.child, signal);
        let mut said = String::new();
        std::io::Read::read_to_string(&mut self.child.stderr.take().unwrap(), &mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

#[cfg(unix)]
pub(crate) fn kill(child: &Child, signal: rustix::process::Signal) {
    rustix::process::kill_process(rustix::process::Pid::from_child(child), signal).unwrap();
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

pub(crate) fn file(directory: &tempfile::TempDir, name: &str, contents: &str) -> PathBuf {
    let path = directory.path().join(name);
    std::fs::write(&path, contents).unwrap();
    path
}

pub(crate) fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A line with a valid event.
pub(crate) fn event(event_type: &str, id: &str, search: &str) -> String {
    format!(
        r#"{{"requestId":"{search}","eventId":"{id}","createTime":"2026-02-03T09:30:00Z","jobEvent":{{"type":"{event_type}","jobs":["projects/acme/tenants/board/jobs/42"]}}}}"#
    ) + "\n"
}
