//! Mistakes that rustc reports already: an item that does not parse, and attributes of other names that were read as ours.
//!
//! If rustc accepts one of them after all, the derive must still fail. It does so by a lint: rustc runs lints only if there
//! is no error.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::parse::Parser;
use syn::{Generics, Token};

use crate::expand::fallback;

/// Impls for an item that does not parse, from its name and generics alone.
pub(crate) fn expand(item: TokenStream, is_context: bool, error: &syn::Error) -> TokenStream {
    let Some((name, generics)) = head(item) else { return error.to_compile_error() };
    let probe = probe(error.span(), &error.to_string());
    let impls = fallback::unread(&name, &generics, is_context, Vec::new());
    quote::quote!(#probe #impls)
}

/// One for each attribute of another name.
pub(crate) fn probes(names: &[Ident]) -> Vec<TokenStream> {
    let words =
        |name| format!("`#[{name}]` was read as `#[talent]`, without which something is missing: write `#[talent]`");
    names.iter().map(|name| probe(name.span(), &words(name))).collect()
}

fn probe(at: Span, words: &str) -> TokenStream {
    quote_spanned! {at=>
        #[allow(path_statements)]
        #[deny(unused_must_use)]
        const _: () = {
            #[must_use = #words]
            struct TalentAttribute;
            TalentAttribute;
        };
    }
}

/// The name behind `struct` or `enum`, and the generics behind it as far as they parse.
fn head(item: TokenStream) -> Option<(Ident, Generics)> {
    let mut tokens = item.into_iter().skip_while(
        |token| !matches!(token, TokenTree::Ident(word) if word == "struct" || word == "enum" || word == "union"),
    );
    tokens.next()?;
    let TokenTree::Ident(name) = tokens.next()? else { return None };
    let parser = |input: syn::parse::ParseStream<'_>| {
        let mut generics = input.parse::<Generics>()?;
        // The fields of a tuple struct stand before its `where`.
        if !input.peek(Token![where]) {
            input.parse::<Option<Group>>()?;
        }
        generics.where_clause = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(generics)
    };
    Some((name, parser.parse2(tokens.collect()).unwrap_or_default()))
}
