//! What was refused, kept for whoever mends it: `{"line": n, "error": "…", "entry": …}`.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::Failure;
use crate::input::Line;

pub(super) struct DeadLetters {
    path: PathBuf,
    to: File,
}

impl DeadLetters {
    /// After what is there already, of a replay that was interrupted, say.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let opened = File::options().append(true).create(true).open(path);
        let to = opened.map_err(|e| format!("can not open the dead letters file {}: {e}", path.display()))?;
        Ok(Self { path: path.into(), to })
    }

    /// At once, so that no line is settled whose letter is lost with the program.
    pub(super) fn add(&mut self, line: &Line, error: &str) -> Result<(), Failure> {
        let text = line.text.as_deref().unwrap_or_default();
        let entry = serde_json::from_slice(text).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(text)));
        let letter = json!({"line": line.number, "error": error, "entry": entry});
        let written = self.to.write_all(format!("{letter}\n").as_bytes());
        Ok(written.map_err(|e| format!("can not write the dead letters file {}: {e}", self.path.display()))?)
    }
}
