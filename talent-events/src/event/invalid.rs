//! The errors for values that no event may carry.

use std::borrow::Cow;
use std::fmt;

/// Longest piece of an offending value that an error repeats, in characters.
const SHOWN_CHARS: usize = 80;

/// One value that breaks a rule: the field, what was expected there, what was found, and often what to do.
///
/// Displayed it is one line: `` `event_notes`: expected at most 1000 characters, found 1203 characters ``, and
/// `; help: …` after it if there is help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidField {
    field: Cow<'static, str>,
    found: Cow<'static, str>,
    expected: Cow<'static, str>,
    help: Option<Cow<'static, str>>,
}

impl InvalidField {
    /// An error for this field: what was found, and what was expected. Each is a few words in lower case without a
    /// full stop.
    ///
    /// Destinations and event traits of your own return it for values of their own. Quote foreign text with
    /// [`InvalidField::quote`], and leave out what is private.
    ///
    /// ```
    /// use talent_events::InvalidField;
    ///
    /// let error = InvalidField::new("channel", InvalidField::quote("fax"), "`web` or `app`")
    ///     .with_help("leave out `channel` if it is unknown");
    /// assert_eq!(
    ///     error.to_string(),
    ///     r#"`channel`: expected `web` or `app`, found "fax"; help: leave out `channel` if it is unknown"#,
    /// );
    /// ```
    pub fn new(
        field: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
        expected: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { field: field.into(), found: found.into(), expected: expected.into(), help: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_help(self, help: impl Into<Cow<'static, str>>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Moves the error to another field: a job name's error to `job_event.jobs[3]`, for example.
    #[must_use]
    pub fn at(self, field: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), ..self }
    }

    /// Makes foreign text fit for an error: in quotes, with control characters escaped, at most 80 characters of it.
    pub fn quote(text: &str) -> String {
        let shown: String = text.chars().take(SHOWN_CHARS).collect();
        if shown.len() == text.len() { format!("{text:?}") } else { format!("{shown:?}… ({} bytes)", text.len()) }
    }

    /// The field's path in the protobuf message, e.g. `job_event.jobs[3]`. For text that is parsed alone, the name of
    /// what it should be, e.g. `job name`.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What was expected.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What was found.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// What to do, if there is advice.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The displayed form without the field: for error formats that name the field elsewhere.
    pub fn description(&self) -> String {
        let Self { expected, found, help, .. } = self;
        let help = help.as_deref().map(|help| format!("; help: {help}")).unwrap_or_default();
        format!("expected {expected}, found {found}{help}")
    }

    pub(crate) fn no_create_time() -> Self {
        Self::new("create_time", "nothing", "the time at which the event happened")
    }
}

impl fmt::Display for InvalidField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.field, self.description())
    }
}

impl std::error::Error for InvalidField {}

/// Why a value of the app cannot become an event. Nothing was sent, and the caller still has the value.
///
/// It holds at least one [`InvalidField`]. A derived event stops at the first. A message from elsewhere is read to its
/// end, so that one error names every wrong field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidEvent(Box<Invalid>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Invalid {
    event: Option<&'static str>,
    first: InvalidField,
    rest: Vec<InvalidField>,
}

impl InvalidEvent {
    /// The name of the event's Rust type, if it is known.
    pub fn event(&self) -> Option<&'static str> {
        self.0.event
    }

    /// The wrong fields, at least one, in the order of the message's fields.
    pub fn fields(&self) -> impl Iterator<Item = &InvalidField> {
        std::iter::once(&self.0.first).chain(&self.0.rest)
    }

    pub(crate) fn of(mut self, event: &'static str) -> Self {
        self.0.event.get_or_insert(event);
        self
    }

    /// `None` if `fields` is empty.
    pub(crate) fn from_fields(fields: Vec<InvalidField>) -> Option<Self> {
        let mut fields = fields.into_iter();
        let first = fields.next()?;
        Some(Self(Box::new(Invalid { event: None, first, rest: fields.collect() })))
    }
}

impl From<InvalidField> for InvalidEvent {
    fn from(first: InvalidField) -> Self {
        Self(Box::new(Invalid { event: None, first, rest: Vec::new() }))
    }
}

impl fmt::Display for InvalidEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(event) = self.0.event {
            write!(f, "`{event}` is not a valid event: ")?;
        }
        for (i, field) in self.fields().enumerate() {
            if i > 0 {
                f.write_str("; and ")?;
            }
            field.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidEvent {}
