//! What gives a role: an attribute, a field or the enum's default, and exactly one of them.

use super::field::has_two_roles;
use super::target::Target;
use crate::ast::Field;
use crate::attr::{Attr, Value, find};
use crate::keys::{self, Key};
use crate::model::{Given, Source};
use crate::roles::{Role, Row};

impl<'a> Target<'a, '_> {
    pub(super) fn given(&self, role: Role) -> Option<Given<'a>> {
        let mut givers = self.givers(role).into_iter();
        let Some((row, attr, field)) = givers.next() else {
            let (row, attr) = self.default_of(role)?;
            return Some(Given { row, source: self.said(row, attr)?, at: attr.word.span() });
        };
        for (_, other, other_field) in givers {
            self.confused.set(true);
            if other_field.is_some_and(has_two_roles) {
                continue;
            }
            let by = |attr: &Attr, field: Option<&Field<'_>>| match field {
                Some(field) => format!("by the field `{}`", field.name),
                None => format!("by `{}` on the {}", attr.word, self.place.name()),
            };
            let message =
                format!("{} {} given twice: {} and {}", row.noun, row.is, by(attr, field), by(other, other_field));
            self.errors.help(&other.word, message, "remove one of the two");
        }
        let source = match field {
            Some(field) => self.source_field(field, attr)?,
            None => self.said(row, attr)?,
        };
        Some(Given { row, source, at: attr.word.span() })
    }

    /// Every attribute that gives the role, here or on a field.
    fn givers(&self, role: Role) -> Vec<(&'static Row, &'a Attr, Option<&'a Field<'a>>)> {
        let own = role.rows().filter_map(|row| Some((row, find(self.attrs, row.key)?, None)));
        let on_fields = role.rows().flat_map(|row| {
            self.fields.list.iter().filter_map(move |field| Some((row, field.attr(row.key)?, Some(field))))
        });
        own.chain(on_fields).collect()
    }

    fn default_of(&self, role: Role) -> Option<(&'static Row, &'a Attr)> {
        let mut rows = role.rows().filter(|row| !self.broken_defaults.contains(&row.key));
        rows.find_map(|row| Some((row, find(self.defaults, row.key)?)))
    }

    /// What the struct's or variant's own attribute says.
    pub(super) fn said(&self, row: &'static Row, attr: &'a Attr) -> Option<Source<'a>> {
        let words: &[&'static str] = match (row.key, &attr.value) {
            (_, Value::Broken) => return None,
            (Key::Job | Key::Jobs, _) => return self.job(row.key, attr),
            (Key::RequestId, Value::Word(word)) if word == keys::FROM_SESSION => return Some(Source::Sender(word)),
            (Key::RequestId, Value::Word(word)) if word == keys::NONE => return Some(Source::Absent),
            (Key::RequestId, Value::Text(template)) => return self.request_id_template(template),
            (Key::EventId, Value::Text(template)) => return self.event_id_template(template),
            (Key::Notes, Value::Text(template)) => {
                return self.names_only_fields(template, Key::Notes).then_some(Source::Template(template));
            }
            (Key::Notes, Value::With(path)) => return Some(Source::Function(path)),
            (Key::RequestId, _) => &[keys::FROM_SESSION, keys::NONE],
            _ => &[],
        };
        self.wrong_form(attr, words);
        None
    }
}
