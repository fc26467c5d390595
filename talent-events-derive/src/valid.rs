//! Every rule of the grammar: what the attributes say becomes what is to be sent.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{LitStr, Path};

use crate::ast::{Field, Fields, Item, Shape, find};
use crate::attr::{Attr, Value};
use crate::errors::Errors;
use crate::suggest;

/// What an item sends: one entry for a struct, one per variant for an enum.
pub(crate) struct Events<'a> {
    pub(crate) sent: Vec<Sent<'a>>,
}

pub(crate) enum Sent<'a> {
    Event(Box<Event<'a>>),
    /// Whatever this field sends.
    Transparent(&'a Field<'a>),
    Nothing,
}

pub(crate) struct Event<'a> {
    pub(crate) event_type: EventType<'a>,
    pub(crate) jobs: Jobs<'a>,
    pub(crate) request_id: RequestId<'a>,
    pub(crate) notes: Option<Notes<'a>>,
    pub(crate) event_id: Option<EventId<'a>>,
    pub(crate) create_time: Option<Role<'a>>,
}

pub(crate) enum EventType<'a> {
    Named(&'a Ident),
    Computed(&'a TokenStream),
}

pub(crate) enum Jobs<'a> {
    One(Source<'a>),
    /// `one_job_at`: where to complain if the event's type speaks of one job.
    Many {
        source: Source<'a>,
        one_job_at: Option<Span>,
    },
    FromFunnel,
}

pub(crate) enum Source<'a> {
    Field(Role<'a>),
    Computed(&'a TokenStream),
}

pub(crate) enum RequestId<'a> {
    Field(Role<'a>),
    FromSession,
    Synthetic(&'a LitStr),
    None,
}

pub(crate) enum Notes<'a> {
    Template(&'a LitStr),
    Field(Role<'a>),
    With(&'a Path),
}

pub(crate) enum EventId<'a> {
    Template(&'a LitStr),
    Field(Role<'a>),
}

/// A field in a role, and the function that its value goes through.
pub(crate) struct Role<'a> {
    pub(crate) field: &'a Field<'a>,
    pub(crate) with: Option<&'a Path>,
}

/// After an error the answer is incomplete and not to be expanded.
pub(crate) fn events<'a>(item: &'a Item<'a>, errors: &Errors) -> Events<'a> {
    let sent = match &item.shape {
        Shape::Struct(fields) => {
            let place = Place { name: item.ident, attrs: &item.attrs, defaults: &[], fields };
            place.event(errors).map(|e| Sent::Event(Box::new(e))).into_iter().collect()
        }
        Shape::Enum(variants) => (variants.iter())
            .filter_map(|variant| {
                let place = Place {
                    name: variant.ident,
                    attrs: &variant.attrs,
                    defaults: &item.attrs,
                    fields: &variant.fields,
                };
                place.variant(errors)
            })
            .collect(),
        Shape::Other => Vec::new(),
    };
    Events { sent }
}

/// A struct or a variant: what one event is made from.
struct Place<'a> {
    name: &'a Ident,
    attrs: &'a [Attr],
    /// The enum's attributes, which hold for every variant that does not say otherwise.
    defaults: &'a [Attr],
    fields: &'a Fields<'a>,
}

impl<'a> Place<'a> {
    fn variant(&self, errors: &Errors) -> Option<Sent<'a>> {
        if let Some(skip) = find(self.attrs, "skip") {
            self.stands_alone(skip, "nothing is sent for it", errors);
            flag(skip, errors);
            return Some(Sent::Nothing);
        }
        if let Some(transparent) = find(self.attrs, "transparent") {
            self.stands_alone(transparent, "its field says everything", errors);
            flag(transparent, errors);
            let [field] = &*self.fields.list else {
                errors.at(
                    &transparent.key,
                    format!(
                        "`transparent` sends what the one field of the variant sends; `{}` has {} fields",
                        self.name,
                        self.fields.list.len()
                    ),
                );
                return None;
            };
            return Some(Sent::Transparent(field));
        }
        if self.attrs.is_empty() && self.fields.list.iter().all(|f| f.attrs.is_empty()) {
            errors.at(
                self.name,
                format!(
                    "variant `{}` does not say what it sends: give it `#[talent(event = …)]`, `#[talent(transparent)]` or `#[talent(skip)]`",
                    self.name
                ),
            );
            return None;
        }
        self.event(errors).map(|e| Sent::Event(Box::new(e)))
    }

    /// `skip` and `transparent` leave nothing for another key to say.
    fn stands_alone(&self, attr: &Attr, why: &str, errors: &Errors) {
        let key = &attr.key;
        let others = self.attrs.iter().filter(|a| a.key != *key);
        for other in others.chain(self.fields.list.iter().flat_map(|f| &f.attrs)).take(1) {
            errors.at(&other.key, format!("`{}` beside `{key}`: {why}, so remove one of the two", other.key));
        }
    }

    fn event(&self, errors: &Errors) -> Option<Event<'a>> {
        for field in &self.fields.list {
            one_role(field, errors);
        }
        // Each is asked, so that each tells its errors, before any is found missing.
        let event_type = self.event_type(errors);
        let jobs = self.jobs(errors);
        let request_id = self.request_id(errors);
        let notes = self.notes(errors);
        let event_id = self.event_id(errors);
        let create_time = self.role("create_time", errors);
        Some(Event { event_type: event_type?, jobs: jobs?, request_id: request_id?, notes, event_id, create_time })
    }

    fn event_type(&self, errors: &Errors) -> Option<EventType<'a>> {
        let Some(attr) = find(self.attrs, "event") else {
            let what = "say what happened: `#[talent(event = View)]`, or another of the 15 in `talent_events::types`";
            errors.at(self.name, format!("`{}` has no event type: {what}", self.name));
            return None;
        };
        match &attr.value {
            Value::Word(word) => {
                let text = word.to_string();
                if let Some(answer) = suggest::event_type(&text) {
                    errors.at(word, answer);
                } else if self.fields.list.iter().any(|f| f.name == text) {
                    errors.at(
                        word,
                        format!("`{text}` is a field: an event type that is computed is an expression, `event = self.{text}`"),
                    );
                } else {
                    return Some(EventType::Named(word));
                }
            }
            Value::Tokens(tokens) => return Some(EventType::Computed(tokens)),
            Value::Text(text) => {
                let name = text.value();
                let name = if name.contains('_') || name.to_uppercase() == name { suggest::camel(&name) } else { name };
                errors.at(text, format!("an event type is a bare name, not a text: write `event = {name}`"));
            }
            Value::Broken => {}
            Value::Flag | Value::With(_) => {
                errors.at(attr.tokens(), "say what happened: `event = View`, or `event = self.kind()`");
            }
        }
        None
    }

    fn jobs(&self, errors: &Errors) -> Option<Jobs<'a>> {
        let sources = ["job", "jobs"].into_iter().flat_map(|key| {
            let own = find(self.attrs, key).map(|attr| (attr, None));
            own.into_iter().chain(self.fields.list.iter().filter_map(move |f| Some((f.attr(key)?, Some(f)))))
        });
        let mut sources = sources.collect::<Vec<_>>().into_iter();
        let many_jobs = find(self.attrs, "many_jobs");
        if let Some(attr) = many_jobs {
            flag(attr, errors);
        }
        let Some((attr, field)) = sources.next() else {
            self.no_job(errors);
            return None;
        };
        for (other, other_field) in sources {
            let said = |field: Option<&Field<'_>>| field.map_or("the attribute".into(), |f| format!("`{}`", f.name));
            let (first, again) = (said(field), said(other_field));
            errors.at(&other.key, format!("the job comes from {first} already, and from {again} too: remove one"));
        }
        let many = attr.key == "jobs";
        if let (false, Some(many_jobs)) = (many, many_jobs) {
            errors.at(
                &many_jobs.key,
                "`many_jobs` speaks of several jobs, but there is one `job`: remove it, or write `jobs`",
            );
        }
        let source = match field {
            Some(field) => Source::Field(role(field, attr, errors)?),
            None => match &attr.value {
                Value::Word(word) if !many && word == "from_funnel" => return Some(Jobs::FromFunnel),
                Value::Tokens(tokens) => Source::Computed(tokens),
                Value::Broken => return None,
                other => {
                    let key = &attr.key;
                    let from_funnel = if many { "" } else { ", or `job = from_funnel` for the funnel's own" };
                    let message = format!(
                        "`{key}` on the {} is an expression: `{key} = self.posting.name()`{from_funnel}; a field is marked `#[talent({key})]` itself",
                        if self.defaults.is_empty() { "struct" } else { "variant" },
                    );
                    errors.at(
                        if matches!(other, Value::Flag) { attr.key.to_token_stream() } else { other.to_token_stream() },
                        message,
                    );
                    return None;
                }
            },
        };
        Some(match many {
            true => Jobs::Many { source, one_job_at: many_jobs.is_none().then(|| attr.key.span()) },
            false => Jobs::One(source),
        })
    }

    fn no_job(&self, errors: &Errors) {
        let likely = self.fields.list.iter().find(|f| f.attrs.is_empty() && f.name.contains("job"));
        let how = match likely {
            Some(field) => format!("mark the field: `#[talent(job)] {}`", field.name),
            None => "mark a field `#[talent(job)]`, or say `job = self.…` on it".into(),
        };
        errors.at(self.name, format!("`{}` names no job: {how}", self.name));
    }

    fn request_id(&self, errors: &Errors) -> Option<RequestId<'a>> {
        let own = find(self.attrs, "request_id");
        let field = self.field("request_id", errors);
        match (own, field) {
            (Some(own), Some((_, attr))) => {
                errors.at(&attr.key, format!("the request id is said twice: on this field and by `{}`", own.tokens()));
                None
            }
            (None, Some((field, attr))) => Some(RequestId::Field(role(field, attr, errors)?)),
            (Some(attr), None) => request_id(attr, errors),
            (None, None) => match find(self.defaults, "request_id") {
                Some(attr) => request_id(attr, errors),
                None => {
                    let likely = self.fields.list.iter().find(|f| f.attrs.is_empty() && looks_like_request_id(&f.name));
                    let field = likely.map_or("a field that holds it".into(), |f| format!("the field `{}`", f.name));
                    errors.at(
                        self.name,
                        format!(
                            "`{}` does not say which search it came from, and Google discards events without a valid request id\n\
                             mark {field} with `#[talent(request_id)]`\n\
                             or write `request_id = from_session` if a session or funnel sends it\n\
                             or write `request_id = none` if there was no search, and it will not count",
                            self.name
                        ),
                    );
                    None
                }
            },
        }
    }

    fn notes(&self, errors: &Errors) -> Option<Notes<'a>> {
        let own = find(self.attrs, "notes");
        let field = self.field("notes", errors);
        match (own, field) {
            (Some(own), Some((_, attr))) => {
                errors.at(&attr.key, format!("the notes are said twice: on this field and by `{}`", own.tokens()));
                None
            }
            (None, Some((field, attr))) => Some(Notes::Field(role(field, attr, errors)?)),
            (own, None) => match &own.or_else(|| find(self.defaults, "notes"))?.value {
                Value::Text(template) => {
                    self.only_own_indices(template, errors);
                    Some(Notes::Template(template))
                }
                Value::With(path) => Some(Notes::With(path)),
                Value::Broken => None,
                Value::Flag => {
                    errors.at(&own.or_else(|| find(self.defaults, "notes"))?.key, NOTES_FORMS);
                    None
                }
                other => {
                    errors.at(other, NOTES_FORMS);
                    None
                }
            },
        }
    }

    fn event_id(&self, errors: &Errors) -> Option<EventId<'a>> {
        let own = find(self.attrs, "event_id");
        let field = self.field("event_id", errors);
        match (own, field) {
            (Some(own), Some((_, attr))) => {
                errors.at(&attr.key, format!("the event id is said twice: on this field and by `{}`", own.tokens()));
                None
            }
            (None, Some((field, attr))) => Some(EventId::Field(role(field, attr, errors)?)),
            (Some(attr), None) => match &attr.value {
                Value::Text(template) => {
                    self.only_own_indices(template, errors);
                    Some(EventId::Template(template))
                }
                Value::Broken => None,
                _ => {
                    errors.at(
                        attr.tokens(),
                        "here `event_id` is a template: `event_id = \"{application}-finish\"`; a field that holds the id is marked `#[talent(event_id)]` itself",
                    );
                    None
                }
            },
            (None, None) => None,
        }
    }

    /// A `{0}` on named fields, or beyond the last: rustc would speak of arguments that the user can not see.
    fn only_own_indices(&self, template: &LitStr, errors: &Errors) {
        let fields = &self.fields.list;
        for placeholder in crate::template::placeholders(template) {
            let name = &placeholder.name;
            let index = name.is_empty() || name.bytes().all(|b| b.is_ascii_digit());
            if !index || fields.iter().any(|f| f.name == *name) {
                continue;
            }
            let names: Vec<_> = fields.iter().map(|f| format!("`{{{}}}`", f.name)).collect();
            let names = if names.is_empty() { "it has no field".into() } else { names.join(", ") };
            errors.at(template, format!("`{{{name}}}` names no field of `{}`: {names}", self.name));
            return;
        }
    }

    fn role(&self, key: &str, errors: &Errors) -> Option<Role<'a>> {
        let (field, attr) = self.field(key, errors)?;
        role(field, attr, errors)
    }

    /// The field with this key; a second one is an error.
    fn field(&self, key: &str, errors: &Errors) -> Option<(&'a Field<'a>, &'a Attr)> {
        let mut fields = self.fields.list.iter().filter_map(|f| Some((f, f.attr(key)?)));
        let first = fields.next()?;
        for (_, attr) in fields {
            errors.at(&attr.key, format!("`{key}` is the field `{}` already: remove one of the two", first.0.name));
        }
        Some(first)
    }
}

/// The event type that is named, where the word may be one.
pub(crate) fn named_type<'a>(attrs: &'a [Attr], fields: &Fields<'_>) -> Option<&'a Ident> {
    let Value::Word(word) = &find(attrs, "event")?.value else { return None };
    let text = word.to_string();
    let other = suggest::event_type(&text).is_some() || fields.list.iter().any(|f| f.name == text);
    (!other).then_some(word)
}

const NOTES_FORMS: &str = "notes are a template, `notes = \"Applied via {channel}\"`, or `notes(with = path)`; a field that holds them is marked `#[talent(notes)]` itself";

fn request_id<'a>(attr: &'a Attr, errors: &Errors) -> Option<RequestId<'a>> {
    match &attr.value {
        Value::Word(word) if word == "from_session" => Some(RequestId::FromSession),
        Value::Word(word) if word == "none" => Some(RequestId::None),
        Value::Text(template) => Some(RequestId::Synthetic(template)),
        Value::Broken => None,
        other => {
            let at = if matches!(other, Value::Flag) { attr.key.to_token_stream() } else { other.to_token_stream() };
            errors.at(
                at,
                "here `request_id` is `from_session`, `none` or a template in quotes; a field that holds it is marked `#[talent(request_id)]` itself",
            );
            None
        }
    }
}

fn looks_like_request_id(name: &str) -> bool {
    name.contains("request") || name.contains("search")
}

/// A field plays one role; `private` is none, and stands beside a role as well.
fn one_role(field: &Field<'_>, errors: &Errors) {
    if let Some(private) = field.attr("private") {
        flag(private, errors);
    }
    let mut roles = field.attrs.iter().filter(|a| a.key != "private");
    let Some(first) = roles.next() else { return };
    for other in roles {
        errors.at(&other.key, format!("`{}` is the {} already: a field plays one role", field.name, first.key));
    }
}

fn role<'a>(field: &'a Field<'a>, attr: &'a Attr, errors: &Errors) -> Option<Role<'a>> {
    match &attr.value {
        Value::Flag => Some(Role { field, with: None }),
        Value::With(path) => Some(Role { field, with: Some(path) }),
        Value::Broken => None,
        other => {
            let key = &attr.key;
            errors.at(
                other,
                format!(
                    "on a field write `#[talent({key})]` or `#[talent({key}(with = path))]`: the field is the value"
                ),
            );
            None
        }
    }
}

fn flag(attr: &Attr, errors: &Errors) {
    if !matches!(attr.value, Value::Flag | Value::Broken) {
        errors.at(attr.tokens(), format!("`{}` takes no value", attr.key));
    }
}
