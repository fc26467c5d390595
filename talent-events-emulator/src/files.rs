//! Import and export.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use talent_events::{EncodedEvent, Timestamp};
use tokio::task;

use crate::app::App;
use crate::ndjson::{Entry, MAX_LINE_BYTES};
use crate::records::Mark;
use crate::replace::Replacement;

/// Events that are read back at a time.
const PIECE: usize = 1_000;

/// Why a file was not imported or exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file can not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What stands in a line is no entry of [`ndjson`](crate::ndjson).
    #[error("{}, line {line}{}: {words}", path.display(), column.map(|c| format!(", column {c}")).unwrap_or_default())]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: u64,
        /// In bytes from 1, where it is one place.
        column: Option<usize>,
        /// What was found.
        words: String,
    },
    /// The file can not be written, and as the events are gone with the emulator, they are in another.
    #[error("{}: {source}; the events are in {} instead", path.display(), kept.display())]
    Elsewhere {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
        /// Where the events are.
        kept: PathBuf,
    },
    /// The runtime is shutting down.
    #[error("the runtime is shutting down")]
    ShuttingDown,
}

pub(crate) async fn import(app: Arc<App>, path: PathBuf) -> Result<usize, FileError> {
    blocking(move || {
        let file = File::open(&path).map_err(|source| FileError::Io { path: path.clone(), source })?;
        read(&app, BufReader::new(file), &path)
    })
    .await
}

pub(crate) async fn export(app: Arc<App>, path: PathBuf) -> Result<usize, FileError> {
    blocking(move || replace(&app, &path).map_err(|source| FileError::Io { path, source })).await
}

/// The same, when there is no other time: where the file can not be written, another is.
pub(crate) async fn export_at_last(app: Arc<App>, path: PathBuf) -> Result<usize, FileError> {
    blocking(move || {
        replace(&app, &path).map_err(|source| match keep(&app) {
            Ok(kept) => FileError::Elsewhere { path, source, kept },
            Err(_) => FileError::Io { path, source },
        })
    })
    .await
}

/// Off the runtime's own threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, FileError> {
    task::spawn_blocking(work).await.unwrap_or(Err(FileError::ShuttingDown))
}

/// Records what stands in `from`, when it has been read to the end. `path` is for the error.
pub(crate) fn read(app: &App, mut from: impl BufRead, path: &Path) -> Result<usize, FileError> {
    let (mut events, mut known) = (Vec::new(), Vec::new());
    let mut text = Vec::new();
    for line in 1.. {
        text.clear();
        let failed = |source| FileError::Io { path: path.into(), source };
        let read = (&mut from).take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut text).map_err(failed)?;
        let wrong = |column, words| FileError::Line { path: path.into(), line, column, words };
        if read == 0 {
            break;
        }
        if read > MAX_LINE_BYTES {
            return Err(wrong(None, format!("longer than {MAX_LINE_BYTES} bytes")));
        }
        if text.trim_ascii().is_empty() {
            continue;
        }
        match Entry::parse(text.trim_ascii_end()).map_err(|e| wrong(e.column, e.words))? {
            Entry::KnownRequestId(id) => known.push(id),
            Entry::Event(event) => {
                let tenant = app.records.shared(event.tenant);
                let encoded = EncodedEvent::from_client_event(&event.event, &tenant);
                let encoded = encoded.map_err(|e| wrong(None, e.to_string()))?;
                events.push((encoded, event.received_at.unwrap_or_else(Timestamp::now), event.discarded));
            }
        }
    }
    known.into_iter().for_each(|id| app.records.know(id));
    Ok(app.records.restore(events))
}

/// Whole, or not at all.
fn replace(app: &App, path: &Path) -> io::Result<usize> {
    let mut file = Replacement::of(path)?;
    let written = write(app, file.writer())?;
    file.finish(true)?;
    Ok(written)
}

/// In a new file, where files go that have no place of their own.
fn keep(app: &App) -> io::Result<PathBuf> {
    let mut file = tempfile::Builder::new().prefix("talent-events-").suffix(".ndjson").tempfile()?;
    let mut to = BufWriter::new(&mut file);
    write(app, &mut to)?;
    to.flush()?;
    drop(to);
    Ok(file.keep()?.1)
}

fn write(app: &App, to: &mut dyn Write) -> io::Result<usize> {
    let mut written = 0;
    let mut place = Place::start(app);
    while let Some((piece, next)) = piece(app, place)? {
        written += piece.events;
        to.write_all(&piece.text)?;
        place = next;
    }
    Ok(written)
}

/// Some lines of an export.
pub(crate) struct Piece {
    pub(crate) text: Vec<u8>,
    events: usize,
}

/// How far an export has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// All that there was when it began: what comes meanwhile is left out.
    end: Mark,
    /// `None`: the known request ids come first.
    from: Option<usize>,
}

impl Place {
    pub(crate) fn start(app: &App) -> Self {
        Self { end: *app.records.marks().borrow(), from: None }
    }
}

/// The lines at this place, and the next one; `None` at the end. An error where all was cleared meanwhile, so that what
/// is cut off is not taken for the whole.
pub(crate) fn piece(app: &App, place: Place) -> io::Result<Option<(Piece, Place)>> {
    let Place { end, from } = place;
    let Some(from) = from else {
        let lines = app.records.known().into_iter().flat_map(|id| line(&json!({"knownRequestId": id})));
        return Ok(Some((Piece { text: lines.collect(), events: 0 }, Place { end, from: Some(0) })));
    };
    let max = PIECE.min(end.count.saturating_sub(from));
    let cut = || io::Error::other("the events were cleared before all were written");
    let events = app.records.page(Mark { count: from, ..end }, max).ok_or_else(cut)?;
    if events.is_empty() {
        return Ok(None);
    }
    let next = Place { end, from: Some(from + events.len()) };
    Ok(Some((Piece { text: events.iter().flat_map(line).collect(), events: events.len() }, next)))
}

fn line(value: &impl serde::Serialize) -> Vec<u8> {
    // Texts, numbers and times: there is nothing that JSON can not hold.
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use crate::Emulator;

    use super::*;

    #[tokio::test]
    async fn an_export_that_is_cut_off_is_an_error() {
        let emulator = Emulator::start().await.unwrap();
        let line = r#"{"eventId":"e","createTime":"2026-02-03T09:30:00Z","jobEvent":{"type":"VIEW","jobs":["projects/p/tenants/t/jobs/1"]}}"#;
        let lines = format!("{line}\n").repeat(PIECE + 1);
        assert_eq!(read(emulator.app(), Cursor::new(lines), Path::new("lines")).unwrap(), PIECE + 1);
        let pieces = |clear_before: usize| {
            let (mut place, mut lines) = (Place::start(emulator.app()), 0);
            for n in 0.. {
                if n == clear_before {
                    emulator.clear();
                }
                let Some((piece, next)) = piece(emulator.app(), place)? else { break };
                lines += piece.events;
                place = next;
            }
            io::Result::Ok(lines)
        };
        assert_eq!(pieces(usize::MAX).unwrap(), PIECE + 1);
        // After the known request ids and one piece.
        assert!(pieces(2).unwrap_err().to_string().contains("cleared"));
        assert_eq!(pieces(usize::MAX).unwrap(), 0);
    }
}
