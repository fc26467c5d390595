//! Templates: they name fields, and those that make an id name at least one.

use proc_macro2::Ident;
use syn::LitStr;

use super::missing::has_type;
use super::target::Target;
use crate::attr::find;
use crate::keys::{self, Key};
use crate::model::Source;
use crate::template::placeholders;
use crate::tokens::is_constant;

impl<'a> Target<'a, '_> {
    pub(super) fn request_id_template(&self, template: &'a LitStr) -> Option<Source<'a>> {
        let own = self.names_only_fields(template, Key::RequestId);
        let text = template.value();
        let only = self.fields.list.iter().find(|f| text == format!("{{{}}}", f.name) && has_type(f, "RequestId"));
        if text == keys::FROM_SESSION || text == keys::NONE {
            let message = format!("expected a template, found `{text}` in quotes");
            self.errors.help(template, message, format!("write `request_id = {text}`"));
        } else if own && self.names_no_field(template) {
            let help = match self.has_field(&text) {
                true => format!("mark the field instead: `#[talent(request_id)] {text}`"),
                false => "name a field in the template: `request_id = \"application-{user}-{job}\"`".into(),
            };
            let message = "this request id names no field, so every event would claim the same search";
            self.errors.help(template, message, help);
        } else if let Some(field) = only {
            let help = format!("mark the field: `#[talent(request_id)] {}`", field.name);
            self.errors.help(
                template,
                "a request id made by a template belongs to no search, and the event does not count",
                help,
            );
        }
        own.then_some(Source::Template(template))
    }

    pub(super) fn event_id_template(&self, template: &'a LitStr) -> Option<Source<'a>> {
        let own = self.names_only_fields(template, Key::EventId);
        if own && self.names_no_field(template) {
            let message = "this event id names no field, so every event would have the same id";
            self.errors.help(template, message, "name a field in the template: `event_id = \"{application}-finish\"`");
        }
        own.then_some(Source::Template(template))
    }

    /// Errors for which rustc would have no good words: `{0}` beside named fields or beyond the last, since it speaks of
    /// arguments that the user cannot see; `{user.name}`, since it suggests an argument; a private field as a width.
    pub(super) fn names_only_fields(&self, template: &LitStr, key: Key) -> bool {
        for placeholder in placeholders(template) {
            let name = &placeholder.name;
            let field = self.field(name);
            if placeholder.format.is_none() && field.is_some_and(|field| field.attr(Key::Private).is_some()) {
                let message = format!("`{name}` is private: as a width or precision it would be shown");
                self.errors.help(template, message, "take it out of the template, or take `private` off the field");
                return false;
            }
            if field.is_some() {
                continue;
            }
            let reaches_in = name.contains(['.', '(', '[']) && !name.starts_with(['.', '(', '[']);
            if reaches_in {
                let help = match (key, self.computed_by_function()) {
                    (Key::Notes, true) => "write `notes(with = Self::notes)` with a function that returns the text",
                    _ => "add a field that holds the value, and name it",
                };
                self.errors.help(template, format!("expected the name of a field, found `{{{name}}}`"), help);
                return false;
            }
            let is_index = name.is_empty() || name.bytes().all(|b| b.is_ascii_digit());
            // `self` is the whole, private fields and all.
            if !is_index && name != "self" {
                continue;
            }
            let names = self.fields.list.iter().filter(|field| field.attr(Key::Private).is_none());
            let names: Vec<_> = names.map(|field| format!("`{{{}}}`", field.name)).collect();
            let help = match names.is_empty() {
                true => format!("`{}` has no field to name", self.name),
                false => format!("the fields are {}", names.join(", ")),
            };
            self.errors.help(template, format!("`{{{name}}}` names no field of `{}`", self.name), help);
            return false;
        }
        true
    }

    /// Whether a function of the whole can take the template's place: not for an enum's default.
    fn computed_by_function(&self) -> bool {
        find(self.attrs, Key::Notes).is_some()
    }

    /// Whether an id by this template is the same for every event. What it names may be no field but misspelt, which
    /// rustc tells; a constant it does not.
    fn names_no_field(&self, template: &LitStr) -> bool {
        let constant = |name: &str| syn::parse_str::<Ident>(name).is_ok_and(|name| is_constant(&name));
        placeholders(template)
            .iter()
            .all(|placeholder| constant(&placeholder.name) && !self.has_field(&placeholder.name))
    }
}
