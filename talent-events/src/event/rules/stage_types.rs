//! The stages as types, by the same table, and the type of a stage that is known at run time only.

use super::CannotFollow;
use super::stage::{Stage, Step, table};
use super::types::{Cell, StageType, sealed};
use super::verdict;
use crate::event::{EventType, JobEventType};

macro_rules! types {
    ($(
        $(#[doc = $doc:literal])+
        $stage:ident {
            $($($event_type:ident)|+ => $verdict:ident $($refusal:ident)?;)+
        }
    )+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub struct $stage;

            impl sealed::Sealed for $stage {}

            impl StageType for $stage {
                const STAGE: Option<Stage> = Some(Stage::$stage);

                fn stage(self) -> Stage {
                    Stage::$stage
                }

                fn at(stage: Stage) -> Option<Self> {
                    (stage == Stage::$stage).then_some(Self)
                }
            }

            $(types!(@row $stage [$($event_type)+] ($verdict $($refusal)?));)+
            types!(@row $stage [Impression Notification] (refused NotOfOneApplication));
        )+
    };
    (@row $stage:ident [$($event_type:ident)+] $verdict:tt) => {
        $(
            impl Cell<crate::types::$event_type> for $stage {
                types!(@cell $stage $verdict);
            }
        )+
    };
    (@cell $stage:ident (stays)) => { types!(@cell $stage ($stage)); };
    (@cell $stage:ident (refused $refusal:ident)) => {
        type Next = Self;
        type Verdict = verdict::$refusal;

        fn next(self) -> Result<Self, CannotFollow> {
            Err(CannotFollow::$refusal)
        }
    };
    (@cell $stage:ident ($next:ident)) => {
        type Next = $next;
        type Verdict = verdict::Allowed;

        fn next(self) -> Result<$next, CannotFollow> {
            Ok($next)
        }
    };
}

table!(types);

/// A stage that is known at run time only: every step compiles, and one that cannot follow is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnyStage(Stage);

impl AnyStage {
    /// The step that the stage as a type would take.
    pub(crate) fn step(self, event_type: JobEventType) -> Result<Self, CannotFollow> {
        match self.0.step(event_type) {
            Step::Next(stage) => Ok(Self(stage)),
            Step::Stays => Ok(self),
            Step::Refused(refusal) => Err(refusal),
        }
    }
}

impl From<Stage> for AnyStage {
    fn from(stage: Stage) -> Self {
        Self(stage)
    }
}

impl sealed::Sealed for AnyStage {}

impl StageType for AnyStage {
    const STAGE: Option<Stage> = None;

    fn stage(self) -> Stage {
        self.0
    }

    fn at(stage: Stage) -> Option<Self> {
        Some(Self(stage))
    }
}

impl<T: EventType> Cell<T> for AnyStage {
    type Next = Self;
    type Verdict = verdict::Allowed;

    fn next(self) -> Result<Self, CannotFollow> {
        self.step(T::TYPE)
    }
}
