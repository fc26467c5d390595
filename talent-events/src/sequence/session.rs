//! What follows from one search.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::collect::{CollectedPage, ShownJobs};
use super::funnel::Place;
use super::{ApplicationFunnel, RequestMetadata, stage};
use crate::event::{
    Always, Answers, AsCreateTime, AsEventId, AsJob, AsJobs, AsNotes, AsRequestId, EncodedEvent, Envelope, EventWriter,
    InvalidEvent, InvalidField, JobEventType, OutsideFunnel, RequestId,
};
use crate::track::{Code, Destination, TrackError, Tracking, TrackingOrLog};

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
    page: Arc<Mutex<Page>>,
    metadata: Option<RequestMetadata>,
}

/// What became of the session's impression.
enum Page {
    Unsent,
    OnItsWay,
    /// It may have arrived or not.
    Unanswered(EncodedEvent),
    Sent,
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
        Self { destination, request_id, synthetic, page: Arc::new(Mutex::new(Page::Unsent)), metadata: None }
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

    /// IMPRESSION: these jobs were shown, in this order, as one page of results. One event for the page, once a session.
    ///
    /// # Errors
    ///
    /// No job or more than 500 (send what was really shown), and a second page: [`TrackError::Invalid`].
    pub fn impressions(&self, jobs: impl AsJobs) -> SessionEvent<'_, D> {
        self.event(JobEventType::Impression, jobs)
    }

    /// A page whose jobs are noted one by one as they are rendered, and sent as one IMPRESSION.
    pub fn collect(&self) -> CollectedPage<D>
    where
        D: Clone,
    {
        CollectedPage::new(self.clone())
    }

    /// VIEW: the full description of the job was opened. A snippet in the results does not count.
    pub fn view(&self, job: impl AsJob) -> SessionEvent<'_, D> {
        self.event(JobEventType::View, [job])
    }

    /// VIEW_REDIRECT: viewing the job led to another site.
    pub fn view_redirect(&self, job: impl AsJob) -> SessionEvent<'_, D> {
        self.event(JobEventType::ViewRedirect, [job])
    }

    /// BOOKMARK: the user saved the job.
    pub fn bookmark(&self, job: impl AsJob) -> SessionEvent<'_, D> {
        self.event(JobEventType::Bookmark, [job])
    }

    /// NOTIFICATION: the user was sent an alert with these jobs, 1 to 500, which this search had found.
    pub fn notify(&self, jobs: impl AsJobs) -> SessionEvent<'_, D> {
        self.event(JobEventType::Notification, jobs)
    }

    /// An event of any type, about 1 to 500 jobs. Nothing is held against what was sent before, except a second
    /// IMPRESSION.
    pub fn event(&self, event_type: JobEventType, jobs: impl AsJobs) -> SessionEvent<'_, D> {
        let event = SessionEvent { session: self, event_type, written: Ok(EventWriter::new(self.envelope())) };
        event.say(|w| {
            w.event_type(event_type)?;
            w.jobs(&jobs)?;
            w.request_id_from_session()
        })
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

    fn page(&self) -> MutexGuard<'_, Page> {
        // Nothing panics between two changes that belong together.
        self.page.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn second_page(&self) -> InvalidField {
        let found = match self.synthetic {
            true => "a second IMPRESSION for a request id that is made up".into(),
            false => {
                format!("a second IMPRESSION for the request id {}", InvalidField::quote(self.request_id.as_str()))
            }
        };
        let allowed =
            "one IMPRESSION a search, with all jobs of its page; the next page is another search, with its own session";
        InvalidField::new("job_event.type", found, allowed)
    }

    /// Lets an impression through, or what it is to be a repetition of.
    fn show(&self, event: EncodedEvent) -> Result<Showing<'_>, InvalidField> {
        let mut page = self.page();
        let before = match &*page {
            Page::Unsent => None,
            Page::Unanswered(before) => Some(before.clone()),
            Page::OnItsWay | Page::Sent => return Err(self.second_page()),
        };
        *page = Page::OnItsWay;
        let again = before.clone().filter(|before| same_jobs(before, &event));
        let repeats = again.is_some();
        let event = again.unwrap_or(event);
        Ok(Showing { page: &self.page, then: Page::Unanswered(event.clone()), event, repeats, before })
    }
}

impl<D> SearchSession<D> {
    /// For a log or a `Debug` form: not one that is made up, as it may name a user.
    pub(super) fn shown_request_id(&self) -> &str {
        if self.synthetic { "made up, not shown" } else { self.request_id.as_str() }
    }
}

/// The request id of the search that it all came from.
pub(super) fn request_id_of(search: &impl AsRequestId) -> Result<RequestId, InvalidField> {
    let request_id = search.as_request_id().ok_or_else(|| {
        InvalidField::new("request_id", "`None`", "the request id that the search answered in its ResponseMetadata")
    })?;
    request_id.resolve()
}

/// The stages after the page, with the words of the API description.
const STAGES: [(JobEventType, &str); 3] = [
    (JobEventType::View, "Job details viewed"),
    (JobEventType::ApplicationStart, "Application process started"),
    (JobEventType::ApplicationFinish, "Application completed"),
];

fn same_jobs(a: &EncodedEvent, b: &EncodedEvent) -> bool {
    a.to_client_event().job_event.jobs == b.to_client_event().job_event.jobs
}

/// An impression on its way. However it ends, also half-way, it says what became of the page.
struct Showing<'s> {
    page: &'s Mutex<Page>,
    event: EncodedEvent,
    /// It was sent before.
    repeats: bool,
    /// What was kept of an earlier attempt, as it may have arrived.
    before: Option<EncodedEvent>,
    /// What becomes of the page if no answer comes.
    then: Page,
}

impl Showing<'_> {
    fn answered<R>(&mut self, outcome: &Result<R, TrackError>) {
        match outcome {
            Ok(_) => self.then = Page::Sent,
            Err(e) if self.repeats && e.rejected_code() == Some(Code::AlreadyExists) => self.then = Page::Sent,
            Err(e) if e.may_have_arrived() => {}
            Err(why) => match self.before.take() {
                Some(before) => self.then = Page::Unanswered(before),
                None if matches!(why, TrackError::Invalid(_) | TrackError::Rejected(_)) => self.then = Page::Unsent,
                None => {}
            },
        }
    }
}

impl Drop for Showing<'_> {
    fn drop(&mut self) {
        *self.page.lock().unwrap_or_else(PoisonError::into_inner) = mem::replace(&mut self.then, Page::Unsent);
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
        let mut showing = self.show(event).map_err(InvalidEvent::from)?;
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
            page: Arc::clone(&self.page),
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

/// An event of a session: more may be said of it, and it is sent when it is awaited.
///
/// It is encoded as it is made and borrows nothing but the session. Awaited it answers the destination's receipt.
#[must_use = "an event is only sent when it is awaited"]
pub struct SessionEvent<'s, D> {
    session: &'s SearchSession<D>,
    event_type: JobEventType,
    written: Result<EventWriter<'s>, InvalidEvent>,
}

impl<'s, D: Destination> SessionEvent<'s, D> {
    /// Free text; more than 1,000 characters are cut. `None`: no notes.
    pub fn notes(self, notes: impl AsNotes) -> Self {
        self.say(|w| w.write_notes(notes.as_notes()))
    }

    /// The event's own id. Without it, a fresh UUIDv7.
    pub fn event_id(self, id: impl AsEventId) -> Self {
        self.say(|w| w.event_id(&id))
    }

    /// When it happened. Without it, now.
    pub fn create_time(self, time: impl AsCreateTime) -> Self {
        self.say(|w| w.create_time(&time))
    }

    /// Sends it where an event must never break what the user came for: the error goes to the log, as
    /// [`Track::track_or_log`](crate::Track::track_or_log) says.
    pub fn or_log(self) -> TrackingOrLog<'s, D::Receipt> {
        self.into_future().or_log()
    }

    fn say(mut self, part: impl FnOnce(&mut EventWriter<'s>) -> Result<(), InvalidEvent>) -> Self {
        if let Ok(writer) = &mut self.written
            && let Err(e) = part(writer)
        {
            self.written = Err(e.of(self.event_type.google_name()));
        }
        self
    }

    fn encode(self) -> Result<EncodedEvent, InvalidEvent> {
        let name = self.event_type.google_name();
        self.written.and_then(|mut writer| writer.finish()).map_err(|e| e.of(name))
    }
}

impl<'s, D: Destination> IntoFuture for SessionEvent<'s, D> {
    type Output = Result<D::Receipt, TrackError>;
    type IntoFuture = Tracking<'s, D::Receipt, Always>;

    fn into_future(self) -> Self::IntoFuture {
        let (session, name) = (self.session, self.event_type.google_name());
        Tracking::of(self.encode(), name, session)
    }
}

impl<D> fmt::Debug for SessionEvent<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionEvent").field("event_type", &self.event_type).finish_non_exhaustive()
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
