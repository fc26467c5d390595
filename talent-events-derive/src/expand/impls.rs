//! The impls around the code, and the block around the impls.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Generics;

use super::cx::Cx;
use crate::ast::Item;

pub(super) fn event(cx: &Cx<'_>, generics: &Generics, write: &TokenStream, descriptor: &TokenStream) -> TokenStream {
    let (ident, krate, w) = (cx.item.ident, cx.krate, &cx.w);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = cx.item.generics.split_for_impl();
    quote! {
        impl #impl_generics #krate::TalentEvent for #ident #ty_generics #where_clause {
            fn write(
                &self,
                #w: &mut #krate::event::EventWriter<'_>,
            ) -> #krate::__private::Result<(), #krate::InvalidEvent> {
                #write
            }

            fn descriptor(&self) -> &'static #krate::event::EventDescriptor {
                #descriptor
            }
        }
    }
}

pub(super) fn answers(
    cx: &Cx<'_>,
    generics: &Generics,
    answer: &TokenStream,
    kinds: Option<TokenStream>,
) -> TokenStream {
    let (ident, krate) = (cx.item.ident, cx.krate);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = cx.item.generics.split_for_impl();
    let kinds = kinds.map(|kinds| quote!(const KINDS: &'static [#krate::__private::Kind] = #kinds;));
    quote! {
        impl #impl_generics #krate::SendPolicy for #ident #ty_generics #where_clause {
            type Answer = #answer;
            #kinds
        }
    }
}

pub(super) fn typed(cx: &Cx<'_>, generics: &Generics, event_type: &TokenStream) -> TokenStream {
    let (ident, krate) = (cx.item.ident, cx.krate);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = cx.item.generics.split_for_impl();
    quote! {
        impl #impl_generics #krate::TypedEvent for #ident #ty_generics #where_clause {
            type Type = #event_type;
        }
    }
}

pub(super) fn context(cx: &Cx<'_>, generics: &Generics, context: &TokenStream, write: &TokenStream) -> TokenStream {
    let (ident, krate, w) = (cx.item.ident, cx.krate, &cx.w);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = cx.item.generics.split_for_impl();
    quote! {
        impl #impl_generics #krate::TalentContext for #ident #ty_generics #where_clause {
            const CONTEXT: #krate::event::ContextDescriptor = #context;

            fn write_context(
                &self,
                #w: &mut #krate::event::EventWriter<'_>,
            ) -> #krate::__private::Result<(), #krate::InvalidEvent> {
                #write
            }
        }
    }
}

/// Of a trait without items, with these bounds too.
pub(super) fn marker(
    item: &Item<'_>,
    generics: &Generics,
    marker: &TokenStream,
    bounds: &[TokenStream],
) -> TokenStream {
    let ident = item.ident;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = item.generics.split_for_impl();
    let clause = where_clause.map(|w| &w.predicates).into_iter().flatten();
    quote! {
        impl #impl_generics #marker for #ident #ty_generics
        where
            #(#clause,)*
            #(#bounds,)*
        {
        }
    }
}

/// The impls, in a block if they need items of our own: the block costs the user's build too.
pub(super) fn with_items(
    item: &Item<'_>,
    items: impl IntoIterator<Item = TokenStream>,
    impls: impl IntoIterator<Item = TokenStream>,
) -> TokenStream {
    let items: Vec<_> = item.import.iter().cloned().chain(items).collect();
    let impls = impls.into_iter();
    if items.is_empty() {
        return quote!(#(#[automatically_derived] #[allow(deprecated)] #impls)*);
    }
    quote! {
        #[allow(deprecated)]
        const _: () = {
            #(#items)*
            #(#[automatically_derived] #impls)*
        };
    }
}
