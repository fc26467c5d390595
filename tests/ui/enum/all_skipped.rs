use talent_events::{TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
enum BoardEvent {
    #[talent(skip)]
    Heartbeat,
    #[talent(skip)]
    Resized { width: u32 },
}

async fn send(event: BoardEvent, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
