//! A context: its roles, for the events that flatten it to take.

use proc_macro2::TokenStream;
use quote::quote;

use super::bounds::{self_contained_event, with_bounds};
use super::cx::Cx;
use super::{checks, impls, write};
use crate::ast::{Item, Shape};
use crate::describe;
use crate::model::{Event, Sent};
use crate::roles::Role;

pub(crate) fn expand(item: &Item<'_>, context: Option<Event<'_>>, probes: Vec<TokenStream>) -> TokenStream {
    let (Shape::Struct(fields), Some(context)) = (&item.shape, context) else {
        unreachable!("a valid context is a struct")
    };
    let cx = Cx::new(item);
    let krate = cx.krate;
    let mut items = probes;
    let late = checks::event(&cx, &context, item.ident, None, &mut items);
    let (pattern, body) = write::event(&cx, &context, fields, None);
    let descriptor = descriptor(&cx, &context);
    let own_bounds = self_contained_event(item, &context);

    let generics = with_bounds(item, &[Sent::Event(Box::new(context))]);
    let self_contained =
        own_bounds.map(|bounds| impls::marker(item, &generics, &quote!(#krate::event::SelfContainedContext), &bounds));
    let write = quote! {
        #late
        let Self #pattern = self;
        #body
    };
    let context = impls::context(&cx, &generics, &descriptor, &write);
    impls::with_items(item, items, [Some(context), self_contained].into_iter().flatten())
}

/// What the context gives by itself and by those that it flattens.
fn descriptor(cx: &Cx<'_>, context: &Event<'_>) -> TokenStream {
    let krate = cx.krate;
    let (jobs, notes) =
        (cx.option(describe::text(context, Role::Job)), cx.option(describe::text(context, Role::Notes)));
    let request_id = cx.option(describe::request_id(krate, context));
    let [event_id, create_time] = [Role::EventId, Role::CreateTime].map(|role| context.role(role).is_some());
    let (several, from_funnel) = (context.gives_several(), context.funnel_at().is_some());
    let own = quote! {
        #krate::__private::context(#jobs, #several, #request_id, #event_id, #create_time, #notes, #from_funnel)
    };
    if context.flattened.is_empty() {
        return own;
    }
    let contexts = context.flattened.iter().map(|context| cx.context(context.field));
    quote!(#krate::__private::context_with_contexts(#own, &[#(#contexts),*]))
}
