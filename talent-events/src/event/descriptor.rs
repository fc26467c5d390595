//! The static description of an event type.

use super::JobEventType;

/// How one kind of event is mapped: for logs, errors and an app's tracking plan.
///
/// The derive writes one per struct and variant. Expressions and templates are those of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventDescriptor {
    /// The Rust name: `ApplicationSubmitted`, or `BoardEvent::Opened` for a variant.
    pub name: &'static str,
    /// The event type. `None` if it is known at run time only.
    pub event_type: Option<JobEventType>,
    /// The source of the jobs: a field's name, an expression, or `from_funnel`.
    pub jobs: &'static str,
    /// The source of the request id.
    pub request_id: RequestIdSource,
    /// The source of the notes: a template in quotes, a field's name or a function. `None` if there are none.
    pub notes: Option<&'static str>,
    /// The doc comment of the struct or variant.
    pub doc: &'static str,
    /// Whether nothing is sent: a `skip` variant.
    pub skipped: bool,
}

/// The source of an event's request id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestIdSource {
    /// From the event itself: a field's name or an expression.
    Given(&'static str),
    /// From the session or funnel that sends it.
    FromSession,
    /// Made up by this template. No search has it, so the event does not count.
    Synthetic(&'static str),
    /// There was no search. The event does not count.
    None,
}

impl EventDescriptor {
    /// A description with this Rust name. Set the other fields.
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
