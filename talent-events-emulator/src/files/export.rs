//! Exports.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use super::error::{FileError, blocking};
use super::replace::Replacement;
use crate::store::{Records, Revision};

/// The number of events in a chunk.
const CHUNK: usize = 1_000;

pub(crate) async fn export(records: Arc<Records>, path: PathBuf) -> Result<usize, FileError> {
    blocking(move || replace(&records, &path).map_err(|source| FileError::Io { path, source })).await
}

/// [`export`], for the last chance: if the file cannot be written, the events go to a temporary file.
pub(crate) async fn export_or_keep(records: Arc<Records>, path: PathBuf) -> Result<usize, FileError> {
    blocking(move || {
        replace(&records, &path).map_err(|source| match keep(&records) {
            Ok(kept) => FileError::Elsewhere { path, source, kept },
            Err(_) => FileError::Io { path, source },
        })
    })
    .await
}

/// Writes the whole file, or leaves it unchanged.
fn replace(records: &Records, path: &Path) -> io::Result<usize> {
    let mut file = Replacement::of(path)?;
    let written = write(records, file.writer())?;
    file.finish(true)?;
    Ok(written)
}

fn keep(records: &Records) -> io::Result<PathBuf> {
    let mut file = tempfile::Builder::new().prefix("talent-events-").suffix(".ndjson").tempfile()?;
    let mut to = BufWriter::new(&mut file);
    write(records, &mut to)?;
    to.flush()?;
    drop(to);
    Ok(file.keep()?.1)
}

fn write(records: &Records, to: &mut dyn Write) -> io::Result<usize> {
    let mut written = 0;
    let mut cursor = Cursor::new(records);
    while let Some((chunk, next)) = next_chunk(records, cursor)? {
        written += chunk.events;
        to.write_all(&chunk.text)?;
        cursor = next;
    }
    Ok(written)
}

/// Some lines of an export.
pub(crate) struct Chunk {
    pub(crate) text: Vec<u8>,
    events: usize,
}

/// The position of an export. The known request ids come first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor {
    /// The events at the start of the export. Later events are left out.
    end: Revision,
    /// The number of events before the position. `None`: before the known request ids.
    from: Option<usize>,
}

impl Cursor {
    pub(crate) fn new(records: &Records) -> Self {
        Self { end: records.revision(), from: None }
    }
}

/// The lines at this position, and the next position. `None`: the end.
///
/// # Errors
///
/// All events were cleared meanwhile. An error tells the reader that the export is incomplete.
pub(crate) fn next_chunk(records: &Records, cursor: Cursor) -> io::Result<Option<(Chunk, Cursor)>> {
    let Cursor { end, from } = cursor;
    let Some(from) = from else {
        let lines = records.known().into_iter().flat_map(|id| line(&json!({"knownRequestId": id})));
        return Ok(Some((Chunk { text: lines.collect(), events: 0 }, Cursor { end, from: Some(0) })));
    };
    let max = CHUNK.min(end.count.saturating_sub(from));
    let cleared = || io::Error::other("the events were cleared before all were written");
    let events = records.page(Revision { count: from, ..end }, max).ok_or_else(cleared)?;
    if events.is_empty() {
        return Ok(None);
    }
    let next = Cursor { end, from: Some(from + events.len()) };
    Ok(Some((Chunk { text: events.iter().flat_map(line).collect(), events: events.len() }, next)))
}

fn line(value: &impl serde::Serialize) -> Vec<u8> {
    // Strings, numbers and times always serialize.
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::import::read;
    use super::*;
    use crate::Settings;

    #[test]
    fn an_export_of_cleared_events_is_an_error() {
        let records = Records::new(Settings::default(), HashSet::new());
        let line = r#"{"eventId":"e","createTime":"2026-02-03T09:30:00Z","jobEvent":{"type":"VIEW","jobs":["projects/p/tenants/t/jobs/1"]}}"#;
        let lines = format!("{line}\n").repeat(CHUNK + 1);
        assert_eq!(read(&records, io::Cursor::new(lines), u64::MAX, Path::new("lines")).unwrap(), CHUNK + 1);
        let export = |clear_before: usize| {
            let (mut cursor, mut events) = (Cursor::new(&records), 0);
            for n in 0.. {
                if n == clear_before {
                    records.clear();
                }
                let Some((chunk, next)) = next_chunk(&records, cursor)? else { break };
                events += chunk.events;
                cursor = next;
            }
            io::Result::Ok(events)
        };
        assert_eq!(export(usize::MAX).unwrap(), CHUNK + 1);
        // After the known request ids and one chunk.
        assert!(export(2).unwrap_err().to_string().contains("cleared"));
        assert_eq!(export(usize::MAX).unwrap(), 0);
    }
}
