//! What is said of a value that no event may carry.

use std::borrow::Cow;
use std::fmt;

/// Longest piece of an offending value that an error repeats, in characters.
const SHOWN_CHARS: usize = 80;

/// One value that breaks a rule: which field, what was found there, and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidField {
    field: Cow<'static, str>,
    found: Cow<'static, str>,
    allowed: Cow<'static, str>,
}

impl InvalidField {
    /// A field, what was found and what is allowed, each as a few words: for hand-written implementations of the
    /// traits in [`event`](crate::event).
    ///
    /// `found` should quote foreign text with [`InvalidField::quote`] and must not repeat what is private.
    pub fn new(
        field: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
        allowed: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { field: field.into(), found: found.into(), allowed: allowed.into() }
    }

    /// Foreign text made fit for an error: in quotes, control characters escaped, at most 80 characters of it.
    pub fn quote(text: &str) -> String {
        let shown: String = text.chars().take(SHOWN_CHARS).collect();
        if shown.len() == text.len() { format!("{text:?}") } else { format!("{shown:?}… ({} bytes)", text.len()) }
    }

    /// The field's path as in the protobuf message, e.g. `job_event.jobs[3]`, or what the text stands for where it is
    /// parsed by itself, e.g. `job name`.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What was found.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// What is allowed, and what to do.
    pub fn allowed(&self) -> &str {
        &self.allowed
    }

    pub(crate) fn no_create_time() -> Self {
        Self::new("create_time", "none", "the time at which it happened")
    }

    /// The same complaint, said of another field: a job name's of `job_event.jobs[3]`, say.
    #[must_use]
    pub(crate) fn at(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = field.into();
        self
    }
}

impl fmt::Display for InvalidField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: found {}; allowed: {}", self.field, self.found, self.allowed)
    }
}

impl std::error::Error for InvalidField {}

/// Why a value of the app can not become an event. Nothing was sent, and the value is still the caller's.
///
/// It holds at least one [`InvalidField`]. A derived event stops at the first; a message from elsewhere is read to its
/// end, so that all is said at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidEvent(Box<Invalid>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Invalid {
    event: Option<&'static str>,
    first: InvalidField,
    rest: Vec<InvalidField>,
}

impl InvalidEvent {
    /// The name of the Rust type that was to be sent, where it is known.
    pub fn event(&self) -> Option<&'static str> {
        self.0.event
    }

    /// What is wrong: at least one entry, in the order of the message's fields.
    pub fn fields(&self) -> impl Iterator<Item = &InvalidField> {
        std::iter::once(&self.0.first).chain(&self.0.rest)
    }

    pub(crate) fn of(mut self, event: &'static str) -> Self {
        self.0.event.get_or_insert(event);
        self
    }

    /// `None` where there was nothing to complain of.
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
        match self.0.event {
            Some(event) => write!(f, "`{event}` is not a valid event: ")?,
            None => f.write_str("not a valid event: ")?,
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
