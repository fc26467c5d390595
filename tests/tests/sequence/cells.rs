//! Every cell of the table as the compiler sees it, against the table as the program sees it.

use std::marker::PhantomData;

use talent_events::event::rules::{CannotFollow, Source, Stage, Step};
use talent_events::sequence::{Cell, Follows, StageType, Verdict, stage};
use talent_events::{JobEventType, types};

/// What the types say of one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Typed {
    pub(crate) stage: Stage,
    pub(crate) event_type: JobEventType,
    /// Whether `record` compiles.
    pub(crate) compiles: bool,
    pub(crate) refusal: Option<CannotFollow>,
    pub(crate) next: Result<Stage, CannotFollow>,
    /// The stage that the type of the answer names.
    pub(crate) next_type: Option<Stage>,
}

/// Whether the bound of `record` holds: the constant of `Asked` where it does, and else that of the trait.
struct Asked<E, V>(PhantomData<(E, V)>);

impl<E: Follows<V>, V> Asked<E, V> {
    const HOLDS: bool = true;
}

trait Otherwise {
    const HOLDS: bool = false;
}

impl<E, V> Otherwise for Asked<E, V> {}

macro_rules! cells {
    ([$($stage:ident)+] $types:tt) => { [$(cells!(@row $stage $types)),+].concat() };
    (@row $stage:ident [$($event_type:ident)+]) => {
        vec![$({
            type Verdict_ = <stage::$stage as Cell<types::$event_type>>::Verdict;
            let next = Cell::<types::$event_type>::next(stage::$stage);
            Typed {
                stage: stage::$stage.stage(),
                event_type: JobEventType::$event_type,
                compiles: Asked::<types::$event_type, Verdict_>::HOLDS,
                refusal: Verdict_::REFUSAL,
                next: next.map(StageType::stage),
                next_type: <stage::$stage as Cell<types::$event_type>>::Next::STAGE,
            }
        }),+]
    };
}

pub(crate) fn cells() -> Vec<Typed> {
    cells!(
        [Open ViewedElsewhere Viewed Started StartedFromSearch Applied QuickApplied Redirected RedirectedFromSearch
         Interviewing Hired]
        [Impression View ViewRedirect ApplicationStart ApplicationStartFromSearch ApplicationFinish
         ApplicationQuickSubmission ApplicationRedirect ApplicationRedirectFromSearch ApplicationCompanySubmit SentCv
         InterviewGranted Hired Bookmark Notification]
    )
}

#[test]
fn the_types_are_the_table() {
    let cells = cells();
    assert_eq!(cells.len(), Stage::ALL.len() * JobEventType::ALL.len());
    for stage in Stage::ALL {
        for event_type in JobEventType::ALL {
            let typed: Vec<_> = cells.iter().filter(|c| (c.stage, c.event_type) == (stage, event_type)).collect();
            let expected = match stage.step(event_type) {
                Step::Next(next) => (true, None, Ok(next), Some(next)),
                Step::Stays => (true, None, Ok(stage), Some(stage)),
                Step::Refused(refusal) => (false, Some(refusal), Err(refusal), Some(stage)),
            };
            let [Typed { compiles, refusal, next, next_type, .. }] = typed[..] else { panic!("{typed:?}") };
            assert_eq!((*compiles, *refusal, *next, *next_type), expected, "{stage} + {event_type}");
        }
    }
}

/// The compiler's note is a literal beside the table of rules, and must say the same.
#[test]
fn the_compilers_note_names_the_rule_and_its_source() {
    for refusal in CannotFollow::ALL {
        let source = match refusal.source() {
            Source::Inferred => "inferred from Google's words".into(),
            source => source.to_string(),
        };
        let rule = refusal.rule().map_or(String::new(), |rule| format!(", rule {}", rule.id()));
        assert_eq!(refusal.note(), format!("source: {source}{rule}"));
        let used = cells().iter().any(|cell| cell.refusal == Some(*refusal));
        assert!(used, "{refusal:?} stands in no cell");
    }
}

#[test]
fn any_stage_takes_every_type_of_event() {
    fn compiles<T: talent_events::event::EventType>() -> bool
    where
        stage::AnyStage: Cell<T>,
    {
        <stage::AnyStage as Cell<T>>::Verdict::REFUSAL.is_none()
    }
    assert!(compiles::<types::Impression>() && compiles::<types::Hired>());
    assert_eq!(stage::AnyStage::STAGE, None);
    for stage in Stage::ALL {
        assert_eq!(stage::AnyStage::at(stage).map(StageType::stage), Some(stage));
    }
    assert_eq!(stage::Started::at(Stage::Viewed), None);
}
