//! Events by name: `session.view("4").notes("position 2").await?`.

use std::fmt;
use std::future::IntoFuture;

use super::SearchSession;
use crate::event::{
    Always, AsCreateTime, AsEventId, AsJob, AsJobs, AsNotes, EncodedEvent, EventWriter, InvalidEvent, JobEventType,
};
use crate::track::{Destination, TrackError, TrackFuture, TrackOrLogFuture};

impl<D: Destination> SearchSession<D> {
    /// IMPRESSION: these jobs were shown, in this order, as one page of results. One event per page, one page per session.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] for no job, for more than 500 jobs, and for a second page.
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

    /// NOTIFICATION: an alert with these 1 to 500 jobs of the search was sent to the user.
    pub fn notify(&self, jobs: impl AsJobs) -> SessionEvent<'_, D> {
        self.event(JobEventType::Notification, jobs)
    }

    /// An event of any type, about 1 to 500 jobs. Of earlier events only the IMPRESSION is checked: there is one.
    pub fn event(&self, event_type: JobEventType, jobs: impl AsJobs) -> SessionEvent<'_, D> {
        let event = SessionEvent { session: self, event_type, written: Ok(EventWriter::new(self.envelope())) };
        event.write(|w| {
            w.event_type(event_type)?;
            w.jobs(&jobs)?;
            w.request_id_from_session()
        })
    }
}

/// An event of a session, sent when it is awaited. Awaited, it returns the destination's receipt.
///
/// It is encoded at once and borrows only the session.
#[must_use = "an event is only sent when it is awaited"]
pub struct SessionEvent<'s, D> {
    session: &'s SearchSession<D>,
    event_type: JobEventType,
    written: Result<EventWriter<'s>, InvalidEvent>,
}

impl<'s, D: Destination> SessionEvent<'s, D> {
    /// Sets the notes. More than 1,000 characters are cut. `None`: no notes.
    pub fn notes(self, notes: impl AsNotes) -> Self {
        self.write(|w| w.write_notes(notes.as_notes()))
    }

    /// Sets the event's own id. The default is a fresh UUIDv7.
    pub fn event_id(self, id: impl AsEventId) -> Self {
        self.write(|w| w.event_id(&id))
    }

    /// Sets when it happened. The default is now.
    pub fn create_time(self, time: impl AsCreateTime) -> Self {
        self.write(|w| w.create_time(&time))
    }

    /// Logs an error instead of returning it, as [`Track::track_or_log`](crate::Track::track_or_log) does.
    pub fn or_log(self) -> TrackOrLogFuture<'s, D::Receipt> {
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
    type IntoFuture = TrackFuture<'s, D::Receipt, Always>;

    fn into_future(self) -> Self::IntoFuture {
        let (session, name) = (self.session, self.event_type.google_name());
        TrackFuture::of(self.encode(), name, session)
    }
}

impl<D> fmt::Debug for SessionEvent<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionEvent").field("event_type", &self.event_type).finish_non_exhaustive()
    }
}
