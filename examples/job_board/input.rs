//! The lines of a file or of the standard input, one after the other.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::mem;
use std::path::Path;
use std::thread;

use futures_util::{Stream, stream};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::mpsc::{self, Sender};

use crate::Failure;

/// Most bytes of a line. It takes 500 jobs with long names to come near.
pub(crate) const MAX_LINE_BYTES: u64 = 1024 * 1024;

/// Lines that are read ahead.
const AHEAD: usize = 16;

pub(crate) struct Input {
    from: Box<dyn BufRead + Send>,
    /// In bytes, where it is known.
    length: Option<u64>,
}

pub(crate) struct Line {
    /// From 1.
    pub(crate) number: u64,
    /// What it took of the input, its end included.
    pub(crate) bytes: u64,
    text: Text,
}

pub(crate) enum Text {
    Whole(Vec<u8>),
    Blank,
    TooLong,
    /// There is no reading on.
    Unreadable(io::Error),
}

impl Input {
    /// A file, or the standard input for `-`.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        if path == "-" {
            return Ok(Self { from: Box::new(BufReader::new(io::stdin())), length: None });
        }
        let file = File::open(path).map_err(|e| format!("can not open {}: {e}", path.display()))?;
        let length = file.metadata().ok().filter(|m| m.is_file()).map(|m| m.len());
        Ok(Self { from: Box::new(BufReader::new(file)), length })
    }

    /// A bar of bytes on the terminal; nothing where the standard error is none.
    pub(crate) fn progress(&self) -> ProgressBar {
        let (bar, template) = match self.length {
            Some(length) => (ProgressBar::new(length), "{bar:40} {percent:>3} %  {bytes} of {total_bytes}"),
            None => (ProgressBar::new_spinner(), "{spinner} {bytes}"),
        };
        bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
    }

    pub(crate) fn lines(self) -> io::Result<impl Stream<Item = Line>> {
        let (to, mut lines) = mpsc::channel(AHEAD);
        // A read can not be called off. In a thread of its own it keeps nobody from ending the program.
        thread::Builder::new().name("input".into()).spawn(move || read_all(self.from, &to))?;
        Ok(stream::poll_fn(move |cx| lines.poll_recv(cx)))
    }
}

impl Line {
    pub(crate) fn take(&mut self) -> Text {
        mem::replace(&mut self.text, Text::Blank)
    }
}

fn read_all(mut from: impl BufRead, to: &Sender<Line>) {
    for number in 1.. {
        let (bytes, text) = match read_line(&mut from) {
            Ok((0, _)) => return,
            Ok(read) => read,
            Err(e) => (0, Text::Unreadable(e)),
        };
        let last = matches!(text, Text::Unreadable(_));
        if to.blocking_send(Line { number, bytes, text }).is_err() || last {
            return;
        }
    }
}

/// One line, and how many bytes it took; 0 at the end.
fn read_line(from: &mut impl BufRead) -> io::Result<(u64, Text)> {
    let mut text = Vec::new();
    let read = from.take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut text)? as u64;
    if read > MAX_LINE_BYTES && text.last() != Some(&b'\n') {
        return Ok((read + from.skip_until(b'\n')? as u64, Text::TooLong));
    }
    // Without its end, so that an error that is found there is one of this line.
    text.truncate(text.trim_ascii_end().len());
    Ok((read, if text.is_empty() { Text::Blank } else { Text::Whole(text) }))
}
