//! Every rule of the grammar: what the attributes say becomes what is to be sent.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{LitStr, Path};

use crate::ast::{Field, Fields, Item, Shape, Variant, find};
use crate::attr::{Attr, BOUND_FORM, Value, is_constant};
use crate::errors::Errors;
use crate::expand::mentions;
use crate::suggest;
use crate::template::placeholders;

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

/// What a struct or a variant says by itself. What it leaves open, its flattened contexts say; or, where it is a
/// context, the event that flattens it.
pub(crate) struct Event<'a> {
    pub(crate) event_type: Option<EventType<'a>>,
    pub(crate) jobs: Option<Jobs<'a>>,
    /// `many_jobs`, and where it says so.
    pub(crate) many_jobs: Option<Span>,
    pub(crate) request_id: Option<RequestId<'a>>,
    pub(crate) notes: Option<Notes<'a>>,
    /// Long notes are an error, and are not cut.
    pub(crate) refuses_long_notes: bool,
    pub(crate) event_id: Option<EventId<'a>>,
    pub(crate) create_time: Option<Role<'a>>,
    /// The flattened contexts, and where each says so.
    pub(crate) flattened: Vec<(&'a Field<'a>, Span)>,
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
    FromFunnel {
        at: Span,
    },
}

pub(crate) enum Source<'a> {
    Field(Role<'a>),
    Computed(&'a TokenStream),
    /// One job, always the same.
    Constant(&'a LitStr),
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
    bounds(item, errors);
    let sent = match &item.shape {
        Shape::Struct(fields) => {
            let place = Place {
                name: item.ident,
                attrs: &item.attrs,
                defaults: &[],
                broken_defaults: &[],
                fields,
                is_context: false,
            };
            vec![Sent::Event(Box::new(place.event(errors)))]
        }
        Shape::Enum(variants) => {
            let broken_defaults = broken_defaults(&item.attrs, variants, errors);
            let place = |variant: &'a Variant<'a>| Place {
                name: variant.ident,
                attrs: &variant.attrs,
                defaults: &item.attrs,
                broken_defaults: &broken_defaults,
                fields: &variant.fields,
                is_context: false,
            };
            let sent: Vec<_> = variants.iter().map(|variant| place(variant).variant(errors)).collect();
            if !sent.is_empty() && variants.iter().all(|v| find(&v.attrs, "skip").is_some()) {
                errors.at(item.ident, format!("each variant of `{}` is skipped, so it is never an event", item.ident));
            }
            sent
        }
        Shape::Other => Vec::new(),
    };
    Events { sent }
}

/// After an error the answer is incomplete and not to be expanded.
pub(crate) fn context<'a>(item: &'a Item<'a>, errors: &Errors) -> Option<Event<'a>> {
    bounds(item, errors);
    let Shape::Struct(fields) = &item.shape else { return None };
    let place =
        Place { name: item.ident, attrs: &item.attrs, defaults: &[], broken_defaults: &[], fields, is_context: true };
    let said = place.event(errors);
    let speaks = fields.list.iter().flat_map(|f| &f.attrs).chain(&item.attrs);
    let says_a_role = |a: &Attr| !a.refused && a.key != "private" && a.key != "crate" && a.key != "bound";
    if !speaks.into_iter().any(says_a_role) && !place.something_refused(errors) {
        errors.at(
            item.ident,
            format!(
                "`{}` gives an event nothing: mark the fields that play a role, e.g. `#[talent(request_id)]`",
                item.ident
            ),
        );
    }
    Some(said)
}

/// Defaults of an enum whose templates name what not every variant has that they hold for; told once.
fn broken_defaults(defaults: &[Attr], variants: &[Variant<'_>], errors: &Errors) -> Vec<&'static str> {
    let mut broken = Vec::new();
    for key in ["request_id", "notes"] {
        let Some(Value::Text(template)) = find(defaults, key).map(|attr| &attr.value) else { continue };
        let says = |v: &Variant<'_>, key| {
            find(&v.attrs, key).is_some() || v.fields.list.iter().any(|field| field.attr(key).is_some())
        };
        let reached: Vec<_> =
            (variants.iter()).filter(|v| ![key, "skip", "transparent"].into_iter().any(|key| says(v, key))).collect();
        let has = |v: &Variant<'_>, name: &str| v.fields.list.iter().any(|field| field.name == name);
        for placeholder in placeholders(template) {
            let name = &placeholder.name;
            let lacking: Vec<_> = reached.iter().filter(|v| !has(v, name)).map(|v| format!("`{}`", v.ident)).collect();
            // What no variant has is misspelt, which rustc tells; or it is a constant.
            if !lacking.is_empty() && variants.iter().any(|v| has(v, name)) {
                let lacking = lacking.join(", ");
                errors.at(
                    template,
                    format!("this holds for each variant that does not say otherwise, and `{{{name}}}` is no field of {lacking}: write it on the variants that have the field"),
                );
                broken.push(key);
                break;
            }
        }
    }
    broken
}

fn bounds(item: &Item<'_>, errors: &Errors) {
    if let Some(attr) = find(&item.attrs, "bound")
        && !matches!(attr.value, Value::Bounds(_) | Value::Broken)
    {
        let at = match attr.value {
            Value::Flag => attr.key.to_token_stream(),
            _ => attr.value.to_token_stream(),
        };
        errors.at(at, BOUND_FORM);
    }
}

/// A struct or a variant: what one event is made from.
struct Place<'a, 'p> {
    name: &'a Ident,
    attrs: &'a [Attr],
    /// The enum's attributes, which hold for every variant that does not say otherwise.
    defaults: &'a [Attr],
    /// Those of which an error has been told.
    broken_defaults: &'p [&'static str],
    fields: &'a Fields<'a>,
    /// What it does not say, the event that flattens it says.
    is_context: bool,
}

impl<'a> Place<'a, '_> {
    fn variant(&self, errors: &Errors) -> Sent<'a> {
        if let Some(skip) = find(self.attrs, "skip") {
            self.stands_alone(skip, "nothing is sent for it", errors);
            flag(skip, errors);
            return Sent::Nothing;
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
                return Sent::Nothing;
            };
            return Sent::Transparent(field);
        }
        if self.attrs.is_empty() && self.fields.list.iter().all(|f| f.attrs.is_empty()) {
            errors.at(
                self.name,
                format!(
                    "variant `{}` does not say what it sends: give it `#[talent(event = …)]`, `#[talent(transparent)]` or `#[talent(skip)]`",
                    self.name
                ),
            );
            return Sent::Nothing;
        }
        Sent::Event(Box::new(self.event(errors)))
    }

    /// Whether something was said that is not understood, and may be what is missing.
    fn something_refused(&self, errors: &Errors) -> bool {
        let fields = self.fields.list.iter().flat_map(|f| &f.attrs);
        let mut refused = self.attrs.iter().chain(self.defaults).chain(fields).filter(|a| a.refused).peekable();
        let is_something = refused.peek().is_some();
        if is_something && refused.all(|a| matches!(a.value, Value::Elsewhere)) {
            errors.left_to_rustc();
        }
        is_something
    }

    /// The enum's attribute, which holds for what says nothing else.
    fn default(&self, key: &str) -> Option<&'a Attr> {
        find(self.defaults, key).filter(|attr| !self.broken_defaults.iter().any(|broken| attr.key == broken))
    }

    fn has_field(&self, name: &str) -> bool {
        self.fields.list.iter().any(|field| field.name == name)
    }

    /// `skip` and `transparent` leave nothing for another key to say.
    fn stands_alone(&self, attr: &Attr, why: &str, errors: &Errors) {
        let key = &attr.key;
        let others = self.attrs.iter().filter(|a| a.key != *key);
        for other in others.chain(self.fields.list.iter().flat_map(|f| &f.attrs)).filter(|a| !a.refused).take(1) {
            errors.at(&other.key, format!("`{}` beside `{key}`: {why}, so remove one of the two", other.key));
        }
    }

    fn event(&self, errors: &Errors) -> Event<'a> {
        for field in &self.fields.list {
            one_role(field, errors);
        }
        let event_type = if self.is_context { None } else { self.event_type(errors) };
        let flattened = self.flattened(errors);
        // A context that the derive can not see may give what is not said here.
        let open = self.is_context || !flattened.is_empty();
        let many_jobs = find(self.attrs, "many_jobs");
        if let Some(attr) = many_jobs {
            flag(attr, errors);
        }
        let notes = self.notes(errors);
        let jobs = self.jobs(many_jobs, open, errors);
        let request_id = self.request_id(open, errors);
        if let (Some(Jobs::FromFunnel { at }), Some(RequestId::None)) = (&jobs, &request_id) {
            errors.push(syn::Error::new(*at, FUNNEL_WITHOUT_SEARCH));
        }
        Event {
            event_type,
            jobs,
            many_jobs: many_jobs.map(|attr| attr.key.span()),
            request_id,
            refuses_long_notes: self.refuses_long_notes(notes.is_none() && !open, errors),
            notes,
            event_id: self.event_id(errors),
            create_time: self.role("create_time", errors),
            flattened,
        }
    }

    fn flattened(&self, errors: &Errors) -> Vec<(&'a Field<'a>, Span)> {
        let fields = self.fields.list.iter().filter_map(|f| Some((f, f.attr("flatten")?)));
        let told = fields.inspect(|(_, attr)| flag(attr, errors));
        told.map(|(field, attr)| (field, attr.key.span())).collect()
    }

    fn event_type(&self, errors: &Errors) -> Option<EventType<'a>> {
        let Some(attr) = find(self.attrs, "event") else {
            let what = "say what happened: `#[talent(event = View)]`, or another of the 15 in `talent_events::types`";
            if !self.something_refused(errors) {
                errors.at(self.name, format!("`{}` has no event type: {what}", self.name));
            }
            return None;
        };
        match &attr.value {
            Value::Word(word) => {
                let text = word.to_string();
                if self.has_field(&text) {
                    errors.at(
                        word,
                        format!("`{text}` is a field: an event type that is computed is an expression, `event = self.{text}`"),
                    );
                } else if let Some(answer) = suggest::event_type(&text) {
                    errors.at(word, answer);
                } else {
                    return Some(EventType::Named(word));
                }
            }
            Value::Tokens(tokens) => match no_expression(tokens) {
                Some(answer) => errors.at(tokens, answer),
                None => return Some(EventType::Computed(tokens)),
            },
            Value::Text(text) => {
                errors.at(text, suggest::wrapped_event_type(&text.value(), "an event type is a bare name, not a text"));
            }
            Value::Broken | Value::Elsewhere => {}
            Value::Flag | Value::With(_) | Value::Bounds(_) => {
                errors.at(attr.tokens(), "say what happened: `event = View`, or `event = self.kind()`");
            }
        }
        None
    }

    fn jobs(&self, many_jobs: Option<&Attr>, open: bool, errors: &Errors) -> Option<Jobs<'a>> {
        let sources = ["job", "jobs"].into_iter().flat_map(|key| {
            let own = find(self.attrs, key).map(|attr| (attr, None));
            own.into_iter().chain(self.fields.list.iter().filter_map(move |f| Some((f.attr(key)?, Some(f)))))
        });
        let mut sources = sources.collect::<Vec<_>>().into_iter();
        let Some((attr, field)) = sources.next() else {
            if !open && !self.something_refused(errors) {
                self.no_job(errors);
            }
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
                Value::Word(word) if !many && word == "from_funnel" => {
                    return Some(Jobs::FromFunnel { at: word.span() });
                }
                Value::Tokens(tokens) => Source::Computed(tokens),
                Value::Text(text) if !many && !self.names_a_field(text) => {
                    if let Some(answer) = no_constant_job(&text.value()) {
                        errors.at(text, answer);
                        return None;
                    }
                    Source::Constant(text)
                }
                Value::Broken => return None,
                other => {
                    let key = &attr.key;
                    let message = match other {
                        Value::Word(word) if !many && self.means(word, ["from_funnel"]).is_some() => {
                            format!("`{word}` is no source of a job: did you mean `from_funnel`?")
                        }
                        Value::Word(word) if self.has_field(&word.unraw().to_string()) => {
                            format!("`{word}` is a field: mark it `#[talent({key})]`, or write `{key} = self.{word}`")
                        }
                        _ if many => {
                            "here `jobs` is an expression, `jobs = self.page.jobs()`; a field that holds them is marked `#[talent(jobs)]` itself".into()
                        }
                        _ => format!(
                            "here `{key}` is an expression, `job = self.posting.name()`, one constant name in quotes, or `from_funnel`; a field that holds it is marked `#[talent(job)]` itself"
                        ),
                    };
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

    /// A text that was meant for a field, which is not said by its name.
    fn names_a_field(&self, text: &LitStr) -> bool {
        let text = text.value();
        text.contains('{') || self.fields.named && self.has_field(&text)
    }

    /// Which of the words a misspelt one, or a part of one, means; a field's name is not misspelt.
    fn means<const N: usize>(&self, word: &Ident, words: [&'static str; N]) -> Option<&'static str> {
        let word = word.to_string();
        if self.has_field(&word) {
            return None;
        }
        let part_of = words.into_iter().find(|known| known.split('_').any(|part| part == word));
        part_of.or_else(|| suggest::nearest(&word, words))
    }

    fn no_job(&self, errors: &Errors) {
        let how = match self.likely(&["job"], "JobName") {
            Some((field, false)) => format!("mark the field: `#[talent(job)] {}`", field.name),
            Some((field, true)) => format!("mark the field: `#[talent(jobs)] {}`", field.name),
            None => "mark a field `#[talent(job)]`, or write `job = self.posting.name()` beside `event`".into(),
        };
        errors.at(self.name, format!("`{}` names no job: {how}", self.name));
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

    fn request_id(&self, open: bool, errors: &Errors) -> Option<RequestId<'a>> {
        let own = find(self.attrs, "request_id");
        let field = self.field("request_id", errors);
        match (own, field) {
            (Some(own), Some((_, attr))) => {
                errors.at(&attr.key, format!("the request id is said twice: on this field and by `{}`", own.tokens()));
                None
            }
            (None, Some((field, attr))) => Some(RequestId::Field(role(field, attr, errors)?)),
            (Some(attr), None) => self.request_id_said(attr, errors),
            (None, None) => match self.default("request_id") {
                Some(attr) => self.request_id_said(attr, errors),
                None if open || self.broken_defaults.contains(&"request_id") || self.something_refused(errors) => None,
                None => {
                    let likely = self.likely(&["request", "search"], "RequestId");
                    let field =
                        likely.map_or("a field that holds it".into(), |(f, _)| format!("the field `{}`", f.name));
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

    fn request_id_said(&self, attr: &'a Attr, errors: &Errors) -> Option<RequestId<'a>> {
        let message = match &attr.value {
            Value::Word(word) if word == "from_session" => return Some(RequestId::FromSession),
            Value::Word(word) if word == "none" => return Some(RequestId::None),
            Value::Text(template) => {
                let own = self.only_own_indices(template, errors);
                let text = template.value();
                if text == "from_session" || text == "none" {
                    errors.at(template, format!("write `request_id = {text}`, without quotes"));
                } else if own && self.names_no_field(template) {
                    let how = match self.has_field(&text) {
                        true => format!("mark the field instead, `#[talent(request_id)] {text}`"),
                        false => "a made-up request id is a template, `request_id = \"application-{user}-{job}\"`".into(),
                    };
                    errors.at(template, format!("this request id names no field, so every event would claim the same search: {how}"));
                } else if let Some(field) = self.fields.list.iter().find(|f| text == format!("{{{}}}", f.name) && has_type(f, "RequestId")) {
                    let name = &field.name;
                    errors.at(template, format!("in a template a request id counts as made up: if `{name}` holds that of a search, mark the field, `#[talent(request_id)] {name}`"));
                }
                return own.then_some(RequestId::Synthetic(template));
            }
            Value::Broken => return None,
            Value::Word(word) if let Some(meant) = self.means(word, ["from_session", "none"]) => {
                format!("`{word}` is no source of a request id: did you mean `{meant}`?")
            }
            _ => "here `request_id` is `from_session`, `none` or a template in quotes; a field that holds it is marked `#[talent(request_id)]` itself".into(),
        };
        errors.at(
            match &attr.value {
                Value::Flag => attr.key.to_token_stream(),
                other => other.to_token_stream(),
            },
            message,
        );
        None
    }

    fn refuses_long_notes(&self, without_notes: bool, errors: &Errors) -> bool {
        let own = find(self.attrs, "notes_overflow");
        let Some(attr) = own.or_else(|| find(self.defaults, "notes_overflow")) else { return false };
        if let (true, Some(own)) = (without_notes, own) {
            errors.at(&own.key, "`notes_overflow` speaks of notes, but there are none: remove it, or add `notes`");
        }
        match &attr.value {
            Value::Word(word) if word == "error" => return true,
            Value::Word(word) if word == "truncate" => {}
            Value::Word(word) if let Some(meant) = suggest::nearest(&word.to_string(), ["truncate", "error"]) => {
                errors.at(word, format!("`{word}` is no way to treat long notes: did you mean `{meant}`?"));
            }
            Value::Broken => {}
            Value::Flag => errors.at(&attr.key, suggest::NOTES_OVERFLOW),
            other => errors.at(other, suggest::NOTES_OVERFLOW),
        }
        false
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
            (own, None) => match &own.or_else(|| self.default("notes"))?.value {
                Value::Text(template) => self.only_own_indices(template, errors).then_some(Notes::Template(template)),
                Value::With(path) => Some(Notes::With(path)),
                Value::Broken => None,
                Value::Flag => {
                    errors.at(&own.or_else(|| self.default("notes"))?.key, NOTES_FORMS);
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
                    let own = self.only_own_indices(template, errors);
                    if own && self.names_no_field(template) {
                        let why = "names no field, so every event would have the same id, and the service wants it unique: write a template, `event_id = \"{application}-finish\"`";
                        errors.at(template, format!("this event id {why}"));
                    }
                    own.then_some(EventId::Template(template))
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
    fn only_own_indices(&self, template: &LitStr, errors: &Errors) -> bool {
        let fields = &self.fields.list;
        for placeholder in placeholders(template) {
            let name = &placeholder.name;
            let named = fields.iter().find(|f| f.name == *name);
            // rustc would speak of the type of what stands in its place.
            if placeholder.format.is_none() && named.is_some_and(|f| f.attr("private").is_some()) {
                errors.at(
                    template,
                    format!(
                        "`{name}` is private, and the blanks of a width or the digits of a precision would show it"
                    ),
                );
                return false;
            }
            let index = name.is_empty() || name.bytes().all(|b| b.is_ascii_digit());
            // `self` is the whole, private fields and all.
            if !index && name != "self" || named.is_some() {
                continue;
            }
            let names = fields.iter().filter(|f| f.attr("private").is_none()).map(|f| format!("`{{{}}}`", f.name));
            let names = names.collect::<Vec<_>>();
            let names = if names.is_empty() { "there is none to name".into() } else { names.join(", ") };
            errors.at(template, format!("`{{{name}}}` names no field of `{}`: {names}", self.name));
            return false;
        }
        true
    }

    /// Whether an id by this template is the same for every event. What it names may be no field but misspelt, which
    /// rustc tells; a constant it does not.
    fn names_no_field(&self, template: &LitStr) -> bool {
        let constant = |name: &str| syn::parse_str::<Ident>(name).is_ok_and(|name| is_constant(&name));
        placeholders(template)
            .iter()
            .all(|placeholder| constant(&placeholder.name) && !self.has_field(&placeholder.name))
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

const FUNNEL_WITHOUT_SEARCH: &str = "a funnel goes on from a search and has its request id: beside `job = from_funnel` write `request_id = from_session`, or name the job here";

const NOTES_FORMS: &str = "notes are a template, `notes = \"Applied via {channel}\"`, or `notes(with = path)`; a field that holds them is marked `#[talent(notes)]` itself";

/// What is no expression of an event's type, whatever it means: a number, or the path of a type.
fn no_expression(tokens: &TokenStream) -> Option<String> {
    if syn::parse2::<syn::Lit>(tokens.clone()).is_ok() {
        return Some(
            "an event type is a bare name: write `event = View`, or another of the 15 in `talent_events::types`".into(),
        );
    }
    let path = syn::parse2::<Path>(tokens.clone()).ok()?;
    let names: Vec<_> = path.segments.iter().map(|s| s.ident.to_string()).collect();
    match &names[..] {
        [.., module, name] if module == "types" || module == "JobEventType" => {
            Some(suggest::wrapped_event_type(name, "an event type is a bare name, without its path"))
        }
        _ => None,
    }
}

/// Whether the field's type speaks of this one.
fn has_type(field: &Field<'_>, name: &str) -> bool {
    mentions(field.ty.to_token_stream(), &Ident::new(name, Span::call_site()))
}

/// Why a text in quotes is no job: it was meant without them, or can only be the name of one if it says so in full.
fn no_constant_job(text: &str) -> Option<String> {
    if matches!(text, "from_funnel" | "from_session" | "none") {
        return Some(format!(
            "in quotes `{text}` would be the name of a job: if the funnel has it, write `job = from_funnel` without quotes"
        ));
    }
    if text.contains('/') || !text.contains(|c: char| !c.is_alphanumeric() && c != '_' && c != '-') {
        return None;
    }
    Some(match syn::parse_str::<syn::Expr>(text) {
        Ok(_) => format!("in quotes this would be the name of a job: write `job = {text}`, without quotes"),
        Err(_) => "a bare id has letters, digits, `-` and `_` only: write the full name of the job, `projects/{project}/tenants/{tenant}/jobs/{job}`".into(),
    })
}

/// A field plays one role; `private` is none, and stands beside a role as well.
fn one_role(field: &Field<'_>, errors: &Errors) {
    if let Some(private) = field.attr("private") {
        flag(private, errors);
    }
    let mut roles = roles(field);
    let Some(first) = roles.next() else { return };
    for other in roles {
        let why = match first.key == "flatten" || other.key == "flatten" {
            true => "a flattened field gives the roles of its own fields, and plays none itself".to_owned(),
            false => format!("`{}` has the role `{}` already, and a field plays one", field.name, first.key),
        };
        errors.at(&other.key, why);
    }
}

fn roles<'a>(field: &'a Field<'_>) -> impl Iterator<Item = &'a Attr> {
    field.attrs.iter().filter(|a| a.key != "private" && !a.refused)
}

fn role<'a>(field: &'a Field<'a>, attr: &'a Attr, errors: &Errors) -> Option<Role<'a>> {
    match &attr.value {
        // Two roles are told, and rustc is not to speak of either.
        _ if roles(field).nth(1).is_some() => None,
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
