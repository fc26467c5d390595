//! All stages from a search to its applications, in one call.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::SearchSession;
use super::shown::ShownJobs;
use crate::event::{AsJobs, EncodedEvent, InvalidEvent, JobEventType};
use crate::track::{Destination, TrackError};

/// The stages after the page, with the words of the API description.
const STAGES: [(JobEventType, &str); 3] = [
    (JobEventType::View, "Job details viewed"),
    (JobEventType::ApplicationStart, "Application process started"),
    (JobEventType::ApplicationFinish, "Application completed"),
];

impl<D: Destination> SearchSession<D> {
    /// Sends every stage from the search to the application for these jobs, for an analysis afterwards.
    ///
    /// One IMPRESSION lists all jobs. Then each job has VIEW, APPLICATION_START and APPLICATION_FINISH, each with the notes
    /// that the API description gives it. The API description puts all jobs into every event; Google's text speaks of one
    /// job in every event but the first. A job that is named twice counts once.
    ///
    /// All events are encoded before the first is sent. Then they are sent one after the other, 1 + 3 × jobs of them. The
    /// receipts are in this order.
    ///
    /// # Cancel safety
    ///
    /// Run the future to its end. Dropped half-way, it loses the unsent events, and a new call sends new events.
    ///
    /// # Errors
    ///
    /// It stops at the first error. [`AllStages::recoverable`] keeps the unsent events. In a session that has shown a page
    /// already, the impression fails; [`IncompleteStages::skip`] continues without it.
    pub fn all_stages(&self, jobs: impl AsJobs) -> AllStages<'_, D>
    where
        D: Clone + Send,
    {
        let stages = self.stages(&jobs);
        AllStages(Box::pin(async move {
            let (unsent, invalid) = match stages {
                Ok(unsent) => (unsent, None),
                Err(e) => (VecDeque::new(), Some(e.into())),
            };
            let rest = Rest { session: self.clone(), receipts: Vec::with_capacity(unsent.len()), unsent };
            match invalid {
                None => rest.send().await,
                Some(error) => Err(IncompleteStages { error, rest: Box::new(rest) }),
            }
        }))
    }

    fn stages(&self, jobs: &impl AsJobs) -> Result<VecDeque<EncodedEvent>, InvalidEvent> {
        let mut shown = ShownJobs::default();
        jobs.for_each_job(&mut |job| shown.add(job, self.envelope().tenant()).map(drop))?;
        let page = self.impressions(shown.jobs()).notes("Search results displayed").encode()?;
        let mut events = VecDeque::from([page]);
        for job in shown.jobs() {
            for (event_type, notes) in STAGES {
                events.push_back(self.event(event_type, [job]).notes(notes).encode()?);
            }
        }
        Ok(events)
    }
}

/// All stages in flight: [`SearchSession::all_stages`]. Awaited, it returns the receipts, or a [`TrackError`].
#[must_use = "the events are only sent when they are awaited"]
pub struct AllStages<'s, D: Destination>(RecoverableStages<'s, D>);

type RecoverableStages<'s, D> =
    Pin<Box<dyn Future<Output = Result<Vec<<D as Destination>::Receipt>, IncompleteStages<D>>> + Send + 's>>;

impl<'s, D: Destination> AllStages<'s, D> {
    /// Keeps the unsent events if one fails: the error is then [`IncompleteStages`], which holds them.
    pub fn recoverable(self) -> RecoverableStages<'s, D> {
        self.0
    }
}

impl<D: Destination> Future for AllStages<'_, D> {
    type Output = Result<Vec<D::Receipt>, TrackError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map_err(TrackError::from)
    }
}

impl<D: Destination> fmt::Debug for AllStages<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllStages").finish_non_exhaustive()
    }
}

/// [All stages](SearchSession::all_stages), stopped at an error. It holds the unsent events.
pub struct IncompleteStages<D: Destination> {
    error: TrackError,
    rest: Box<Rest<D>>,
}

struct Rest<D: Destination> {
    session: SearchSession<D>,
    receipts: Vec<D::Receipt>,
    unsent: VecDeque<EncodedEvent>,
}

impl<D: Destination> Rest<D> {
    async fn send(mut self) -> Result<Vec<D::Receipt>, IncompleteStages<D>> {
        while let Some(event) = self.unsent.front() {
            match self.session.deliver(event.clone()).await {
                Ok(receipt) => {
                    self.receipts.push(receipt);
                    self.unsent.pop_front();
                }
                Err(error) => return Err(IncompleteStages { error, rest: Box::new(self) }),
            }
        }
        Ok(self.receipts)
    }
}

impl<D: Destination> IncompleteStages<D> {
    /// Why it stopped.
    pub fn error(&self) -> &TrackError {
        &self.error
    }

    /// The receipts of the events that were sent.
    pub fn receipts(&self) -> &[D::Receipt] {
        &self.rest.receipts
    }

    /// The unsent events in their order. Empty if the jobs made no valid events.
    pub fn unsent(&self) -> impl ExactSizeIterator<Item = &EncodedEvent> {
        self.rest.unsent.iter()
    }

    /// Continues where it stopped, with the same events and event ids. Returns the receipts of all sent events.
    ///
    /// An event that was refused for good is refused again: [`skip`](Self::skip) it.
    ///
    /// # Errors
    ///
    /// It stops again, at once if there are no valid events to send.
    pub async fn retry(self) -> Result<Vec<D::Receipt>, Self> {
        if self.rest.unsent.is_empty() { Err(self) } else { self.rest.send().await }
    }

    /// Continues without the event at which it stopped, the first of [`unsent`](Self::unsent). Returns the receipts of
    /// all sent events, so one less.
    ///
    /// # Errors
    ///
    /// It stops again, at once if there are no valid events to send.
    pub async fn skip(mut self) -> Result<Vec<D::Receipt>, Self> {
        match self.rest.unsent.pop_front() {
            Some(_) => self.rest.send().await,
            None => Err(self),
        }
    }
}

impl<D: Destination> From<IncompleteStages<D>> for TrackError {
    fn from(incomplete: IncompleteStages<D>) -> Self {
        incomplete.error
    }
}

impl<D: Destination> fmt::Display for IncompleteStages<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sent, unsent) = (self.rest.receipts.len(), self.rest.unsent.len());
        write!(f, "stopped after {sent} of {} events: {}", sent + unsent, self.error)
    }
}

impl<D: Destination> fmt::Debug for IncompleteStages<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncompleteStages")
            .field("error", &self.error)
            .field("sent", &self.rest.receipts.len())
            .field("unsent", &self.rest.unsent.len())
            .finish_non_exhaustive()
    }
}

impl<D: Destination> std::error::Error for IncompleteStages<D> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
