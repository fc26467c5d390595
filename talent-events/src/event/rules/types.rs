//! The table of stages as traits, so that an event that cannot follow is a compile error.

use crate::event::EventType;

use super::CannotFollow;
use super::stage::Stage;

pub(crate) mod sealed {
    pub trait Sealed {}

    /// Nobody implements it, and nobody else can name it.
    pub trait Excepted<E: ?Sized> {}
}

/// A stage of an application as a type. Only the types in [`stage`](crate::sequence::stage) implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stage of an application",
    label = "not one of the stages in `talent_events::sequence::stage`",
    note = "the stages are `stage::Open` to `stage::Hired`, and `stage::AnyStage` if the stage is known at run time only"
)]
pub trait StageType: sealed::Sealed + Copy + std::fmt::Debug + Send + Sync + 'static {
    /// The stage as a value; `None` for [`AnyStage`](crate::sequence::stage::AnyStage).
    const STAGE: Option<Stage>;

    /// The stage as a value.
    fn stage(self) -> Stage;

    /// This type, if `stage` is its stage.
    fn at(stage: Stage) -> Option<Self>;
}

/// The table's cell for an event of type `T` at this stage.
#[doc(hidden)]
pub trait Cell<T: EventType>: StageType {
    /// The stage that the application is at after such an event; the same where it is refused.
    type Next: StageType;

    /// Whether such an event can follow, and why not: what [`Follows`] is asked of.
    type Verdict: Verdict;

    /// The next stage, or why there is none: the table once more, for what the compiler was not asked.
    fn next(self) -> Result<Self::Next, CannotFollow>;
}

/// One of the types in [`verdict`](crate::sequence::verdict).
#[doc(hidden)]
pub trait Verdict: sealed::Sealed {
    /// Why the event cannot follow; `None` where it can.
    const REFUSAL: Option<CannotFollow>;
}

/// An event that can follow by this [`Verdict`]: every event if the verdict is `Allowed`, and otherwise none, which is a
/// compile error with the reason's words.
#[diagnostic::on_unimplemented(
    message = "it is not known whether `{Self}` can follow",
    label = "can follow at some stages only",
    note = "in code that is generic over the stage, ask for `S: Cell<E::Type>` and `E: Follows<S::Verdict>`"
)]
#[doc(hidden)]
pub trait Follows<V> {}
