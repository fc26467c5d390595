use talent_events::{JobName, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(request_id = none)]
enum BoardEvent {
    #[talent(event = View)]
    Opened(#[talent(job)] JobName),
    #[talent(skp)]
    Heartbeat,
}

async fn send(event: BoardEvent, client: &TalentClient) {
    if let Ok(Some(receipt)) = event.track(client).await {
        println!("{}", receipt.event_id);
    }
}

fn main() {}
