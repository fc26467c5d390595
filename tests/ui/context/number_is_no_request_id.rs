use talent_events::{JobName, TalentClient, TalentContext, TalentEvent, Track};

#[derive(TalentContext)]
struct Visit {
    #[talent(request_id)]
    search: u64,
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
