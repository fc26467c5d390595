use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = Impression)]
struct ApplicationSubmitted {
    #[talent(request_id)]
    search: RequestId,
    #[talent(jobs)]
    shown: [JobName; 0],
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
