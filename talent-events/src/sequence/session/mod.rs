//! The session of one search.

mod all_stages;
mod collect;
mod event;
mod page;
mod shown;

use std::fmt;

use super::place::{Place, request_id_of};
use super::{ApplicationFunnel, RequestMetadata, stage};
use crate::event::{
    AsJob, AsRequestId, EncodedEvent, Envelope, InvalidEvent, InvalidField, JobEventType, OutsideFunnel, RequestId,
    SendPolicy,
};
use crate::track::{Destination, TrackError, TrackFuture, TrackOrLogFuture};

use page::Page;

pub use all_stages::{AllStages, IncompleteStages};
pub use collect::CollectedPage;
pub use event::SessionEvent;

/// One search and the events that follow from it. Every event carries the search's request id.
///
/// ```
/// use talent_events::event::AsRequestId;
/// use talent_events::{Destination, SearchSession, TrackError};
///
/// // `answered` is the request id of the search, or its `ResponseMetadata`.
/// async fn visit<D>(events: &D, answered: impl AsRequestId) -> Result<(), TrackError>
/// where
///     D: Destination + Clone,
/// {
///     let session = SearchSession::begin(events, answered)?;
///     session.impressions(["1", "2", "3"]).await?;
///     session.view("2").notes("position 2").await?;
///     session.bookmark("2").await?;
///     let _application = session.application("2")?;
///     Ok(())
/// }
/// ```
///
/// - **One page.** Google's dashboard lists a second IMPRESSION under a request id as a defect, so a session refuses it.
///   Clones share the page. Two sessions of one request id do not know each other, nor do two processes: the emulator
///   and `lint` see all events. The next page of results is another search, with another request id and session.
/// - **A failed page may be shown again.** After an error, or a dropped future, the session admits the next impression.
///   With the same jobs, the session sends the first event again, with its event id, time and notes. With other jobs, it
///   sends a new event; if the first one had arrived, the service then has two. An impression that was refused for good
///   ([`TrackError::Invalid`], [`TrackError::Rejected`]) is forgotten. If a retry is refused as `ALREADY_EXISTS`, the
///   first one had arrived: the session returns the error, and the page counts as shown.
/// - While an impression is in flight, another one is refused.
/// - **The request id comes from a search.** Google discards events without a valid one. An id that the app makes up
///   belongs to no search; [`for_session_id`](Self::for_session_id) marks its events as such.
///
/// A session is a [`Destination`] too. An event that is tracked to it (`event.track(&session)`) must have its request id,
/// and counts for the page.
pub struct SearchSession<D> {
    destination: D,
    request_id: RequestId,
    /// The request id is made up.
    synthetic: bool,
    page: Page,
    metadata: Option<RequestMetadata>,
}

impl<D: Destination> SearchSession<D> {
    /// Begins the session of a search.
    ///
    /// `search` is a [`RequestId`], text, the `ResponseMetadata` of the wire types, an `Option` of one of these, or a type
    /// of yours that implements [`AsRequestId`]. The session owns a clone of the destination, which is cheap.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] if the request id is missing or invalid.
    pub fn begin(destination: &D, search: impl AsRequestId) -> Result<Self, TrackError>
    where
        D: Clone,
    {
        Ok(Self::new(destination.clone(), request_id_of(&search)?, false))
    }

    /// Begins a session under an id of the app's own, if the request id of the search is **unknown**. The API description
    /// does this.
    ///
    /// No search has this id, and Google discards events without a valid request id. So these events will almost certainly
    /// not count. They are marked ([`EncodedEvent::synthetic_request_id`]), and the rules list them as a loss. Keep the
    /// search's request id and use [`begin`](Self::begin).
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] if the id is empty, holds control characters or is longer than 4,096 bytes. The error does
    /// not repeat it.
    pub fn for_session_id(destination: &D, session_id: impl AsRef<str>) -> Result<Self, TrackError>
    where
        D: Clone,
    {
        let request_id = RequestId::made_up("session_id", session_id.as_ref(), ["", ""])?;
        Ok(Self::new(destination.clone(), request_id, true))
    }

    fn new(destination: D, request_id: RequestId, synthetic: bool) -> Self {
        Self { destination, request_id, synthetic, page: Page::default(), metadata: None }
    }

    /// Keeps the metadata of the search for the user's next search. No event carries it.
    #[must_use]
    pub fn with_request_metadata(self, metadata: RequestMetadata) -> Self {
        Self { metadata: Some(metadata), ..self }
    }

    /// The metadata of the search, if the session has it.
    pub fn request_metadata(&self) -> Option<&RequestMetadata> {
        self.metadata.as_ref()
    }

    /// The request id of the search.
    pub fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// The destination of the events.
    pub fn destination(&self) -> &D {
        &self.destination
    }

    /// Sends an event of the app's own, with `request_id = from_session` or the session's own request id.
    ///
    /// Like [`track`](crate::Track::track), it encodes the event at once, and returns an `Option` of the receipt for events
    /// that may be skipped. An event with `job = from_funnel` does not compile here: [record](ApplicationFunnel::record) it
    /// in a funnel.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] if the event has another request id, and the errors of `track`.
    pub fn track<E>(&self, event: &E) -> TrackFuture<'_, D::Receipt, E::Answer>
    where
        E: SendPolicy<Answer: OutsideFunnel> + ?Sized,
    {
        TrackFuture::new(event, self)
    }

    /// Like [`track`](Self::track), but logs an error, as [`Track::track_or_log`](crate::Track::track_or_log) does.
    pub fn track_or_log<E>(&self, event: &E) -> TrackOrLogFuture<'_, D::Receipt>
    where
        E: SendPolicy<Answer: OutsideFunnel> + ?Sized,
    {
        TrackOrLogFuture::new(event, self)
    }

    /// Begins the user's application for a job, under the search's request id.
    ///
    /// It sends nothing by itself. The funnel sends to the destination directly and may outlive the session. It does not
    /// know the session's events for the job, such as a view.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] if the job is not the tenant's.
    pub fn application(&self, job: impl AsJob) -> Result<ApplicationFunnel<D, stage::Open>, TrackError>
    where
        D: Clone,
    {
        let place = Place::new(self.destination.clone(), self.request_id.clone(), self.synthetic, &job)?;
        Ok(ApplicationFunnel { place, stage: stage::Open, receipt: None })
    }

    fn second_page(&self) -> InvalidField {
        let found = match self.synthetic {
            true => "a second IMPRESSION for a request id that is made up".into(),
            false => {
                format!("a second IMPRESSION for the request id {}", InvalidField::quote(self.request_id.as_str()))
            }
        };
        InvalidField::new("job_event.type", found, "one IMPRESSION per search").with_help(
            "send all jobs of the page in one IMPRESSION; the next page is another search with a session of its own",
        )
    }
}

impl<D> SearchSession<D> {
    /// The request id for a log or a `Debug` form. A made-up one may name a user and is not shown.
    pub(super) fn shown_request_id(&self) -> &str {
        if self.synthetic { "made up, not shown" } else { self.request_id.as_str() }
    }
}

/// Fills in the request id, and admits one page.
impl<D: Destination> Destination for SearchSession<D> {
    type Receipt = D::Receipt;

    fn envelope(&self) -> Envelope<'_> {
        let envelope = self.destination.envelope();
        match self.synthetic {
            true => envelope.with_synthetic_request_id(&self.request_id),
            false => envelope.with_request_id(&self.request_id),
        }
    }

    async fn deliver(&self, event: EncodedEvent) -> Result<D::Receipt, TrackError> {
        if event.event_type() != JobEventType::Impression {
            return self.destination.deliver(event).await;
        }
        let mut showing = self.page.show(event).ok_or_else(|| InvalidEvent::from(self.second_page()))?;
        let outcome = self.destination.deliver(showing.event.clone()).await;
        showing.answered(&outcome);
        outcome
    }
}

/// Clones share the page.
impl<D: Clone> Clone for SearchSession<D> {
    fn clone(&self) -> Self {
        Self {
            destination: self.destination.clone(),
            request_id: self.request_id.clone(),
            synthetic: self.synthetic,
            page: self.page.clone(),
            metadata: self.metadata.clone(),
        }
    }
}

/// Hides a made-up request id: it may name a user.
impl<D> fmt::Debug for SearchSession<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SearchSession").field("request_id", &self.shown_request_id()).finish_non_exhaustive()
    }
}
