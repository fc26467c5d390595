//! The path of the runtime crate, as the written code mentions it everywhere.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;

/// Token by token: each mention of a `TokenStream` is several calls into the compiler, which the user's build waits for.
pub(crate) struct Crate(Vec<TokenTree>);

impl Crate {
    pub(crate) fn new(path: impl ToTokens) -> Self {
        Self(path.into_token_stream().into_iter().collect())
    }

    /// The same at another place in the source.
    pub(crate) fn at(&self, place: Span) -> Self {
        let located = self.0.iter().cloned().map(|mut token| {
            token.set_span(token.span().located_at(place));
            token
        });
        Self(located.collect())
    }
}

impl ToTokens for Crate {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().cloned());
    }
}
