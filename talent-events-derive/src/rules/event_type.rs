//! `event = View`, `event = self.kind()`

use proc_macro2::TokenStream;
use syn::Path;

use super::target::Target;
use crate::attr::{Value, find};
use crate::errors::with_help;
use crate::event_types;
use crate::keys::Key;
use crate::model::EventType;

impl<'a> Target<'a, '_> {
    pub(super) fn event_type(&self) -> Option<EventType<'a>> {
        let attr = find(self.attrs, Key::Event)?;
        match &attr.value {
            Value::Word(word) => {
                let text = word.to_string();
                if self.has_field(&text) {
                    let message = format!("expected an event type, found the field `{text}`");
                    self.errors.help(word, message, format!("write an expression, `event = self.{text}`"));
                } else if let Some(answer) = event_types::event_type(&text) {
                    self.errors.at(word, answer);
                } else {
                    return Some(EventType::Named(word));
                }
            }
            Value::Tokens(tokens) => match no_expression(tokens) {
                Some(answer) => self.errors.at(tokens, answer),
                None => return Some(EventType::Computed(tokens)),
            },
            Value::Text(text) => self.errors.at(text, event_types::wrapped_event_type(&text.value(), "a text")),
            _ => self.wrong_form(attr, &[]),
        }
        None
    }
}

/// What is no expression of an event's type, whatever it means: a number, or the path of a type.
fn no_expression(tokens: &TokenStream) -> Option<String> {
    if syn::parse2::<syn::Lit>(tokens.clone()).is_ok() {
        let message = format!("expected an event type, found `{tokens}`");
        return Some(with_help(message, "write `event = View`, or another of the 15 in `talent_events::types`"));
    }
    let path = syn::parse2::<Path>(tokens.clone()).ok()?;
    let names: Vec<_> = path.segments.iter().map(|s| s.ident.to_string()).collect();
    match &names[..] {
        [.., module, name] if module == "types" || module == "JobEventType" => {
            Some(event_types::wrapped_event_type(name, "a path"))
        }
        _ => None,
    }
}
