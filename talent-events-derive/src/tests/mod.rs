//! The expansion itself, outside of any compiler: what it writes, for items that are right, half typed or nonsense.

mod arbitrary;
mod golden;
mod incomplete;
mod spans;
mod suggest;

use proc_macro2::TokenStream;
use syn::visit::{self, Visit};

/// What the derive answers, pretty.
fn expand(item: &str) -> String {
    prettyplease::unparse(&Expansion::of(item.parse().expect("tokens")).file)
}

/// The same of `TalentContext`.
fn expand_context(item: &str) -> String {
    prettyplease::unparse(&Expansion::of_context(item.parse().expect("tokens")).file)
}

/// What the derive answered, read back.
struct Expansion {
    file: syn::File,
    /// The messages of its `compile_error!`s.
    errors: Vec<String>,
    /// The traits that it implements, and for what.
    impls: Vec<(String, String)>,
}

impl Expansion {
    fn of(item: TokenStream) -> Self {
        Self::read(crate::talent_event(item))
    }

    /// The same of `TalentContext`.
    fn of_context(item: TokenStream) -> Self {
        Self::read(crate::talent_context(item))
    }

    fn read(output: TokenStream) -> Self {
        let file = syn::parse2(output.clone()).unwrap_or_else(|e| panic!("{e} in the expansion\n{output}"));
        let mut found = Found::default();
        found.visit_file(&file);
        Self { file, errors: found.errors, impls: found.impls }
    }

    fn implements(&self, name: &str, of: &str) -> bool {
        self.impls.iter().filter(|(n, o)| n == name && o == of).count() == 1
    }
}

#[derive(Default)]
struct Found {
    errors: Vec<String>,
    impls: Vec<(String, String)>,
}

impl<'a> Visit<'a> for Found {
    fn visit_macro(&mut self, call: &'a syn::Macro) {
        if call.path.segments.last().is_some_and(|last| last.ident == "compile_error") {
            let message: syn::LitStr = call.parse_body().expect("a message");
            self.errors.push(message.value());
        }
    }

    fn visit_item_impl(&mut self, item: &'a syn::ItemImpl) {
        if let (Some((path, _)), syn::Type::Path(ty)) = (&item.trait_, &*item.self_ty) {
            let last = |path: &syn::Path| path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default();
            self.impls.push((last(path), last(&ty.path)));
        }
        visit::visit_item_impl(self, item);
    }
}
