//! Texts that say who searches: checked, and shown nowhere.

use std::fmt;

use crate::event::InvalidField;
use crate::event::limits::MAX_METADATA_CHARS;

/// The error does not repeat the text: it may say who searches.
pub(super) fn check_length(field: &'static str, text: &str) -> Result<(), InvalidField> {
    // Bytes bound characters from above, so that short texts need no count.
    if text.len() <= MAX_METADATA_CHARS || text.chars().count() <= MAX_METADATA_CHARS {
        return Ok(());
    }
    Err(InvalidField::new(field, format!("{} characters", text.chars().count()), "at most 255 characters"))
}

/// Shows whether there is a text, and no more.
pub(super) struct Hidden<'t>(pub(super) &'t str);

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "none" } else { "hidden" })
    }
}
