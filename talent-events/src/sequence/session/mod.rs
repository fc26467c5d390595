//! What follows from one search.

mod collect;
mod event;
mod page;
mod shown;
mod whole_funnel;

use std::fmt;

use super::place::{Place, request_id_of};
use super::{ApplicationFunnel, RequestMetadata, stage};
use crate::event::{
    Answers, AsJob, AsRequestId, EncodedEvent, Envelope, InvalidEvent, InvalidField, JobEventType, OutsideFunnel,
    RequestId,
};
use crate::track::{Destination, TrackError, Tracking, TrackingOrLog};

use page::Page;

pub use collect::CollectedPage;
pub use event::SessionEvent;
pub use whole_funnel::{FunnelFuture, IncompleteFunnel};

/// One search and what the user does with its results: every event carries the search's request id, over any
/// destination.
///
/// ```
/// use talent_events::event::AsRequestId;
/// use talent_events::{Destination, SearchSession, TrackError};
///
/// // `answered` is the request id of the search, or the `ResponseMetadata` that has it.
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
/// - **The page is shown once.** Google's dashboard takes more than one IMPRESSION under a request id for a defect, so
///   a session refuses a second one, by whichever way it comes. Clones of a session count as the session. Two sessions
///   of one request id know nothing of each other, nor do two processes: there, only what sees all events can tell
///   (the emulator, `lint`). The next page of results is another search, with a request id and a session of its own.
/// - **A page that failed may be shown again**: where the destination answered an error, or the future was dropped
///   half-way, the next impression is let through. If it is of the same jobs, the first event itself is sent again, with
///   its event id, time and notes, so that the service never sees two. If it is of other jobs, it is a new event; a
///   first one that did arrive, though its answer did not, then makes two. An event that was refused as such
///   ([`TrackError::Invalid`], [`TrackError::Rejected`]) is not kept. An event that was certainly not taken does not
///   displace an earlier one that may have arrived. Where the repetition is refused as `ALREADY_EXISTS`, the first one
///   did arrive: the error is passed on, and the page is shown.
/// - While one impression is on its way, another is refused like a second one.
/// - **The request id comes from a search.** Google discards events without a valid one, and what the app makes up is
///   the id of no search. It can not be told apart by its looks; [`for_session_id`](Self::for_session_id) says it
///   openly.
///
/// A session is a destination too: whatever is tracked to it (`event.track(&session)`) must have its request id, and
/// counts for the page.
pub struct SearchSession<D> {
    destination: D,
    request_id: RequestId,
    /// The request id is none of a search.
    synthetic: bool,
    page: Page,
    metadata: Option<RequestMetadata>,
}

impl<D: Destination> SearchSession<D> {
    /// The session of the search that answered this request id.
    ///
    /// `search` is a [`RequestId`], text, the `ResponseMetadata` of the wire types, an `Option` of one of these, or
    /// whatever type of the app's implements [`AsRequestId`].
    ///
    /// The session owns a clone of the destination; destinations are cheap to clone.
    ///
    /// # Errors
    ///
    /// There is no request id, or it is no valid one.
    pub fn begin(destination: &D, search: impl AsRequestId) -> Result<Self, InvalidField>
    where
        D: Clone,
    {
        Ok(Self::new(destination.clone(), request_id_of(&search)?, false))
    }

    /// A session of the app's own, for where the request id of the search is **not known**: under the session's id, as
    /// the API description does it.
    ///
    /// What it costs: Google discards events without a valid request id, and no search has this one, so these events
    /// are all but certain not to count. They are marked ([`EncodedEvent::synthetic_request_id`]) and counted as a
    /// defect of kind loss. Keep the request id of the search and [`begin`](Self::begin) with that.
    ///
    /// # Errors
    ///
    /// The id is empty, holds control characters or is longer than 4,096 bytes. The error does not repeat it.
    pub fn for_session_id(destination: &D, session_id: impl AsRef<str>) -> Result<Self, InvalidField>
    where
        D: Clone,
    {
        let request_id = RequestId::made_up("session_id", session_id.as_ref(), ["", ""])?;
        Ok(Self::new(destination.clone(), request_id, true))
    }

    fn new(destination: D, request_id: RequestId, synthetic: bool) -> Self {
        Self { destination, request_id, synthetic, page: Page::default(), metadata: None }
    }

    /// Keeps what the search was told of the user, for the next search of the same user. Nothing of it goes into an
    /// event.
    #[must_use]
    pub fn with_request_metadata(self, metadata: RequestMetadata) -> Self {
        Self { metadata: Some(metadata), ..self }
    }

    /// What the search was told of the user, where the session was given it.
    pub fn request_metadata(&self) -> Option<&RequestMetadata> {
        self.metadata.as_ref()
    }

    /// The request id of the search.
    pub fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// Where the events go.
    pub fn destination(&self) -> &D {
        &self.destination
    }

    /// Sends an event of the app's own: a struct, enum or object that says `request_id = from_session`, or has the
    /// session's own request id.
    ///
    /// Like [`track`](crate::Track::track), it encodes before it answers, and it answers an `Option` of the receipt for
    /// events that may be skipped. An event that says `job = from_funnel` is [recorded](ApplicationFunnel::record) in a
    /// funnel, and does not compile here.
    ///
    /// # Errors
    ///
    /// Another request id than the session's, named with it unless it is made up; and what `track` has.
    pub fn track<E>(&self, event: &E) -> Tracking<'_, D::Receipt, E::Answer>
    where
        E: Answers<Answer: OutsideFunnel> + ?Sized,
    {
        Tracking::new(event, self)
    }

    /// Like [`track`](Self::track), for where an event must never break what the user came for: the error goes to the
    /// log, as [`Track::track_or_log`](crate::Track::track_or_log) says.
    pub fn track_or_log<E>(&self, event: &E) -> TrackingOrLog<'_, D::Receipt>
    where
        E: Answers<Answer: OutsideFunnel> + ?Sized,
    {
        TrackingOrLog::new(event, self)
    }

    /// The application of this session's user for a job, step by step, under the search's request id.
    ///
    /// Sends nothing by itself. The funnel takes its own way to the destination and may outlive the session; what was
    /// sent for the job here, such as a view, it does not know.
    ///
    /// # Errors
    ///
    /// It is no job of the tenant's.
    pub fn application(&self, job: impl AsJob) -> Result<ApplicationFunnel<D, stage::Open>, InvalidField>
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
    /// For a log or a `Debug` form: not one that is made up, as it may name a user.
    pub(super) fn shown_request_id(&self) -> &str {
        if self.synthetic { "made up, not shown" } else { self.request_id.as_str() }
    }
}

/// Fills in the request id, and lets the page through once.
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

/// Without a request id that is made up: it may name a user.
impl<D> fmt::Debug for SearchSession<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SearchSession").field("request_id", &self.shown_request_id()).finish_non_exhaustive()
    }
}
