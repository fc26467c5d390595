//! Random sequences: the funnels of either kind, the table, the recorder, a strict emulator, the rules and a model of
//! our own go the same way.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use talent_events::JobEventType::{self, *};
use talent_events::event::rules::{Checker, Stage};
use talent_events::event::{EventDescriptor, EventWriter};
use talent_events::sequence::{ApplicationFunnel, Checkpoint, stage};
use talent_events::{InvalidEvent, SearchSession, TalentEvent, TrackError};

use super::cells::{Typed, cells};
use super::strict::{Both, Strict};
use super::{job, search, tenant};

/// An event of a type that is known at run time only.
struct Happened(JobEventType);

impl TalentEvent for Happened {
    fn write(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
        w.event_type(self.0)?;
        w.job_from_funnel()?;
        w.request_id_from_session()
    }

    fn descriptor(&self) -> &'static EventDescriptor {
        static DESCRIPTOR: EventDescriptor = EventDescriptor::new("Happened");
        &DESCRIPTOR
    }
}

/// By which kind of funnel a step is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    /// The stage is a type.
    Types,
    /// The stage is a value.
    AnyStage,
    /// The same after a rest, which changes nothing.
    AnyStageResumed,
}

#[derive(Clone, Debug)]
struct Application {
    /// Under the id of a search, or a made-up one.
    of_a_search: bool,
    shown: bool,
    steps: Vec<(JobEventType, By)>,
}

fn applications() -> impl Strategy<Value = Application> {
    let by = prop::sample::select(vec![By::Types, By::AnyStage, By::AnyStageResumed]);
    let steps = prop::collection::vec((prop::sample::select(&JobEventType::ALL[..]), by), 0..30);
    (any::<bool>(), any::<bool>(), steps).prop_map(|(of_a_search, shown, steps)| Application {
        of_a_search,
        shown,
        steps,
    })
}

/// Every step that compiles, taken by the types; `None` where it is not among them.
async fn typed_step(at: &Checkpoint, event_type: JobEventType, to: &Both) -> Option<Result<Checkpoint, TrackError>> {
    macro_rules! steps {
        ($($stage:ident: $($step:ident $name:ident),+;)+) => {
            match (at.stage(), event_type) {
                $($((Stage::$stage, $name) => {
                    let funnel: ApplicationFunnel<_, stage::$stage> = at.resume(to).unwrap();
                    Some(funnel.$step().await.map(|funnel| funnel.checkpoint()).map_err(TrackError::from))
                })+)+
                _ => None,
            }
        };
    }
    steps! {
        Open: view View, view_redirect ViewRedirect, start ApplicationStart,
            start_from_search ApplicationStartFromSearch, finish ApplicationFinish,
            quick_submit ApplicationQuickSubmission, redirect ApplicationRedirect,
            redirect_from_search ApplicationRedirectFromSearch, company_submit ApplicationCompanySubmit, send_cv SentCv,
            bookmark Bookmark;
        ViewedElsewhere: view View, view_redirect ViewRedirect, start ApplicationStart, finish ApplicationFinish,
            quick_submit ApplicationQuickSubmission, redirect ApplicationRedirect,
            company_submit ApplicationCompanySubmit, send_cv SentCv, bookmark Bookmark;
        Viewed: view View, view_redirect ViewRedirect, start ApplicationStart, finish ApplicationFinish,
            quick_submit ApplicationQuickSubmission, redirect ApplicationRedirect,
            company_submit ApplicationCompanySubmit, send_cv SentCv, bookmark Bookmark;
        Started: view View, view_redirect ViewRedirect, finish ApplicationFinish, redirect ApplicationRedirect,
            company_submit ApplicationCompanySubmit, send_cv SentCv, grant_interview InterviewGranted, hire Hired,
            bookmark Bookmark;
        StartedFromSearch: finish ApplicationFinish, redirect ApplicationRedirect,
            company_submit ApplicationCompanySubmit, send_cv SentCv, grant_interview InterviewGranted, hire Hired,
            bookmark Bookmark;
        Applied: company_submit ApplicationCompanySubmit, send_cv SentCv, grant_interview InterviewGranted, hire Hired,
            bookmark Bookmark;
        QuickApplied: company_submit ApplicationCompanySubmit, send_cv SentCv, grant_interview InterviewGranted,
            hire Hired, bookmark Bookmark;
        Redirected: finish ApplicationFinish, company_submit ApplicationCompanySubmit, send_cv SentCv,
            grant_interview InterviewGranted, hire Hired, bookmark Bookmark;
        RedirectedFromSearch: company_submit ApplicationCompanySubmit, send_cv SentCv,
            grant_interview InterviewGranted, hire Hired, bookmark Bookmark;
        Interviewing: company_submit ApplicationCompanySubmit, send_cv SentCv, hire Hired, bookmark Bookmark;
        Hired: bookmark Bookmark;
    }
}

/// The rules that such events under one request id break: the table keeps all others.
fn broken(of_a_search: bool, sent: &[JobEventType]) -> BTreeSet<&'static str> {
    let has = |types: &[JobEventType]| sent.iter().any(|t| types.contains(t));
    let begun =
        has(&[ApplicationStart, ApplicationStartFromSearch, ApplicationRedirect, ApplicationRedirectFromSearch]);
    [
        ("request-id-synthetic", !of_a_search && !sent.is_empty()),
        ("impressions-none", !has(&[Impression]) && !sent.is_empty()),
        ("finish-without-start", has(&[ApplicationFinish]) && !begun),
    ]
    .into_iter()
    .filter_map(|(rule, is_broken)| is_broken.then_some(rule))
    .collect()
}

async fn check(application: &Application, typed: &[Typed], service: &Strict) -> Result<(), TestCaseError> {
    service.clear();
    let to = &service.to;
    let mut sent = Vec::new();
    let funnel = match application.of_a_search {
        true => ApplicationFunnel::begin(to, search("search-7f"), job("42")),
        false => ApplicationFunnel::for_applicant(to, "u1", job("42")),
    };
    let mut funnel = funnel.unwrap().into_any();
    if application.shown {
        let session = SearchSession::begin(to, funnel.request_id()).unwrap();
        session.impressions([job("41"), job("42")]).await.unwrap();
        sent.push(Impression);
    }
    let mut at = Stage::Open;
    for &(event_type, by) in &application.steps {
        let cell = typed.iter().find(|c| (c.stage, c.event_type) == (at, event_type)).unwrap();
        match by {
            By::Types => {
                let step = typed_step(&funnel.checkpoint(), event_type, to).await;
                prop_assert_eq!(step.is_some(), cell.compiles, "{:?}", cell);
                if let Some(step) = step {
                    funnel = step.unwrap().resume(to).unwrap();
                }
            }
            By::AnyStage | By::AnyStageResumed => {
                if by == By::AnyStageResumed {
                    let stored = serde_json::to_string(&funnel.checkpoint()).unwrap();
                    let stored: Checkpoint = serde_json::from_str(&stored).unwrap();
                    funnel = stored.resume(to).unwrap();
                }
                let outcome = funnel.record_any(&Happened(event_type)).recoverable().await;
                prop_assert_eq!(
                    outcome.as_ref().err().map(|e| e.cannot_follow()),
                    cell.refusal.map(Some),
                    "{:?}",
                    cell
                );
                funnel = outcome.unwrap_or_else(|error| error.into_funnel());
            }
        }
        if cell.compiles {
            sent.push(event_type);
        }
        at = cell.next.unwrap_or(at);
        prop_assert_eq!(funnel.stage(), at);
    }

    let events = service.events();
    let types: Vec<_> = events.iter().map(|e| e.job_event.r#type).collect();
    prop_assert_eq!(&types, &sent);
    prop_assert!(events.iter().all(|e| e.request_id.as_ref() == Some(funnel.request_id())));
    let count = sent.len() as u64;
    prop_assert_eq!(service.kept_and_discarded(), if application.of_a_search { (count, 0) } else { (0, count) });
    // Of the emulator and the recorder, which have to agree.
    let defects = service.defects();
    prop_assert_eq!(&defects, &Checker::new().synthetic(|id| id.as_str() != "search-7f").check(&events));
    let rules: BTreeSet<_> = defects.iter().map(|d| d.rule.id()).collect();
    prop_assert_eq!(rules, broken(application.of_a_search, &sent));
    Ok(())
}

#[test]
fn all_go_the_same_way() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let service = runtime.block_on(Strict::start(tenant(), ["search-7f"]));
    let typed = cells();
    let config = Config { cases: 192, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&applications(), |application| runtime.block_on(check(&application, &typed, &service)))
        .unwrap();
}
