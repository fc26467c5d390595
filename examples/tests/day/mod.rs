//! The day that comes along, and what was put into it on purpose.

/// `data/job_board.ndjson`.
pub(crate) const DAY: &str = include_str!("../../data/job_board.ndjson");

/// The line of a page is cut short, so that the two events that came of it miss their impression.
pub(crate) const CUT_SHORT: u64 = 150;
/// A kind of event that only a newer app knows.
pub(crate) const UNKNOWN_KIND: u64 = 233;

/// A job of another tenant.
pub(crate) const OTHER_TENANT: u64 = 182;
/// A CV without the search that it came from.
pub(crate) const NO_SEARCH: u64 = 263;

/// Rule, search and job of each defect that no event shows by itself: the rules look at all events of a search.
pub(crate) const DEFECTS: [(&str, Option<&str>, Option<&str>); 6] = [
    // A link in a newsletter: there was no search.
    ("request-id-missing", None, Some("beekeeper-lugo")),
    // The page before is gone with its line.
    ("impressions-none", Some("1a065b438f3b:lYO="), None),
    // Somebody who had opened the job on the board went back, and from the list to the employer's site.
    ("redirect-from-search-alone", Some("0bbe3cae32db:H5a="), Some("sre-dublin")),
    // Somebody began with the form and then took the one click.
    ("quick-alone", Some("7b43cbd29496:BD6="), Some("barista-bologna")),
    // Hired at the park gate, without an application on the board.
    ("hire-needs-application", Some("74c6382de138:mtg="), Some("gardener-sintra")),
    // The button to go back told of the page a second time.
    ("impressions-multiple", Some("ce274c106e9f:y2Z="), None),
];
