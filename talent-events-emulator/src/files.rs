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
    let count = events.len();
    app.records.restore(events);
    Ok(count)
}

/// Written beside it, then renamed over it.
fn replace(app: &App, path: &Path) -> io::Result<usize> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::NamedTempFile::new_in(directory)?;
    let mut to = BufWriter::new(file);
    let mut written = 0;
    let mut place = Place::start(app);
    while let Some((piece, next)) = piece(app, place) {
        written += piece.events;
        to.write_all(&piece.text)?;
        place = next;
    }
    let file = to.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
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

/// The lines at this place, and the next one. `None` at the end, and where all was cleared meanwhile.
pub(crate) fn piece(app: &App, place: Place) -> Option<(Piece, Place)> {
    let Place { end, from } = place;
    let Some(from) = from else {
        let lines = app.records.known().into_iter().flat_map(|id| line(&json!({"knownRequestId": id})));
        return Some((Piece { text: lines.collect(), events: 0 }, Place { end, from: Some(0) }));
    };
    let max = PIECE.min(end.count.saturating_sub(from));
    let events = app.records.page(Mark { count: from, ..end }, max).filter(|events| !events.is_empty())?;
    let next = Place { end, from: Some(from + events.len()) };
    Some((Piece { text: events.iter().flat_map(line).collect(), events: events.len() }, next))
}

fn line(value: &impl serde::Serialize) -> Vec<u8> {
    // Texts, numbers and times: there is nothing that JSON can not hold.
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}
