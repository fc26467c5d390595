//! How far a replay has come, kept in a file where one is asked for.

use std::fs;
use std::hash::Hasher;
use std::io;
use std::path::{Path, PathBuf};

use fnv::FnvHasher;
use serde::{Deserialize, Serialize};
use talent_events_emulator::replace::Replacement;

use crate::Failure;
use crate::input::{Input, Line};

use super::store::Outcome;

pub(super) struct Account {
    path: Option<PathBuf>,
    done: Done,
    /// Lines that the file tells of.
    saved: u64,
}

/// What is settled: the lines up to one, without a gap.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Done {
    /// Where they were sent to: what one has, another has not.
    target: String,
    lines: u64,
    bytes: u64,
    /// Of the text of these lines, to know the file again.
    fingerprint: u64,
    delivered: u64,
    refused: u64,
}

impl Account {
    pub(super) fn open(path: Option<&Path>, target: &str) -> Result<Self, Failure> {
        let new = || Done { target: target.to_owned(), ..Done::default() };
        let done = match path {
            None => new(),
            Some(path) => {
                let shown = path.display();
                let done = read(path).map_err(|e| format!("cannot read the progress file {shown}: {e}"))?;
                done.unwrap_or_else(new)
            }
        };
        if done.target != target {
            let there = done.target;
            return Err(format!(
                "the progress file is of a replay to {there}, and this one goes to {target}: give it a file of its own"
            )
            .into());
        }
        let mut account = Self { path: path.map(Into::into), done, saved: 0 };
        // That the file cannot be written is better known before anything is sent.
        account.write()?;
        Ok(account)
    }

    /// Reads over what is settled.
    pub(super) fn skip(&self, input: &mut Input) -> Result<(), Failure> {
        let mut read = Done::default();
        while read.lines < self.done.lines {
            let Some(line) = input.next()? else { break };
            read.add(&line);
        }
        if (read.lines, read.bytes, read.fingerprint) != (self.done.lines, self.done.bytes, self.done.fingerprint) {
            let Done { lines, .. } = self.done;
            let name = input.name();
            return Err(format!(
                "the progress file is not of {name}: the first {lines} lines are not those it is about"
            )
            .into());
        }
        Ok(())
    }

    /// One more line is settled, the next one.
    pub(super) fn settle(&mut self, line: &Line, outcome: &Outcome) {
        self.done.add(line);
        match outcome {
            Outcome::Delivered => self.done.delivered += 1,
            Outcome::Refused { .. } => self.done.refused += 1,
            Outcome::Nothing | Outcome::Known => {}
        }
    }

    pub(super) fn save(&mut self) -> Result<(), Failure> {
        if self.saved < self.done.lines { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), Failure> {
        if let Some(path) = &self.path {
            let write = || {
                let mut file = Replacement::of(path)?;
                serde_json::to_writer(file.writer(), &self.done)?;
                file.writer().write_all(b"\n")?;
                file.finish(false)
            };
            write().map_err(|e: io::Error| format!("cannot write the progress file {}: {e}", path.display()))?;
        }
        self.saved = self.done.lines;
        Ok(())
    }

    /// Lines that are accounted for, in the file where there is one.
    pub(super) fn lines(&self) -> u64 {
        self.saved
    }

    pub(super) fn bytes(&self) -> u64 {
        self.done.bytes
    }

    pub(super) fn delivered(&self) -> u64 {
        self.done.delivered
    }

    pub(super) fn refused(&self) -> u64 {
        self.done.refused
    }
}

/// `None` where there is no file yet.
fn read(path: &Path) -> Result<Option<Done>, Failure> {
    match fs::metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Ok(there) if !there.is_file() => Err("it is no regular file".into()),
        _ => Ok(Some(serde_json::from_slice(&fs::read(path)?)?)),
    }
}

impl Done {
    fn add(&mut self, line: &Line) {
        let mut hasher = FnvHasher::with_key(self.fingerprint);
        hasher.write(line.text.as_deref().unwrap_or_default());
        hasher.write(b"\n");
        self.fingerprint = hasher.finish();
        self.lines += 1;
        self.bytes += line.bytes;
    }
}
