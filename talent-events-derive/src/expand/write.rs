//! The code that gives an event's or context's parts to the writer.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{LitStr, Path, Type};

use super::cx::Cx;
use crate::ast::{Field, Fields, Shape};
use crate::keys::Key;
use crate::model::{Event, EventType, Flattened, Given, Source};
use crate::roles::{Role, Row};
use crate::template;
use crate::tokens::{Ends, inferred, located, mentioned};

/// The pattern that binds the fields in use, and the body that writes the event or context.
pub(super) fn event(
    cx: &Cx<'_>,
    event: &Event<'_>,
    fields: &Fields<'_>,
    marker: Option<&TokenStream>,
) -> (TokenStream, TokenStream) {
    let code = Code { cx, event, fields };
    (code.pattern(), code.body(marker))
}

pub(super) fn pattern(fields: &Fields<'_>, bind: impl Fn(&Field<'_>) -> bool) -> TokenStream {
    let bound = fields.list.iter().filter(|field| bind(field));
    let bound = bound.map(|Field { member, binding, .. }| quote!(#member: #binding,));
    quote!({ #(#bound)* .. })
}

struct Code<'c, 'a> {
    cx: &'c Cx<'c>,
    event: &'c Event<'a>,
    fields: &'c Fields<'c>,
}

impl Code<'_, '_> {
    fn pattern(&self) -> TokenStream {
        let named: Vec<_> = self.event.templates().flat_map(|(_, template)| template::placeholders(template)).collect();
        let stray = stray(&named, self.fields);
        let in_role = |field: &Field<'_>| {
            self.event.fields().any(|(_, other, _)| std::ptr::eq(other, field))
                || self.event.flattened.iter().any(|context| std::ptr::eq(context.field, field))
        };
        let computed = |field: &Field<'_>| {
            self.cx.is_enum() && self.event.computed().any(|tokens| mentioned(tokens.clone(), &field.ident).is_some())
        };
        // A private field is bound, and so counts as read; nothing else becomes of it.
        pattern(self.fields, |field| {
            stray
                || named.iter().any(|p| p.name == field.name)
                || in_role(field)
                || computed(field)
                || field.attr(Key::Private).is_some()
        })
    }

    fn body(&self, marker: Option<&TokenStream>) -> TokenStream {
        let w = &self.cx.w;
        let event_type = self.event.event_type.as_ref().map(|event_type| self.event_type(event_type, marker));
        let [jobs, others] = [true, false].map(|is_job| {
            let given = self.event.given.iter().filter(move |given| (given.row.role == Role::Job) == is_job);
            given.map(|given| self.given(given)).collect::<TokenStream>()
        });
        let refuse_long_notes = self.event.refuses_long_notes.then(|| quote!(#w.set_long_notes_refused();));
        // After the own jobs and before the rest: the writer moves nothing when jobs come first.
        let flattened = self.event.flattened.iter().map(|context| self.flattened(context));
        quote! {
            #event_type
            #jobs
            #refuse_long_notes
            #(#flattened)*
            #others
            #w.outcome()
        }
    }

    fn event_type(&self, event_type: &EventType<'_>, marker: Option<&TokenStream>) -> TokenStream {
        let (krate, w) = (self.cx.krate, &self.cx.w);
        match event_type {
            EventType::Named(word) => {
                let at = Span::call_site().located_at(word.span());
                quote_spanned!(at=> #w.set_event_type(<#marker as #krate::event::EventType>::TYPE);)
            }
            EventType::Computed(tokens) => {
                let value = expression(krate, tokens);
                self.with_fields_of_the_variant(tokens, quote!(#w.event_type(#value)?;))
            }
        }
    }

    fn given(&self, Given { row, source, .. }: &Given<'_>) -> TokenStream {
        let w = &self.cx.w;
        match source {
            Source::Field { field, with } => self.field(row, field, *with),
            Source::Computed(tokens) => {
                let at = Ends::of(tokens);
                let value = at.in_parentheses(expression(self.cx.krate, tokens));
                self.with_fields_of_the_variant(tokens, self.set(row, at, None, quote_spanned!(at.first=> &#value)))
            }
            Source::Constant(name) => self.set(row, Ends::at(Span::call_site()), None, name.to_token_stream()),
            Source::Template(template) => self.formatted(row, template),
            Source::Function(path) => {
                let at = Ends::of(&path.to_token_stream());
                self.set(row, at, None, quote_spanned!(at.first=> &#path(self)))
            }
            Source::Sender(_) if row.role == Role::Job => quote!(#w.set_job_from_funnel();),
            Source::Sender(_) => quote!(#w.set_request_id_from_session();),
            Source::Absent => quote!(#w.set_no_request_id();),
        }
    }

    fn field(&self, row: &Row, field: &Field<'_>, with: Option<&Path>) -> TokenStream {
        let Field { binding, ty, .. } = field;
        match with {
            None => self.set(row, Ends::at(ty.span()), Some(ty), binding.to_token_stream()),
            Some(path) => {
                let at = Ends::of(&path.to_token_stream());
                let value = self.through(path, field, row.takes_option, at.first);
                self.set(row, at, None, quote_spanned!(at.first=> &#value))
            }
        }
    }

    /// `w.set_job(<JobName as AsJob>::as_job(value));`
    fn set(&self, row: &Row, ends: Ends, ty: Option<&Type>, value: TokenStream) -> TokenStream {
        let (w, at) = (&self.cx.w, ends.first);
        let krate = ends.first(self.cx.krate);
        let [as_trait, set] = [row.as_trait, row.set].map(|name| Ident::new(name, at));
        let method = ends.last(row.as_method);
        let path = match ty {
            Some(ty) => {
                let ty = inferred(ty).unwrap_or_else(|| ty.to_token_stream());
                quote_spanned!(at=> <#ty as #krate::event::#as_trait>::#method)
            }
            None => quote_spanned!(at=> #krate::event::#as_trait::#method),
        };
        match row.key {
            Key::Jobs => quote_spanned!(at=> #path(#value, &mut #w.#set())?;),
            _ => quote_spanned!(at=> #w.#set(#path(#value));),
        }
    }

    fn flattened(&self, context: &Flattened<'_>) -> TokenStream {
        let (krate, w) = (self.cx.krate, &self.cx.w);
        let Field { binding, ty, .. } = context.field;
        let at = Span::call_site().located_at(ty.span());
        let krate = located(krate, at);
        let write = quote_spanned!(at=> <#ty as #krate::TalentContext>::write_context(#binding, #w)?;);
        if !context.in_notes {
            return write;
        }
        let notes = notes_of(context.field);
        quote! {
            #w.set_notes_aside();
            #write
            let #notes = #w.notes_aside();
        }
    }

    /// Gives the writer's method `format_args!` of the template as written, with what its braces can name in scope: the
    /// fields, the notes of contexts, and a marker without `Display` for each that it must not name.
    fn formatted(&self, row: &Row, template: &LitStr) -> TokenStream {
        let (krate, w, fields) = (self.cx.krate, &self.cx.w, self.fields);
        let method = Ident::new(row.set_formatted, Span::call_site());
        let named = template::placeholders(template);
        // A name that no field has is rustc's to tell; with every field in scope it knows which was meant. Or it is that
        // of a constant.
        let stray = stray(&named, fields);
        let allow = stray.then(|| quote!(#[allow(unused_variables)]));
        let names = |field: &&Field<'_>| stray || named.iter().any(|p| p.name == field.name);
        let gives_notes = |field: &Field<'_>| {
            let contexts = &mut self.event.flattened.iter();
            row.role == Role::Notes && contexts.any(|c| c.in_notes && std::ptr::eq(c.field, field))
        };
        let own = fields.list.iter().filter(names).filter_map(|field| match field.attr(Key::Private) {
            Some(_) => Some((field, quote!(#krate::__private::PRIVATE))),
            None if gives_notes(field) => Some((field, notes_of(field).to_token_stream())),
            None if fields.named => Some((field, field.binding.to_token_stream())),
            None => None,
        });
        let displayed = |field: &&Field<'_>| named.iter().any(|p| p.name == field.name && p.format.is_some());
        let foreign = self.foreign_fields().filter(displayed);
        let foreign = foreign.map(|field| (field, quote!(#krate::__private::OTHER_VARIANT)));
        let template = if fields.named { template.clone() } else { template::indices_as_variables(template) };
        let names = own.chain(foreign).map(|(field, value)| {
            let mut name = field.ident.clone();
            // The braces name what is in scope where the literal was written.
            name.set_span(template.span());
            quote!(#allow let #name = #value;)
        });
        let set = quote!(#w.#method(#krate::__private::format_args!(#template)););
        in_scope(&names.collect::<Vec<_>>(), set)
    }

    /// In a variant an expression names the fields themselves: under the names as it has them, since where it came
    /// through a macro, others of the same letters are not the same.
    fn with_fields_of_the_variant(&self, tokens: &TokenStream, set: TokenStream) -> TokenStream {
        let mentioned = |field: &Field<'_>| {
            let binding = &field.binding;
            // The word may stand for something else than the variable.
            let bound = |ident| quote!(#[allow(unused_variables)] let #ident = #binding;);
            mentioned(tokens.clone(), &field.ident).map(bound)
        };
        let fields = self.fields.list.iter().filter(|_| self.cx.is_enum());
        in_scope(&fields.filter_map(mentioned).collect::<Vec<_>>(), set)
    }

    /// `path(field)`; of an `Option` in a role that takes one, what is inside goes through the function.
    fn through(&self, path: &Path, field: &Field<'_>, takes_option: bool, at: Span) -> TokenStream {
        let binding = &field.binding;
        if takes_option && is_option(field.ty) {
            let krate = located(self.cx.krate, at);
            // By a call, as without an `Option`: a function of `&str` takes a `&String` there, but not by itself.
            let inner = Ident::new("__inner", binding.span());
            let call = quote_spanned!(at=> |#inner| #path(#inner));
            quote_spanned!(at=> #krate::__private::Option::map(#krate::__private::Option::as_ref(#binding), #call))
        } else {
            quote_spanned!(at=> #path(#binding))
        }
    }

    /// Named fields of other variants that this one does not have.
    fn foreign_fields(&self) -> impl Iterator<Item = &Field<'_>> {
        let variants = if let Shape::Enum(variants) = &self.cx.item.shape { &variants[..] } else { &[] };
        let mut seen = Vec::new();
        variants.iter().filter(|v| v.fields.named).flat_map(|v| &v.fields.list).filter(move |field| {
            let first = !self.fields.list.iter().any(|f| f.name == field.name) && !seen.contains(&&field.name);
            seen.push(&field.name);
            first
        })
    }
}

/// The variable with the notes that a context gave.
fn notes_of(field: &Field<'_>) -> Ident {
    format_ident!("{}_notes", field.binding, span = Span::mixed_site())
}

/// The user's expression. One that is half typed must not take the impls around it along: what we cannot read (that is
/// more than the unfinished, as we read without syn's `full`) goes through a macro, whose error is its own.
fn expression(krate: &TokenStream, tokens: &TokenStream) -> TokenStream {
    let tokens = own_self(tokens.clone(), false);
    match syn::parse2::<syn::Expr>(tokens.clone()) {
        Ok(_) => tokens,
        Err(_) => quote!(#krate::__private::expression!(#tokens)),
    }
}

/// The `self` of a fragment that was given to the user's macro is that of the method written here. Only of a fragment,
/// which comes in an invisible group: a token of changed hygiene keeps rustc from underlining the whole expression.
fn own_self(tokens: TokenStream, in_fragment: bool) -> TokenStream {
    let tokens = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(word) if in_fragment && word == "self" => {
            TokenTree::Ident(Ident::new("self", word.span().resolved_at(Span::call_site())))
        }
        TokenTree::Group(group) => {
            let in_fragment = in_fragment || group.delimiter() == Delimiter::None;
            let mut own = Group::new(group.delimiter(), own_self(group.stream(), in_fragment));
            own.set_span(group.span());
            TokenTree::Group(own)
        }
        other => other,
    });
    tokens.collect()
}

fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

/// The statement, and for itself alone what it names.
fn in_scope(names: &[TokenStream], statement: TokenStream) -> TokenStream {
    if names.is_empty() { statement } else { quote!({ #(#names)* #statement }) }
}

/// Whether a template has a name that no field has.
fn stray(named: &[template::Placeholder], fields: &Fields<'_>) -> bool {
    named.iter().any(|p| fields.list.iter().all(|f| f.name != p.name))
}
