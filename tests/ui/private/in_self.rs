use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(Debug, TalentEvent)]
#[talent(event = View, notes = "{self:?}")]
struct Opened {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
    #[talent(private)]
    email: String,
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
