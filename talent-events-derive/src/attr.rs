//! `#[talent(…)]`, split into keys and values.
//!
//! A value is kept as the tokens that were written: what they mean depends on the key, and an expression is rustc's
//! to judge.

use std::iter::Peekable;

use proc_macro2::{Delimiter, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Meta, Path, Token, WherePredicate};

use crate::errors::Errors;
use crate::suggest;

/// Where an attribute can stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Struct,
    /// A struct that derives `TalentContext`.
    Context,
    Enum,
    Variant,
    Field,
}

/// Every key, and the places where it can stand.
pub(crate) const KEYS: &[(&str, &[Place])] = {
    use Place::{Context, Enum, Field, Struct, Variant};
    &[
        ("event", &[Struct, Variant]),
        ("job", &[Struct, Context, Variant, Field]),
        ("jobs", &[Struct, Context, Variant, Field]),
        ("many_jobs", &[Struct, Variant]),
        ("request_id", &[Struct, Context, Enum, Variant, Field]),
        ("notes", &[Struct, Context, Enum, Variant, Field]),
        ("notes_overflow", &[Struct, Enum, Variant]),
        ("event_id", &[Struct, Context, Variant, Field]),
        ("create_time", &[Field]),
        ("private", &[Field]),
        ("flatten", &[Field]),
        ("transparent", &[Variant]),
        ("skip", &[Variant]),
        ("crate", &[Struct, Context, Enum]),
        ("bound", &[Struct, Context, Enum]),
    ]
};

/// One `key`, `key = value`, `key(with = path)` or `bound(…)`.
pub(crate) struct Attr {
    pub(crate) key: Ident,
    pub(crate) value: Value,
    /// Unknown, or in the wrong place; the error has been told, and nothing is to be found missing beside it.
    pub(crate) refused: bool,
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
    /// Something else; the error has been told, and no other is to follow from it.
    Broken,
}

impl Attr {
    /// The whole attribute, to be underlined.
    pub(crate) fn tokens(&self) -> TokenStream {
        let key = &self.key;
        match &self.value {
            Value::Flag | Value::Broken => key.to_token_stream(),
            Value::Text(v) => quote::quote!(#key = #v),
            Value::Word(v) => quote::quote!(#key = #v),
            Value::Tokens(v) => quote::quote!(#key = #v),
            Value::With(v) => quote::quote!(#key with = #v),
            Value::Bounds(v) => quote::quote!(#key #v),
        }
    }
}

impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Flag | Self::Broken => {}
            Self::Text(v) => v.to_tokens(tokens),
            Self::Word(v) => v.to_tokens(tokens),
            Self::Tokens(v) => v.to_tokens(tokens),
            Self::With(v) => v.to_tokens(tokens),
            Self::Bounds(v) => v.to_tokens(tokens),
        }
    }
}

impl Place {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Struct => "struct",
            Self::Context => "context",
            Self::Enum => "enum",
            Self::Variant => "variant",
            Self::Field => "field",
        }
    }
}

/// The attributes of one item.
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
            } else {
                let refused = !check_place(&attr, place, errors);
                found.push(Attr { refused, ..attr });
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
    if place == Place::Context && places.contains(&Place::Struct) {
        errors.at(&attr.key, format!("`{key}` belongs on the event that flattens this context"));
        return false;
    }
    if key == "skip" && place == Place::Field {
        errors.at(&attr.key, "a field without an attribute is not sent: leave `skip` out");
        return false;
    }
    // A context is a struct.
    let places: Vec<_> = places.iter().filter(|p| **p != Place::Context).map(|p| p.name()).collect();
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
            Some(TokenTree::Punct(p)) if p.as_char() == '=' => {
                let equals = tokens.next().into_token_stream();
                value(until_comma(&mut tokens)).unwrap_or_else(|| {
                    errors.at(equals, format!("`{key} =` needs a value after the `=`"));
                    Value::Broken
                })
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                let value = match key == "bound" {
                    true => bounds(group.stream(), errors),
                    false => with(&key, group.stream(), group.span_open(), errors),
                };
                tokens.next();
                value
            }
            _ => Value::Flag,
        };
        found.push(Attr { key, value, refused: false });
        match tokens.peek() {
            None => {}
            Some(TokenTree::Punct(p)) if p.as_char() == ',' => drop(tokens.next()),
            Some(next @ TokenTree::Ident(_)) => errors.at(next, "expected a `,` before the next key"),
            Some(_) => errors.at(until_comma(&mut tokens), "expected `,`, `=` or `(`"),
        }
    }
    found
}

/// The tokens up to the comma or key that ends a value: not a comma inside brackets, nor inside the `<…>` that begins
/// the value or follows `::`. A word before a single `=` is the next key, whose comma was forgotten: no expression holds one.
fn until_comma(tokens: &mut Peekable<impl Iterator<Item = TokenTree> + Clone>) -> TokenStream {
    let mut taken = TokenStream::new();
    let mut angles = 0_usize;
    let mut before: [Option<char>; 2] = [None, None];
    while let Some(token) = tokens.peek() {
        let punct = if let TokenTree::Punct(p) = token { Some(p.as_char()) } else { None };
        match punct {
            Some(',') if angles == 0 => break,
            Some('<') if angles > 0 || taken.is_empty() || before == [Some(':'), Some(':')] => angles += 1,
            Some('>') if before[1] != Some('-') => angles = angles.saturating_sub(1),
            _ => {}
        }
        if matches!(token, TokenTree::Ident(_)) && !taken.is_empty() {
            let mut ahead = tokens.clone();
            ahead.next();
            if matches!(ahead.next(), Some(TokenTree::Punct(p)) if is_equals(&p)) {
                break;
            }
        }
        before = [before[1], punct];
        taken.extend(tokens.next());
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
fn with(key: &Ident, tokens: TokenStream, at: Span, errors: &Errors) -> Value {
    let form = match key.to_string().as_str() {
        "event" => "write `event = View`, or `event = self.kind()`".to_owned(),
        "crate" => "write `crate = ::path::to::talent_events`".to_owned(),
        "many_jobs" | "private" | "flatten" | "transparent" | "skip" => format!("`{key}` takes no value"),
        "notes_overflow" => suggest::NOTES_OVERFLOW.to_owned(),
        _ => format!("write `{key}(with = path)`, with the path of a function that takes the field by reference"),
    };
    let mut trees = tokens.into_iter();
    let (wrong, message) = match (trees.next(), trees.next()) {
        (Some(TokenTree::Ident(word)), Some(TokenTree::Punct(equals))) if word == "with" && is_equals(&equals) => {
            let path: TokenStream = trees.collect();
            match syn::parse2(path.clone()) {
                Ok(path) => return Value::With(path),
                Err(_) if path.is_empty() => (equals.into_token_stream(), form),
                Err(_) => (path, form),
            }
        }
        (Some(first), _) => (first.into_token_stream(), form),
        (None, _) => {
            errors.push(syn::Error::new(at, form));
            return Value::Broken;
        }
    };
    errors.at(wrong, message);
    Value::Broken
}

/// `T: Trait, …`; none at all where nothing is to be bound.
fn bounds(tokens: TokenStream, errors: &Errors) -> Value {
    match Punctuated::parse_terminated.parse2(tokens) {
        Ok(bounds) => Value::Bounds(bounds),
        Err(e) => {
            errors.push(syn::Error::new(e.span(), format!("{BOUND_FORM}: {e}")));
            Value::Broken
        }
    }
}

pub(crate) const BOUND_FORM: &str = "bounds are written as in a `where` clause, `bound(T: Trait, U: Other)`";

fn is_equals(punct: &Punct) -> bool {
    punct.as_char() == '=' && punct.spacing() == Spacing::Alone
}
