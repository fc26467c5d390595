//! How far a replay has come, kept in a file where one is asked for.

use std::hash::Hasher;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fnv::FnvHasher;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::Failure;
use crate::input::{Input, Line};

use super::send::Outcome;

/// How often the file is written. What was delivered since is sent again after a sudden end.
const EVERY: Duration = Duration::from_secs(1);

pub(super) struct Account {
    path: Option<PathBuf>,
    done: Done,
    saved: Instant,
}

/// What is settled: the lines up to one, without a gap.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Done {
    lines: u64,
    bytes: u64,
    /// Of the text of these lines, to know the file again.
    fingerprint: u64,
    delivered: u64,
    refused: u64,
}

impl Account {
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let done = match path.map(std::fs::read) {
            None => Done::default(),
            Some(Err(e)) if e.kind() == io::ErrorKind::NotFound => Done::default(),
            Some(read) => {
                let read = read.map_err(Failure::from).and_then(|text| Ok(serde_json::from_slice(&text)?));
                let shown = path.unwrap_or(Path::new("")).display();
                read.map_err(|e| format!("can not read the progress file {shown}: {e}"))?
            }
        };
        let account = Self { path: path.map(Into::into), done, saved: Instant::now() };
        // That the file can not be written is better known before anything is sent.
        account.save()?;
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
    pub(super) fn settle(&mut self, line: &Line, outcome: &Outcome) -> Result<(), Failure> {
        self.done.add(line);
        match outcome {
            Outcome::Delivered => self.done.delivered += 1,
            Outcome::Refused { .. } => self.done.refused += 1,
            Outcome::Nothing | Outcome::Failed(_) | Outcome::Unsent => {}
        }
        if self.saved.elapsed() >= EVERY {
            self.save()?;
            self.saved = Instant::now();
        }
        Ok(())
    }

    /// Written beside it, then renamed over it.
    pub(super) fn save(&self) -> Result<(), Failure> {
        let Some(path) = &self.path else { return Ok(()) };
        let save = || {
            let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let mut file = NamedTempFile::new_in(directory)?;
            serde_json::to_writer(&mut file, &self.done)?;
            file.write_all(b"\n")?;
            file.persist(path)?;
            Ok(())
        };
        save().map_err(|e: io::Error| format!("can not write the progress file {}: {e}", path.display()).into())
    }

    pub(super) fn lines(&self) -> u64 {
        self.done.lines
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
