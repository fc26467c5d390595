//! The one page of a session: whether its impression is unsent, in flight, unanswered or sent.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::event::{EncodedEvent, JobName};
use crate::track::{Code, TrackError};

/// What became of the session's impression. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Page(Arc<Mutex<State>>);

#[derive(Default)]
enum State {
    #[default]
    Unsent,
    InFlight,
    /// It may have arrived or not.
    Unanswered(EncodedEvent),
    Sent,
}

impl Page {
    /// Admits the session's first impression, or a retry of it with the same jobs. `None`: the page is shown, or about
    /// to be.
    pub(super) fn show(&self, event: EncodedEvent) -> Option<Showing<'_>> {
        let mut state = self.state();
        let before = match &*state {
            State::Unsent => None,
            State::Unanswered(before) => Some(before.clone()),
            State::InFlight | State::Sent => return None,
        };
        *state = State::InFlight;
        let again = before.clone().filter(|before| same_jobs(before, &event));
        let is_retry = again.is_some();
        let event = again.unwrap_or(event);
        Some(Showing { page: self, then: State::Unanswered(event.clone()), event, is_retry, before })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics between two changes that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn same_jobs(a: &EncodedEvent, b: &EncodedEvent) -> bool {
    let [a, b] = [a, b].map(|event| event.to_client_event().job_event.jobs);
    a.iter().map(JobName::without_project).eq(b.iter().map(JobName::without_project))
}

/// An impression in flight. However it ends, also half-way, the page learns its outcome.
pub(super) struct Showing<'p> {
    page: &'p Page,
    /// The event to send: of a retry, the first one.
    pub(super) event: EncodedEvent,
    is_retry: bool,
    /// The event of an earlier attempt, as it may have arrived.
    before: Option<EncodedEvent>,
    /// What becomes of the page. Until there is an answer, that there was none.
    then: State,
}

impl Showing<'_> {
    pub(super) fn answered<R>(&mut self, outcome: &Result<R, TrackError>) {
        match outcome {
            Ok(_) => self.then = State::Sent,
            Err(e) if self.is_retry && e.rejected_code() == Some(Code::AlreadyExists) => self.then = State::Sent,
            Err(e) if e.may_have_arrived() => {}
            Err(why) => match self.before.take() {
                Some(before) => self.then = State::Unanswered(before),
                None if matches!(why, TrackError::Invalid(_) | TrackError::Rejected(_)) => self.then = State::Unsent,
                None => {}
            },
        }
    }
}

impl Drop for Showing<'_> {
    fn drop(&mut self) {
        *self.page.state() = mem::take(&mut self.then);
    }
}
