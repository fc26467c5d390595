use talent_events::sequence::stage::AnyStage;
use talent_events::{ApplicationFunnel, BoxDestination, RequestId, TalentContext, TalentEvent};

#[derive(TalentContext)]
#[talent(job = from_funnel)]
struct Application {
    #[talent(request_id)]
    search: RequestId,
}

#[derive(TalentEvent)]
#[talent(event = Impression)]
struct ApplicationSubmitted {
    #[talent(flatten)]
    application: Application,
}

async fn send(event: ApplicationSubmitted, funnel: ApplicationFunnel<BoxDestination<()>, AnyStage>) {
    let _ = funnel.record_any(&event).await;
}

fn main() {}
