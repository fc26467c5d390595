//! What an item sends, in the words of its documentation: rustdoc and an editor show it on the generated impl.

use std::fmt::Write as _;

use crate::ast::{Item, Shape};
use crate::expand::{role_text, tokens_text};
use crate::valid::{Event, EventType, Events, Jobs, Notes, RequestId, Sent, Source};

/// One line for a struct, one a variant for an enum.
pub(crate) fn sends(item: &Item<'_>, events: &Events<'_>) -> String {
    let mut doc = String::new();
    match &item.shape {
        Shape::Enum(variants) => {
            for (variant, sent) in variants.iter().zip(&events.sent) {
                let _ = writeln!(doc, " - `{}`: {}", variant.ident, one(sent));
            }
        }
        _ => events.sent.iter().for_each(|sent| doc.push_str(&one(sent))),
    }
    // As after the slashes of a comment.
    format!(" {}", doc.trim())
}

fn one(sent: &Sent<'_>) -> String {
    match sent {
        Sent::Event(event) => self::event(event),
        Sent::Transparent(field) => format!("Sends what `{}` sends.", field.name),
        Sent::Nothing => "Sends nothing.".into(),
    }
}

/// ``Sends `View`; jobs ← `job`; request id ← `search`.`` What a context gives is not known here: it is named instead.
fn event(event: &Event<'_>) -> String {
    let mut said = match &event.event_type {
        Some(EventType::Named(word)) => format!("Sends {}", code(&word.to_string())),
        Some(EventType::Computed(tokens)) => format!("Sends {}", code(&tokens_text(tokens))),
        None => "Sends an event".into(),
    };
    let jobs = event.jobs.as_ref().map(|jobs| match jobs {
        Jobs::One(source) | Jobs::Many { source, .. } => match source {
            Source::Field(role) => code(&role_text(role)),
            Source::Computed(tokens) => code(&tokens_text(tokens)),
            Source::Constant(name) => code(&format!("{:?}", name.value())),
        },
        Jobs::FromFunnel { .. } => "the funnel".into(),
    });
    let request_id = event.request_id.as_ref().map(|request_id| match request_id {
        RequestId::Field(role) => code(&role_text(role)),
        RequestId::FromSession => "the session".into(),
        RequestId::Synthetic(template) => format!("{}, made up", code(&format!("{:?}", template.value()))),
        RequestId::None => "none".into(),
    });
    let notes = event.notes.as_ref().map(|notes| match notes {
        Notes::Template(template) => code(&format!("{:?}", template.value())),
        Notes::Field(role) => code(&role_text(role)),
        Notes::With(path) => code(&format!("{}(self)", tokens_text(&quote::quote!(#path)))),
    });
    let contexts: Vec<_> = event.flattened.iter().map(|(field, _)| code(&field.name)).collect();
    let contexts = (!contexts.is_empty()).then(|| contexts.join(", "));
    for (what, from) in [("jobs", jobs), ("request id", request_id), ("notes", notes), ("more", contexts)] {
        if let Some(from) = from {
            let _ = write!(said, "; {what} ← {from}");
        }
    }
    said.push('.');
    said
}

/// The text as Markdown's code, whatever backticks it has.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let blank = if longest > 0 { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}
