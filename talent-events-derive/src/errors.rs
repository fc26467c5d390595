//! The errors of one item, all reported in one compile.

use std::cell::{Cell, RefCell};

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;

#[derive(Default)]
pub(crate) struct Errors {
    errors: RefCell<Vec<syn::Error>>,
    /// While set, errors are dropped: they follow from one that was reported.
    silent: Cell<bool>,
    /// Attributes of other names that were read as ours: rustc does not know them and says so.
    foreign: RefCell<Vec<Ident>>,
}

impl Errors {
    /// Underlines `at`, first token to last.
    pub(crate) fn at(&self, at: impl ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(at, message));
    }

    /// The same, with what to write instead.
    pub(crate) fn help(&self, at: impl ToTokens, message: impl std::fmt::Display, help: impl std::fmt::Display) {
        self.at(at, with_help(message, help));
    }

    pub(crate) fn push(&self, error: syn::Error) {
        // What stands on an enum is read for each of its variants.
        let is_same = |told: &syn::Error| told.to_string() == error.to_string() && place(told) == place(&error);
        let mut errors = self.errors.borrow_mut();
        if !self.silent.get() && !errors.iter().any(is_same) {
            errors.push(error);
        }
    }

    /// How many there are by now.
    pub(crate) fn count(&self) -> usize {
        self.errors.borrow().len()
    }

    /// Runs `act`; if `silent`, its errors are dropped.
    pub(crate) fn silently<T>(&self, silent: bool, act: impl FnOnce() -> T) -> T {
        let before = self.silent.replace(silent || self.silent.get());
        let answer = act();
        self.silent.set(before);
        answer
    }

    pub(crate) fn read_as_ours(&self, name: &Ident) {
        self.foreign.borrow_mut().push(name.clone());
    }

    /// Attributes of other names that were read as ours.
    pub(crate) fn foreign(&self) -> Vec<Ident> {
        self.foreign.borrow().clone()
    }

    /// A `compile_error!` for each.
    pub(crate) fn finish(&self) -> Vec<TokenStream> {
        self.errors.borrow_mut().drain(..).map(syn::Error::into_compile_error).collect()
    }
}

fn place(error: &syn::Error) -> (usize, usize) {
    let start = error.span().start();
    (start.line, start.column)
}

/// rustc's own form of an error with advice.
pub(crate) fn with_help(message: impl std::fmt::Display, help: impl std::fmt::Display) -> String {
    format!("{message}\nhelp: {help}")
}
