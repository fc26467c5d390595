use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

fn needs_a_type<E: talent_events::TypedEvent>(_: E) {}

#[derive(TalentEvent)]
enum BoardEvent {
    #[talent(event = Bookmark)]
    Saved {
        #[talent(job)]
        job: JobName,
        #[talent(request_id)]
        search: RequestId,
    },
}

fn check(event: BoardEvent) {
    needs_a_type(event);
}

async fn send(event: BoardEvent, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
