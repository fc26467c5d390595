//! What the user may have meant.

use crate::attr::{KEYS, Place};

pub(crate) fn unknown_key<'k>(key: &str, place: Place, here: impl Iterator<Item = &'k str>) -> String {
    if let Some((_, meant)) = FOREIGN_KEYS.iter().find(|(words, _)| words.contains(&key)) {
        return format!("unknown key `{key}`: here it is called `{meant}`");
    }
    if let Some(meant) = nearest(key, KEYS.iter().map(|(k, _)| *k)) {
        return format!("unknown key `{key}`: did you mean `{meant}`?");
    }
    if key == "with" {
        return "`with` stands inside a role: write `job(with = path)`, `notes(with = path)` and so on".into();
    }
    let here: Vec<_> = here.map(|k| format!("`{k}`")).collect();
    format!("unknown key `{key}`: the keys of a {} are {}", place.name(), here.join(", "))
}

/// The word that was probably meant.
pub(crate) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let near = known.into_iter().map(|k| (k, distance(k, word))).filter(|(k, d)| *d <= k.len() / 3 + 1);
    near.min_by_key(|(_, d)| *d).map(|(k, _)| k)
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

/// Words of the trade that are no event type, and what they are called here.
const FOREIGN: &[(&[&str], &str)] = &[
    (&["Click", "Open", "Opened", "Viewed", "Detail", "Details"], "`View`"),
    (
        &["Apply", "Applied", "Application", "Submit", "Submitted"],
        "`ApplicationStart` when somebody begins, `ApplicationFinish` when it is submitted, `ApplicationQuickSubmission` for one click",
    ),
    (&["Start", "Started"], "`ApplicationStart`"),
    (&["Finish", "Finished", "Complete", "Completed"], "`ApplicationFinish`"),
    (&["QuickApply", "EasyApply", "OneClick", "OneClickApply"], "`ApplicationQuickSubmission`"),
    (&["Save", "Saved", "Favorite", "Favourite", "Like", "Star"], "`Bookmark`"),
    (&["Hire", "Employed", "Placed", "Placement"], "`Hired`"),
    (&["Interview", "Interviewed"], "`InterviewGranted`"),
    (&["Alert", "Email", "Notify", "Notified", "Push"], "`Notification`"),
    (&["Show", "Shown", "Search", "SearchResults", "Listed", "Impressions"], "`Impression`"),
    (&["Redirect", "Outbound"], "`ViewRedirect` when viewing led elsewhere, `ApplicationRedirect` when applying did"),
    (&["Cv", "Resume", "SendCv", "CvSent"], "`SentCv`"),
];

/// The answer to a word that can not be an event type, where we know what was meant. A misspelt type is rustc's to
/// answer, which knows the 15.
pub(crate) fn event_type(word: &str) -> Option<String> {
    if word == "Unspecified" || word == "JOB_EVENT_TYPE_UNSPECIFIED" {
        return Some("the service refuses an unspecified type: say what happened, e.g. `event = View`".into());
    }
    if let Some((_, meant)) = FOREIGN.iter().find(|(words, _)| words.contains(&word)) {
        return Some(format!("`{word}` is not an event type: here it is called {meant}"));
    }
    let screaming = word.chars().any(|c| c.is_ascii_uppercase())
        && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    screaming.then(|| format!("`{word}` is Google's spelling: here it is the bare name `{}`", camel(word)))
}

/// `APPLICATION_START` or `application_start` to `ApplicationStart`.
pub(crate) fn camel(word: &str) -> String {
    let words = word.split('_').filter(|w| !w.is_empty());
    let mut camel = String::new();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.extend(letters.map(|letter| letter.to_ascii_lowercase()));
    }
    camel
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
