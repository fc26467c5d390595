//! Looking into an error.

use talent_events::{InvalidField, TrackError};

/// The first invalid field of an error that is about invalid fields.
#[track_caller]
pub(crate) fn invalid_field(error: TrackError) -> InvalidField {
    match error {
        TrackError::Invalid(invalid) => invalid.fields().next().expect("at least one field").clone(),
        other => panic!("not about a field: {other}"),
    }
}
