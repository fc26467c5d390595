//! The words for what happened: the event types, and what others call them.

use crate::errors::with_help;
use crate::similar::{distance, quoted};

/// The names of all event types, in the order of their numbers.
pub(crate) const NAMES: [&str; 15] = [
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

/// Words of the trade that are no event type, in any spelling, and what to use instead.
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
    if NAMES.contains(&word) {
        return None;
    }
    if let Some(answer) = other_event_type(word) {
        return Some(answer);
    }
    let screaming = word.contains(|c: char| c.is_ascii_uppercase()) && !word.contains(|c: char| c.is_ascii_lowercase());
    match same(word) {
        Some(name) if screaming => Some(with_help(
            format!("expected an event type, found Google's spelling `{word}`"),
            format!("write `{name}`"),
        )),
        Some(_) => None,
        None if half_typed(word) || rustc_knows(word) => None,
        None => Some(unknown_event_type(word)),
    }
}

/// The same in another form: quoted, or behind a path.
pub(crate) fn wrapped_event_type(word: &str, form: &str) -> String {
    match same(word) {
        Some(name) => with_help(
            format!("expected the bare name of an event type, found {form}"),
            format!("write `event = {name}`"),
        ),
        None => other_event_type(word).unwrap_or_else(|| unknown_event_type(word)),
    }
}

/// A word that means another.
fn other_event_type(word: &str) -> Option<String> {
    let letters = letters(word);
    if letters == "unspecified" || letters == "jobeventtypeunspecified" {
        return Some(with_help(
            "the service refuses an unspecified event type",
            "say what happened, e.g. `event = View`",
        ));
    }
    let (_, meant) = FOREIGN.iter().find(|(words, _)| words.contains(&&*letters))?;
    Some(with_help(format!("`{word}` is not an event type"), format!("use {meant}")))
}

fn unknown_event_type(word: &str) -> String {
    let letters = letters(word);
    let distances = NAMES.map(|name| (distance(&name.to_ascii_lowercase(), &letters), name));
    let help = match distances.into_iter().min().filter(|(d, name)| *d <= (name.len() / 3).min(3)) {
        Some((_, meant)) => format!("an event type with a similar name exists: `{meant}`"),
        None => format!("the event types are {}", quoted(NAMES)),
    };
    with_help(format!("`{word}` is not an event type"), help)
}

/// The event type of these letters.
fn same(word: &str) -> Option<&'static str> {
    let letters = letters(word);
    NAMES.into_iter().find(|name| name.to_ascii_lowercase() == letters)
}

fn half_typed(word: &str) -> bool {
    NAMES.into_iter().any(|name| name.to_ascii_lowercase().starts_with(&letters(word)))
}

/// rustc's own measure.
fn rustc_knows(word: &str) -> bool {
    NAMES.into_iter().any(|name| distance(name, word) <= word.len().max(3) / 3)
}

/// `APPLICATION_START`, `application_start` and `ApplicationStart` are the same letters.
fn letters(word: &str) -> String {
    word.replace('_', "").to_ascii_lowercase()
}
