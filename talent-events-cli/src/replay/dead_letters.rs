//! What was refused, kept for whoever mends it: [`ndjson::dead_letter`].

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::mem;
use std::path::{Path, PathBuf};

use serde_json::Value;
use serde_json::value::RawValue;
use talent_events_emulator::ndjson;

use crate::Failure;
use crate::input::Line;

/// As many bytes of letters may wait to be written.
const MAX_WAITING: usize = 1024 * 1024;

pub(super) struct DeadLetters {
    path: PathBuf,
    to: File,
    /// It ends in the middle of a line.
    is_torn: bool,
    waiting: Vec<u8>,
}

impl DeadLetters {
    /// After what is there already, of a replay that was interrupted, say.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let opened = File::options().append(true).create(true).open(path);
        let to = opened.map_err(|e| format!("cannot open the dead letters file {}: {e}", path.display()))?;
        let is_torn = is_torn(path, &to).unwrap_or(false);
        Ok(Self { path: path.into(), to, is_torn, waiting: Vec::new() })
    }

    pub(super) fn add(&mut self, line: &Line, error: &str) {
        let entry = line.text.as_deref().map_or_else(|| "null".into(), entry);
        let letter = format!("{{\"line\":{},\"error\":{},\"entry\":{entry}}}\n", line.number, Value::from(error));
        if mem::take(&mut self.is_torn) {
            self.waiting.push(b'\n');
        }
        self.waiting.extend(letter.into_bytes());
    }

    pub(super) fn are_written(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn are_many(&self) -> bool {
        self.waiting.len() >= MAX_WAITING
    }

    /// After an error it can go on where it was.
    pub(super) fn write(&mut self) -> Result<(), Failure> {
        while !self.waiting.is_empty() {
            let written = match self.to.write(&self.waiting) {
                Ok(0) => Err(ErrorKind::WriteZero.into()),
                Err(e) if e.kind() == ErrorKind::Interrupted => Ok(0),
                written => written,
            };
            let written = written
                .map_err(|e: io::Error| format!("cannot write the dead letters file {}: {e}", self.path.display()))?;
            self.waiting.drain(..written);
        }
        Ok(())
    }
}

/// The line as it is, and not as it would be read: what is there twice, or too long for a number, is what is wrong with
/// it. As a text where it is no JSON. Of a dead letter only what it is about.
fn entry(line: &[u8]) -> String {
    if let Some(entry) = ndjson::dead_letter(line) {
        return entry.into();
    }
    match serde_json::from_slice::<&RawValue>(line) {
        Ok(entry) => entry.get().into(),
        Err(_) => Value::from(String::from_utf8_lossy(line)).to_string(),
    }
}

fn is_torn(path: &Path, opened: &File) -> io::Result<bool> {
    let there = opened.metadata()?;
    if !there.is_file() || there.len() == 0 {
        return Ok(false);
    }
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_holds_what_was_refused() {
        for (line, expected) in [
            (&br#"{"eventId": "a", "eventId": "b", "n": 12345678901234567890123}"#[..], None),
            (b"[1.0,  2e999]", None),
            (b"no \"json\"", Some(r#""no \"json\"""#)),
            (b"\xff\x1b", Some("\"\u{fffd}\\u001b\"")),
            (br#"{"line": 1, "error": "no", "entry": {"eventId": "a"}}"#, Some(r#"{"eventId": "a"}"#)),
            (br#"{"line": 1, "error": "no", "entry": "no json"}"#, Some(r#""no json""#)),
        ] {
            assert_eq!(entry(line), expected.unwrap_or_else(|| std::str::from_utf8(line).unwrap()));
        }
    }

    #[test]
    fn letters_are_lines_also_after_one_that_was_cut_off() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, "{\"line\": 1, \"er").unwrap();
        for number in 2..4 {
            let mut letters = DeadLetters::open(file.path()).unwrap();
            letters.add(&Line { number, bytes: 3, text: None }, "too long");
            letters.write().unwrap();
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let letter = |n| format!("{{\"line\":{n},\"error\":\"too long\",\"entry\":null}}\n");
        assert_eq!(text, format!("{{\"line\": 1, \"er\n{}{}", letter(2), letter(3)));
    }
}
