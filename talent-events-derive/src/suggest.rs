//! The answer to a word that is no key.

use crate::errors::with_help;
use crate::event_types;
use crate::keys::{self, Key, Place, Row};
use crate::similar::{nearest, quoted};

pub(crate) fn unknown_key(word: &str, place: Place) -> String {
    let unknown = format!("unknown key `{word}`");
    if let Some(Row { key, .. }) = Row::also(word) {
        let elsewhere = match key.fits(place) {
            true => String::new(),
            false => format!(", and it belongs on the {}", key.places()),
        };
        return with_help(unknown, format!("the key is called `{key}`{elsewhere}"));
    }
    let here = place.keys().map(Key::word);
    if let Some(meant) = nearest(word, here.clone()) {
        return with_help(unknown, format!("a key with a similar name exists: `{meant}`"));
    }
    if event_types::NAMES.contains(&word) && Key::Event.fits(place) {
        return with_help(unknown, format!("write `event = {word}`"));
    }
    if word == keys::WITH {
        return with_help("`with` belongs inside a role", "write `job(with = path)`, `notes(with = path)` and so on");
    }
    with_help(unknown, format!("the keys of {} are {}", place.with_article(), quoted(here)))
}
