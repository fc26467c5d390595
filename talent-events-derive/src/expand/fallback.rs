//! Impls in place of those that an error prevented, so that the error stays the only one.
//!
//! Whatever is right is written all the same: an editor completes and finds the event types, functions and expressions in
//! it, although something else is still to be typed.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Generics;

use super::bounds::with_bounds;
use super::cx::Cx;
use super::{event, impls};
use crate::ast::{Item, Shape, Variant};
use crate::attr::find;
use crate::keys::Key;
use crate::model::Events;

pub(crate) fn event(item: &Item<'_>, events: &Events<'_>, mut errors: Vec<TokenStream>) -> TokenStream {
    let cx = Cx::new(item);
    let krate = cx.krate;
    let generics = with_bounds(item, &events.sent);
    let (types, write, event_type) = match item.shape {
        Shape::Other => (Vec::new(), quote!(#krate::__private::unreachable!()), None),
        _ => {
            let parts = event::parts(&cx, events);
            (parts.types, parts.write, parts.typed)
        }
    };
    // A type that is an error itself: of whatever asks for it rustc says nothing more.
    let broken = errors.pop().map(|error| quote!(type __TalentBroken = [(); #error];));
    let broken_or = |otherwise| if broken.is_some() { quote!(__TalentBroken) } else { otherwise };
    let event_type = event_type.unwrap_or_else(|| broken_or(quote!(#krate::types::View)));
    let answer = match &item.shape {
        Shape::Enum(variants) if variants.iter().any(may_skip) => quote!(#krate::event::Maybe),
        // What is not understood may have been a `skip`.
        Shape::Enum(_) | Shape::Other => broken_or(quote!(#krate::event::Always)),
        Shape::Struct(_) => quote!(#krate::event::Always),
    };
    let impls = [
        impls::event(&cx, &generics, &write, &quote!(#krate::__private::unreachable!())),
        impls::marker(item, &generics, &quote!(#krate::SelfContained), &[]),
        impls::answers(&cx, &generics, &answer, None),
        impls::typed(&cx, &generics, &event_type),
    ];
    let impls = impls::with_items(item, broken.into_iter().chain(types), impls);
    quote!(#(#errors)* #impls)
}

fn may_skip(variant: &Variant<'_>) -> bool {
    find(&variant.attrs, Key::Skip).is_some() || find(&variant.attrs, Key::Transparent).is_some()
}

pub(crate) fn context(item: &Item<'_>, errors: &[TokenStream]) -> TokenStream {
    let cx = Cx::new(item);
    let krate = cx.krate;
    let broken = quote!(#krate::__private::BROKEN_CONTEXT);
    let impls = [
        impls::context(&cx, item.generics, &broken, &quote!(#krate::__private::unreachable!())),
        impls::marker(item, item.generics, &quote!(#krate::event::SelfContainedContext), &[]),
    ];
    let impls = impls::with_items(item, [], impls);
    quote!(#(#errors)* #impls)
}

/// An item of which only the name and the generics could be read.
pub(crate) fn unread(ident: &Ident, generics: &Generics, is_context: bool, errors: Vec<TokenStream>) -> TokenStream {
    let item = Item::unread(ident, generics);
    match is_context {
        true => context(&item, &errors),
        false => self::event(&item, &Events { sent: Vec::new() }, errors),
    }
}
