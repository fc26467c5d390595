//! Impls in place of those that an error prevented, so that the error stays the only one.
//!
//! What was said without an error is written all the same: an editor completes and finds the event types, functions and
//! expressions in it, whatever else is still to be typed.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ast::{Item, Shape, Variant, find};
use crate::bounds::with_bounds;
use crate::expand::{Cx, event_impl, marker_impl, typed_impl, with_items, writer};
use crate::valid::Events;

pub(crate) fn event(item: &Item<'_>, events: &Events<'_>, mut errors: Vec<TokenStream>) -> TokenStream {
    let (ident, krate) = (item.ident, &item.krate);
    let w = writer();
    let generics = with_bounds(item, &events.sent);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = item.generics.split_for_impl();
    let (types, write, event_type) = match item.shape {
        Shape::Other => (Vec::new(), quote!(#krate::__private::unreachable!()), None),
        _ => {
            let parts = Cx { item, w: &w }.parts(events);
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
    let answers = quote! {
        impl #impl_generics #krate::Answers for #ident #ty_generics #where_clause {
            type Answer = #answer;
        }
    };
    let impls = [
        event_impl(item, &generics, &w, &write, &quote!(#krate::__private::unreachable!())),
        marker_impl(item, &generics, &quote!(#krate::SelfContained), &[]),
        answers,
        typed_impl(item, &generics, &event_type),
    ];
    let impls = with_items(broken.into_iter().chain(types).collect(), impls.into_iter());
    quote!(#(#errors)* #impls)
}

fn may_skip(variant: &Variant<'_>) -> bool {
    find(&variant.attrs, "skip").is_some() || find(&variant.attrs, "transparent").is_some()
}

pub(crate) fn context(item: &Item<'_>, errors: &[TokenStream]) -> TokenStream {
    let (ident, krate) = (item.ident, &item.krate);
    let (impl_generics, ty_generics, where_clause) = item.generics.split_for_impl();
    let context = quote! {
        impl #impl_generics #krate::TalentContext for #ident #ty_generics #where_clause {
            const CONTEXT: #krate::event::ContextDescriptor = #krate::__private::BROKEN_CONTEXT;

            fn write_context(
                &self,
                _: &mut #krate::event::EventWriter<'_>,
            ) -> #krate::__private::Result<(), #krate::InvalidEvent> {
                #krate::__private::unreachable!()
            }
        }
    };
    let self_contained = marker_impl(item, item.generics, &quote!(#krate::event::SelfContainedContext), &[]);
    let impls = with_items(Vec::new(), [context, self_contained].into_iter());
    quote!(#(#errors)* #impls)
}
