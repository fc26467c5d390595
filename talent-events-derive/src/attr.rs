//! `#[talent(…)]`, split into keys and values.
//!
//! A value is kept as the tokens that were written: what they mean depends on the key, and an expression is rustc's
//! to judge.

use proc_macro2::{Delimiter, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, LitStr, Meta, Path};

use crate::errors::Errors;
use crate::suggest;

/// Where an attribute can stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Struct = 1,
    Enum = 2,
    Variant = 4,
    Field = 8,
}

/// Every key, and the places where it can stand.
pub(crate) const KEYS: &[(&str, &[Place])] = {
    use Place::{Enum, Field, Struct, Variant};
    &[
        ("event", &[Struct, Variant]),
        ("job", &[Struct, Variant, Field]),
        ("jobs", &[Struct, Variant, Field]),
        ("many_jobs", &[Struct, Variant]),
        ("request_id", &[Struct, Enum, Variant, Field]),
        ("notes", &[Struct, Enum, Variant, Field]),
        ("event_id", &[Struct, Variant, Field]),
        ("create_time", &[Field]),
        ("private", &[Field]),
        ("transparent", &[Variant]),
        ("skip", &[Variant]),
        ("crate", &[Struct, Enum]),
    ]
};

/// One `key`, `key = value` or `key(with = path)`.
pub(crate) struct Attr {
    pub(crate) key: Ident,
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
}

impl Attr {
    /// The whole attribute, to be underlined.
    pub(crate) fn tokens(&self) -> TokenStream {
        let key = &self.key;
        match &self.value {
            Value::Flag => key.to_token_stream(),
            Value::Text(v) => quote::quote!(#key = #v),
            Value::Word(v) => quote::quote!(#key = #v),
            Value::Tokens(v) => quote::quote!(#key = #v),
            Value::With(v) => quote::quote!(#key with = #v),
        }
    }
}

impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Flag => {}
            Self::Text(v) => v.to_tokens(tokens),
            Self::Word(v) => v.to_tokens(tokens),
            Self::Tokens(v) => v.to_tokens(tokens),
            Self::With(v) => v.to_tokens(tokens),
        }
    }
}

impl Place {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Struct => "struct",
            Self::Enum => "enum",
            Self::Variant => "variant",
            Self::Field => "field",
        }
    }
}

/// The attributes of one item, those left out that are unknown or stand in the wrong place.
pub(crate) fn read(attrs: &[Attribute], place: Place, errors: &Errors) -> Vec<Attr> {
    let mut found: Vec<Attr> = Vec::new();
    for attr in attrs.iter().filter(|a| a.path().is_ident("talent")) {
        let list = match &attr.meta {
            Meta::List(list) => list,
            Meta::Path(path) => {
                errors.at(path, "`#[talent]` says nothing: write `#[talent(key)]` or `#[talent(key = value)]`");
                continue;
            }
            Meta::NameValue(pair) => {
                errors.at(pair, "write `#[talent(key = value)]`, with the key inside the parentheses");
                continue;
            }
        };
        for attr in split(list.tokens.clone(), errors) {
            if let Some(first) = found.iter().find(|f| f.key == attr.key) {
                let line = first.key.span().start().line;
                errors.at(&attr.key, format!("`{}` is said twice: it already stands on line {line}", attr.key));
            } else if check_place(&attr, place, errors) {
                found.push(attr);
            }
        }
    }
    found
}

fn check_place(attr: &Attr, place: Place, errors: &Errors) -> bool {
    let key = attr.key.to_string();
    let Some((_, places)) = KEYS.iter().find(|(k, _)| *k == key) else {
        let known = KEYS.iter().filter(|(_, places)| places.contains(&place)).map(|(k, _)| *k);
        errors.at(&attr.key, suggest::unknown_key(&key, place, known));
        return false;
    };
    if places.contains(&place) {
        return true;
    }
    let places: Vec<_> = places.iter().map(|p| p.name()).collect();
    let (last, others) = places.split_last().expect("each key has a place");
    let places = if others.is_empty() { last.to_string() } else { format!("{} or {last}", others.join(", ")) };
    errors.at(&attr.key, format!("`{key}` belongs on the {places}, not on the {}", place.name()));
    false
}

fn split(tokens: TokenStream, errors: &Errors) -> Vec<Attr> {
    let mut found = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let key = match token {
            TokenTree::Ident(key) => key,
            other => {
                errors.at(&other, "expected a key such as `event`, `job` or `request_id`");
                until_comma(&mut tokens);
                continue;
            }
        };
        let value = match tokens.peek() {
            None => Value::Flag,
            Some(TokenTree::Punct(p)) if p.as_char() == ',' => Value::Flag,
            Some(TokenTree::Punct(p)) if p.as_char() == '=' => {
                let equals = tokens.next().into_token_stream();
                match value(until_comma(&mut tokens)) {
                    Some(value) => {
                        found.push(Attr { key, value });
                        continue;
                    }
                    None => errors.at(equals, format!("`{key} =` needs a value after the `=`")),
                }
                continue;
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                match with(&key, group.stream(), group.span_open()) {
                    Ok(path) => {
                        tokens.next();
                        Value::With(path)
                    }
                    Err(e) => {
                        errors.push(e);
                        until_comma(&mut tokens);
                        continue;
                    }
                }
            }
            Some(_) => {
                let rest = until_comma(&mut tokens);
                errors.at(
                    rest,
                    format!("expected `,` or `=` after `{key}`: the keys stand between commas, a value after `=`"),
                );
                continue;
            }
        };
        found.push(Attr { key, value });
        let rest = until_comma(&mut tokens);
        if !rest.is_empty() {
            errors.at(rest, "expected a `,` before the next key");
        }
    }
    found
}

/// The tokens up to the next comma that separates keys: not one inside brackets, nor inside the `<…>` of a turbofish.
fn until_comma(tokens: &mut impl Iterator<Item = TokenTree>) -> TokenStream {
    let mut taken = TokenStream::new();
    let mut angles = 0_usize;
    let mut before: [Option<char>; 2] = [None, None];
    for token in tokens {
        let punct = if let TokenTree::Punct(p) = &token { Some(p.as_char()) } else { None };
        match punct {
            Some(',') if angles == 0 => break,
            Some('<') if angles > 0 || before == [Some(':'), Some(':')] => angles += 1,
            Some('>') if before[1] != Some('-') => angles = angles.saturating_sub(1),
            _ => {}
        }
        before = [before[1], punct];
        taken.extend([token]);
    }
    taken
}

fn value(tokens: TokenStream) -> Option<Value> {
    let mut trees = tokens.clone().into_iter();
    match (trees.next()?, trees.next()) {
        (TokenTree::Ident(word), None) => Some(Value::Word(word)),
        (TokenTree::Literal(_), None) => match syn::parse2::<LitStr>(tokens.clone()) {
            Ok(text) => Some(Value::Text(text)),
            Err(_) => Some(Value::Tokens(tokens)),
        },
        // What a `macro_rules!` fragment was written as comes in an invisible group.
        (TokenTree::Group(group), None) if group.delimiter() == Delimiter::None => value(group.stream()),
        _ => Some(Value::Tokens(tokens)),
    }
}

/// `with = path`
fn with(key: &Ident, tokens: TokenStream, at: Span) -> syn::Result<Path> {
    let form = format!("write `{key}(with = path)`, with the path of a function that takes the field by reference");
    let mut trees = tokens.into_iter();
    match (trees.next(), trees.next()) {
        (Some(TokenTree::Ident(word)), Some(TokenTree::Punct(equals))) if word == "with" && is_equals(&equals) => {
            let path: TokenStream = trees.collect();
            if path.is_empty() {
                return Err(syn::Error::new(equals.span(), form));
            }
            syn::parse2(path.clone()).map_err(|_| syn::Error::new_spanned(path, form))
        }
        (Some(first), _) => Err(syn::Error::new(first.span(), form)),
        (None, _) => Err(syn::Error::new(at, form)),
    }
}

fn is_equals(punct: &Punct) -> bool {
    punct.as_char() == '=' && punct.spacing() == Spacing::Alone
}
