//! How many events of each type, and what the searches led to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use talent_events::JobEventType::{self, *};
use talent_events::{ClientEvent, RequestId};

pub(crate) struct Tally<'e> {
    types: BTreeMap<JobEventType, Count<'e>>,
}

#[derive(Default)]
struct Count<'e> {
    events: usize,
    searches: BTreeSet<&'e RequestId>,
}

impl<'e> Tally<'e> {
    pub(crate) fn of(events: &'e [ClientEvent]) -> Self {
        let mut types: BTreeMap<_, Count<'e>> = JobEventType::ALL.map(|t| (t, Count::default())).into();
        for event in events {
            let count = types.entry(event.job_event.r#type).or_default();
            count.events += 1;
            count.searches.extend(&event.request_id);
        }
        Self { types }
    }

    fn searches(&self, types: &[JobEventType]) -> BTreeSet<&'e RequestId> {
        types.iter().filter_map(|t| self.types.get(t)).flat_map(|count| &count.searches).copied().collect()
    }

    /// Which part of the searches that showed jobs led to one of these.
    fn rate(&self, types: &[JobEventType]) -> (usize, usize, String) {
        let shown = self.searches(&[Impression]);
        let led = self.searches(types).intersection(&shown).count();
        let rate =
            if shown.is_empty() { "-".into() } else { format!("{:.1} %", 100.0 * led as f64 / shown.len() as f64) };
        (led, shown.len(), rate)
    }
}

/// The rates are ours: parts of searches, not of events, so that a page of ten jobs weighs no more than one of two.
impl fmt::Display for Tally<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {:<34}{:>8}{:>10}", "", "events", "searches")?;
        for (event_type, Count { events, searches }) in &self.types {
            writeln!(f, "  {event_type:<34}{events:>8}{:>10}", searches.len())?;
        }
        let total: usize = self.types.values().map(|count| count.events).sum();
        writeln!(f, "  {:<34}{total:>8}\n", "all")?;

        let (led, shown, rate) = self.rate(&[View, ViewRedirect]);
        writeln!(f, "view rate  {rate:>7}: {led} of the {shown} searches that showed jobs led to a view of one")?;
        let (led, shown, rate) = self.rate(&APPLICATIONS);
        writeln!(f, "apply rate {rate:>7}: {led} of these {shown} led to an application, begun, sent or led elsewhere")
    }
}

const APPLICATIONS: [JobEventType; 8] = [
    ApplicationStart,
    ApplicationStartFromSearch,
    ApplicationFinish,
    ApplicationQuickSubmission,
    ApplicationRedirect,
    ApplicationRedirectFromSearch,
    ApplicationCompanySubmit,
    SentCv,
];
