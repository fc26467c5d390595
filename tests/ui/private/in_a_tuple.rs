use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = View, notes = "for {_2}")]
struct Opened(#[talent(job)] JobName, #[talent(request_id)] RequestId, #[talent(private)] String);

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
