//! protobuf's fields, written into a buffer.

use std::fmt::{self, Write as _};
use std::ops::Range;

use crate::event::{InvalidEvent, InvalidField};

use super::EventWriter;

// Tags: the field's number, then wire type 0 (varint) or 2 (length-delimited).
pub(super) const TAG_REQUEST_ID: u8 = (1 << 3) | 2;
pub(super) const TAG_EVENT_ID: u8 = (2 << 3) | 2;
pub(super) const TAG_CREATE_TIME: u8 = (4 << 3) | 2;
pub(super) const TAG_JOB_EVENT: u8 = (5 << 3) | 2;
pub(super) const TAG_EVENT_NOTES: u8 = (9 << 3) | 2;
pub(super) const TAG_JOB_EVENT_TYPE: u8 = 1 << 3;
pub(super) const TAG_JOB_EVENT_JOBS: u8 = (2 << 3) | 2;
pub(super) const TAG_TIMESTAMP_SECONDS: u8 = 1 << 3;
pub(super) const TAG_TIMESTAMP_NANOS: u8 = 2 << 3;

pub(super) const MAX_VARINT: usize = 10;

impl EventWriter<'_> {
    /// Writes a field of text made by `Display`, of at most `max` bytes and checked by `check`. Returns its place, counted
    /// from `job_event_end`.
    pub(super) fn formatted(
        &mut self,
        tag: u8,
        text: fmt::Arguments<'_>,
        max: usize,
        field: &'static str,
        check: impl FnOnce(&str) -> Result<(), InvalidField>,
    ) -> Result<Range<usize>, InvalidEvent> {
        let start = self.open(tag);
        let mut bounded = Bounded { buf: &mut self.buf, room: max, full: false };
        let outcome = match bounded.write_fmt(text) {
            _ if bounded.full => {
                let found = format!("more than {max} bytes");
                Err(InvalidField::new(field, found, format!("at most {max} bytes")).into())
            }
            Err(_) => Err(display_failed(field)),
            Ok(()) => check(self.text_at(start..self.buf.len())).map_err(InvalidEvent::from),
        };
        if let Err(e) = outcome {
            self.abandon(start);
            return Err(e);
        }
        let len = self.buf.len() - start;
        self.close(start);
        let end = self.buf.len() - self.job_event_end;
        Ok(end - len..end)
    }

    /// Begins a length-delimited field of less than 16,384 bytes whose length is not known yet; returns its start.
    pub(super) fn open(&mut self, tag: u8) -> usize {
        self.buf.extend_from_slice(&[tag, 0]);
        self.buf.len()
    }

    /// Takes back what `open` began: an implementation may go on after an error, with another text for the field.
    pub(super) fn abandon(&mut self, start: usize) {
        self.buf.truncate(start - 2);
    }

    pub(super) fn close(&mut self, start: usize) {
        let len = self.buf.len() - start;
        if len < 0x80 {
            self.buf[start - 1] = len as u8;
        } else {
            // Room was left for one byte of length, as most texts are short.
            self.buf[start - 1] = (len & 0x7f) as u8 | 0x80;
            self.buf.insert(start, (len >> 7) as u8);
        }
    }

    pub(super) fn text(&mut self, tag: u8, text: &str) {
        put_header(&mut self.buf, tag, text.len());
        self.buf.extend_from_slice(text.as_bytes());
    }

    pub(super) fn text_at(&self, at: Range<usize>) -> &str {
        std::str::from_utf8(&self.buf[at]).unwrap_or_default()
    }

    pub(super) fn in_job_event(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let before = self.buf.len();
        write(&mut self.buf);
        let written = self.buf.len() - before;
        if before > self.job_event_end {
            self.buf[self.job_event_end..].rotate_right(written);
        }
        self.job_event_end += written;
    }
}

/// Takes text up to a number of bytes, at a character's edge, and tells if there was more.
pub(super) struct Bounded<'b> {
    pub(super) buf: &'b mut Vec<u8>,
    pub(super) room: usize,
    pub(super) full: bool,
}

impl fmt::Write for Bounded<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() <= self.room {
            self.room -= text.len();
            self.buf.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        let fits = text.floor_char_boundary(self.room);
        self.buf.extend_from_slice(&text.as_bytes()[..fits]);
        self.room = 0;
        self.full = true;
        Err(fmt::Error)
    }
}

pub(super) fn display_failed(field: &'static str) -> InvalidEvent {
    InvalidField::new(field, "an error of a `Display` in its template", "a `Display` that succeeds").into()
}

pub(super) fn varint_len(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Tag and length of a field.
pub(super) fn put_header(buf: &mut Vec<u8>, tag: u8, len: usize) {
    if len < 0x80 {
        buf.extend_from_slice(&[tag, len as u8]);
        return;
    }
    let mut bytes = [0; MAX_VARINT];
    let written = put_varint(&mut bytes, len as u64);
    buf.push(tag);
    buf.extend_from_slice(&bytes[..written]);
}

pub(super) fn put_varint(bytes: &mut [u8], mut value: u64) -> usize {
    let mut len = 0;
    while value >= 0x80 {
        bytes[len] = value as u8 | 0x80;
        value >>= 7;
        len += 1;
    }
    bytes[len] = value as u8;
    len + 1
}
