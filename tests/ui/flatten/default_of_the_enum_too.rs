use talent_events::{JobName, RequestId, TalentClient, TalentContext, TalentEvent, Track};

#[derive(TalentContext)]
struct Visit {
    #[talent(request_id)]
    search: RequestId,
    #[talent(private)]
    user: String,
}

#[derive(TalentEvent)]
#[talent(request_id = none)]
enum BoardEvent {
    #[talent(event = Bookmark)]
    Saved {
        #[talent(job)]
        job: JobName,
        #[talent(flatten)]
        visit: Visit,
    },
}

async fn send(event: BoardEvent, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
