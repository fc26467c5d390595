use talent_events::{TalentEvent, TrackError, Tracker};

#[derive(TalentEvent)]
#[talent(event = View, request_id = from_session)]
struct JobOpened {
    #[talent(job)]
    job: String,
}

fn opened(job: String, tracker: &Tracker) -> Result<(), TrackError> {
    tracker.enqueue(&JobOpened { job })
}

fn main() {}
