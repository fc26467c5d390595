use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = Impression, jobs = "shown")]
struct ApplicationSubmitted {
    #[talent(request_id)]
    search: RequestId,
    shown: Vec<JobName>,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
