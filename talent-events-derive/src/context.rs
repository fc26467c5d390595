//! Writes the impls of a context: its roles, for the events that flatten it to take.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ast::{Item, Shape};
use crate::bounds::{self_contained_event, with_bounds};
use crate::checks;
use crate::expand::{Cx, constant, marker_impl, with_items, writer};
use crate::valid::{Event, Sent};

pub(crate) fn expand(item: &Item<'_>, context: Option<Event<'_>>) -> TokenStream {
    let (Shape::Struct(fields), Some(context)) = (&item.shape, context) else {
        unreachable!("a valid context is a struct")
    };
    let (ident, krate) = (item.ident, &item.krate);
    let w = writer();
    let cx = Cx { item, w: &w };

    let mut checks = Vec::new();
    let late = checks::event(&cx, &context, ident, None, &mut checks);
    let (pattern, body) = cx.write(&context, fields, None);
    let own = checks::own(krate, &context);
    let contexts = context.flattened.iter().map(|(field, _)| constant(krate, field)).collect::<Vec<_>>();
    let own_bounds = self_contained_event(item, &context);

    let generics = with_bounds(item, &[Sent::Event(Box::new(context))]);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = item.generics.split_for_impl();
    let self_contained =
        own_bounds.map(|bounds| marker_impl(item, &generics, &quote!(#krate::event::SelfContainedContext), &bounds));

    let context = quote! {
        impl #impl_generics #krate::TalentContext for #ident #ty_generics #where_clause {
            const CONTEXT: #krate::event::ContextDescriptor =
                #krate::__private::context_with_contexts(#own, &[#(#contexts),*]);

            fn write_context(
                &self,
                #w: &mut #krate::event::EventWriter<'_>,
            ) -> #krate::__private::Result<(), #krate::InvalidEvent> {
                #late
                let Self #pattern = self;
                #body
            }
        }
    };
    with_items(checks, [Some(context), self_contained].into_iter().flatten())
}
