//! The whole way from a search to its applications, in one call.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

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
    /// Sends the whole way of these jobs from the search to the application, for those who analyse it afterwards: one
    /// IMPRESSION of all jobs, then for each job VIEW, APPLICATION_START and APPLICATION_FINISH, each with the notes that
    /// the API description gives to it.
    ///
    /// The API description puts all jobs into every event; Google's text speaks of one job in all but the first. A job
    /// that is named twice is taken once.
    ///
    /// All events are encoded before the first is sent; then they go one after the other, 1 + 3 × jobs of them. Answers
    /// the receipts in this order.
    ///
    /// A session that has shown a page already stops at the impression: [`IncompleteFunnel::skip`] goes on without it.
    ///
    /// The future, as those of `retry` and `skip`, is to run to its end. Dropped half-way it loses what is left and tells
    /// nobody how far it came; called anew, all events but a page that got no answer would be new ones.
    ///
    /// # Errors
    ///
    /// It stops at the first error, which holds what is left to send: [`IncompleteFunnel::retry`].
    pub fn funnel(&self, jobs: impl AsJobs) -> FunnelFuture<'_, D>
    where
        D: Clone + Send,
    {
        let stages = self.stages(&jobs);
        Box::pin(async move {
            let (unsent, invalid) = match stages {
                Ok(unsent) => (unsent, None),
                Err(e) => (VecDeque::new(), Some(e.into())),
            };
            let rest = Rest { session: self.clone(), receipts: Vec::with_capacity(unsent.len()), unsent };
            match invalid {
                None => rest.send().await,
                Some(error) => Err(IncompleteFunnel { error, rest: Box::new(rest) }),
            }
        })
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

/// What [`SearchSession::funnel`] answers when it is awaited.
pub type FunnelFuture<'s, D> =
    Pin<Box<dyn Future<Output = Result<Vec<<D as Destination>::Receipt>, IncompleteFunnel<D>>> + Send + 's>>;

/// A [`funnel`](SearchSession::funnel) that stopped at an error. It holds what is left to send.
pub struct IncompleteFunnel<D: Destination> {
    error: TrackError,
    rest: Box<Rest<D>>,
}

struct Rest<D: Destination> {
    session: SearchSession<D>,
    receipts: Vec<D::Receipt>,
    unsent: VecDeque<EncodedEvent>,
}

impl<D: Destination> Rest<D> {
    async fn send(mut self) -> Result<Vec<D::Receipt>, IncompleteFunnel<D>> {
        while let Some(event) = self.unsent.front() {
            match self.session.deliver(event.clone()).await {
                Ok(receipt) => {
                    self.receipts.push(receipt);
                    self.unsent.pop_front();
                }
                Err(error) => return Err(IncompleteFunnel { error, rest: Box::new(self) }),
            }
        }
        Ok(self.receipts)
    }
}

impl<D: Destination> IncompleteFunnel<D> {
    /// Why it stopped.
    pub fn error(&self) -> &TrackError {
        &self.error
    }

    /// The receipts of what was taken before.
    pub fn receipts(&self) -> &[D::Receipt] {
        &self.rest.receipts
    }

    /// What was not taken, in the order in which it is to be sent. Empty where the jobs made no valid events.
    pub fn unsent(&self) -> impl ExactSizeIterator<Item = &EncodedEvent> {
        self.rest.unsent.iter()
    }

    /// Goes on where it stopped, with the same events and event ids, and answers the receipts of all that was taken.
    ///
    /// What was refused as such is refused again: [`skip`](Self::skip) it.
    ///
    /// # Errors
    ///
    /// It stops again; at once, where there are no valid events to send.
    pub async fn retry(self) -> Result<Vec<D::Receipt>, Self> {
        if self.rest.unsent.is_empty() { Err(self) } else { self.rest.send().await }
    }

    /// Goes on without the event at which it stopped, the first of [`unsent`](Self::unsent): one that is refused
    /// whenever it comes, or the page of a session that has shown one. Answers the receipts of what was taken, so one
    /// less.
    ///
    /// # Errors
    ///
    /// It stops again; at once, where there are no valid events to send.
    pub async fn skip(mut self) -> Result<Vec<D::Receipt>, Self> {
        match self.rest.unsent.pop_front() {
            Some(_) => self.rest.send().await,
            None => Err(self),
        }
    }
}

impl<D: Destination> From<IncompleteFunnel<D>> for TrackError {
    fn from(incomplete: IncompleteFunnel<D>) -> Self {
        incomplete.error
    }
}

impl<D: Destination> fmt::Display for IncompleteFunnel<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sent, unsent) = (self.rest.receipts.len(), self.rest.unsent.len());
        write!(f, "stopped after {sent} of {} events: {}", sent + unsent, self.error)
    }
}

impl<D: Destination> fmt::Debug for IncompleteFunnel<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncompleteFunnel")
            .field("error", &self.error)
            .field("sent", &self.rest.receipts.len())
            .field("unsent", &self.rest.unsent.len())
            .finish_non_exhaustive()
    }
}

impl<D: Destination> std::error::Error for IncompleteFunnel<D> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
