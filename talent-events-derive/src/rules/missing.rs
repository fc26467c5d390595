//! What an event cannot do without, and the field that was probably meant for it.

use proc_macro2::{Ident, Span};
use quote::ToTokens;

use super::target::Target;
use crate::ast::Field;
use crate::attr::find;
use crate::keys::{Key, Place};
use crate::model::Event;
use crate::roles::Role;
use crate::tokens::mentions;

impl<'a> Target<'a, '_> {
    /// Reports what is missing, unless something that is not understood may be it.
    pub(super) fn missing(&self, event: &Event<'_>) {
        if self.place == Place::Context || self.is_unclear() {
            return;
        }
        if find(self.attrs, Key::Event).is_none() {
            let help = "write `#[talent(event = View)]`, or another of the 15 in `talent_events::types`";
            self.errors.help(self.name, format!("`{}` has no event type", self.name), help);
        }
        // A context that the derive cannot see may give what is not given here.
        if !event.flattened.is_empty() {
            return;
        }
        if !self.is_given(Role::Job) {
            self.no_job();
        }
        if !self.is_given(Role::RequestId) {
            self.no_request_id();
        }
    }

    /// Whether an attribute gives the role, even one with an error of its own.
    fn is_given(&self, role: Role) -> bool {
        role.rows().any(|row| self.attr_anywhere(row.key) || find(self.defaults, row.key).is_some())
    }

    fn no_job(&self) {
        let help = match self.likely(&["job"], "JobName") {
            Some((field, false)) => format!("mark the field: `#[talent(job)] {}`", field.name),
            Some((field, true)) => format!("mark the field: `#[talent(jobs)] {}`", field.name),
            None => "mark a field `#[talent(job)]`, or write `job = self.posting.name()` beside `event`".into(),
        };
        self.errors.help(self.name, format!("`{}` has no job", self.name), help);
    }

    fn no_request_id(&self) {
        let likely = self.likely(&["request", "search"], "RequestId");
        let field = likely.map_or("a field that holds it".into(), |(field, _)| format!("the field `{}`", field.name));
        let message = format!("`{}` has no request id, and Google discards such events", self.name);
        let help = format!(
            "mark {field} with `#[talent(request_id)]`\n\
             help: or write `request_id = from_session` if a session or funnel sends the event\n\
             help: or write `request_id = none` if there was no search; the event will not count",
        );
        self.errors.help(self.name, message, help);
    }

    /// The field without a role that most plainly is one of these by its name (`job` before `job_id` before `first_job`)
    /// or else by its type; and whether it says several.
    fn likely(&self, words: &[&str], ty: &str) -> Option<(&'a Field<'a>, bool)> {
        let fields = self.fields.list.iter().filter(|field| field.attrs.is_empty());
        let ranked = fields.filter_map(|field| {
            let name = &*field.name;
            let ends = ["_ids", "_names", "_id", "_name", "s"];
            let (end, base) =
                ends.into_iter().find_map(|end| Some((end, name.strip_suffix(end)?))).unwrap_or(("", name));
            let last = base.rsplit('_').next().unwrap_or_default();
            let rank = match words.contains(&last) {
                true => 2 * usize::from(last != base) + usize::from(end.len() > 1),
                false if has_type(field, ty) => 4,
                false => return None,
            };
            Some((rank, field, end.ends_with('s')))
        });
        ranked.min_by_key(|(rank, ..)| *rank).map(|(_, field, several)| (field, several))
    }
}

/// Whether the field's type speaks of this one.
pub(super) fn has_type(field: &Field<'_>, name: &str) -> bool {
    mentions(field.ty.to_token_stream(), &Ident::new(name, Span::call_site()))
}
