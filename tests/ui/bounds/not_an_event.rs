use talent_events::{TalentClient, Track};

struct Opened {
    job: u64,
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
