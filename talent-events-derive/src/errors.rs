//! All errors of one item, told in one compile.

use std::cell::{Cell, RefCell};

use proc_macro2::TokenStream;
use quote::ToTokens;

#[derive(Default)]
pub(crate) struct Errors {
    ours: RefCell<Option<syn::Error>>,
    is_rustcs: Cell<bool>,
}

impl Errors {
    /// Underlines `at`, first token to last.
    pub(crate) fn at(&self, at: impl ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(at, message));
    }

    pub(crate) fn push(&self, error: syn::Error) {
        match &mut *self.ours.borrow_mut() {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    /// There is an error, and rustc tells it.
    pub(crate) fn left_to_rustc(&self) {
        self.is_rustcs.set(true);
    }

    /// The errors, if there are any; none of them ours where rustc tells them all.
    pub(crate) fn finish(self) -> Option<Vec<TokenStream>> {
        let ours = self.ours.into_inner().into_iter().flatten();
        let ours: Vec<_> = ours.map(syn::Error::into_compile_error).collect();
        (!ours.is_empty() || self.is_rustcs.get()).then_some(ours)
    }
}
