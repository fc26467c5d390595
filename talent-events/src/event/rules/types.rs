//! The table of stages to the compiler: traits, so that an event that can not follow is a compile error.

use crate::event::EventType;

use super::Refusal;
use super::stage::Stage;

pub(crate) mod sealed {
    pub trait Sealed {}

    /// Implemented by nobody, and nameable by nobody else.
    pub trait Excepted<E: ?Sized> {}
}

/// A stage of an application as a type: one of those in [`stage`](crate::sequence::stage), and of these alone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stage of an application",
    label = "not one of the stages in `talent_events::sequence::stage`",
    note = "the stages are `stage::Open` to `stage::Hired`, and `stage::AnyStage` where it is known at run time only"
)]
pub trait StageType: sealed::Sealed + Copy + std::fmt::Debug + Send + Sync + 'static {
    /// The same as a value; `None` for [`AnyStage`].
    const STAGE: Option<Stage>;

    /// The stage as a value.
    fn stage(self) -> Stage;

    /// This type for an application at that stage; `None` where it is another.
    fn at(stage: Stage) -> Option<Self>;
}

/// What the table says of an event of type `T` at this stage.
pub trait Cell<T: EventType>: StageType {
    /// The stage that the application is at after such an event; the same where it is refused.
    type Next: StageType;

    /// Whether such an event can follow, and why not: what [`Follows`] is asked of.
    type Verdict: Verdict;

    /// The next stage, or why there is none: the table once more, for what the compiler was not asked.
    fn next(self) -> Result<Self::Next, Refusal>;
}

/// One of the types in [`verdict`](crate::sequence::verdict).
pub trait Verdict: sealed::Sealed {
    /// Why the event can not follow; `None` where it can.
    const REFUSAL: Option<Refusal>;
}

/// An event that can follow by this [`Verdict`]. It holds for each event where the verdict is
/// [`Allowed`], and for none where it is a refusal; that is a compile error with the refusal's words.
#[diagnostic::on_unimplemented(
    message = "whether `{Self}` can follow is not known",
    label = "can follow at some stages only",
    note = "in code that is generic over the stage, ask for `S: Cell<E::Type>` and `E: Follows<S::Verdict>`"
)]
pub trait Follows<V> {}
