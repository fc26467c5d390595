//! An event: the impls of a struct or an enum.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;

use super::bounds::{self_contained, with_bounds};
use super::cx::Cx;
use super::{checks, impls, write};
use crate::ast::{Item, Shape, Variant};
use crate::describe;
use crate::model::{Event, EventType, Events, Sent};
use crate::roles::Role;

pub(crate) fn expand(item: &Item<'_>, events: &Events<'_>, probes: Vec<TokenStream>) -> TokenStream {
    let cx = Cx::new(item);
    let krate = cx.krate;
    let generics = with_bounds(item, &events.sent);
    let parts = parts(&cx, events);

    let doc = describe::doc(item, events);
    let event = impls::event(&cx, &generics, &parts.write, &parts.descriptor);
    let event = quote!(#[doc = #doc] #event);
    let answers = impls::answers(&cx, &generics, &answer(krate, events), Some(parts.kinds));
    let self_contained = self_contained(item, &events.sent)
        .map(|bounds| impls::marker(item, &generics, &quote!(#krate::SelfContained), &bounds));
    let typed = parts.typed.map(|event_type| impls::typed(&cx, &generics, &event_type));
    let items = probes.into_iter().chain(parts.types).chain(parts.checks);
    impls::with_items(item, items, [Some(event), Some(answers), self_contained, typed].into_iter().flatten())
}

pub(super) struct Parts {
    pub(super) write: TokenStream,
    descriptor: TokenStream,
    /// All descriptors, for those who have no value at hand: `descriptor` takes its own from here.
    kinds: TokenStream,
    /// The marker type, if the item has one event type that is known.
    pub(super) typed: Option<TokenStream>,
    /// Names of our own for the marker types, if more than one place mentions them.
    pub(super) types: Vec<TokenStream>,
    checks: Vec<TokenStream>,
}

pub(super) fn parts(cx: &Cx<'_>, events: &Events<'_>) -> Parts {
    match &cx.item.shape {
        Shape::Struct(_) => of_struct(cx, events),
        Shape::Enum(variants) => of_enum(cx, variants, events),
        Shape::Other => unreachable!("a union is an error"),
    }
}

fn of_struct(cx: &Cx<'_>, events: &Events<'_>) -> Parts {
    let (Shape::Struct(fields), Some(Sent::Event(event))) = (&cx.item.shape, events.sent.first()) else {
        unreachable!("a valid struct sends one event")
    };
    let (mut types, mut checks) = (Vec::new(), Vec::new());
    let krate = cx.krate;
    let marker = marker(cx, event, 0);
    let named = marker.as_ref().map(|(name, _)| name);
    let late = checks::event(cx, event, cx.item.ident, named, &mut checks);
    let (event_type, typed) = match marker {
        // No check names it.
        Some((_, path)) if checks.is_empty() && late.is_empty() => {
            (Some(quote!(<Self as #krate::TypedEvent>::Type)), Some(path))
        }
        Some((name, path)) => {
            types.push(quote!(type #name = #path;));
            (Some(name.clone()), Some(name))
        }
        None => (None, None),
    };
    let (pattern, body) = write::event(cx, event, fields, event_type.as_ref());
    let name = cx.item.ident.unraw().to_string();
    let kind = kind(cx, event, &name, &cx.item.doc, event_type.as_ref());
    Parts {
        write: quote! {
            #late
            let Self #pattern = self;
            #body
        },
        descriptor: descriptor(cx, 0),
        kinds: quote!(&[#kind]),
        typed,
        types,
        checks,
    }
}

fn of_enum(cx: &Cx<'_>, variants: &[Variant<'_>], events: &Events<'_>) -> Parts {
    let (krate, w) = (cx.krate, &cx.w);
    let (mut types, mut checks) = (Vec::new(), Vec::new());
    let (mut writes, mut descriptors, mut kinds) = (Vec::new(), Vec::new(), Vec::new());
    for (index, (variant, sent)) in variants.iter().zip(&events.sent).enumerate() {
        let ident = variant.ident;
        let name = format!("{}::{}", cx.item.ident.unraw(), ident.unraw());
        let descriptor = descriptor(cx, index);
        match sent {
            Sent::Event(event) => {
                let event_type = marker(cx, event, index).map(|(name, path)| {
                    types.push(quote!(type #name = #path;));
                    name
                });
                let late = checks::event(cx, event, ident, event_type.as_ref(), &mut checks);
                let (pattern, body) = write::event(cx, event, &variant.fields, event_type.as_ref());
                kinds.push(kind(cx, event, &name, &variant.doc, event_type.as_ref()));
                writes.push(quote!(Self::#ident #pattern => { #late #body }));
                descriptors.push(quote!(Self::#ident { .. } => #descriptor,));
            }
            Sent::Transparent(field) => {
                let (ty, binding) = (field.ty, &field.binding);
                let pattern = write::pattern(&variant.fields, |_| true);
                writes.push(quote!(Self::#ident #pattern => <#ty as #krate::TalentEvent>::write(#binding, #w),));
                descriptors.push(quote!(Self::#ident #pattern => <#ty as #krate::TalentEvent>::descriptor(#binding),));
                kinds.push(quote!(#krate::__private::Kind::Inner(#krate::__private::Of::<#ty>::kinds)));
            }
            Sent::Nothing => {
                let doc = &variant.doc;
                writes.push(quote!(Self::#ident { .. } => { #w.skip(); #krate::__private::Ok(()) }));
                kinds.push(quote!(#krate::__private::Kind::Event(#krate::__private::skipped(#name, #doc))));
                descriptors.push(quote!(Self::#ident { .. } => #descriptor,));
            }
        }
    }
    let is_outer = events.sent.iter().any(|sent| matches!(sent, Sent::Transparent(_)));
    Parts {
        write: match variants.is_empty() {
            true => quote!(match *self {}),
            false => quote!(match self { #(#writes)* }),
        },
        descriptor: quote!(match self { #(#descriptors)* }),
        kinds: match is_outer {
            true => quote! {{
                #[allow(unused_imports)]
                use #krate::__private::KindsUnknown as _;
                &[#(#kinds),*]
            }},
            false => quote!(&[#(#kinds),*]),
        },
        typed: None,
        types,
        checks,
    }
}

/// A name of our own for the marker type, and its path, so that the user's word need stand in the code only once.
fn marker(cx: &Cx<'_>, event: &Event<'_>, index: usize) -> Option<(TokenStream, TokenStream)> {
    let Some(EventType::Named(word)) = event.event_type else { return None };
    let krate = cx.krate;
    // Hygiene does not reach items: a name that nobody writes.
    let name = Ident::new(&format!("__TalentEventType{index}"), Span::mixed_site());
    Some((quote!(#name), quote!(#krate::types::#word)))
}

/// One of the descriptors in `KINDS`.
fn descriptor(cx: &Cx<'_>, index: usize) -> TokenStream {
    let krate = cx.krate;
    quote!(#krate::__private::kind::<Self>(#index))
}

/// The entry in `KINDS` of what sends an event.
fn kind(cx: &Cx<'_>, event: &Event<'_>, name: &str, doc: &str, event_type: Option<&TokenStream>) -> TokenStream {
    let krate = cx.krate;
    let event_type = cx.option(event_type.map(|marker| quote!(<#marker as #krate::event::EventType>::TYPE)));
    let jobs = describe::text(event, Role::Job).unwrap_or_default();
    let request_id = describe::request_id(krate, event).unwrap_or_else(|| quote!(#krate::event::RequestIdSource::None));
    let notes = cx.option(describe::text(event, Role::Notes));
    let descriptor = quote!(#krate::__private::descriptor(#name, #event_type, #jobs, #request_id, #notes, #doc));
    if event.flattened.is_empty() {
        return quote!(#krate::__private::Kind::Event(#descriptor));
    }
    let contexts = event.flattened.iter().map(|context| cx.context(context.field));
    quote!(#krate::__private::Kind::Event(#krate::__private::with_contexts(#descriptor, &[#(#contexts),*])))
}

/// What an enum delegates to may skip, and is not known here.
fn answer(krate: &TokenStream, events: &Events<'_>) -> TokenStream {
    let in_funnel = |sent: &Sent<'_>| matches!(sent, Sent::Event(event) if event.funnel_at().is_some());
    if events.sent.iter().all(in_funnel) {
        quote!(#krate::event::InFunnel)
    } else if events.sent.iter().all(|sent| matches!(sent, Sent::Event(_))) {
        quote!(#krate::event::Always)
    } else {
        quote!(#krate::event::Maybe)
    }
}
