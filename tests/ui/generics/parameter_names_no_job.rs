use talent_events::{RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = View)]
struct Opened<J> {
    #[talent(job)]
    job: J,
    #[talent(request_id)]
    search: RequestId,
}

async fn send(event: Opened<u64>, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
