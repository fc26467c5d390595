//! The attributes at one place, collected.

use syn::{Attribute, Meta};

use crate::attr::{Attr, Value};
use crate::errors::{Errors, with_help};
use crate::event_types;
use crate::keys::{self, Key, Place, Row};
use crate::similar;
use crate::split::{List, split};

/// The attributes at one place. With `adopt` those are read too that are ours except for their name.
pub(crate) fn read(attrs: &[Attribute], place: Place, adopt: bool, errors: &Errors) -> Vec<Attr> {
    let mut found: Vec<Attr> = Vec::new();
    for attr in attrs {
        let is_ours = attr.path().is_ident("talent");
        if !is_ours && (!adopt || !is_meant(attr, place)) {
            continue;
        }
        if let (false, Some(name)) = (is_ours, attr.path().get_ident()) {
            errors.read_as_ours(name);
        }
        let list = match &attr.meta {
            Meta::List(list) if list.tokens.is_empty() => {
                errors.push(syn::Error::new(list.delimiter.span().join(), with_help("expected a key", keys_of(place))));
                found.push(Attr::unreadable());
                continue;
            }
            Meta::List(list) => list,
            Meta::Path(path) => {
                errors.help(path, "expected `#[talent(…)]`, found `#[talent]`", keys_of(place));
                found.push(Attr::unreadable());
                continue;
            }
            Meta::NameValue(pair) => {
                errors.help(pair, "expected `#[talent(…)]`", "write `#[talent(key = value)]`");
                found.push(Attr::unreadable());
                continue;
            }
        };
        let List { attrs, is_broken } = split(list.tokens.clone(), place, errors);
        for attr in attrs {
            errors.silently(is_broken, || add(&mut found, attr, errors));
        }
    }
    found
}

fn add(found: &mut Vec<Attr>, attr: Attr, errors: &Errors) {
    if attr.key.is_some()
        && let Some(first) = found.iter().find(|first| first.key == attr.key)
    {
        let word = &attr.word;
        let [first, again] = [&first.word, word].map(|word| word.span().start().line);
        let first = if first == again { "earlier on this line".into() } else { format!("on line {first}") };
        errors.help(word, format!("`{word}` is set twice; the first is {first}"), "remove one of the two");
        return;
    }
    if attr.is_refused() && attr.word == keys::WITH {
        // It was meant for a role beside it, which without its function would be an error too.
        found.iter_mut().filter(|f| matches!(f.value, Value::Flag)).for_each(|f| f.value = Value::Broken);
    }
    found.push(attr);
}

fn keys_of(place: Place) -> String {
    format!("the keys of {} are {}", place.with_article(), similar::quoted(place.keys().map(Key::word)))
}

/// Whether the attribute has another name than ours and yet was meant for us, as far as can be known: the name is nearly
/// ours or one of our words, or what stands in it is ours alone. It may be the attribute of another derive all the same.
fn is_meant(attr: &Attribute, place: Place) -> bool {
    let Some(name) = attr.path().get_ident().map(ToString::to_string) else { return false };
    if name.starts_with('t') && similar::nearest(&name, ["talent"]).is_some() {
        return true;
    }
    let Meta::List(list) = &attr.meta else { return false };
    let errors = Errors::default();
    let List { attrs, is_broken } = split(list.tokens.clone(), place, &errors);
    if is_broken || errors.count() > 0 || attrs.is_empty() {
        return false;
    }
    let is_word = Row::of(&name).is_some() || event_types::NAMES.contains(&&*name) || keys::WORDS.contains(&&*name);
    // Words that other derives have too, serde's for one.
    let shared = [Key::Flatten, Key::Skip, Key::Transparent, Key::Crate, Key::Bound, Key::Private];
    let is_near = similar::distance(&name, "talent") <= 2;
    is_word || is_near || attrs.iter().filter_map(|attr| attr.key).any(|key| !shared.contains(&key))
}
