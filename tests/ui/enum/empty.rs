use talent_events::{TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
enum BoardEvent {}

async fn send(event: BoardEvent, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
