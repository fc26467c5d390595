//! A page that is noted job by job.

use std::fmt;

use super::SearchSession;
use super::shown::ShownJobs;
use crate::event::{AsJob, InvalidField, JobName};
use crate::track::{Destination, TrackError};

/// The jobs of one page, noted as they are rendered, and sent as one IMPRESSION by [`flush`](Self::flush).
///
/// They are kept in the order in which they were first shown, which tells their positions; a job shown twice counts
/// once. It holds at most 500 jobs.
///
/// Dropped with jobs that were not sent, it says so in the log (`tracing`, target `talent_events::sequence`, a warning)
/// and sends nothing: a drop can not wait.
///
/// ```
/// use talent_events::{Destination, SearchSession, TrackError};
///
/// async fn show<D>(session: &SearchSession<D>, results: &[&str]) -> Result<(), TrackError>
/// where
///     D: Destination + Clone,
/// {
///     let mut page = session.collect();
///     for job in results {
///         // … render it …
///         page.shown(job)?;
///     }
///     page.flush().await?;
///     Ok(())
/// }
/// ```
#[must_use = "the page is only sent by `flush`"]
pub struct CollectedPage<D: Destination> {
    session: SearchSession<D>,
    shown: ShownJobs,
    flushed: bool,
}

impl<D: Destination> SearchSession<D> {
    /// A page whose jobs are noted one by one as they are rendered, and sent as one IMPRESSION.
    pub fn collect(&self) -> CollectedPage<D>
    where
        D: Clone,
    {
        CollectedPage { session: self.clone(), shown: ShownJobs::default(), flushed: false }
    }
}

impl<D: Destination> CollectedPage<D> {
    /// Notes that the job was shown. Answers whether it is new on the page.
    ///
    /// # Errors
    ///
    /// Then nothing is noted: it is no job of the tenant's, or the 501st of the page, or the page was flushed.
    pub fn shown(&mut self, job: impl AsJob) -> Result<bool, InvalidField> {
        if self.flushed {
            let error = InvalidField::new("job_event.jobs", "a page that was sent", "a page that was not sent yet");
            return Err(error.with_help("note all jobs before `flush`"));
        }
        self.shown.add(job.as_job(), self.session.envelope().tenant())
    }

    /// The jobs noted so far, in the order in which they were first shown.
    pub fn jobs(&self) -> &[JobName] {
        self.shown.jobs()
    }

    /// Sends the page as one IMPRESSION. `None`: no job was shown, so there is nothing to send.
    ///
    /// # Errors
    ///
    /// The page keeps its jobs and may be flushed again: as the same event, with its event id, if no job was added in
    /// between, and else as a new event. Once it was sent, or the session has shown another page, flushing is refused as
    /// a second impression.
    pub async fn flush(&mut self) -> Result<Option<D::Receipt>, TrackError> {
        if self.shown.jobs().is_empty() {
            return Ok(None);
        }
        let receipt = self.session.impressions(self.shown.jobs()).await?;
        self.flushed = true;
        Ok(Some(receipt))
    }

    /// Like [`flush`](Self::flush), for where an event must never break what the user came for: the error goes to the
    /// log, as [`Track::track_or_log`](crate::Track::track_or_log) says, and the page keeps its jobs.
    pub async fn flush_or_log(&mut self) -> Option<D::Receipt> {
        if self.shown.jobs().is_empty() {
            return None;
        }
        let receipt = self.session.impressions(self.shown.jobs()).or_log().await?;
        self.flushed = true;
        Some(receipt)
    }
}

impl<D: Destination> Drop for CollectedPage<D> {
    fn drop(&mut self) {
        let jobs = self.shown.jobs().len();
        if jobs > 0 && !self.flushed {
            let request_id = self.session.shown_request_id();
            tracing::warn!(
                target: "talent_events::sequence",
                jobs,
                request_id,
                "a page of shown jobs was dropped and not sent: call `flush` when it is rendered"
            );
        }
    }
}

impl<D: Destination> fmt::Debug for CollectedPage<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectedPage")
            .field("jobs", &self.shown.jobs().len())
            .field("flushed", &self.flushed)
            .finish_non_exhaustive()
    }
}
