//! The events of an item, after every rule has been checked.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{LitStr, Path};

use crate::ast::Field;
use crate::keys::Key;
use crate::roles::{self, Role};

/// What an item sends: one entry for a struct, one per variant for an enum.
pub(crate) struct Events<'a> {
    pub(crate) sent: Vec<Sent<'a>>,
}

pub(crate) enum Sent<'a> {
    Event(Box<Event<'a>>),
    /// The field's own event.
    Transparent(&'a Field<'a>),
    Nothing,
}

/// The parts that a struct or a variant gives by itself. Flattened contexts give the others; those of a context, the event
/// that flattens it.
pub(crate) struct Event<'a> {
    pub(crate) event_type: Option<EventType<'a>>,
    /// One for each role at most, in the order of the table.
    pub(crate) given: Vec<Given<'a>>,
    /// `many_jobs`, and where it stands.
    pub(crate) many_jobs: Option<Span>,
    /// Long notes are an error, instead of being cut.
    pub(crate) refuses_long_notes: bool,
    pub(crate) flattened: Vec<Flattened<'a>>,
}

pub(crate) enum EventType<'a> {
    Named(&'a Ident),
    Computed(&'a TokenStream),
}

/// A role, and what gives it.
pub(crate) struct Given<'a> {
    pub(crate) row: &'static roles::Row,
    pub(crate) source: Source<'a>,
    /// The key.
    pub(crate) at: Span,
}

pub(crate) enum Source<'a> {
    /// A field, and the function that its value goes through.
    Field {
        field: &'a Field<'a>,
        with: Option<&'a Path>,
    },
    Computed(&'a TokenStream),
    /// One job, always the same.
    Constant(&'a LitStr),
    Template(&'a LitStr),
    /// A function of the whole.
    Function(&'a Path),
    /// The session or funnel that sends the event.
    Sender(&'a Ident),
    /// There is none, and the event says so.
    Absent,
}

/// A flattened context.
pub(crate) struct Flattened<'a> {
    pub(crate) field: &'a Field<'a>,
    /// The key.
    pub(crate) at: Span,
    /// The notes of the event name it: it gives its notes as text, and not by itself.
    pub(crate) in_notes: bool,
}

impl<'a> Event<'a> {
    pub(crate) fn role(&self, role: Role) -> Option<&Given<'a>> {
        self.given.iter().find(|given| given.row.role == role)
    }

    /// The fields in a role, each with its row and function.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static roles::Row, &'a Field<'a>, Option<&'a Path>)> {
        self.given.iter().filter_map(|given| match given.source {
            Source::Field { field, with } => Some((given.row, field, with)),
            _ => None,
        })
    }

    pub(crate) fn templates(&self) -> impl Iterator<Item = (Role, &'a LitStr)> {
        self.given.iter().filter_map(|given| match given.source {
            Source::Template(template) => Some((given.row.role, template)),
            _ => None,
        })
    }

    /// The expressions.
    pub(crate) fn computed(&self) -> impl Iterator<Item = &'a TokenStream> {
        let event_type = if let Some(EventType::Computed(tokens)) = self.event_type { Some(tokens) } else { None };
        let given = self.given.iter().filter_map(|given| match given.source {
            Source::Computed(tokens) => Some(tokens),
            _ => None,
        });
        event_type.into_iter().chain(given)
    }

    /// Whether a session or funnel has to fill in what the event does not have itself.
    pub(crate) fn waits(&self) -> bool {
        self.given.iter().any(|given| matches!(given.source, Source::Sender(_)))
    }

    /// `job = from_funnel`, and where it stands.
    pub(crate) fn funnel_at(&self) -> Option<Span> {
        match self.role(Role::Job)?.source {
            Source::Sender(word) => Some(word.span()),
            _ => None,
        }
    }

    /// Whether the job's key speaks of several.
    pub(crate) fn gives_several(&self) -> bool {
        self.role(Role::Job).is_some_and(|given| given.row.key == Key::Jobs)
    }
}
