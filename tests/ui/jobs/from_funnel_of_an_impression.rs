use talent_events::sequence::stage::AnyStage;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent};

#[derive(TalentEvent)]
#[talent(event = Impression, request_id = from_session, job = from_funnel)]
struct ApplicationSubmitted {
    position: u32,
}

async fn send(event: ApplicationSubmitted, funnel: ApplicationFunnel<BoxDestination<()>, AnyStage>) {
    let _ = funnel.record_any(&event).await;
}

fn main() {}
