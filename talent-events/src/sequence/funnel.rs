//! One application at its stage.

use std::fmt;

use crate::event::rules::Stage;
use crate::event::rules::stage_types::AnyStage;
use crate::event::rules::types::StageType;
use crate::event::{AsJob, AsRequestId};
use crate::{Destination, JobName, RequestId, TrackError};

use super::place::{Place, job_of, request_id_of};
use super::stage;

/// One person's application for one job. Its type names the stage, so a step compiles only if it can follow.
///
/// A step takes the funnel and returns it at the next stage. `D` is any [`Destination`], which decides what a receipt
/// promises. `S` is one of [`stage`](super::stage). At [`AnyStage`] the same table is checked at run time.
///
/// ```
/// use talent_events::prelude::*;
/// use talent_events::sequence::{ApplicationFunnel, stage};
/// use talent_events::{JobName, RequestId, TrackError};
///
/// #[derive(TalentEvent)]
/// #[talent(event = ApplicationFinish, request_id = from_session, job = from_funnel, notes = "{pages} pages")]
/// struct ApplicationSubmitted {
///     pages: u32,
/// }
///
/// async fn apply<D>(events: &D, search: RequestId, job: JobName) -> Result<(), TrackError>
/// where
///     D: Destination + Clone + Send,
/// {
///     let funnel = ApplicationFunnel::begin(events, search, job)?;
///     let funnel = funnel.view().await?;
///     let funnel = funnel.start().notes("from the job page").await?;
///     let funnel: ApplicationFunnel<D, stage::Applied> = funnel.record(&ApplicationSubmitted { pages: 3 }).await?;
///     let _weeks_later = funnel.checkpoint();
///     Ok(())
/// }
/// ```
///
/// A step that fails drops the funnel, unless [`recoverable`](super::StepFuture::recoverable) keeps it. A step that is
/// **dropped half-way** loses the funnel, as the event may or may not have arrived. If that can happen (a time limit, a
/// request that the user aborts), take a [`checkpoint`](Self::checkpoint) first.
pub struct ApplicationFunnel<D: Destination, S> {
    pub(super) place: Place<D>,
    pub(super) stage: S,
    pub(super) receipt: Option<D::Receipt>,
}

impl<D: Destination + Clone> ApplicationFunnel<D, stage::Open> {
    /// Begins an application that came from the search with this request id.
    ///
    /// All its events carry that request id, the hire weeks later too. It sends nothing by itself. It clones
    /// `destination`: a client, an `Arc` and `&&destination` are cheap to clone.
    ///
    /// `search` and `job` are as in a [`SearchSession`](super::SearchSession): checked types or text, the job by its full
    /// name or its bare id.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] if the request id is missing or invalid, or if the job is not the tenant's.
    pub fn begin(destination: &D, search: impl AsRequestId, job: impl AsJob) -> Result<Self, TrackError> {
        let place = Place::new(destination.clone(), request_id_of(&search)?, false, &job)?;
        Ok(Self { place, stage: stage::Open, receipt: None })
    }

    /// Begins an application whose search is **unknown**, under the made-up request id `application-{user}-{job}`.
    ///
    /// No search has this id, and Google discards events without a valid request id. So these events will almost certainly
    /// not count. They are marked ([`EncodedEvent::synthetic_request_id`](crate::EncodedEvent::synthetic_request_id)), and
    /// the rules list them as a loss. Keep the search's request id and use [`begin`](Self::begin).
    ///
    /// `user` becomes part of the request id and of checkpoints, so use an obfuscated id. This crate shows it in no `Debug`
    /// form, error or log. `job` in the request id is the bare id.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] if `user` is empty, holds control characters or makes the request id longer than 4,096
    /// bytes, or if the job is not the tenant's.
    pub fn for_applicant(destination: &D, user: impl AsRef<str>, job: impl AsJob) -> Result<Self, TrackError> {
        let job = job_of(destination, &job)?;
        let request_id = RequestId::made_up("user", user.as_ref(), ["application-", &format!("-{}", job.job())])?;
        let place = Place::new(destination.clone(), request_id, true, &job)?;
        Ok(Self { place, stage: stage::Open, receipt: None })
    }
}

impl<D: Destination, S: StageType> ApplicationFunnel<D, S> {
    /// The request id that all its events carry.
    pub fn request_id(&self) -> &RequestId {
        &self.place.request_id
    }

    /// The job that it is about.
    pub fn job(&self) -> &JobName {
        &self.place.job
    }

    /// The stage of the application.
    pub fn stage(&self) -> Stage {
        self.stage.stage()
    }

    /// The receipt of the last step. `None` before the first step, and after [`take_receipt`](Self::take_receipt).
    pub fn receipt(&self) -> Option<&D::Receipt> {
        self.receipt.as_ref()
    }

    /// Takes the receipt of the last step, e.g. a ticket to await later. The next step replaces it.
    pub fn take_receipt(&mut self) -> Option<D::Receipt> {
        self.receipt.take()
    }

    /// Converts the funnel to one whose stage is known at run time only.
    pub fn into_any(self) -> ApplicationFunnel<D, AnyStage> {
        let Self { place, stage, receipt } = self;
        ApplicationFunnel { place, stage: AnyStage::from(stage.stage()), receipt }
    }
}

/// Hides the request id: a made-up one names the user.
impl<D: Destination, S: StageType> fmt::Debug for ApplicationFunnel<D, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplicationFunnel")
            .field("job", &self.job().as_str())
            .field("stage", &self.stage())
            .finish_non_exhaustive()
    }
}
