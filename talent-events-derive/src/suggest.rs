//! What the user may have meant.

use crate::attr::{KEYS, Place};

pub(crate) fn unknown_key(key: &str, place: Place) -> String {
    if let Some((_, meant)) = FOREIGN_KEYS.iter().find(|(words, _)| words.contains(&key)) {
        let elsewhere = match place.takes(meant) {
            true => String::new(),
            false => format!(", and belongs on the {}", places(meant)),
        };
        return format!("unknown key `{key}`: here it is called `{meant}`{elsewhere}");
    }
    let here = KEYS.iter().map(|(key, _)| *key).filter(|key| place.takes(key));
    if let Some(meant) = nearest(key, here.clone()) {
        return format!("unknown key `{key}`: did you mean `{meant}`?");
    }
    if EVENT_TYPES.contains(&key) && place.takes("event") {
        return format!("unknown key `{key}`: write `event = {key}`");
    }
    if key == "with" {
        return "`with` stands inside a role: write `job(with = path)`, `notes(with = path)` and so on".into();
    }
    format!("unknown key `{key}`: the keys of a {} are {}", place.name(), quoted(here))
}

/// `struct, variant or field`: where the key can stand. A context is a struct.
pub(crate) fn places(key: &str) -> String {
    let places = KEYS.iter().filter(|(k, _)| *k == key).flat_map(|(_, places)| *places);
    let names: Vec<_> = places.filter(|place| **place != Place::Context).map(|place| place.name()).collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => names.concat(),
    }
}

/// The word that was probably meant: at most a third of its letters differ.
pub(crate) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let near = known.into_iter().map(|k| (k, distance(k, word))).filter(|(k, d)| *d <= (k.len() + 1) / 3);
    near.min_by_key(|(_, d)| *d).map(|(k, _)| k)
}

fn quoted<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

pub(crate) const NOTES_OVERFLOW: &str = "what happens to notes of more than 1,000 characters is `notes_overflow = truncate` (they are cut, and marked with `…`) or `notes_overflow = error`";

/// Other words for a key.
const FOREIGN_KEYS: &[(&[&str], &str)] = &[
    (&["type", "kind", "event_type"], "event"),
    (&["job_id", "job_name", "posting"], "job"),
    (&["job_ids", "job_names", "postings"], "jobs"),
    (&["search", "search_id", "request"], "request_id"),
    (&["id", "uuid"], "event_id"),
    (&["time", "timestamp", "at", "when", "created_at", "date"], "create_time"),
    (&["text", "message", "description", "note"], "notes"),
    (&["secret", "sensitive", "pii"], "private"),
    (&["ignore", "none"], "skip"),
];

/// The names of all event types, in the order of their numbers.
const EVENT_TYPES: [&str; 15] = [
    "Impression",
    "View",
    "ViewRedirect",
    "ApplicationStart",
    "ApplicationFinish",
    "ApplicationQuickSubmission",
    "ApplicationRedirect",
    "ApplicationStartFromSearch",
    "ApplicationRedirectFromSearch",
    "ApplicationCompanySubmit",
    "Bookmark",
    "Notification",
    "Hired",
    "SentCv",
    "InterviewGranted",
];

/// Words of the trade that are no event type, in any spelling, and what they are called here.
const FOREIGN: &[(&[&str], &str)] = &[
    (&["click", "open", "opened", "viewed", "viewing", "jobview", "pageview", "detail", "details"], "`View`"),
    (
        &["apply", "applied", "application"],
        "`ApplicationStart` when somebody begins, `ApplicationFinish` when it is submitted, `ApplicationQuickSubmission` for one click",
    ),
    (
        &["submit", "submitted", "submission", "applicationsubmit", "applicationsubmitted", "applicationsubmission"],
        "`ApplicationFinish`, `ApplicationQuickSubmission` for one click, `ApplicationCompanySubmit` when a company submits it for somebody",
    ),
    (&["start", "started", "applicationstarted", "applicationbegin"], "`ApplicationStart`"),
    (
        &[
            "finish",
            "finished",
            "complete",
            "completed",
            "applicationcomplete",
            "applicationcompleted",
            "applicationfinished",
            "applicationsent",
        ],
        "`ApplicationFinish`",
    ),
    (&["quickapply", "easyapply", "oneclick", "oneclickapply"], "`ApplicationQuickSubmission`"),
    (&["save", "saved", "favorite", "favourite", "like", "star"], "`Bookmark`"),
    (&["hire", "employed", "placed", "placement"], "`Hired`"),
    (&["interview", "interviewed"], "`InterviewGranted`"),
    (&["alert", "email", "notify", "notified", "push"], "`Notification`"),
    (&["show", "shown", "search", "searchresults", "listed"], "`Impression`"),
    (&["redirect", "outbound"], "`ViewRedirect` when viewing led elsewhere, `ApplicationRedirect` when applying did"),
    (&["cv", "resume", "sendcv", "cvsent"], "`SentCv`"),
];

/// The answer to a bare word that is no event type. A misspelt or half typed one is rustc's to answer, which knows the
/// 15 and writes the right one in its place.
pub(crate) fn event_type(word: &str) -> Option<String> {
    if EVENT_TYPES.contains(&word) {
        return None;
    }
    if let Some(answer) = other_event_type(word) {
        return Some(answer);
    }
    let screaming = word.contains(|c: char| c.is_ascii_uppercase()) && !word.contains(|c: char| c.is_ascii_lowercase());
    match same(word) {
        Some(name) if screaming => Some(format!("`{word}` is Google's spelling: here it is the bare name `{name}`")),
        Some(_) => None,
        None if half_typed(word) || rustc_knows(word) => None,
        None => Some(unknown_event_type(word)),
    }
}

/// The same in a form that is none: quoted, or behind a path.
pub(crate) fn wrapped_event_type(word: &str, what: &str) -> String {
    match same(word) {
        Some(name) => format!("{what}: write `event = {name}`"),
        None => format!("{what}, and {}", other_event_type(word).unwrap_or_else(|| unknown_event_type(word))),
    }
}

/// A word that means another.
fn other_event_type(word: &str) -> Option<String> {
    let letters = letters(word);
    if letters == "unspecified" || letters == "jobeventtypeunspecified" {
        return Some("the service refuses an unspecified type: say what happened, e.g. `event = View`".into());
    }
    let (_, meant) = FOREIGN.iter().find(|(words, _)| words.contains(&&*letters))?;
    Some(format!("`{word}` is not an event type: here it is called {meant}"))
}

fn unknown_event_type(word: &str) -> String {
    let letters = letters(word);
    let distances = EVENT_TYPES.map(|name| (distance(&name.to_ascii_lowercase(), &letters), name));
    match distances.into_iter().min().filter(|(d, name)| *d <= (name.len() / 3).min(3)) {
        Some((_, meant)) => format!("`{word}` is not an event type: did you mean `{meant}`?"),
        None => format!("`{word}` is not an event type: the 15 are {}", quoted(EVENT_TYPES)),
    }
}

/// The event type of these letters.
fn same(word: &str) -> Option<&'static str> {
    let letters = letters(word);
    EVENT_TYPES.into_iter().find(|name| name.to_ascii_lowercase() == letters)
}

fn half_typed(word: &str) -> bool {
    EVENT_TYPES.into_iter().any(|name| name.to_ascii_lowercase().starts_with(&letters(word)))
}

/// rustc's own measure.
fn rustc_knows(word: &str) -> bool {
    EVENT_TYPES.into_iter().any(|name| distance(name, word) <= word.len().max(3) / 3)
}

/// `APPLICATION_START`, `application_start` and `ApplicationStart` are the same letters.
fn letters(word: &str) -> String {
    word.replace('_', "").to_ascii_lowercase()
}

/// How many letters to insert, remove or replace.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
