use talent_events::{TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = View, request_id = none, job = posting.trim())]
struct Opened {
    posting: String,
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
