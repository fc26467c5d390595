use talent_events::{JobName, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = View, request_id = from_session)]
struct Event {
    #[talent(job)]
    job: JobName,
}

mod board {
    #[derive(talent_events::TalentEvent)]
    pub enum Event {
        #[talent(transparent)]
        Inner(super::Event),
    }
}

async fn send(event: board::Event, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
