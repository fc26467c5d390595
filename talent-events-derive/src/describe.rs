//! The sources of an event's parts in words: for its descriptor, and for the documentation of the generated impl.

use std::fmt::Write as _;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

use crate::ast::{Field, Item, Shape};
use crate::keys::Key;
use crate::model::{Event, EventType, Events, Given, Sent, Source};
use crate::roles::Role;
use crate::tokens::tokens_text;

/// What a role is made from.
enum Origin {
    /// As it stands in the source, nearly.
    Code(String),
    /// The session or funnel, by the word for it.
    Sender(String),
    Absent,
}

impl Origin {
    fn of(given: &Given<'_>) -> Self {
        match &given.source {
            Source::Field { field, with } => Self::Code(field_text(field, *with)),
            Source::Computed(tokens) => Self::Code(tokens_text(tokens)),
            Source::Constant(text) | Source::Template(text) => Self::Code(format!("{:?}", text.value())),
            Source::Function(path) => Self::Code(format!("{}(self)", tokens_text(&quote!(#path)))),
            Source::Sender(word) => Self::Sender(word.to_string()),
            Source::Absent => Self::Absent,
        }
    }

    /// As the descriptor has it.
    fn into_text(self) -> String {
        match self {
            Self::Code(text) | Self::Sender(text) => text,
            Self::Absent => String::new(),
        }
    }

    /// As a sentence has it, in Markdown.
    fn in_prose(self, role: Role) -> String {
        match self {
            Self::Code(text) => code(&text),
            Self::Sender(_) if role == Role::Job => "the funnel".into(),
            Self::Sender(_) => "the session".into(),
            Self::Absent => "none".into(),
        }
    }
}

fn field_text(field: &Field<'_>, with: Option<&Path>) -> String {
    match with {
        Some(path) => format!("{}({})", tokens_text(&quote!(#path)), field.name),
        None => field.name.clone(),
    }
}

/// The text of a role in the descriptor, if the event gives it.
pub(crate) fn text(event: &Event<'_>, role: Role) -> Option<String> {
    event.role(role).map(|given| Origin::of(given).into_text())
}

/// The descriptor's `RequestIdSource`, if the event gives a request id.
pub(crate) fn request_id(krate: &TokenStream, event: &Event<'_>) -> Option<TokenStream> {
    let given = event.role(Role::RequestId)?;
    let source = match &given.source {
        Source::Template(template) => quote!(Synthetic(#template)),
        Source::Sender(_) => quote!(FromSession),
        Source::Absent => quote!(None),
        _ => {
            let text = Origin::of(given).into_text();
            quote!(Given(#text))
        }
    };
    Some(quote!(#krate::event::RequestIdSource::#source))
}

/// By what the event itself gives the role: `` the field `search` ``, `` `request_id` of the enum ``.
pub(crate) fn giver(item: &Item<'_>, name: &str, given: &Given<'_>) -> String {
    if let Source::Field { field, .. } = given.source {
        return format!("the field `{}`", field.name);
    }
    let key: Key = given.row.key;
    let has_own = |attrs| crate::attr::find(attrs, key).is_some();
    match &item.shape {
        Shape::Enum(variants) if variants.iter().all(|v| v.ident != name || !has_own(&v.attrs)) => {
            format!("`{key}` of the enum")
        }
        _ => format!("`{key}` of `{name}`"),
    }
}

/// What an item sends: one line for a struct, one a variant for an enum.
pub(crate) fn doc(item: &Item<'_>, events: &Events<'_>) -> String {
    let mut doc = String::new();
    match &item.shape {
        Shape::Enum(variants) => {
            for (variant, sent) in variants.iter().zip(&events.sent) {
                let _ = writeln!(doc, " - `{}`: {}", variant.ident, sentence(sent));
            }
        }
        _ => events.sent.iter().for_each(|sent| doc.push_str(&sentence(sent))),
    }
    // As after the slashes of a comment.
    format!(" {}", doc.trim())
}

/// ``Sends `View`; jobs ← `job`; request id ← `search`.`` What a context gives is not known here: it is named instead.
fn sentence(sent: &Sent<'_>) -> String {
    let event = match sent {
        Sent::Event(event) => event,
        Sent::Transparent(field) => return format!("Sends what `{}` sends.", field.name),
        Sent::Nothing => return "Sends nothing.".into(),
    };
    let mut said = match &event.event_type {
        Some(EventType::Named(word)) => format!("Sends {}", code(&word.to_string())),
        Some(EventType::Computed(tokens)) => format!("Sends {}", code(&tokens_text(tokens))),
        None => "Sends an event".into(),
    };
    for (role, what) in [(Role::Job, "jobs"), (Role::RequestId, "request id"), (Role::Notes, "notes")] {
        if let Some(given) = event.role(role) {
            let is_synthetic = role == Role::RequestId && matches!(given.source, Source::Template(_));
            let from = Origin::of(given).in_prose(role);
            let _ = write!(said, "; {what} ← {from}{}", if is_synthetic { ", synthetic" } else { "" });
        }
    }
    let contexts: Vec<_> = event.flattened.iter().map(|context| code(&context.field.name)).collect();
    if !contexts.is_empty() {
        let _ = write!(said, "; more ← {}", contexts.join(", "));
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
