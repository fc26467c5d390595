//! One application at its stage.

use std::fmt;

use crate::event::rules::Stage;
use crate::event::rules::stage_types::AnyStage;
use crate::event::rules::types::StageType;
use crate::event::{AsJob, AsRequestId, InvalidField};
use crate::{Destination, JobName, RequestId};

use super::place::{Place, job_of, request_id_of};
use super::stage;

/// One person's application for one job, at a stage that its type names: each step compiles only where it can follow.
///
/// A step takes the funnel and answers it at the next stage. `D` is any [`Destination`], and what a receipt promises is
/// the destination's. `S` is one of [`stage`](super::stage); with [`AnyStage`] the same table is asked at run time.
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
/// A step that fails hands the funnel back in its [`StepError`](super::StepError). A step that is **dropped before it
/// is done** loses it: whether the event arrived is not known then. Where that can happen (a time limit, a request that
/// the user breaks off), take a [`checkpoint`](Self::checkpoint) first.
pub struct ApplicationFunnel<D: Destination, S> {
    pub(super) place: Place<D>,
    pub(super) stage: S,
    pub(super) receipt: Option<D::Receipt>,
}

impl<D: Destination + Clone> ApplicationFunnel<D, stage::Open> {
    /// An application that nothing is known of yet, which came from the search with this request id.
    ///
    /// All its events carry that request id, the hire weeks later too. Sends nothing; `destination` is cloned, so give
    /// what is cheap to clone: a client, an `Arc`, `&&destination`.
    ///
    /// `search` and `job` are said as in a [`SearchSession`](super::SearchSession): checked already or as text, the job
    /// by its full name or its bare id.
    ///
    /// # Errors
    ///
    /// There is no request id, or it is no valid one; the job is none, or another tenant's.
    pub fn begin(destination: &D, search: impl AsRequestId, job: impl AsJob) -> Result<Self, InvalidField> {
        let place = Place::new(destination.clone(), request_id_of(&search)?, false, &job)?;
        Ok(Self { place, stage: stage::Open, receipt: None })
    }

    /// An application of this user for this job, where the search it came from is **not known**: under the made-up
    /// request id `application-{user}-{job}`, `job` being the job's bare id.
    ///
    /// What it costs: Google discards events without a valid request id, and no search has this one, so these events
    /// are all but certain not to count. They are marked ([`EncodedEvent::synthetic_request_id`]) and counted as a
    /// defect of kind loss. Keep the request id of the search and [`begin`](Self::begin) with that.
    ///
    /// `user` becomes part of the request id and of checkpoints: give an id that tells outsiders nothing. It is not in
    /// the `Debug` form, in an error or in a log of this crate.
    ///
    /// # Errors
    ///
    /// `user` is empty, holds control characters or makes the id longer than 4,096 bytes; the job is none, or another
    /// tenant's.
    pub fn for_applicant(destination: &D, user: impl AsRef<str>, job: impl AsJob) -> Result<Self, InvalidField> {
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

    /// How far it has come.
    pub fn stage(&self) -> Stage {
        self.stage.stage()
    }

    /// What the destination answered to the last step; `None` before the first, and when it was taken.
    pub fn receipt(&self) -> Option<&D::Receipt> {
        self.receipt.as_ref()
    }

    /// Takes what the destination answered to the last step: a ticket, say, that is awaited later. The next step puts
    /// its own in the place.
    pub fn take_receipt(&mut self) -> Option<D::Receipt> {
        self.receipt.take()
    }

    /// The same application, whose stage is from here on known at run time only.
    pub fn into_any(self) -> ApplicationFunnel<D, AnyStage> {
        let Self { place, stage, receipt } = self;
        ApplicationFunnel { place, stage: AnyStage::from(stage.stage()), receipt }
    }
}

/// Without the request id: a made-up one names the user.
impl<D: Destination, S: StageType> fmt::Debug for ApplicationFunnel<D, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplicationFunnel")
            .field("job", &self.job().as_str())
            .field("stage", &self.stage())
            .finish_non_exhaustive()
    }
}
