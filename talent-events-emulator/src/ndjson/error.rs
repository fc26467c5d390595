//! Errors of a line.

use talent_events::{InvalidEvent, InvalidField};

/// The error of a line that cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct LineError {
    /// The position in the line, in bytes from 1, if the error has one position.
    pub column: Option<usize>,
    /// The message.
    pub message: String,
}

impl LineError {
    /// An error of the whole line.
    pub fn new(message: impl Into<String>) -> Self {
        Self { column: None, message: message.into() }
    }
}

/// The first error that reading the line has met.
pub(super) enum FirstError {
    /// The line is no object, or an object of the wrong shape.
    Shape(Option<serde_json::Error>),
    /// The event breaks rules.
    Rules(InvalidEvent),
    /// The message is complete.
    Explained(LineError),
}

impl From<serde_json::Error> for FirstError {
    fn from(error: serde_json::Error) -> Self {
        Self::Shape(Some(error))
    }
}

impl From<InvalidField> for FirstError {
    fn from(field: InvalidField) -> Self {
        Self::Rules(field.into())
    }
}

/// The column of an error in the first line of a text.
pub(super) fn column(error: &serde_json::Error) -> Option<usize> {
    (error.line() == 1).then(|| error.column())
}
