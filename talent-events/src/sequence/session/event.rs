//! Events by name: `session.view("4").notes("position 2").await?`.

use std::fmt;
use std::future::IntoFuture;

use super::SearchSession;
use crate::event::{
    Always, AsCreateTime, AsEventId, AsJob, AsJobs, AsNotes, EncodedEvent, EventWriter, InvalidEvent, JobEventType,
};
use crate::track::{Destination, TrackError, Tracking, TrackingOrLog};

impl<D: Destination> SearchSession<D> {
    /// IMPRESSION: these jobs were shown, in this order, as one page of results. One event for the page, once a session.
    ///
    /// # Errors
    ///
    /// No job or more than 500 (send what was really shown), and a second page: [`TrackError::Invalid`].
    pub fn impressions(&self, jobs: impl AsJobs) -> SessionEvent<'_, D> {
        self.event(JobEventType::Impression, jobs)
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
        event.write(|w| {
            w.event_type(event_type)?;
            w.jobs(&jobs)?;
            w.request_id_from_session()
        })
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
        self.write(|w| w.write_notes(notes.as_notes()))
    }

    /// The event's own id. Without it, a fresh UUIDv7.
    pub fn event_id(self, id: impl AsEventId) -> Self {
        self.write(|w| w.event_id(&id))
    }

    /// When it happened. Without it, now.
    pub fn create_time(self, time: impl AsCreateTime) -> Self {
        self.write(|w| w.create_time(&time))
    }

    /// Sends it where an event must never break what the user came for: the error goes to the log, as
    /// [`Track::track_or_log`](crate::Track::track_or_log) says.
    pub fn or_log(self) -> TrackingOrLog<'s, D::Receipt> {
        self.into_future().or_log()
    }

    fn write(mut self, part: impl FnOnce(&mut EventWriter<'s>) -> Result<(), InvalidEvent>) -> Self {
        if let Ok(writer) = &mut self.written
            && let Err(e) = part(writer)
        {
            self.written = Err(e.of(self.event_type.google_name()));
        }
        self
    }

    pub(super) fn encode(self) -> Result<EncodedEvent, InvalidEvent> {
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
