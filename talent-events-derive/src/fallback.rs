//! Impls in place of those that an error prevented, so that the error stays the only one.
//!
//! The event types are the user's where they are named: an editor completes and finds them whatever else is still wrong.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ast::{Item, Shape};
use crate::valid;

pub(crate) fn expand(item: &Item<'_>, errors: TokenStream) -> TokenStream {
    let (ident, krate) = (item.ident, &item.krate);
    let (impl_generics, ty_generics, where_clause) = item.generics.split_for_impl();
    let (of_struct, of_variants) = match &item.shape {
        Shape::Struct(fields) => (valid::named_type(&item.attrs, fields), Vec::new()),
        Shape::Enum(variants) => {
            (None, variants.iter().filter_map(|v| valid::named_type(&v.attrs, &v.fields)).collect())
        }
        Shape::Other => (None, Vec::new()),
    };
    let event_type = of_struct.map_or_else(|| quote!(View), |word| quote!(#word));
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
                type Answer = #krate::event::Always;
            }

            impl #impl_generics #krate::TypedEvent for #ident #ty_generics #where_clause {
                type Type = #krate::types::#event_type;
            }

            #(const _: #krate::__private::Option<#krate::types::#of_variants> = #krate::__private::None;)*
        };
    }
}
