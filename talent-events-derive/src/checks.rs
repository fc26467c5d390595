//! What only the runtime crate or another derive knows, and yet is known before the program runs: `const` items with
//! the user's span, each a call of a function that panics with what is wrong.
//!
//! Where a check speaks of the item's type parameters it stands in the code that writes the event instead, and is made
//! once they are known.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, LitStr, Type};

use crate::ast::Field;
use crate::expand::{Cx, Said, constant, located, mentions, option};
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
    fn call(&mut self, at: Span, function: &str, arguments: &TokenStream) {
        let at = Span::mixed_site().located_at(at);
        let krate = located(&self.cx.item.krate, at);
        let function = Ident::new(function, at);
        self.checks.push(quote_spanned!(at=> const _: () = #krate::__private::#function(#arguments);));
    }

    /// A call that speaks of contexts, each by its type.
    fn call_with_contexts(&mut self, at: Span, function: &str, contexts: &[&Field<'_>], more: &TokenStream) {
        let krate = &self.cx.item.krate;
        let constants = contexts.iter().map(|field| constant(krate, field));
        let arguments = quote!(&[#(#constants),*], #more);
        if contexts.iter().any(|field| self.is_generic(&field.ty.to_token_stream())) {
            let at = Span::mixed_site().located_at(at);
            let (krate, function) = (located(krate, at), Ident::new(function, at));
            self.late.extend(quote_spanned!(at=> const { #krate::__private::#function(#arguments) };));
        } else {
            self.call(at, function, &without_lifetimes(arguments));
        }
    }

    /// Whether a `const` item beside the impl could not name it.
    fn is_generic(&self, tokens: &TokenStream) -> bool {
        let generics = self.cx.item.generics;
        let types = generics.type_params().map(|p| &p.ident).chain(generics.const_params().map(|p| &p.ident));
        let own = format_ident!("Self");
        let for_lifetimes = format_ident!("for");
        types.chain([&own, &for_lifetimes]).any(|name| mentions(tokens.clone(), name))
    }

    fn jobs(&mut self, event: &Event<'_>, marker: Option<&TokenStream>) {
        let krate = &self.cx.item.krate;
        if let (Some(Jobs::Many { one_job_at: Some(at), .. }), Some(marker)) = (&event.jobs, marker) {
            let marker = located(marker, Span::mixed_site().located_at(*at));
            self.call(*at, "check_many_jobs", &quote!(<#marker as #krate::event::EventType>::TYPE));
        }
        match &event.jobs {
            Some(Jobs::One(Source::Constant(name))) => self.call(name.span(), "check_job_name", &quote!(#name)),
            Some(Jobs::Many { source: Source::Field(role), .. }) if role.with.is_none() => {
                if let Some(len) = array_len(role.field.ty)
                    && !self.is_generic(&len.to_token_stream())
                {
                    self.call(len.span(), "check_array_of_jobs", &len.to_token_stream());
                }
            }
            _ => {}
        }
    }

    fn templates(&mut self, event: &Event<'_>) {
        let check = |template: &LitStr| (template.span(), quote!(#template));
        if let Some(Notes::Template(template)) = event.notes
            && template.value().len() > SHORT
        {
            let (at, text) = check(template);
            self.call(at, "check_notes_template", &text);
        }
        let request_id = if let Some(RequestId::Synthetic(t)) = event.request_id { Some(t) } else { None };
        let event_id = if let Some(EventId::Template(t)) = event.event_id { Some(t) } else { None };
        for template in [request_id, event_id].into_iter().flatten() {
            let (at, text) = check(template);
            self.call(at, "check_id_template", &text);
        }
    }

    /// A role is given once: by the event itself or by one of its contexts.
    fn apart(&mut self, event: &Event<'_>, name: &Ident) {
        let krate = &self.cx.item.krate;
        let own = own(krate, event);
        let givers = givers(event, name);
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
            if event.many_jobs {
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
}

/// The roles in the order in which the runtime's check looks at them.
const ROLES: [&str; 5] = [
    "the job is given",
    "the request id is given",
    "the event id is given",
    "the time is given",
    "the notes are given",
];

/// By what the event itself gives each role.
fn givers(event: &Event<'_>, name: &Ident) -> [String; 5] {
    let field = |name: &str| format!("the field `{name}`");
    let attribute = |key: &str| format!("`{key}` of `{name}`");
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

/// The descriptor of what an event or context gives by itself.
pub(crate) fn own(krate: &TokenStream, event: &Event<'_>) -> TokenStream {
    let said = Said::of(krate, event);
    let (jobs, request_id, notes) = (option(krate, said.jobs), option(krate, said.request_id), said.notes);
    let several = matches!(event.jobs, Some(Jobs::Many { .. }));
    let (event_id, create_time) = (event.event_id.is_some(), event.create_time.is_some());
    quote!(#krate::__private::context(#jobs, #several, #request_id, #event_id, #create_time, #notes))
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

/// The same with `'_` for each lifetime, which a `const` item could not name.
fn without_lifetimes(tokens: TokenStream) -> TokenStream {
    let mut after_quote = false;
    let trees = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut erased = proc_macro2::Group::new(group.delimiter(), without_lifetimes(group.stream()));
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
