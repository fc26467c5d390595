//! The notes, and what becomes of long ones.

use std::fmt::{self, Write as _};

use crate::event::limits::MAX_NOTES_CHARS;
use crate::event::{InvalidEvent, InvalidField};

use super::fields::{Bounded, TAG_EVENT_NOTES, display_failed};
use super::{EventWriter, twice};

const ELLIPSIS: &str = "…";

impl EventWriter<'_> {
    /// Sets the notes to this text. More than 1,000 characters are cut to 999 and `…`, and counted, unless
    /// [refused](Self::refuse_long_notes).
    pub fn notes(&mut self, text: fmt::Arguments<'_>) -> Result<(), InvalidEvent> {
        match text.as_str() {
            Some(text) => self.notes_text(text),
            None => self.add_notes(|notes| notes.write_fmt(text)),
        }
    }

    /// Sets the notes. More than 1,000 characters are cut to 999 and `…`, and counted, unless
    /// [refused](Self::refuse_long_notes).
    pub fn notes_text(&mut self, text: &str) -> Result<(), InvalidEvent> {
        self.add_notes(|notes| notes.write_str(text))
    }

    /// Makes notes of more than 1,000 characters an error, instead of cutting them.
    pub fn refuse_long_notes(&mut self) -> Result<(), InvalidEvent> {
        self.refuses_long_notes = true;
        if self.notes_truncated { Err(long_notes()) } else { Ok(()) }
    }

    pub(crate) fn write_notes(&mut self, notes: Option<&str>) -> Result<(), InvalidEvent> {
        notes.map_or(Ok(()), |notes| self.notes_text(notes))
    }

    fn add_notes(&mut self, write: impl FnOnce(&mut Bounded<'_>) -> fmt::Result) -> Result<(), InvalidEvent> {
        // Beyond four bytes for each character and one more, the text is too long whatever it says.
        let room = 4 * (MAX_NOTES_CHARS + 1);
        if let Some(aside) = self.aside.last_mut() {
            let mut notes = Bounded { buf: aside, room, full: false };
            return if write(&mut notes).is_err() && !notes.full { Err(display_failed("event_notes")) } else { Ok(()) };
        }
        if self.has_notes {
            return Err(twice("event_notes"));
        }
        let start = self.open(TAG_EVENT_NOTES);
        let mut notes = Bounded { buf: &mut self.buf, room, full: false };
        if write(&mut notes).is_err() && !notes.full {
            self.abandon(start);
            return Err(display_failed("event_notes"));
        }
        self.has_notes = true;
        if self.buf.len() == start {
            // protobuf leaves out what is empty.
            self.abandon(start);
            return Ok(());
        }
        // Bytes bound characters from above, so that short notes need no count.
        if self.buf.len() - start > MAX_NOTES_CHARS {
            let mut from_the_last = self.text_at(start..self.buf.len()).char_indices().skip(MAX_NOTES_CHARS - 1);
            if let (Some((cut, _)), Some(_)) = (from_the_last.next(), from_the_last.next()) {
                if self.refuses_long_notes {
                    self.abandon(start);
                    self.has_notes = false;
                    return Err(long_notes());
                }
                self.buf.truncate(start + cut);
                self.buf.extend_from_slice(ELLIPSIS.as_bytes());
                self.notes_truncated = true;
            }
        }
        self.close(start);
        Ok(())
    }

    /// From now on, until `take_notes_aside`, notes are kept apart.
    pub(in crate::event) fn put_notes_aside(&mut self) {
        self.aside.push(Vec::new());
    }

    /// The notes that were kept apart.
    pub(in crate::event) fn take_notes_aside(&mut self) -> String {
        String::from_utf8(self.aside.pop().unwrap_or_default()).unwrap_or_default()
    }
}

fn long_notes() -> InvalidEvent {
    let allowed = "at most 1000 characters; `notes_overflow = truncate` cuts what is longer";
    InvalidField::new("event_notes", "more than 1000 characters", allowed).into()
}
