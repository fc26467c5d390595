use talent_events::sequence::stage::AnyStage;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent};

#[derive(TalentEvent)]
#[talent(request_id = from_session, job = from_funnel)]
enum Step {
    #[talent(event = ApplicationStart)]
    Began,
    #[talent(event = Impression)]
    Listed,
}

async fn send(event: Step, funnel: ApplicationFunnel<BoxDestination<()>, AnyStage>) {
    let _ = funnel.record_any(&event).await;
}

fn main() {}
