use talent_events::{JobName, RequestId, TalentClient, TalentContext, TalentEvent, Track};

#[derive(TalentContext)]
struct Visit {
    #[talent(request_id)]
    search: RequestId,
    device: String,
}

#[derive(TalentEvent)]
#[talent(event = View, notes = "position {position}, {visit}")]
struct Opened {
    #[talent(job)]
    job: JobName,
    #[talent(flatten)]
    visit: Visit,
    position: u32,
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
