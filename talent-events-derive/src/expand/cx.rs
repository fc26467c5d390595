//! What every part of the expansion needs to know.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::ast::{Field, Item, Shape};
use crate::tokens::located;

pub(crate) struct Cx<'a> {
    pub(crate) item: &'a Item<'a>,
    /// The path of the runtime crate.
    pub(crate) krate: &'a TokenStream,
    /// The variable of the writer: like those of the fields, a name that nobody writes.
    pub(crate) w: Ident,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(item: &'a Item<'a>) -> Self {
        Self { item, krate: &item.krate, w: Ident::new("__w", Span::mixed_site()) }
    }

    pub(crate) fn is_enum(&self) -> bool {
        matches!(self.item.shape, Shape::Enum(_))
    }

    /// `<Visit as TalentContext>::CONTEXT`
    pub(crate) fn context(&self, field: &Field<'_>) -> TokenStream {
        let ty = field.ty;
        let at = Span::call_site().located_at(ty.span());
        let krate = located(self.krate, at);
        quote_spanned!(at=> <#ty as #krate::TalentContext>::CONTEXT)
    }

    /// An `Option` in code.
    pub(crate) fn option(&self, value: Option<impl quote::ToTokens>) -> TokenStream {
        let krate = self.krate;
        match value {
            Some(value) => quote!(#krate::__private::Some(#value)),
            None => quote!(#krate::__private::None),
        }
    }
}
