//! A page that is collected job by job.

use std::fmt;

use super::SearchSession;
use super::shown::ShownJobs;
use crate::event::{AsJob, InvalidField, JobName};
use crate::track::{Destination, TrackError};

/// The jobs of one page, collected as they are rendered. [`flush`](Self::flush) sends them as one IMPRESSION.
///
/// The jobs stay in the order in which they were first shown, which gives their positions. A job shown twice counts once.
/// A page holds at most 500 jobs.
///
/// A page that is dropped with unsent jobs logs a warning (`tracing`, target `talent_events::sequence`). It sends
/// nothing, as a drop cannot wait.
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
#[must_use = "a page is only sent by `flush`"]
pub struct CollectedPage<D: Destination> {
    session: SearchSession<D>,
    shown: ShownJobs,
    flushed: bool,
}

impl<D: Destination> SearchSession<D> {
    /// Begins a page whose jobs are collected one by one and sent as one IMPRESSION.
    pub fn collect(&self) -> CollectedPage<D>
    where
        D: Clone,
    {
        CollectedPage { session: self.clone(), shown: ShownJobs::default(), flushed: false }
    }
}

impl<D: Destination> CollectedPage<D> {
    /// Adds a job that was shown. Returns whether it is new on the page.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] if the job is not the tenant's, if it is the 501st, or if the page is sent. The page is
    /// unchanged then.
    pub fn shown(&mut self, job: impl AsJob) -> Result<bool, TrackError> {
        if self.flushed {
            let error = InvalidField::new("job_event.jobs", "a page that was sent", "a page that was not sent yet");
            return Err(error.with_help("add all jobs before `flush`").into());
        }
        Ok(self.shown.add(job.as_job(), self.session.envelope().tenant())?)
    }

    /// The jobs so far, in the order in which they were first shown.
    pub fn jobs(&self) -> &[JobName] {
        self.shown.jobs()
    }

    /// Sends the page as one IMPRESSION. `None`: no job was shown, so nothing is sent.
    ///
    /// # Errors
    ///
    /// The destination's errors. The page keeps its jobs and may be flushed again: as the same event, or as a new event if
    /// a job was added. [`TrackError::Invalid`] if the page, or another page of the session, is sent already.
    pub async fn flush(&mut self) -> Result<Option<D::Receipt>, TrackError> {
        if self.shown.jobs().is_empty() {
            return Ok(None);
        }
        let receipt = self.session.impressions(self.shown.jobs()).await?;
        self.flushed = true;
        Ok(Some(receipt))
    }

    /// Like [`flush`](Self::flush), but logs an error, as [`Track::track_or_log`](crate::Track::track_or_log) does. The
    /// page keeps its jobs then.
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
