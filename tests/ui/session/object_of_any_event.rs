use talent_events::{TalentClient, TalentEvent, Track};

async fn send(event: &dyn TalentEvent, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
