//! Impls in place of those that an error prevented, so that the error stays the only one.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ast::{Item, Shape, find};

pub(crate) fn event(item: &Item<'_>, errors: TokenStream) -> TokenStream {
    let (ident, krate) = (item.ident, &item.krate);
    let (impl_generics, ty_generics, where_clause) = item.generics.split_for_impl();
    let may_skip = match &item.shape {
        Shape::Enum(variants) => {
            (variants.iter()).any(|v| find(&v.attrs, "skip").is_some() || find(&v.attrs, "transparent").is_some())
        }
        _ => false,
    };
    let answer = if may_skip { quote!(Maybe) } else { quote!(Always) };
    quote! {
        #errors

        #[automatically_derived]
        #[allow(deprecated)]
        const _: () = {
            impl #impl_generics #krate::TalentEvent for #ident #ty_generics #where_clause {
                fn write(
                    &self,
                    _: &mut #krate::event::EventWriter<'_>,
                ) -> #krate::__private::Result<(), #krate::InvalidEvent> {
                    #krate::__private::unreachable!()
                }

                fn descriptor(&self) -> &'static #krate::event::EventDescriptor {
                    #krate::__private::unreachable!()
                }
            }

            impl #impl_generics #krate::SelfContained for #ident #ty_generics #where_clause {}

            impl #impl_generics #krate::Answers for #ident #ty_generics #where_clause {
                type Answer = #krate::event::#answer;
            }

            impl #impl_generics #krate::TypedEvent for #ident #ty_generics #where_clause {
                type Type = #krate::types::View;
            }
        };
    }
}

pub(crate) fn context(item: &Item<'_>, errors: TokenStream) -> TokenStream {
    let (ident, krate) = (item.ident, &item.krate);
    let (impl_generics, ty_generics, where_clause) = item.generics.split_for_impl();
    quote! {
        #errors

        #[automatically_derived]
        #[allow(deprecated)]
        const _: () = {
            impl #impl_generics #krate::TalentContext for #ident #ty_generics #where_clause {
                const CONTEXT: #krate::event::ContextDescriptor = #krate::__private::BROKEN_CONTEXT;

                fn write_context(
                    &self,
                    _: &mut #krate::event::EventWriter<'_>,
                ) -> #krate::__private::Result<(), #krate::InvalidEvent> {
                    #krate::__private::unreachable!()
                }
            }

            impl #impl_generics #krate::event::SelfContainedContext for #ident #ty_generics #where_clause {}
        };
    }
}
