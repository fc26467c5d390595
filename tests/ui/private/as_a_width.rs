use talent_events::{JobName, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = View, request_id = none, notes = "{channel:>salary$}")]
struct Opened {
    #[talent(job)]
    job: JobName,
    channel: String,
    #[talent(private)]
    salary: usize,
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
