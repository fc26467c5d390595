//! A field has one role. `private` is not a role, and may stand beside one.

use super::target::Target;
use crate::ast::Field;
use crate::attr::{Attr, Value};
use crate::keys::{Key, Place};
use crate::model::Source;
use crate::tokens::tokens_text;

impl<'a> Target<'a, '_> {
    pub(super) fn one_role(&self, field: &Field<'_>) {
        if let Some(private) = field.attr(Key::Private) {
            self.flag(private);
        }
        let mut roles = roles(field);
        let Some(first) = roles.next() else { return };
        for other in roles {
            self.confused.set(true);
            let (name, word) = (&field.name, &other.word);
            match [first, other].iter().any(|attr| attr.key == Some(Key::Flatten)) {
                true => self.errors.help(
                    word,
                    "a flattened field has no role of its own: it gives those of the context's fields",
                    "remove one of the two",
                ),
                false => self.errors.help(
                    word,
                    format!("`{name}` is already this event's `{}`: a field has one role", first.word),
                    "remove one of the two",
                ),
            }
        }
    }

    /// The field as the source of the role that the attribute names.
    pub(super) fn source_field(&self, field: &'a Field<'a>, attr: &'a Attr) -> Option<Source<'a>> {
        match &attr.value {
            // Two roles are reported already: rustc need not look at either.
            _ if roles(field).nth(1).is_some() => None,
            Value::Flag => Some(Source::Field { field, with: None }),
            Value::With(path) => Some(Source::Field { field, with: Some(path) }),
            Value::Broken => None,
            _ => {
                let key = attr.key?;
                let found = tokens_text(&attr.at_value());
                self.errors.help(
                    attr.at_value(),
                    format!("expected no value for `{key}` on a field, found `{found}`"),
                    format!("write {}", key.forms(Place::Field)),
                );
                None
            }
        }
    }
}

fn roles<'a>(field: &'a Field<'_>) -> impl Iterator<Item = &'a Attr> {
    field.attrs.iter().filter(|attr| attr.key.is_some_and(|key| key != Key::Private))
}

/// Whether the field has a second role, which is an error already.
pub(super) fn has_two_roles(field: &Field<'_>) -> bool {
    roles(field).nth(1).is_some()
}
