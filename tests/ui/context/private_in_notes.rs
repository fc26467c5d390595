use talent_events::{JobName, RequestId, TalentClient, TalentContext, TalentEvent, Track};

#[derive(TalentContext)]
#[talent(notes = "by {user}")]
struct Visit {
    #[talent(request_id)]
    search: RequestId,
    #[talent(private)]
    user: String,
}

#[derive(TalentEvent)]
#[talent(event = View)]
struct Opened {
    #[talent(job)]
    job: JobName,
    #[talent(flatten)]
    visit: Visit,
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
