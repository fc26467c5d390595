use talent_events::sequence::stage::AnyStage;
use talent_events::{ApplicationFunnel, BoxDestination, TalentContext, TalentEvent};

#[derive(TalentContext)]
#[talent(request_id = none)]
struct Visit {
    device: String,
}

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, job = from_funnel)]
struct ApplicationSubmitted {
    #[talent(flatten)]
    visit: Visit,
}

async fn send(event: ApplicationSubmitted, funnel: ApplicationFunnel<BoxDestination<()>, AnyStage>) {
    let _ = funnel.record_any(&event).await;
}

fn main() {}
