use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = View, event_id "{position}-view")]
struct Opened {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
    position: u32,
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
