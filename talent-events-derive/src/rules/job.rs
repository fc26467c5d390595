//! `job` and `jobs` as an attribute of the struct or variant, and `many_jobs` beside them.

use syn::ext::IdentExt;

use super::target::Target;
use crate::attr::{Attr, Value};
use crate::errors::with_help;
use crate::keys::{self, Key};
use crate::model::{Event, Given, Source};
use crate::roles::Role;

impl<'a> Target<'a, '_> {
    pub(super) fn job(&self, key: Key, attr: &'a Attr) -> Option<Source<'a>> {
        let is_one = key == Key::Job;
        match &attr.value {
            Value::Word(word) if is_one && word == keys::FROM_FUNNEL => Some(Source::Sender(word)),
            Value::Tokens(tokens) => Some(Source::Computed(tokens)),
            Value::Text(text) if is_one && !self.names_a_field(&text.value()) => match no_constant_job(&text.value()) {
                Some(answer) => {
                    self.errors.at(text, answer);
                    None
                }
                None => Some(Source::Constant(text)),
            },
            Value::Word(word) if self.has_field(&word.unraw().to_string()) => {
                let message = format!("expected an expression, found the field `{word}`");
                let help = format!("mark the field `#[talent({key})]`, or write `{key} = self.{word}`");
                self.errors.help(word, message, help);
                None
            }
            _ => {
                self.wrong_form(attr, if is_one { &[keys::FROM_FUNNEL] } else { &[] });
                None
            }
        }
    }

    /// A text that was meant for a field, which is not said by its name.
    fn names_a_field(&self, text: &str) -> bool {
        text.contains('{') || self.fields.named && self.has_field(text)
    }

    pub(super) fn many_jobs_of_one(&self, many_jobs: Option<&Attr>, given: &[Given<'_>]) {
        let job = given.iter().find(|given| given.row.role == Role::Job);
        if let (Some(many_jobs), Some(Key::Job)) = (many_jobs, job.map(|given| given.row.key)) {
            self.errors.help(&many_jobs.word, "`many_jobs` beside a single `job`", "remove it, or write `jobs`");
        }
    }

    pub(super) fn funnel_without_search(&self, event: &Event<'_>) {
        let has_none = event.role(Role::RequestId).is_some_and(|given| matches!(given.source, Source::Absent));
        if let (Some(at), true) = (event.funnel_at(), has_none) {
            let message =
                "`job = from_funnel` beside `request_id = none`: a funnel continues a search and has its request id";
            let help = "write `request_id = from_session`, or name the job here";
            self.errors.push(syn::Error::new(at, with_help(message, help)));
        }
    }
}

/// Why a text in quotes is no job: it was meant without them.
fn no_constant_job(text: &str) -> Option<String> {
    if keys::WORDS.contains(&text) {
        let message = format!("expected a job, found `{text}` in quotes");
        return Some(with_help(message, "if the funnel has the job, write `job = from_funnel`"));
    }
    let is_name = !text.contains(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
    if text.contains('/') || is_name || syn::parse_str::<syn::Expr>(text).is_err() {
        return None;
    }
    Some(with_help("expected a job, found an expression in quotes", format!("write `job = {text}`")))
}
