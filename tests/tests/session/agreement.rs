//! Whatever is done with a session, the recorder, the emulator, the rules and a model of our own say the same of it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use talent_events::event::rules::Defect;
use talent_events::{JobEventType, RequestId, SearchSession, TrackError};

use crate::strict::Strict;
use crate::tenant;

#[derive(Clone, Debug)]
enum Act {
    Show(Vec<u8>),
    Collect(Vec<u8>),
    Send(JobEventType, u8),
    Notify(Vec<u8>),
    /// A session of its own for the same request id, as another process would have it.
    ShowElsewhere(Vec<u8>),
}

/// Under which of three searches: two that are known, and one that is made up.
type Acts = Vec<(usize, Act)>;

const SEARCHES: [&str; 3] = ["search-1", "search-2", "session-of-ours"];

fn acts() -> impl Strategy<Value = Acts> {
    let jobs = || prop::collection::vec(0..4u8, 1..6);
    let act = prop_oneof![
        2 => jobs().prop_map(Act::Show),
        1 => jobs().prop_map(Act::Collect),
        6 => (prop::sample::select(&JobEventType::ALL[..]), 0..4u8).prop_map(|(t, job)| Act::Send(t, job)),
        1 => jobs().prop_map(Act::Notify),
        1 => jobs().prop_map(Act::ShowElsewhere),
    ];
    prop::collection::vec((0..SEARCHES.len(), act), 0..20)
}

fn ids(jobs: &[u8]) -> Vec<String> {
    jobs.iter().map(u8::to_string).collect()
}

/// How many impressions and other events came through, by search.
#[derive(Default)]
struct Model {
    shown: [bool; 3],
    impressions: [usize; 3],
    others: [usize; 3],
}

impl Model {
    /// Whether a session lets it through.
    fn impression(&mut self, search: usize) -> bool {
        let first = !std::mem::replace(&mut self.shown[search], true);
        self.impressions[search] += usize::from(first);
        first
    }

    /// The rules about impressions and request ids that are broken, by search.
    fn broken(&self) -> BTreeSet<(&'static str, &'static str)> {
        let mut broken = BTreeSet::new();
        for (search, id) in SEARCHES.into_iter().enumerate() {
            let (impressions, others) = (self.impressions[search], self.others[search]);
            if impressions > 1 {
                broken.insert(("impressions-multiple", id));
            }
            if impressions == 0 && others > 0 {
                broken.insert(("impressions-none", id));
            }
            if search == 2 && impressions + others > 0 {
                broken.insert(("request-id-synthetic", id));
            }
        }
        broken
    }
}

fn about_searches(defects: &[Defect]) -> BTreeSet<(&'static str, &'static str)> {
    let rules = ["impressions-multiple", "impressions-none", "request-id-synthetic"];
    let search = |id: &RequestId| SEARCHES.into_iter().find(|s| *s == id.as_str()).unwrap();
    let found = defects.iter().filter(|d| rules.contains(&d.rule.id()));
    found.map(|d| (d.rule.id(), search(d.request_id.as_ref().unwrap()))).collect()
}

async fn check(acts: &Acts, service: &Strict) -> Result<(), TestCaseError> {
    service.clear();
    let to = &service.to;
    let sessions = SEARCHES.map(|id| SearchSession::begin(to, id).unwrap());
    let mut model = Model::default();
    for (search, act) in acts {
        let session = &sessions[*search];
        let (sent, expected) = match act {
            Act::Show(jobs) => (session.impressions(ids(jobs)).await, model.impression(*search)),
            Act::Collect(jobs) => {
                let mut page = session.clone().collect();
                for job in ids(jobs) {
                    page.shown(job).unwrap();
                }
                (page.flush().await.map(|receipt| receipt.expect("a page with jobs")), model.impression(*search))
            }
            Act::Send(JobEventType::Impression, job) => {
                (session.event(JobEventType::Impression, [job.to_string()]).await, model.impression(*search))
            }
            Act::Send(event_type, job) => {
                model.others[*search] += 1;
                (session.event(*event_type, [job.to_string()]).await, true)
            }
            Act::Notify(jobs) => {
                model.others[*search] += 1;
                (session.notify(ids(jobs)).await, true)
            }
            Act::ShowElsewhere(jobs) => {
                model.impressions[*search] += 1;
                (SearchSession::begin(to, SEARCHES[*search]).unwrap().impressions(ids(jobs)).await, true)
            }
        };
        prop_assert_eq!(sent.is_ok(), expected, "{:?}: {:?}", act, sent);
        prop_assert!(sent.is_ok() || matches!(sent, Err(TrackError::Invalid(_))));
    }

    let events = service.events();
    prop_assert_eq!(events.len(), model.impressions.iter().chain(&model.others).sum::<usize>());
    let made_up = events.iter().filter(|e| e.request_id.as_ref().is_none_or(|id| id.as_str() == SEARCHES[2])).count();
    prop_assert_eq!(service.kept_and_discarded(), ((events.len() - made_up) as u64, made_up as u64));
    prop_assert_eq!(about_searches(&service.defects()), model.broken());
    Ok(())
}

#[test]
fn session_recorder_emulator_and_rules_agree() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let service = runtime.block_on(Strict::start(tenant(), [SEARCHES[0], SEARCHES[1]]));
    let config = Config { cases: 96, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&acts(), |acts| runtime.block_on(check(&acts, &service))).unwrap();
}
