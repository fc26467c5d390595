//! Imports.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use talent_events::{EncodedEvent, Timestamp};

use super::error::{FileError, blocking};
use crate::ndjson::{Entry, MAX_LINE_BYTES};
use crate::store::{Marks, Records};

pub(crate) async fn import(records: Arc<Records>, path: PathBuf) -> Result<usize, FileError> {
    blocking(move || {
        let file = File::open(&path).map_err(|source| FileError::Io { path: path.clone(), source })?;
        read(&records, BufReader::new(file), u64::MAX, &path)
    })
    .await
}

/// Reads all lines, and records their events if there is no error. Of each line only the encoded event is held.
///
/// More than `max_bytes` are an error. `path` names the source in errors.
pub(crate) fn read(records: &Records, mut from: impl BufRead, max_bytes: u64, path: &Path) -> Result<usize, FileError> {
    let (mut events, mut known) = (Vec::new(), Vec::new());
    let mut text = Vec::new();
    let mut bytes = 0;
    for line in 1.. {
        text.clear();
        let failed = |source| FileError::Io { path: path.into(), source };
        let read = (&mut from).take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut text).map_err(failed)?;
        let invalid = |column, message| FileError::Line { path: path.into(), line, column, message };
        if read == 0 {
            break;
        }
        bytes += read as u64;
        if bytes > max_bytes {
            return Err(invalid(None, format!("expected at most {max_bytes} bytes, found more")));
        }
        if read > MAX_LINE_BYTES {
            return Err(invalid(None, format!("expected at most {MAX_LINE_BYTES} bytes, found a longer line")));
        }
        if text.trim_ascii().is_empty() {
            continue;
        }
        match Entry::parse(text.trim_ascii_end()).map_err(|e| invalid(e.column, e.message))? {
            Entry::KnownRequestId(id) => known.push(id),
            Entry::Event(event) => {
                let tenant = records.shared(event.tenant);
                let encoded = EncodedEvent::from_client_event(&event.event, &tenant);
                let encoded = encoded.map_err(|e| invalid(None, e.to_string()))?;
                let marks = Marks { discarded: event.discarded, synthetic_request_id: event.synthetic_request_id };
                events.push((encoded, event.received_at.unwrap_or_else(Timestamp::now), marks));
            }
        }
    }
    known.into_iter().for_each(|id| records.add_known(id));
    Ok(records.restore(events))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::Settings;

    #[test]
    fn an_import_over_the_limit_records_nothing() {
        let records = Records::new(Settings::default(), HashSet::new());
        let line = "{\"knownRequestId\": \"s\"}\n";
        let import = |max_bytes| read(&records, line.as_bytes(), max_bytes, Path::new("lines"));
        let error = import(line.len() as u64 - 1).unwrap_err().to_string();
        assert!(error.contains("expected at most 23 bytes, found more"), "{error}");
        assert!(records.known().is_empty());
        import(line.len() as u64).unwrap();
        assert_eq!(records.known().len(), 1);
    }
}
