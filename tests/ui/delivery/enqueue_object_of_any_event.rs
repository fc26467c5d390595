use talent_events::{TalentEvent, TrackError, Tracker};

fn all(events: &[Box<dyn TalentEvent>], tracker: &Tracker) -> Result<(), TrackError> {
    events.iter().try_for_each(|event| tracker.enqueue(event))
}

fn main() {}
