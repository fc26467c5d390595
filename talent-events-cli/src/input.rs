//! The lines of a file or of the standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use talent_events_emulator::ndjson::{Entry, LineError, MAX_LINE_BYTES};

use crate::Failure;

pub(crate) struct Input {
    from: Box<dyn BufRead + Send>,
    name: String,
    number: u64,
    /// The size in bytes, if it is known.
    pub(crate) length: Option<u64>,
}

pub(crate) struct Line {
    /// From 1.
    pub(crate) number: u64,
    /// The number of bytes of the input, with the end of the line.
    pub(crate) bytes: u64,
    /// The line without its end. `None`: it is longer than [`MAX_LINE_BYTES`].
    pub(crate) text: Option<Vec<u8>>,
}

impl Input {
    /// Opens a file, or the standard input for `-`.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        if path == "-" {
            let from = Box::new(BufReader::new(io::stdin()));
            return Ok(Self { from, name: "standard input".into(), number: 0, length: None });
        }
        let name = path.display().to_string();
        let file = File::open(path).map_err(|e| format!("cannot open {name}: {e}"))?;
        let length = file.metadata().ok().filter(|m| m.is_file()).map(|m| m.len());
        Ok(Self { from: Box::new(BufReader::new(file)), name, number: 0, length })
    }

    /// The name for errors, e.g. `events.ndjson`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Reads the next line. `None`: the end.
    pub(crate) fn next(&mut self) -> Result<Option<Line>, Failure> {
        let number = self.number + 1;
        let line = self.read().map_err(|e| format!("cannot read line {number} of {}: {e}", self.name))?;
        self.number = number;
        Ok(line.map(|(bytes, text)| Line { number, bytes, text }))
    }

    fn read(&mut self) -> io::Result<Option<(u64, Option<Vec<u8>>)>> {
        let mut text = Vec::new();
        let max = MAX_LINE_BYTES as u64 + 1;
        let read = (&mut self.from).take(max).read_until(b'\n', &mut text)? as u64;
        if read == max && text.last() != Some(&b'\n') {
            return Ok(Some((read + self.from.skip_until(b'\n')? as u64, None)));
        }
        // Otherwise an error at the end of the line would have a position in the next line.
        text.truncate(text.trim_ascii_end().len());
        Ok((read > 0).then_some((read, Some(text))))
    }
}

impl Line {
    /// The entry of the line. `None`: the line is blank.
    pub(crate) fn entry(&self) -> Option<Result<Entry, LineError>> {
        match &self.text {
            None => {
                let message = format!("expected at most {MAX_LINE_BYTES} bytes, found a longer line");
                Some(Err(LineError::new(message)))
            }
            Some(text) if text.is_empty() => None,
            Some(text) => Some(Entry::parse(text)),
        }
    }
}

/// `events.ndjson:3:17`, a form that editors and terminals recognize.
pub(crate) fn place(name: &str, line: u64, column: Option<usize>) -> String {
    let column = column.map(|column| format!(":{column}")).unwrap_or_default();
    format!("{name}:{line}{column}")
}
