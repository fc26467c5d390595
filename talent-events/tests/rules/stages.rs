//! The table of stages: what it says, and that it is never looser than the rules between events.

use std::collections::{BTreeSet, HashSet};

use talent_events::JobEventType::{self, *};
use talent_events::event::rules::{CannotFollow, Rule, Severity, Source, Stage, Step, check};

use super::{id_set, with_one_job};

/// As in the domain's table: a name is the next stage, `=` stays, a letter is who refuses.
fn cell(step: Step) -> String {
    match step {
        Step::Next(stage) => stage.to_string(),
        Step::Stays => "=".into(),
        Step::Refused(refusal) => match refusal.source() {
            Source::Google => "G".into(),
            Source::Inferred => "I".into(),
            Source::Ours => "O".into(),
            other => other.to_string(),
        },
    }
}

#[test]
fn the_table_is_the_domains() {
    const COLUMNS: [JobEventType; 13] = [
        View,
        ViewRedirect,
        ApplicationStart,
        ApplicationStartFromSearch,
        ApplicationFinish,
        ApplicationQuickSubmission,
        ApplicationRedirect,
        ApplicationRedirectFromSearch,
        ApplicationCompanySubmit,
        SentCv,
        InterviewGranted,
        Hired,
        Bookmark,
    ];
    let row = |stage: Stage| {
        let cells: Vec<_> = COLUMNS.iter().map(|t| cell(stage.step(*t))).collect();
        format!("{stage}: {}", cells.join(" | "))
    };
    assert_eq!(
        Stage::ALL.map(row),
        [
            "Open: Viewed | ViewedElsewhere | Started | StartedFromSearch | Applied | QuickApplied | Redirected | \
             RedirectedFromSearch | Applied | Applied | I | I | =",
            "ViewedElsewhere: Viewed | = | Started | O | Applied | QuickApplied | Redirected | O | Applied | Applied | I | I | \
             =",
            "Viewed: = | = | Started | G | Applied | QuickApplied | Redirected | G | Applied | Applied | I | I | =",
            "Started: = | = | O | O | Applied | G | = | G | Applied | = | Interviewing | Hired | =",
            "StartedFromSearch: G | O | O | O | Applied | O | = | O | Applied | = | Interviewing | Hired | =",
            "Applied: O | O | O | O | O | O | O | O | = | = | Interviewing | Hired | =",
            "QuickApplied: O | O | G | O | G | O | O | O | = | = | Interviewing | Hired | =",
            "Redirected: O | O | O | O | Applied | O | O | O | Applied | Applied | Interviewing | Hired | =",
            "RedirectedFromSearch: G | O | G | O | G | O | O | O | = | = | Interviewing | Hired | =",
            "Interviewing: O | O | O | O | O | O | O | O | = | = | O | Hired | =",
            "Hired: O | O | O | O | O | O | O | O | O | O | O | O | =",
        ]
    );
    for stage in Stage::ALL {
        for of_a_search in [Impression, Notification] {
            assert_eq!(stage.step(of_a_search), Step::Refused(CannotFollow::NotOfOneApplication));
        }
    }
}

#[test]
fn steps_are_known_at_compile_time() {
    const STEP: Step = Stage::Open.step(View);
    const WHO: Source = match Stage::Started.step(ApplicationQuickSubmission) {
        Step::Refused(refusal) => refusal.source(),
        _ => Source::Ours,
    };
    assert_eq!((STEP, WHO), (Step::Next(Stage::Viewed), Source::Google));
}

#[test]
fn a_refusal_says_who_says_so() {
    let refusals: Vec<_> = Stage::ALL
        .into_iter()
        .flat_map(|stage| JobEventType::ALL.map(|t| stage.step(t)))
        .filter_map(|step| match step {
            Step::Refused(refusal) => Some(refusal),
            _ => None,
        })
        .collect();
    for refusal in refusals {
        assert_eq!(refusal.sentence().contains("Google"), refusal.source() == Source::Google, "{refusal}");
        assert!(refusal.source() == Source::Ours || refusal.rule().is_some(), "{refusal}");
        assert!(!refusal.sentence().ends_with('.') && !refusal.sentence().contains("  "), "{refusal}");
    }
    assert_eq!(
        CannotFollow::QuickAfterStart.to_string(),
        "a quick submission cannot stand beside a started application: Google says to send it without \
         APPLICATION_START, so when the application is submitted, send APPLICATION_FINISH (Google, quick-alone)"
    );
    assert!(CannotFollow::AppliedAlready.to_string().ends_with("(ours)"));
}

/// What the rules between events can see of a path: its stage, and which types were seen once and more than once.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    stage: Stage,
    seen: u16,
    again: u16,
}

/// Every state that a table can lead to, the nearest first, each with a shortest path to it.
fn reachable(table: impl Fn(Stage, JobEventType) -> Step) -> Vec<(State, Vec<JobEventType>)> {
    let start = State { stage: Stage::Open, seen: 0, again: 0 };
    let mut known = HashSet::from([start]);
    let mut paths = vec![(start, Vec::new())];
    let mut at = 0;
    while let Some((state, path)) = paths.get(at).cloned() {
        at += 1;
        for event_type in JobEventType::ALL {
            let stage = match table(state.stage, event_type) {
                Step::Next(stage) => stage,
                Step::Stays => state.stage,
                Step::Refused(_) => continue,
            };
            let bit = 1 << event_type.number();
            let next = State { stage, seen: state.seen | bit, again: state.again | (state.seen & bit) };
            if known.insert(next) {
                paths.push((next, path.iter().copied().chain([event_type]).collect()));
            }
        }
    }
    paths
}

/// The rules that some path through a table breaks, those of the shortest paths first.
fn broken(table: impl Fn(Stage, JobEventType) -> Step) -> impl Iterator<Item = &'static Rule> {
    reachable(table).into_iter().flat_map(|(_, path)| check(&with_one_job(&path))).map(|defect| defect.rule)
}

/// Nothing that Google forbids, and nothing else but a hint for forms of one page.
#[test]
fn no_path_breaks_a_rule() {
    let rules: BTreeSet<_> = broken(Stage::step).map(|rule| (rule.severity(), rule.id())).collect();
    assert_eq!(rules, BTreeSet::from([(Severity::Hint, "finish-without-start")]));
}

/// Each cell that keeps a rule is needed, and the search finds its loss.
#[test]
fn a_looser_cell_would_be_found() {
    for stage in Stage::ALL {
        for event_type in JobEventType::ALL {
            let Step::Refused(refusal) = stage.step(event_type) else { continue };
            let Some(rule) = refusal.rule() else { continue };
            let looser =
                |s: Stage, t: JobEventType| if (s, t) == (stage, event_type) { Step::Stays } else { s.step(t) };
            assert!(broken(looser).any(|found| found == rule), "{stage} + {event_type}: {refusal}");
        }
    }
}

/// A refusal that names a rule is true of every path on which it is met.
#[test]
fn a_refusal_names_a_rule_that_would_be_broken() {
    let mut checked = 0;
    for (state, path) in reachable(Stage::step) {
        for event_type in JobEventType::ALL {
            let Step::Refused(refusal) = state.stage.step(event_type) else { continue };
            let Some(rule) = refusal.rule() else { continue };
            let path: Vec<_> = path.iter().copied().chain([event_type]).collect();
            assert!(id_set(&check(&with_one_job(&path))).contains(rule.id()), "{path:?}: {refusal}");
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked} refusals met");
}
