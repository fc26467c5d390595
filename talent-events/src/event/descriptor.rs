//! What is known of a kind of event before any is sent.

use super::JobEventType;

/// How one kind of event is mapped: for logs, errors and an app's tracking plan.
///
/// The derive writes one per struct and per variant. Expressions and templates stand in it as they do in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventDescriptor {
    /// The Rust name: `ApplicationSubmitted`, or `BoardEvent::Opened` for a variant.
    pub name: &'static str,
    /// What happened; `None` where it is known at run time only.
    pub event_type: Option<JobEventType>,
    /// Where the jobs come from: a field's name or an expression; `from_funnel` where the funnel has it.
    pub jobs: &'static str,
    /// Where the request id comes from.
    pub request_id: RequestIdSource,
    /// Where the notes come from: a template in quotes, a field's name or a function; `None` where there are none.
    pub notes: Option<&'static str>,
    /// The doc comment of the struct or variant.
    pub doc: &'static str,
    /// Nothing is sent for it: a `skip` variant.
    pub skipped: bool,
}

/// Where an event's request id comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestIdSource {
    /// From the event itself: a field's name or an expression.
    Given(&'static str),
    /// From the session or funnel that sends it.
    FromSession,
    /// Made up by this template. The service knows no such search: such an event does not count.
    Synthetic(&'static str),
    /// There was no search. Such an event does not count.
    None,
}

impl EventDescriptor {
    /// A kind of event of this Rust name of which nothing else is known; set the fields that are.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            event_type: None,
            jobs: "",
            request_id: RequestIdSource::None,
            notes: None,
            doc: "",
            skipped: false,
        }
    }
}

/// What a type can send, one for each struct or variant.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Event(EventDescriptor),
    /// What the type in a transparent variant can send. A function, as that type may hold this one again.
    Inner(fn() -> &'static [Kind]),
    /// Nothing is known before there is a value: the type's name.
    Unknown(fn() -> &'static str),
}
