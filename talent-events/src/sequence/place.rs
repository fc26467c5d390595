//! Where the events of a funnel go, and what a session and a funnel read of their arguments.

use crate::event::{AsJob, AsRequestId, EncodedEvent, InvalidEvent, InvalidField, job_field};
use crate::{Destination, JobName, RequestId, TalentEvent};

/// Where a funnel's events go, and what they have in common.
pub(super) struct Place<D> {
    pub(super) destination: D,
    pub(super) request_id: RequestId,
    /// The request id is none of a search.
    pub(super) synthetic: bool,
    pub(super) job: JobName,
}

impl<D: Destination> Place<D> {
    /// Fails if the job is not one of the tenant's.
    pub(super) fn new(
        destination: D,
        request_id: RequestId,
        synthetic: bool,
        job: &impl AsJob,
    ) -> Result<Self, InvalidField> {
        let job = job_of(&destination, job)?;
        Ok(Self { destination, request_id, synthetic, job })
    }

    pub(super) fn encode<E: TalentEvent + ?Sized>(&self, event: &E) -> Result<Option<EncodedEvent>, InvalidEvent> {
        let envelope = self.destination.envelope().with_job(&self.job);
        let envelope = match self.synthetic {
            true => envelope.with_synthetic_request_id(&self.request_id),
            false => envelope.with_request_id(&self.request_id),
        };
        EncodedEvent::encode(event, envelope)
    }
}

/// The job by its full name or bare id, as one of the destination's tenant.
pub(super) fn job_of(destination: &impl Destination, job: &impl AsJob) -> Result<JobName, InvalidField> {
    job.as_job().resolve(destination.envelope().tenant()).map_err(|e| e.at(job_field(0)))
}

/// The request id of the search that the events came from.
pub(super) fn request_id_of(search: &impl AsRequestId) -> Result<RequestId, InvalidField> {
    let request_id = search.as_request_id().ok_or_else(|| {
        InvalidField::new("request_id", "`None`", "the request id of a search")
            .with_help("take it from the `ResponseMetadata` of the search's response")
    })?;
    request_id.resolve()
}
