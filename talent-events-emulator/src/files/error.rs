//! Errors of files, and work that blocks.

use std::io;
use std::path::PathBuf;

use tokio::task;

/// The error of an import or an export.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A line is no entry of [`ndjson`](crate::ndjson).
    #[error("{}, line {line}{}: {message}", path.display(), column.map(|c| format!(", column {c}")).unwrap_or_default())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The position in the line, in bytes from 1, if the error has one position.
        column: Option<usize>,
        /// The message.
        message: String,
    },
    /// The file cannot be written. The emulator has stopped, so the events are kept in another file.
    #[error("{}: {source}; the events are in {} instead", path.display(), kept.display())]
    Elsewhere {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
        /// The file with the events.
        kept: PathBuf,
    },
    /// The runtime is shutting down.
    #[error("the runtime is shutting down")]
    ShuttingDown,
}

/// Runs `work` on a thread for blocking work.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, FileError> {
    task::spawn_blocking(work).await.unwrap_or(Err(FileError::ShuttingDown))
}
