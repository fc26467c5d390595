use talent_events::{TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = View)]
union Opened {
    job: u64,
    position: u32,
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
