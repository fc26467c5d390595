//! Suggestions for misspelt names.

/// The minimum similarity of two names, from 0 to 1. It forgives one letter that is missing, doubled or misplaced.
const MIN_SIMILARITY: f64 = 0.87;

/// Maximum length of a name to compare, in characters. No known name is as long.
const MAX_CHARS: usize = 80;

/// The most similar name, if any is similar enough. Case, hyphens and underscores make no difference.
pub(crate) fn most_similar(found: &str, known: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    let found = plain(found);
    let similarity = |name: &'static str| (strsim::jaro_winkler(&found, &plain(name)), name);
    let best = known.into_iter().map(similarity).max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(similarity, _)| *similarity >= MIN_SIMILARITY).map(|(_, name)| name)
}

fn plain(name: &str) -> String {
    name.chars().take(MAX_CHARS).filter(|c| *c != '_' && *c != '-').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognized_and_other_words_are_not() {
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
            assert_eq!(most_similar(found, known), meant, "{found}");
        }
    }
}
