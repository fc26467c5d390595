//! What the impls ask of the item's type parameters, and of what it holds.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::{Generics, Type, parse_quote};

use crate::ast::{Field, Fields, Item, Shape};
use crate::attr::{Value, find};
use crate::keys::Key;
use crate::model::{Event, Sent};
use crate::roles::Role;
use crate::template;
use crate::tokens::{is_generic, mentions, without_lifetimes};

/// The bounds under which the item is self-contained; `None` if it never is.
pub(super) fn self_contained(item: &Item<'_>, sent: &[Sent<'_>]) -> Option<Vec<TokenStream>> {
    let mut bounds = Vec::new();
    for sent in sent {
        match sent {
            Sent::Event(event) => bounds.extend(self_contained_event(item, event)?),
            Sent::Transparent(field) if !recursive(item, field) => {
                bounds.push(if_present(item, field, quote!(SelfContained), quote!(TalentEvent), quote!(write)));
            }
            Sent::Transparent(_) | Sent::Nothing => {}
        }
    }
    Some(bounds)
}

/// The same of one event or context: it and all that it flattens.
pub(super) fn self_contained_event(item: &Item<'_>, event: &Event<'_>) -> Option<Vec<TokenStream>> {
    let flattened = event.flattened.iter();
    let bounds = flattened.map(|context| {
        if_present(item, context.field, quote!(event::SelfContainedContext), quote!(TalentContext), quote!(CONTEXT))
    });
    if event.waits() { None } else { Some(bounds.collect()) }
}

/// The lifetime makes a bound that does not hold no error in itself: the impl is then merely absent.
///
/// What is no event or context at all is an error of the code that writes it. For that to be the only one, the bound's
/// argument is a constant which is an error then too, the same one: of a bound with an error in it rustc says no more.
fn if_present(
    item: &Item<'_>,
    field: &Field<'_>,
    bound: TokenStream,
    base: TokenStream,
    member: TokenStream,
) -> TokenStream {
    let (krate, ty) = (&item.krate, field.ty);
    let tokens = quote!(#ty);
    if is_generic(item.generics, &tokens) {
        return quote!(for<'__talent_absent> #ty: #krate::#bound);
    }
    let named = without_lifetimes(tokens);
    // As tokens: without syn's `full`, which a user's build need not have, it reads no such block.
    quote!(for<'__talent_absent> #ty: #krate::#bound<{ let _ = <#named as #krate::#base>::#member; true }>)
}

/// The item within itself asks for nothing new, and a bound on itself would never be settled.
fn recursive(item: &Item<'_>, field: &Field<'_>) -> bool {
    let ty = field.ty;
    names(quote!(#ty), item.ident)
}

/// Whether the tokens name the item itself: `Self`, its name alone or behind `self::`. Behind any other path another item
/// may stand.
fn names(tokens: TokenStream, item: &Ident) -> bool {
    let (mut behind_path, mut own_module) = (false, false);
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => {
            let reached = !std::mem::take(&mut behind_path) || own_module;
            own_module = word == "self";
            reached && (word == *item || word == "Self")
        }
        TokenTree::Group(group) => names(group.stream(), item),
        TokenTree::Punct(punct) => {
            behind_path = punct.as_char() == ':';
            false
        }
        TokenTree::Literal(_) => false,
    })
}

/// The item's generics, with the bounds that it gives itself, or else one for each field in a role, template or
/// context whose type has a type parameter in it.
pub(super) fn with_bounds(item: &Item<'_>, sent: &[Sent<'_>]) -> Generics {
    let mut generics = item.generics.clone();
    if let Some(Value::Bounds(bounds)) = find(&item.attrs, Key::Bound).map(|attr| &attr.value) {
        generics.make_where_clause().predicates.extend(bounds.iter().cloned());
        return generics;
    }
    let params: Vec<Ident> = generics.type_params().map(|p| p.ident.clone()).collect();
    if params.is_empty() {
        return generics;
    }
    let krate = &item.krate;
    let mut bounds: Vec<(&Type, TokenStream)> = Vec::new();
    let shapes: Vec<&Fields<'_>> = match &item.shape {
        Shape::Struct(fields) => vec![fields],
        Shape::Enum(variants) => variants.iter().map(|v| &v.fields).collect(),
        Shape::Other => Vec::new(),
    };
    for (sent, fields) in sent.iter().zip(shapes) {
        match sent {
            Sent::Event(event) => inferred(krate, event, fields, &mut bounds),
            Sent::Transparent(field) if !recursive(item, field) => {
                bounds.push((field.ty, quote!(#krate::TalentEvent)));
            }
            Sent::Transparent(_) | Sent::Nothing => {}
        }
    }
    let clause = generics.make_where_clause();
    for (ty, bound) in bounds {
        if params.iter().any(|param| mentions(quote!(#ty), param)) {
            clause.predicates.push(parse_quote!(#ty: #bound));
        }
    }
    generics
}

fn inferred<'a>(
    krate: &TokenStream,
    event: &Event<'a>,
    fields: &Fields<'a>,
    bounds: &mut Vec<(&'a Type, TokenStream)>,
) {
    for (row, field, _) in event.fields().filter(|(.., with)| with.is_none()) {
        let as_trait = Ident::new(row.as_trait, Span::call_site());
        bounds.push((field.ty, quote!(#krate::event::#as_trait)));
    }
    for context in &event.flattened {
        bounds.push((context.field.ty, quote!(#krate::TalentContext)));
    }
    for (role, template) in event.templates() {
        for placeholder in template::placeholders(template) {
            let field = fields.list.iter().find(|field| field.name == placeholder.name);
            let (Some(field), Some(format)) = (field, placeholder.format) else { continue };
            // A context's notes are text of our own.
            let mut contexts = event.flattened.iter().filter(|context| context.in_notes && role == Role::Notes);
            if !contexts.any(|context| std::ptr::eq(context.field, field)) {
                let format = Ident::new(format, Span::call_site());
                bounds.push((field.ty, quote!(#krate::__private::#format)));
            }
        }
    }
}
