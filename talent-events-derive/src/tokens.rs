//! Helpers for tokens, the user's and our own.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{GenericArgument, Generics, PathArguments, Type};

/// Where the user's tokens begin and end: rustc underlines what it blames from its first token to its last.
#[derive(Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) first: Span,
    pub(crate) last: Span,
}

impl Ends {
    pub(crate) fn at(span: Span) -> Self {
        let here = Span::call_site().located_at(span);
        Self { first: here, last: here }
    }

    pub(crate) fn of(tokens: &TokenStream) -> Self {
        let mut spans = tokens.clone().into_iter().map(|token| token.span());
        let first = spans.next().unwrap_or_else(Span::call_site);
        let last = spans.last().unwrap_or(first);
        let here = Span::call_site();
        Self { first: here.located_at(first), last: here.located_at(last) }
    }

    pub(crate) fn first(&self, tokens: &TokenStream) -> TokenStream {
        located(tokens, self.first)
    }

    pub(crate) fn last(&self, name: &str) -> Ident {
        Ident::new(name, self.last)
    }

    /// What ends with it ends where the user's tokens do.
    pub(crate) fn in_parentheses(&self, tokens: impl ToTokens) -> Group {
        let mut group = Group::new(Delimiter::Parenthesis, tokens.into_token_stream());
        group.set_span(self.last);
        group
    }
}

/// The same tokens at another place in the source.
pub(crate) fn located(tokens: &TokenStream, at: Span) -> TokenStream {
    let located = tokens.clone().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(at));
        token
    });
    located.collect()
}

pub(crate) fn mentions(tokens: TokenStream, ident: &Ident) -> bool {
    mentioned(tokens, ident).is_some()
}

/// The word where it stands first.
pub(crate) fn mentioned(tokens: TokenStream, ident: &Ident) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(word) if word == *ident => Some(word),
        TokenTree::Group(group) => mentioned(group.stream(), ident),
        _ => None,
    })
}

/// Every word in the tokens, except lifetimes.
fn words(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut after_quote = false;
    for token in tokens {
        let is_quote = matches!(&token, TokenTree::Punct(p) if p.as_char() == '\'');
        match token {
            TokenTree::Ident(word) if !after_quote => found.push(word.to_string()),
            TokenTree::Group(group) => found.extend(words(group.stream())),
            _ => {}
        }
        after_quote = is_quote;
    }
    found
}

/// Whether a constant could not name it.
pub(crate) fn is_generic(generics: &Generics, tokens: &TokenStream) -> bool {
    let types = generics.type_params().map(|p| &p.ident).chain(generics.const_params().map(|p| &p.ident));
    let own = format_ident!("Self");
    let for_lifetimes = format_ident!("for");
    types.chain([&own, &for_lifetimes]).any(|name| mentions(tokens.clone(), name))
}

/// The same with `'_` for each lifetime, which a constant could not name.
pub(crate) fn without_lifetimes(tokens: TokenStream) -> TokenStream {
    let mut after_quote = false;
    let trees = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut erased = Group::new(group.delimiter(), without_lifetimes(group.stream()));
            erased.set_span(group.span());
            after_quote = false;
            TokenTree::Group(erased)
        }
        TokenTree::Ident(ident) if after_quote && ident != "static" => {
            after_quote = false;
            TokenTree::Ident(Ident::new("_", ident.span()))
        }
        other => {
            after_quote = matches!(&other, TokenTree::Punct(p) if p.as_char() == '\'');
            other
        }
    });
    trees.collect()
}

/// Types that are known by their names: a misspelt one is not among them.
const FAMILIAR: [&str; 16] = [
    "Arc",
    "Box",
    "Cow",
    "EventId",
    "JobName",
    "Option",
    "Rc",
    "RequestId",
    "String",
    "SystemTime",
    "Timestamp",
    "Uuid",
    "Vec",
    "str",
    "u32",
    "u64",
];

/// The type with `_` for arguments that are not familiar, for rustc to infer: an error in one of them is then reported
/// only where the field is declared. `None` if no argument needs it.
pub(crate) fn inferred(ty: &Type) -> Option<TokenStream> {
    let is_familiar = |ty: &Type| words(ty.to_token_stream()).iter().all(|word| FAMILIAR.contains(&&**word));
    let hole = |tokens: &dyn ToTokens| {
        let at = tokens.to_token_stream().into_iter().next().map_or_else(Span::call_site, |token| token.span());
        Type::Verbatim(quote_spanned!(at=> _))
    };
    match ty {
        Type::Path(path) if path.qself.is_none() => {
            let mut path = path.clone();
            let PathArguments::AngleBracketed(arguments) = &mut path.path.segments.last_mut()?.arguments else {
                return None;
            };
            for argument in &mut arguments.args {
                match argument {
                    GenericArgument::Type(ty) if is_familiar(ty) => {}
                    GenericArgument::Type(ty) => *ty = hole(ty),
                    GenericArgument::Const(value) => *argument = GenericArgument::Type(hole(value)),
                    GenericArgument::Lifetime(_) => {}
                    _ => return None,
                }
            }
            Some(path.into_token_stream())
        }
        Type::Array(array) => {
            let element = if is_familiar(&array.elem) { (*array.elem).clone() } else { hole(&array.elem) };
            let mut group = Group::new(Delimiter::Bracket, quote!(#element; _));
            group.set_span(array.bracket_token.span.join());
            Some(group.into_token_stream())
        }
        _ => None,
    }
}

/// `MAX_AGE`, as Rust names its constants.
pub(crate) fn is_constant(word: &Ident) -> bool {
    let word = word.to_string();
    word.contains(|c: char| c.is_uppercase()) && !word.contains(|c: char| c.is_lowercase())
}

/// The tokens as a person would have written them, nearly.
pub(crate) fn tokens_text(tokens: &TokenStream) -> String {
    let mut text = tokens.to_string();
    for (spaced, tight) in
        [(" :: ", "::"), (" . ", "."), (" (", "("), ("( ", "("), (" )", ")"), ("& ", "&"), (" ,", ",")]
    {
        text = text.replace(spaced, tight);
    }
    text
}
