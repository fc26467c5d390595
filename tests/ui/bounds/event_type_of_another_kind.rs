use talent_events::{JobEventType, JobName, RequestId, TalentClient, TalentEvent, Track};

fn needs_a_type<T: talent_events::event::EventType>(_: T) {}

#[derive(TalentEvent)]
#[talent(event = View)]
struct Opened {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
}

fn check() {
    needs_a_type(JobEventType::View);
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
