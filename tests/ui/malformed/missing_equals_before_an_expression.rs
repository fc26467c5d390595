use talent_events::{JobName, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = View, request_id none, job self.name())]
struct Opened {
    job: JobName,
}

impl Opened {
    fn name(&self) -> &JobName {
        &self.job
    }
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
