//! The tracking plan of an app: its events as a table.
//!
//! [`catalog!`](crate::catalog!) reads the attributes that send the events, so the table cannot be out of
//! date. The guide has [a chapter](crate::guide::catalog) with an example.

use std::fmt::{self, Write as _};

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::SendPolicy;
use crate::event::{EventDescriptor, JobEventType, Kind, RequestIdSource};

/// The tracking plan of these types: `catalog![BoardEvent, ApplicationSent]` is a [`Catalog`].
///
/// Each type implements [`SendPolicy`], which `#[derive(TalentEvent)]` does.
#[macro_export]
macro_rules! catalog {
    ($($event:ty),* $(,)?) => {
        $crate::catalog::Catalog::new()$(.with::<$event>())*
    };
}

/// The events of some types: one entry per struct or variant, in the order of the source.
///
/// The entries of the inner type replace a transparent variant. A skipped variant is listed as not sent. No entry is
/// listed twice.
///
/// Its `Display` form is a Markdown table. Its serde form is an object:
///
/// | field | value |
/// |---|---|
/// | `events` | a list of objects with the fields below |
/// | `events[].name`, `sent`, `doc` | the Rust name, whether it is sent, the doc comment |
/// | `events[].type` | Google's name; null if known at run time only; absent if not sent |
/// | `events[].jobs`, `notes` | their sources; `notes` is null if there are none; absent if not sent |
/// | `events[].requestId` | `source` (`given`, `session`, `synthetic` or `none`), and `from` for `given` and `synthetic` |
/// | `unknown` | names: see [`unknown`](Self::unknown) |
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    events: Vec<&'static EventDescriptor>,
    unknown: Vec<&'static str>,
    /// The types that were visited: an enum can hold itself.
    seen: Vec<&'static [Kind]>,
}

impl Catalog {
    /// A catalog without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the entries of `E`.
    pub fn with<E: SendPolicy + ?Sized>(mut self) -> Self {
        self.add(E::KINDS);
        self
    }

    /// The entries.
    pub fn events(&self) -> impl Iterator<Item = &'static EventDescriptor> {
        self.events.iter().copied()
    }

    /// The full Rust names of types whose events are known at run time only: types with a `TalentEvent` written by hand,
    /// trait objects, and type parameters in transparent variants. For a parameter, list the actual type.
    pub fn unknown(&self) -> impl Iterator<Item = &'static str> {
        self.unknown.iter().copied()
    }

    /// The serde form as indented JSON, with a line break at its end.
    #[cfg(feature = "client")]
    pub fn to_json(&self) -> String {
        // Strings, booleans and nulls under fixed names always fit into JSON.
        serde_json::to_string_pretty(self).map(|json| json + "\n").unwrap_or_default()
    }

    fn add(&mut self, kinds: &'static [Kind]) {
        if self.seen.iter().any(|seen| std::ptr::eq(*seen, kinds)) {
            return;
        }
        self.seen.push(kinds);
        for kind in kinds {
            match kind {
                Kind::Event(event) if self.events.contains(&event) => {}
                Kind::Event(event) => self.events.push(event),
                Kind::Inner(kinds) => self.add(kinds()),
                Kind::Unknown(name) if self.unknown.contains(&name()) => {}
                Kind::Unknown(name) => self.unknown.push(name()),
            }
        }
    }
}

/// A Markdown table, and a line for what is [unknown](Catalog::unknown).
impl fmt::Display for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("| event | type | jobs | request id | notes | meaning |\n|---|---|---|---|---|---|\n")?;
        for event in &self.events {
            let [event_type, jobs, request_id, notes] = match event.skipped {
                true => ["not sent".into(), String::new(), String::new(), String::new()],
                false => [
                    event.event_type.map_or("known at run time".into(), |t| code(t.google_name())),
                    code(event.jobs),
                    request_id(event.request_id),
                    event.notes.map(code).unwrap_or_default(),
                ],
            };
            let (name, doc) = (code(event.name), cell(event.doc));
            writeln!(f, "| {name} | {event_type} | {jobs} | {request_id} | {notes} | {doc} |")?;
        }
        if !self.unknown.is_empty() {
            let unknown: Vec<_> = self.unknown.iter().copied().map(code).collect();
            writeln!(f, "\nKnown at run time only: what {} sends.", unknown.join(", "))?;
        }
        Ok(())
    }
}

/// The last two do not count: Google discards events without a valid request id, and a made-up one is not valid (inferred).
fn request_id(source: RequestIdSource) -> String {
    match source {
        RequestIdSource::Given(from) => code(from),
        RequestIdSource::FromSession => "the session's".into(),
        RequestIdSource::Synthetic(template) => format!("{}, made up: does not count", code(&format!("{template:?}"))),
        RequestIdSource::None => "none: does not count".into(),
    }
}

/// The text as code in a cell, whatever backticks it has.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let blank = if longest > 0 { " " } else { "" };
    cell(&format!("{fence}{blank}{text}{blank}{fence}"))
}

/// On one line, and without the end of a cell in it.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    let mut ended = false;
    for line in text.lines().map(str::trim) {
        match (cell.is_empty(), line.is_empty()) {
            (_, true) => ended = true,
            (false, false) => cell.push_str(if ended { "<br>" } else { " " }),
            (true, false) => {}
        }
        if !line.is_empty() {
            ended = false;
            let _ = write!(cell, "{}", line.replace('|', "\\|"));
        }
    }
    cell
}

impl Serialize for Catalog {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let events: Vec<_> = self.events().map(Entry::of).collect();
        let mut catalog = serializer.serialize_struct("Catalog", 2)?;
        catalog.serialize_field("events", &events)?;
        catalog.serialize_field("unknown", &self.unknown)?;
        catalog.end()
    }
}

/// An event in the serde form.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    name: &'static str,
    sent: bool,
    doc: &'static str,
    #[serde(flatten)]
    parts: Option<Parts>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Parts {
    r#type: Option<JobEventType>,
    jobs: &'static str,
    request_id: Source,
    notes: Option<&'static str>,
}

#[derive(serde::Serialize)]
#[serde(tag = "source", content = "from", rename_all = "camelCase")]
enum Source {
    Given(&'static str),
    Session,
    Synthetic(&'static str),
    None,
}

impl Entry {
    fn of(event: &EventDescriptor) -> Self {
        let parts = (!event.skipped).then_some(Parts {
            r#type: event.event_type,
            jobs: event.jobs,
            request_id: match event.request_id {
                RequestIdSource::Given(from) => Source::Given(from),
                RequestIdSource::FromSession => Source::Session,
                RequestIdSource::Synthetic(template) => Source::Synthetic(template),
                RequestIdSource::None => Source::None,
            },
            notes: event.notes,
        });
        Self { name: event.name, sent: !event.skipped, doc: event.doc, parts }
    }
}

#[cfg(test)]
mod tests {
    use super::{cell, code};

    #[test]
    fn a_cell_is_one_line() {
        for (text, expected) in [
            ("", ""),
            ("A page.", "A page."),
            ("A page\nof results.\n\n\nShown | seen.", "A page of results.<br>Shown \\| seen."),
            ("\n  indented\n", "indented"),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }

    #[test]
    fn code_holds_backticks_and_bars() {
        for (text, expected) in
            [("", ""), ("job", "`job`"), ("\"a|b\"", "`\"a\\|b\"`"), ("\"`{n}`\"", "`` \"`{n}`\" ``")]
        {
            assert_eq!(code(text), expected, "{text:?}");
        }
    }
}
