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
    /// `#[talnt(…)]`, which rustc refuses.
    Elsewhere,
}

impl Attr {
    /// The whole attribute, to be underlined.
    pub(crate) fn tokens(&self) -> TokenStream {
        let key = &self.key;
        match &self.value {
            Value::Flag | Value::Broken | Value::Elsewhere => key.to_token_stream(),
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
            Self::Flag | Self::Broken | Self::Elsewhere => {}
            Self::Text(v) => v.to_tokens(tokens),
            Self::Word(v) => v.to_tokens(tokens),
            Self::Tokens(v) => v.to_tokens(tokens),
            Self::With(v) => v.to_tokens(tokens),
            Self::Bounds(v) => v.to_tokens(tokens),
        }
    }
}

impl Place {
    /// Whether the key can stand here.
    pub(crate) fn takes(self, key: &str) -> bool {
        KEYS.iter().any(|(k, places)| *k == key && places.contains(&self))
    }

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
    for attr in attrs {
        if !attr.path().is_ident("talent") {
            if let Some(word) = attr.path().get_ident().filter(|word| is_misspelt_talent(word)) {
                found.push(Attr { key: word.clone(), value: Value::Elsewhere, refused: true });
            }
            continue;
        }
        let list = match &attr.meta {
            Meta::List(list) => list,
            Meta::Path(path) => {
                errors.at(path, "`#[talent]` says nothing: write `#[talent(key)]` or `#[talent(key = value)]`");
                found.push(unreadable());
                continue;
            }
            Meta::NameValue(pair) => {
                errors.at(pair, "write `#[talent(key = value)]`, with the key inside the parentheses");
                found.push(unreadable());
                continue;
            }
        };
        for attr in split(list.tokens.clone(), errors) {
            if attr.refused {
                found.push(attr);
            } else if let Some(first) = found.iter().find(|f| f.key == attr.key && !f.refused) {
                let [first, again] = [&first.key, &attr.key].map(|key| key.span().start().line);
                let first = if first == again { "earlier on this line".into() } else { format!("on line {first}") };
                errors.at(&attr.key, format!("`{}` is said twice: it already stands {first}", attr.key));
            } else {
                let refused = !check_place(&attr, place, errors);
                if refused && attr.key == "with" {
                    // It was meant for a role beside it, which without its function would be an error too.
                    found.iter_mut().filter(|f| matches!(f.value, Value::Flag)).for_each(|f| f.value = Value::Broken);
                }
                found.push(Attr { refused, ..attr });
            }
        }
    }
    found
}

/// What was said and is not understood.
fn refused(key: Ident) -> Attr {
    Attr { key, value: Value::Broken, refused: true }
}

/// The same without a key.
fn unreadable() -> Attr {
    refused(Ident::new("_", Span::call_site()))
}

/// Strict, as it may be the attribute of another derive.
fn is_misspelt_talent(word: &Ident) -> bool {
    let word = word.to_string();
    word.starts_with('t') && suggest::nearest(&word, ["talent"]).is_some()
}

fn check_place(attr: &Attr, place: Place, errors: &Errors) -> bool {
    let key = attr.key.to_string();
    let Some((_, places)) = KEYS.iter().find(|(k, _)| *k == key) else {
        errors.at(&attr.key, suggest::unknown_key(&key, place));
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
    errors.at(&attr.key, format!("`{key}` belongs on the {}, not on the {}", suggest::places(&key), place.name()));
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
                found.push(unreadable());
                until_comma(&mut tokens);
                after_value(&mut tokens, errors);
                continue;
            }
        };
        let value = match tokens.peek() {
            Some(TokenTree::Punct(p)) if p.as_char() == ':' => {
                match p.spacing() {
                    Spacing::Joint => errors.at(&key, "a key is one word, such as `event`, `job` or `request_id`"),
                    Spacing::Alone => errors.at(p, format!("write `{key} = …`, with a `=` between key and value")),
                }
                found.push(refused(key));
                tokens.find(|token| matches!(token, TokenTree::Punct(p) if p.as_char() == ','));
                continue;
            }
            Some(TokenTree::Punct(p)) if p.as_char() == '=' => {
                let (alone, mut equals) = (p.spacing() == Spacing::Alone, tokens.next().into_token_stream());
                let second =
                    tokens.next_if(|next| !alone && matches!(next, TokenTree::Punct(p) if "=>".contains(p.as_char())));
                let two_signs = second.is_some();
                equals.extend(second);
                let written = until_comma(&mut tokens);
                match written.clone().into_iter().last() {
                    _ if two_signs => {
                        errors.at(equals, format!("write `{key} = …`, with a single `=`"));
                        Value::Broken
                    }
                    // Half typed. rustc would take it for what stands before, and complain of that too.
                    Some(TokenTree::Punct(end)) if matches!(end.as_char(), '.' | ':') => {
                        errors.at(&end, format!("the value of `{key}` ends in the middle"));
                        Value::Broken
                    }
                    _ => value(&key, written).unwrap_or_else(|| {
                        errors.at(equals, format!("`{key} =` needs a value after the `=`"));
                        Value::Broken
                    }),
                }
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
        after_value(&mut tokens, errors);
    }
    found
}

/// The comma, or what stands in its place.
fn after_value(tokens: &mut Peekable<impl Iterator<Item = TokenTree> + Clone>, errors: &Errors) {
    match tokens.peek() {
        None => {}
        Some(TokenTree::Punct(p)) if p.as_char() == ',' => drop(tokens.next()),
        Some(TokenTree::Punct(p)) if p.as_char() == ';' => {
            errors.at(p, "keys are separated by `,`");
            tokens.next();
        }
        Some(next @ TokenTree::Ident(_)) => errors.at(next, "expected a `,` before the next key"),
        Some(_) => {
            errors.at(until_comma(tokens), "expected `,`, `=` or `(`");
            tokens.next_if(|next| matches!(next, TokenTree::Punct(p) if ",;".contains(p.as_char())));
        }
    }
}

/// The tokens up to the comma or key that ends a value: not a comma inside brackets, nor inside the `<…>` that begins
/// the value or follows `::`. A word before a single `=` is the next key, whose comma was forgotten; but not in the
/// pattern of a `let`, nor, unless it is like a key, behind a sign.
fn until_comma(tokens: &mut Peekable<impl Iterator<Item = TokenTree> + Clone>) -> TokenStream {
    let mut taken = TokenStream::new();
    let mut angles = 0_usize;
    let mut in_let = false;
    let mut before: [Option<char>; 2] = [None, None];
    while let Some(token) = tokens.peek() {
        let punct = if let TokenTree::Punct(p) = token { Some(p.as_char()) } else { None };
        match token {
            TokenTree::Punct(p) if is_equals(p) => in_let = false,
            TokenTree::Ident(word) if word == "let" => in_let = true,
            TokenTree::Ident(word)
                if angles == 0 && !in_let && !taken.is_empty() && (before[1].is_none() || is_like_a_key(word)) =>
            {
                let mut ahead = tokens.clone();
                ahead.next();
                if matches!(ahead.next(), Some(TokenTree::Punct(p)) if is_equals(&p)) {
                    break;
                }
            }
            _ => {}
        }
        match punct {
            Some(',' | ';') if angles == 0 => break,
            Some('<') if angles > 0 || taken.is_empty() || before == [Some(':'), Some(':')] => angles += 1,
            Some('>') if before[1] != Some('-') => angles = angles.saturating_sub(1),
            _ => {}
        }
        before = [before[1], punct];
        taken.extend(tokens.next());
    }
    taken
}

fn is_like_a_key(word: &Ident) -> bool {
    suggest::nearest(&word.to_string(), KEYS.iter().map(|(key, _)| *key)).is_some()
}

fn value(key: &Ident, tokens: TokenStream) -> Option<Value> {
    let mut trees = tokens.clone().into_iter();
    match (trees.next()?, trees.next()) {
        // A constant is an expression of a job.
        (TokenTree::Ident(word), None) if (key == "job" || key == "jobs") && is_constant(&word) => {
            Some(Value::Tokens(tokens))
        }
        // A keyword is no name: `self` is an expression.
        (TokenTree::Ident(word), None) if syn::parse2::<Ident>(tokens.clone()).is_ok() => Some(Value::Word(word)),
        (TokenTree::Literal(_), None) => match syn::parse2::<LitStr>(tokens.clone()) {
            Ok(text) => Some(Value::Text(text)),
            Err(_) => Some(Value::Tokens(tokens)),
        },
        // What a `macro_rules!` fragment was written as comes in an invisible group, which an expression keeps.
        (TokenTree::Group(group), None) if group.delimiter() == Delimiter::None => value(key, group.stream())
            .map(|inside| if let Value::Tokens(_) = inside { Value::Tokens(tokens) } else { inside }),
        _ => Some(Value::Tokens(tokens)),
    }
}

/// `MAX_AGE`, as Rust names its constants.
pub(crate) fn is_constant(word: &Ident) -> bool {
    let word = word.to_string();
    word.contains(|c: char| c.is_uppercase()) && !word.contains(|c: char| c.is_lowercase())
}

/// `with = path`
fn with(key: &Ident, tokens: TokenStream, at: Span, errors: &Errors) -> Value {
    let form = match key.to_string().as_str() {
        "event" => "write `event = View`, or `event = self.kind()`".to_owned(),
        "crate" => "write `crate = ::path::to::talent_events`".to_owned(),
        "many_jobs" | "private" | "flatten" | "transparent" | "skip" => format!("`{key}` takes no value"),
        "notes" => {
            "write `notes = \"Applied via {channel}\"`, or `notes(with = path)` with the path of a function".into()
        }
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
    Punctuated::parse_terminated.parse2(tokens.clone()).map(Value::Bounds).unwrap_or_else(|_| {
        errors.at(tokens, BOUND_FORM);
        Value::Broken
    })
}

pub(crate) const BOUND_FORM: &str = "bounds are written as in a `where` clause, `bound(T: Trait, U: Other)`";

fn is_equals(punct: &Punct) -> bool {
    punct.as_char() == '=' && punct.spacing() == Spacing::Alone
}
