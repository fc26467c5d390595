//! The chain of errors behind an error.

use std::error::Error;

/// The error, its source, the source's source and so on.
pub(super) fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&e| e.source())
}

/// The innermost error, which says what happened. The layers around it say "transport error" and the like.
pub(super) fn root_cause<'e>(error: &'e (dyn Error + 'static)) -> &'e (dyn Error + 'static) {
    causes(error).last().unwrap_or(error)
}
