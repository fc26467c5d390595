//! One attribute: a key and its value.
//!
//! A value is kept as the tokens that were written: what they mean depends on the key, and an expression is rustc's
//! to judge.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{LitStr, Path, Token, WherePredicate};

use crate::keys::Key;

/// One `key`, `key = value`, `key(with = path)` or `bound(…)`.
pub(crate) struct Attr {
    /// As it was written.
    pub(crate) word: Ident,
    /// `None` if the key is unknown or in the wrong place: the error is reported, and nothing is missing beside it.
    pub(crate) key: Option<Key>,
    pub(crate) value: Value,
}

pub(crate) enum Value {
    /// `key`
    Flag,
    /// `key = "text"`
    Text(LitStr),
    /// `key = word`
    Word(Ident),
    /// `key = any other tokens`
    Tokens(TokenStream),
    /// `key(with = path)`
    With(Path),
    /// `bound(T: Trait, …)`
    Bounds(Punctuated<WherePredicate, Token![,]>),
    /// Something else; the error is reported, and no other follows from it.
    Broken,
}

/// The attribute of this key, if it stands there.
pub(crate) fn find(attrs: &[Attr], key: Key) -> Option<&Attr> {
    attrs.iter().find(|attr| attr.key == Some(key))
}

impl Attr {
    /// Something that is not understood.
    pub(crate) fn unreadable() -> Self {
        Self { word: Ident::new("_", Span::call_site()), key: None, value: Value::Broken }
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.key.is_none()
    }

    /// The whole attribute, to be underlined or repeated.
    pub(crate) fn tokens(&self) -> TokenStream {
        let word = &self.word;
        match &self.value {
            Value::Flag | Value::Broken => word.to_token_stream(),
            Value::Text(v) => quote!(#word = #v),
            Value::Word(v) => quote!(#word = #v),
            Value::Tokens(v) => quote!(#word = #v),
            Value::With(v) => quote!(#word with = #v),
            Value::Bounds(v) => quote!(#word #v),
        }
    }

    /// What is at fault if the value is of the wrong form: the value, or the key that has none.
    pub(crate) fn at_value(&self) -> TokenStream {
        match &self.value {
            Value::Flag | Value::Broken => self.word.to_token_stream(),
            Value::Text(v) => v.to_token_stream(),
            Value::Word(v) => v.to_token_stream(),
            Value::Tokens(v) => v.clone(),
            Value::With(v) => v.to_token_stream(),
            Value::Bounds(v) => v.to_token_stream(),
        }
    }
}
