//! A struct or a variant: what one event is made from, and the rules that every key shares.

use std::cell::Cell;

use proc_macro2::Ident;

use crate::ast::{Field, Fields};
use crate::attr::{Attr, Value, find};
use crate::errors::Errors;
use crate::keys::{self, Key, Place};
use crate::model::{Event, Flattened, Source};
use crate::roles::Role;
use crate::similar;
use crate::template::placeholders;
use crate::tokens::tokens_text;

pub(super) struct Target<'a, 'p> {
    pub(super) name: &'a Ident,
    pub(super) place: Place,
    pub(super) attrs: &'a [Attr],
    /// The enum's attributes, which hold for every variant without its own.
    pub(super) defaults: &'a [Attr],
    /// The defaults with an error of their own, reported already.
    pub(super) broken_defaults: &'p [Key],
    pub(super) fields: &'a Fields<'a>,
    pub(super) errors: &'p Errors,
    /// A role was given in a wrong way, and may be the one that is missing.
    pub(super) confused: Cell<bool>,
}

impl<'a, 'p> Target<'a, 'p> {
    pub(super) fn new(
        name: &'a Ident,
        place: Place,
        attrs: &'a [Attr],
        fields: &'a Fields<'a>,
        errors: &'p Errors,
    ) -> Self {
        let confused = Cell::new(false);
        Self { name, place, attrs, defaults: &[], broken_defaults: &[], fields, errors, confused }
    }

    pub(super) fn event(&self) -> Event<'a> {
        for field in &self.fields.list {
            self.one_role(field);
        }
        let event_type = if self.place == Place::Context { None } else { self.event_type() };
        let mut flattened = self.flattened();
        let many_jobs = find(self.attrs, Key::ManyJobs);
        if let Some(attr) = many_jobs {
            self.flag(attr);
        }
        let given: Vec<_> = Role::ALL.into_iter().filter_map(|role| self.given(role)).collect();
        self.many_jobs_of_one(many_jobs, &given);
        for context in &mut flattened {
            let names = |template| placeholders(template).iter().any(|p| p.name == context.field.name);
            context.in_notes = given.iter().any(|given| {
                given.row.role == Role::Notes && matches!(given.source, Source::Template(template) if names(template))
            });
        }
        let refuses_long_notes = self.refuses_long_notes(flattened.is_empty());
        let event = Event {
            event_type,
            given,
            many_jobs: many_jobs.map(|attr| attr.word.span()),
            refuses_long_notes,
            flattened,
        };
        self.funnel_without_search(&event);
        self.missing(&event);
        event
    }

    pub(super) fn flattened(&self) -> Vec<Flattened<'a>> {
        let fields = self.fields.list.iter().filter_map(|field| Some((field, field.attr(Key::Flatten)?)));
        let checked = fields.inspect(|(_, attr)| self.flag(attr));
        checked.map(|(field, attr)| Flattened { field, at: attr.word.span(), in_notes: false }).collect()
    }

    pub(super) fn refuses_long_notes(&self, is_closed: bool) -> bool {
        let key = Key::NotesOverflow;
        let own = find(self.attrs, key);
        let Some(attr) = own.or_else(|| find(self.defaults, key)) else { return false };
        let has_notes = self.attr_anywhere(Key::Notes) || find(self.defaults, Key::Notes).is_some();
        if let Some(own) = own
            && is_closed
            && !has_notes
            && !self.is_unclear()
        {
            self.errors.help(&own.word, "`notes_overflow` without notes", "remove it, or add `notes`");
        }
        match &attr.value {
            Value::Word(word) if word == keys::ERROR => return true,
            Value::Word(word) if word == keys::TRUNCATE => {}
            Value::Broken => {}
            _ => self.wrong_form(attr, &[keys::TRUNCATE, keys::ERROR]),
        }
        false
    }

    /// An attribute whose value has the wrong form; one of these words may have been meant.
    pub(super) fn wrong_form(&self, attr: &Attr, words: &[&'static str]) {
        let Some(key) = attr.key else { return };
        self.confused.set(true);
        let expected = key.expects();
        let forms = format!("write {}", key.forms(self.place));
        match &attr.value {
            Value::Broken => {}
            Value::Flag => {
                self.errors.help(&attr.word, format!("expected a value for `{key}`"), forms);
            }
            Value::Word(word) => {
                let help = match self.meant(word, words) {
                    Some(meant) => format!("write `{key} = {meant}`"),
                    None => forms,
                };
                self.errors.help(word, format!("expected {expected}, found `{word}`"), help);
            }
            _ => {
                let found = tokens_text(&attr.at_value());
                let found = if found.len() < 60 { format!(", found `{found}`") } else { String::new() };
                self.errors.help(attr.at_value(), format!("expected {expected}{found}"), forms);
            }
        }
    }

    /// Which of the words a misspelt one, or a part of one, means; a field's name is not misspelt.
    pub(super) fn meant(&self, word: &Ident, words: &[&'static str]) -> Option<&'static str> {
        let word = word.to_string();
        if self.has_field(&word) {
            return None;
        }
        let part_of = words.iter().copied().find(|known| known.split('_').any(|part| part == word));
        part_of.or_else(|| similar::nearest(&word, words.iter().copied()))
    }

    /// A key that takes no value.
    pub(super) fn flag(&self, attr: &Attr) {
        if !matches!(attr.value, Value::Flag | Value::Broken) {
            self.errors.help(
                attr.tokens(),
                format!("`{}` takes no value", attr.word),
                format!("write `{}`", attr.word),
            );
        }
    }

    /// Whether something is not understood that may be what is missing.
    pub(super) fn is_unclear(&self) -> bool {
        let fields = self.fields.list.iter().flat_map(|field| &field.attrs);
        self.confused.get() || self.attrs.iter().chain(self.defaults).chain(fields).any(Attr::is_refused)
    }

    pub(super) fn attr_anywhere(&self, key: Key) -> bool {
        find(self.attrs, key).is_some() || self.fields.list.iter().any(|field| field.attr(key).is_some())
    }

    pub(super) fn has_field(&self, name: &str) -> bool {
        self.field(name).is_some()
    }

    pub(super) fn field(&self, name: &str) -> Option<&'a Field<'a>> {
        self.fields.list.iter().find(|field| field.name == name)
    }
}
