//! What only the runtime crate or another derive knows, and yet is known before the program runs: `const` items with
//! the user's span, each a call of a function that panics with what is wrong.
//!
//! Where a check speaks of the item's type parameters it stands in the code that writes the event instead, and is made
//! once they are known.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, Generics, Type};

use crate::ast::{Field, Shape, find};
use crate::expand::{Cx, Ends, Said, constant, mentions, option};
use crate::valid::{Event, EventId, Jobs, Notes, RequestId, Source};

/// A template below this is not asked for its length: each `const` item costs the user's build.
const SHORT: usize = 256;

/// Adds the checks of an event or context; answers those that wait for its type parameters.
pub(crate) fn event(
    cx: &Cx<'_>,
    event: &Event<'_>,
    name: &Ident,
    marker: Option<&TokenStream>,
    checks: &mut Vec<TokenStream>,
) -> TokenStream {
    let mut found = Checks { cx, checks, late: TokenStream::new() };
    found.jobs(event, marker);
    found.templates(event);
    found.apart(event, name);
    if event.event_type.is_some() {
        found.complete(event, name, marker);
    }
    found.late
}

struct Checks<'a> {
    cx: &'a Cx<'a>,
    checks: &'a mut Vec<TokenStream>,
    late: TokenStream,
}

impl Checks<'_> {
    fn call(&mut self, at: Ends, function: &str, arguments: TokenStream) {
        let call = self.called(at, function, arguments);
        self.checks.push(quote!(const _: () = #call;));
    }

    /// From its first token to its last it stands where the user's do.
    fn called(&self, at: Ends, function: &str, arguments: TokenStream) -> TokenStream {
        let krate = at.first(&self.cx.item.krate);
        let function = Ident::new(function, at.first);
        let arguments = at.in_parentheses(arguments);
        let at = at.first;
        quote_spanned!(at=> #krate::__private::#function #arguments)
    }

    /// A call that speaks of contexts, each by its type.
    fn call_with_contexts(&mut self, at: Span, function: &str, contexts: &[&Field<'_>], more: &TokenStream) {
        let krate = &self.cx.item.krate;
        let constants = contexts.iter().map(|field| constant(krate, field));
        let arguments = quote!(&[#(#constants),*], #more);
        if contexts.iter().any(|field| self.is_generic(&field.ty.to_token_stream())) {
            let call = self.called(Ends::at(at), function, arguments);
            self.late.extend(quote!(const { #call };));
        } else {
            self.call(Ends::at(at), function, without_lifetimes(arguments));
        }
    }

    fn is_generic(&self, tokens: &TokenStream) -> bool {
        is_generic(self.cx.item.generics, tokens)
    }

    fn jobs(&mut self, event: &Event<'_>, marker: Option<&TokenStream>) {
        let krate = &self.cx.item.krate;
        let of_type = match (&event.jobs, event.many_jobs) {
            (Some(Jobs::Many { one_job_at: Some(at), .. }), _) => Some((*at, "check_many_jobs")),
            (Some(Jobs::FromFunnel { at }), _) => Some((*at, "check_of_one_application")),
            (_, Some(at)) => Some((at, "check_one_job")),
            _ => None,
        };
        if let (Some((at, check)), Some(marker)) = (of_type, marker) {
            self.call(Ends::at(at), check, quote!(<#marker as #krate::event::EventType>::TYPE));
        }
        match &event.jobs {
            Some(Jobs::One(Source::Constant(name))) => {
                self.call(Ends::at(name.span()), "check_job_name", quote!(#name))
            }
            Some(Jobs::Many { source: Source::Field(role), .. }) if role.with.is_none() => {
                if let Some(len) = array_len(role.field.ty).map(ToTokens::to_token_stream)
                    && !self.is_generic(&len)
                {
                    self.call(Ends::of(&len), "check_array_of_jobs", len);
                }
            }
            _ => {}
        }
    }

    fn templates(&mut self, event: &Event<'_>) {
        if let Some(Notes::Template(template)) = event.notes
            && template.value().len() > SHORT
        {
            self.call(Ends::at(template.span()), "check_notes_template", quote!(#template));
        }
        let request_id = if let Some(RequestId::Synthetic(t)) = event.request_id { Some(t) } else { None };
        let event_id = if let Some(EventId::Template(t)) = event.event_id { Some(t) } else { None };
        for template in [request_id, event_id].into_iter().flatten() {
            self.call(Ends::at(template.span()), "check_id_template", quote!(#template));
        }
    }

    /// A role is given once: by the event itself or by one of its contexts.
    fn apart(&mut self, event: &Event<'_>, name: &Ident) {
        if event.flattened.is_empty() {
            return;
        }
        let krate = &self.cx.item.krate;
        let own = own(krate, event);
        let givers = self.givers(event, name);
        for (i, (field, at)) in event.flattened.iter().enumerate() {
            let flattened = |field: &Field<'_>| format!("the flattened `{}`", field.name);
            let words = |first: &dyn Fn(usize) -> String| {
                let words = ROLES.iter().enumerate().map(|(role, what)| {
                    format!("{what} twice: by {} and by {}; remove one", first(role), flattened(field))
                });
                let words = words.collect::<Vec<_>>();
                quote!([#(#words),*])
            };
            let with_own = words(&|role| givers[role].clone());
            self.call_with_contexts(*at, "check_apart", &[*field], &quote!(&#own, #with_own));
            for (other, _) in &event.flattened[..i] {
                let (words, other) = (words(&|_| flattened(other)), *other);
                self.call_with_contexts(*at, "check_two_apart", &[other, field], &words);
            }
        }
    }

    /// What the event does not say its contexts say.
    fn complete(&mut self, event: &Event<'_>, name: &Ident, marker: Option<&TokenStream>) {
        let Some((_, first_at)) = event.flattened.first() else { return };
        let krate = &self.cx.item.krate;
        let contexts: Vec<_> = event.flattened.iter().map(|(field, _)| *field).collect();
        let names: Vec<_> = contexts.iter().map(|field| format!("`{}`", field.name)).collect();
        let names = names.join(" and ");
        if event.jobs.is_none() {
            let words = format!(
                "`{name}` names no job, and what it flattens ({names}) gives none: mark a field `#[talent(job)]`, here or there"
            );
            self.call_with_contexts(name.span(), "check_job_given", &contexts, &quote!(#words));
            if event.many_jobs.is_some() {
                self.call_with_contexts(*first_at, "check_several_given", &contexts, &quote!());
            } else if let Some(marker) = marker {
                for (field, at) in &event.flattened {
                    let event_type = quote!(<#marker as #krate::event::EventType>::TYPE);
                    self.call_with_contexts(*at, "check_flattened_jobs", &[*field], &event_type);
                }
            }
        }
        if event.request_id.is_none() {
            let words = format!(
                "`{name}` does not say which search it came from, nor does what it flattens ({names}), and Google discards events without a valid request id: mark a field `#[talent(request_id)]`, here or there, or write `request_id = from_session` or `request_id = none`"
            );
            self.call_with_contexts(name.span(), "check_request_id_given", &contexts, &quote!(#words));
        }
    }

    /// By what the event itself gives each role.
    fn givers(&self, event: &Event<'_>, name: &Ident) -> [String; 5] {
        let field = |name: &str| format!("the field `{name}`");
        let attribute = |key: &str| match &self.cx.item.shape {
            Shape::Enum(variants) if variants.iter().all(|v| v.ident != name || find(&v.attrs, key).is_none()) => {
                format!("`{key}` of the enum")
            }
            _ => format!("`{key}` of `{name}`"),
        };
        let jobs = match &event.jobs {
            Some(Jobs::One(Source::Field(role)) | Jobs::Many { source: Source::Field(role), .. }) => {
                field(&role.field.name)
            }
            _ => attribute("job"),
        };
        let request_id = match &event.request_id {
            Some(RequestId::Field(role)) => field(&role.field.name),
            _ => attribute("request_id"),
        };
        let event_id = match &event.event_id {
            Some(EventId::Field(role)) => field(&role.field.name),
            _ => attribute("event_id"),
        };
        let create_time = event.create_time.as_ref().map_or_else(String::new, |role| field(&role.field.name));
        let notes = match &event.notes {
            Some(Notes::Field(role)) => field(&role.field.name),
            _ => attribute("notes"),
        };
        [jobs, request_id, event_id, create_time, notes]
    }
}

/// The roles in the order in which the runtime's check looks at them.
const ROLES: [&str; 5] = [
    "the job is given",
    "the request id is given",
    "the event id is given",
    "the time is given",
    "the notes are given",
];

/// The descriptor of what an event or context gives by itself.
pub(crate) fn own(krate: &TokenStream, event: &Event<'_>) -> TokenStream {
    let said = Said::of(krate, event);
    let (jobs, request_id, notes) = (option(krate, said.jobs), option(krate, said.request_id), said.notes);
    let several = matches!(event.jobs, Some(Jobs::Many { .. }));
    let (event_id, create_time) = (event.event_id.is_some(), event.create_time.is_some());
    let from_funnel = matches!(event.jobs, Some(Jobs::FromFunnel { .. }));
    quote!(#krate::__private::context(#jobs, #several, #request_id, #event_id, #create_time, #notes, #from_funnel))
}

/// The length in `[T; N]`, behind references too.
fn array_len(ty: &Type) -> Option<&Expr> {
    match ty {
        Type::Array(array) => Some(&array.len),
        Type::Reference(reference) => array_len(&reference.elem),
        Type::Paren(paren) => array_len(&paren.elem),
        Type::Group(group) => array_len(&group.elem),
        _ => None,
    }
}

/// Whether a constant could not name it.
pub(crate) fn is_generic(generics: &Generics, tokens: &TokenStream) -> bool {
    let types = generics.type_params().map(|p| &p.ident).chain(generics.const_params().map(|p| &p.ident));
    let own = format_ident!("Self");
    let for_lifetimes = format_ident!("for");
    types.chain([&own, &for_lifetimes]).any(|name| mentions(tokens.clone(), name))
}

/// The same with `'_` for each lifetime, which a constant could not name.
pub(crate) fn without_lifetimes(tokens: TokenStream) -> TokenStream {
    let mut after_quote = false;
    let trees = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut erased = Group::new(group.delimiter(), without_lifetimes(group.stream()));
            erased.set_span(group.span());
            after_quote = false;
            TokenTree::Group(erased)
        }
        TokenTree::Ident(ident) if after_quote && ident != "static" => {
            after_quote = false;
            TokenTree::Ident(Ident::new("_", ident.span()))
        }
        other => {
            after_quote = matches!(&other, TokenTree::Punct(p) if p.as_char() == '\'');
            other
        }
    });
    trees.collect()
}
