use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = Impression)]
struct ApplicationSubmitted {
    #[talent(jobs)]
    shown: Option<Vec<JobName>>,
    #[talent(request_id)]
    search: RequestId,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
