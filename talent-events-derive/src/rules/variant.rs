//! Variants: each sends an event, or what its field sends, or nothing.

use super::target::Target;
use crate::ast::{Item, Variant};
use crate::attr::{Attr, Value, find};
use crate::errors::Errors;
use crate::keys::{self, Key, Place};
use crate::model::Sent;
use crate::template::placeholders;

pub(super) fn all<'a>(item: &'a Item<'a>, variants: &'a [Variant<'a>], errors: &Errors) -> Vec<Sent<'a>> {
    let broken_defaults = broken_defaults(&item.attrs, variants, errors);
    let target = |variant: &'a Variant<'a>| Target {
        defaults: &item.attrs,
        broken_defaults: &broken_defaults,
        ..Target::new(variant.ident, Place::Variant, &variant.attrs, &variant.fields, errors)
    };
    let sent: Vec<_> = variants.iter().map(|variant| target(variant).variant()).collect();
    if !sent.is_empty() && variants.iter().all(|v| find(&v.attrs, Key::Skip).is_some()) {
        let name = item.ident;
        errors.help(name, format!("every variant of `{name}` is skipped, so it is never an event"), "remove a `skip`");
    }
    sent
}

/// Defaults of an enum that cannot hold for every variant: a job of one's own, and templates that name a field that only
/// some of their variants have.
fn broken_defaults(defaults: &[Attr], variants: &[Variant<'_>], errors: &Errors) -> Vec<Key> {
    let mut broken = Vec::new();
    if let Some(attr) = find(defaults, Key::Job)
        && !matches!(&attr.value, Value::Word(word) if word == keys::FROM_FUNNEL)
    {
        if !matches!(attr.value, Value::Broken) {
            let help = "on an enum write `job = from_funnel`; any other job belongs on the variants";
            errors.help(attr.at_value(), "expected `from_funnel`", help);
        }
        broken.push(Key::Job);
    }
    for key in [Key::RequestId, Key::Notes] {
        let Some(Value::Text(template)) = find(defaults, key).map(|attr| &attr.value) else { continue };
        let says = |v: &Variant<'_>, key| {
            find(&v.attrs, key).is_some() || v.fields.list.iter().any(|field| field.attr(key).is_some())
        };
        let reached: Vec<_> = variants
            .iter()
            .filter(|v| ![key, Key::Skip, Key::Transparent].into_iter().any(|key| says(v, key)))
            .collect();
        let has = |v: &Variant<'_>, name: &str| v.fields.list.iter().any(|field| field.name == name);
        for placeholder in placeholders(template) {
            let name = &placeholder.name;
            let lacking: Vec<_> = reached.iter().filter(|v| !has(v, name)).map(|v| format!("`{}`", v.ident)).collect();
            // What no variant has is misspelt, which rustc tells; or it is a constant.
            if !lacking.is_empty() && variants.iter().any(|v| has(v, name)) {
                let message =
                    format!("`{{{name}}}` names no field of {}, for which this default holds too", lacking.join(", "));
                errors.help(template, message, format!("write `{key}` on the variants that have the field"));
                broken.push(key);
                break;
            }
        }
    }
    broken
}

impl<'a> Target<'a, '_> {
    fn variant(&self) -> Sent<'a> {
        if let Some(skip) = find(self.attrs, Key::Skip) {
            if self.stands_alone(skip, "nothing is sent for the variant") {
                self.flag(skip);
            }
            return Sent::Nothing;
        }
        if let Some(transparent) = find(self.attrs, Key::Transparent) {
            if self.stands_alone(transparent, "the variant sends what its field sends") {
                self.flag(transparent);
            }
            let [field] = &*self.fields.list else {
                let message = format!(
                    "`transparent` needs a variant with one field, and `{}` has {}",
                    self.name,
                    self.fields.list.len()
                );
                self.errors.at(&transparent.word, message);
                return Sent::Nothing;
            };
            return Sent::Transparent(field);
        }
        if self.attrs.is_empty() && self.fields.list.iter().all(|field| field.attrs.is_empty()) {
            self.errors.help(
                self.name,
                format!("variant `{}` does not say what it sends", self.name),
                "add `#[talent(event = …)]`, `#[talent(transparent)]` or `#[talent(skip)]`",
            );
            return Sent::Nothing;
        }
        Sent::Event(Box::new(self.event()))
    }

    /// `skip` and `transparent` leave nothing for another key to say.
    fn stands_alone(&self, attr: &Attr, why: &str) -> bool {
        let others = self.attrs.iter().filter(|other| other.key != attr.key);
        let mut others = others.chain(self.fields.list.iter().flat_map(|field| &field.attrs));
        let Some(other) = others.find(|other| !other.is_refused()) else { return true };
        let message = format!("`{}` beside `{}`: {why}", other.word, attr.word);
        self.errors.help(&other.word, message, "remove one of the two");
        false
    }
}
