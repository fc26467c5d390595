//! Checks of facts that only the runtime crate or another derive knows, made while the user's crate is compiled.
//!
//! Each is a `const` item with the user's span, which calls a function that panics if the rule is broken. A check of the
//! item's type parameters stands in the code that writes the event instead, and runs once they are known.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, Lit, Type};

use super::cx::Cx;
use crate::describe;
use crate::keys::Key;
use crate::model::{Event, Flattened, Source};
use crate::roles::Role;
use crate::tokens::{Ends, is_generic, without_lifetimes};

/// The length of a shorter template is not checked: each `const` item costs the user's build.
const SHORT: usize = 256;

/// Adds the checks of an event or context; returns those that wait for its type parameters.
pub(super) fn event(
    cx: &Cx<'_>,
    event: &Event<'_>,
    name: &Ident,
    marker: Option<&TokenStream>,
    checks: &mut Vec<TokenStream>,
) -> TokenStream {
    let mut found = Checks { cx, event, name: name.to_string(), checks, late: TokenStream::new() };
    let event_type = marker.map(|marker| {
        let krate = cx.krate;
        quote!(<#marker as #krate::event::EventType>::TYPE)
    });
    found.jobs(event_type.as_ref());
    found.templates();
    found.apart();
    if event.event_type.is_some() {
        found.complete(name, event_type.as_ref());
    }
    found.late
}

struct Checks<'c, 'a> {
    cx: &'c Cx<'c>,
    event: &'c Event<'a>,
    name: String,
    checks: &'c mut Vec<TokenStream>,
    late: TokenStream,
}

impl Checks<'_, '_> {
    fn call(&mut self, at: Ends, function: &str, arguments: TokenStream) {
        let call = self.called(at, function, arguments);
        self.checks.push(quote!(const _: () = #call;));
    }

    /// From its first token to its last it stands where the user's do.
    fn called(&self, at: Ends, function: &str, arguments: TokenStream) -> TokenStream {
        let krate = at.first(self.cx.krate);
        let function = Ident::new(function, at.first);
        let arguments = at.in_parentheses(arguments);
        let at = at.first;
        quote_spanned!(at=> #krate::__private::#function #arguments)
    }

    /// A call that speaks of contexts, each by its type.
    fn call_with_contexts(&mut self, at: Span, function: &str, contexts: &[&Flattened<'_>], more: &TokenStream) {
        let constants = contexts.iter().map(|context| self.cx.context(context.field));
        let arguments = quote!(&[#(#constants),*], #more);
        let is_generic =
            |context: &&Flattened<'_>| is_generic(self.cx.item.generics, &context.field.ty.to_token_stream());
        if contexts.iter().any(is_generic) {
            let call = self.called(Ends::at(at), function, arguments);
            self.late.extend(quote!(const { #call };));
        } else {
            self.call(Ends::at(at), function, without_lifetimes(arguments));
        }
    }

    fn jobs(&mut self, event_type: Option<&TokenStream>) {
        let job = self.event.role(Role::Job);
        let of_type = match (self.event.funnel_at(), self.event.many_jobs, job) {
            (Some(at), ..) => Some((at, "check_of_one_application")),
            (_, Some(at), _) => Some((at, "check_one_job")),
            (.., Some(job)) if job.row.key == Key::Jobs => Some((job.at, "check_many_jobs")),
            _ => None,
        };
        if let (Some((at, check)), Some(event_type)) = (of_type, event_type) {
            self.call(Ends::at(at), check, event_type.clone());
        }
        match job.map(|job| (&job.source, job.row.key)) {
            Some((Source::Constant(name), _)) => self.call(Ends::at(name.span()), "check_job_name", quote!(#name)),
            Some((Source::Field { field, with: None }, Key::Jobs)) => {
                if let Some(len) = array_len(field.ty).map(ToTokens::to_token_stream)
                    && !is_generic(self.cx.item.generics, &len)
                {
                    self.call(Ends::of(&len), "check_array_of_jobs", len);
                }
            }
            _ => {}
        }
    }

    fn templates(&mut self) {
        let event = self.event;
        for (role, template) in event.templates() {
            let at = Ends::at(template.span());
            match role {
                Role::Notes if template.value().len() > SHORT => {
                    self.call(at, "check_notes_template", quote!(#template))
                }
                Role::Notes => {}
                _ => self.call(at, "check_id_template", quote!(#template)),
            }
        }
    }

    /// A role is given once: by the event itself or by one of its contexts.
    fn apart(&mut self) {
        let (event, krate) = (self.event, self.cx.krate);
        for (i, context) in event.flattened.iter().enumerate() {
            let name = &context.field.name;
            let own = event.given.iter().filter(|given| !(context.in_notes && given.row.role == Role::Notes));
            let own: Vec<_> = own
                .map(|given| {
                    let role = Ident::new(&format!("{:?}", given.row.role), Span::call_site());
                    let giver = describe::giver(self.cx.item, &self.name, given);
                    quote!((#krate::__private::Role::#role, #giver))
                })
                .collect();
            if !own.is_empty() {
                self.call_with_contexts(context.at, "check_apart", &[context], &quote!(#name, &[#(#own),*]));
            }
            if event.funnel_at().is_some() {
                self.call_with_contexts(context.at, "check_has_search", &[context], &quote!());
            }
            if event.role(Role::RequestId).is_some_and(|given| matches!(given.source, Source::Absent)) {
                self.call_with_contexts(context.at, "check_has_job", &[context], &quote!());
            }
            for other in &event.flattened[..i] {
                let (first, notes) = (&other.field.name, !(other.in_notes || context.in_notes));
                self.call_with_contexts(
                    context.at,
                    "check_two_apart",
                    &[other, context],
                    &quote!(#first, #name, #notes),
                );
            }
            if let (true, Some(notes)) = (context.in_notes, event.role(Role::Notes)) {
                let at = if let Source::Template(template) = notes.source { template.span() } else { notes.at };
                self.call_with_contexts(at, "check_gives_notes", &[context], &quote!(#name));
            }
        }
    }

    /// The contexts give what the event does not.
    fn complete(&mut self, name: &Ident, event_type: Option<&TokenStream>) {
        let event = self.event;
        let contexts: Vec<_> = event.flattened.iter().collect();
        let Some(first) = contexts.first() else { return };
        let names: Vec<_> = contexts.iter().map(|context| format!("`{}`", context.field.name)).collect();
        let (own, names) = (&self.name, names.join(" and "));
        let words = quote!(#own, #names);
        if event.role(Role::Job).is_none() {
            self.call_with_contexts(name.span(), "check_job_given", &contexts, &words);
            if event.many_jobs.is_some() {
                self.call_with_contexts(first.at, "check_several_given", &contexts, &quote!());
            } else if let Some(event_type) = event_type {
                for context in &contexts {
                    self.call_with_contexts(context.at, "check_flattened_jobs", &[context], event_type);
                }
            }
        }
        if event.role(Role::RequestId).is_none() {
            self.call_with_contexts(name.span(), "check_request_id_given", &contexts, &words);
        }
    }
}

/// The length in `[T; N]`, behind references too. A literal that is no number is left to rustc.
fn array_len(ty: &Type) -> Option<&Expr> {
    match ty {
        Type::Array(array) => match &array.len {
            Expr::Lit(len) if !matches!(len.lit, Lit::Int(_)) => None,
            len => Some(len),
        },
        Type::Reference(reference) => array_len(&reference.elem),
        Type::Paren(paren) => array_len(&paren.elem),
        Type::Group(group) => array_len(&group.elem),
        _ => None,
    }
}
