use talent_events::{JobName, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = View)]
struct Opened<C> {
    #[talent(job)]
    job: JobName,
    #[talent(flatten)]
    visit: C,
}

async fn send(event: Opened<u64>, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
