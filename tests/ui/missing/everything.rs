use talent_events::{TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
struct ApplicationSubmitted {
    note: String,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
