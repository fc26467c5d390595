//! Every rule of the grammar: turns the attributes into a model of the event, or reports errors.
//!
//! After an error the model is incomplete: `expand::fallback` writes what it can of it.

mod event_type;
mod field;
mod given;
mod job;
mod missing;
mod target;
mod template;
mod variant;

use crate::ast::{Item, Shape};
use crate::attr::{Value, find};
use crate::errors::Errors;
use crate::keys::{Key, Place};
use crate::model::{Event, Events, Sent};

use target::Target;

pub(crate) fn events<'a>(item: &'a Item<'a>, errors: &Errors) -> Events<'a> {
    bounds(item, errors);
    let sent = match &item.shape {
        Shape::Struct(fields) => {
            let target = Target::new(item.ident, Place::Struct, &item.attrs, fields, errors);
            vec![Sent::Event(Box::new(target.event()))]
        }
        Shape::Enum(variants) => variant::all(item, variants, errors),
        Shape::Other => Vec::new(),
    };
    Events { sent }
}

pub(crate) fn context<'a>(item: &'a Item<'a>, errors: &Errors) -> Option<Event<'a>> {
    bounds(item, errors);
    let Shape::Struct(fields) = &item.shape else { return None };
    let target = Target::new(item.ident, Place::Context, &item.attrs, fields, errors);
    let event = target.event();
    let gives_nothing = event.given.is_empty() && event.flattened.is_empty();
    if gives_nothing && errors.count() == 0 {
        let name = item.ident;
        errors.help(
            name,
            format!("`{name}` gives no role to an event"),
            "mark the fields that play one, e.g. `#[talent(request_id)]`",
        );
    }
    Some(event)
}

fn bounds(item: &Item<'_>, errors: &Errors) {
    if let Some(attr) = find(&item.attrs, Key::Bound)
        && !matches!(attr.value, Value::Bounds(_) | Value::Broken)
    {
        errors.help(
            attr.at_value(),
            "expected `(` after `bound`",
            format!("write {}", Key::Bound.forms(Place::Struct)),
        );
    }
}
