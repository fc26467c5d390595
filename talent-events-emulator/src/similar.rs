//! What somebody may have meant.

use talent_events::InvalidField;

/// How alike two names have to be, from 0 to 1: a letter that is missing, doubled or in the wrong place is forgiven.
const ALIKE: f64 = 0.87;

/// Adds the help `did you mean …?` if one of the names is similar. Case and underscores make no difference.
pub(crate) fn did_you_mean(
    error: InvalidField,
    found: &str,
    known: impl IntoIterator<Item = &'static str>,
) -> InvalidField {
    match similar(found, known) {
        Some(name) => error.with_help(format!("did you mean `{name}`?")),
        None => error,
    }
}

/// The most similar of the names, where one is similar at all.
pub(crate) fn similar(found: &str, known: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    let found = plain(found);
    let alike = |name: &'static str| (strsim::jaro_winkler(&found, &plain(name)), name);
    let best = known.into_iter().map(alike).max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(alike, _)| *alike >= ALIKE).map(|(_, name)| name)
}

fn plain(name: &str) -> String {
    // Foreign text: no longer than any name here.
    name.chars().take(80).filter(|c| *c != '_' && *c != '-').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_seen_through_and_other_words_are_not() {
        let known = ["VIEW", "VIEW_REDIRECT", "HIRED", "knownRequestId", "requestId", "type"];
        for (found, meant) in [
            ("VEW", Some("VIEW")),
            ("view", Some("VIEW")),
            ("viewRedirect", Some("VIEW_REDIRECT")),
            ("knownRequestID", Some("knownRequestId")),
            ("request_id", Some("requestId")),
            ("typ", Some("type")),
            ("CLICK", None),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(similar(found, known), meant, "{found}");
        }
    }
}
