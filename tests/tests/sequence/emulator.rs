//! Applications told to an emulator that knows its searches.

use std::collections::BTreeSet;

use talent_events::event::rules::Defect;
use talent_events::sequence::{ApplicationFunnel, stage};
use talent_events::{ClientEvent, JobEvent, JobEventType, TalentClient};
use talent_events_emulator::Emulator;

use super::{job, search, tenant};

/// Knows the search `search-7f`, which showed job 42 on its page.
async fn strict() -> (Emulator, TalentClient) {
    let emulator = Emulator::builder().strict().known_request_id(search("search-7f")).start().await.unwrap();
    let client = TalentClient::builder(tenant()).emulator(emulator.host()).connect().await.unwrap();
    (emulator, client)
}

fn rules(defects: &[Defect]) -> BTreeSet<&str> {
    defects.iter().map(|d| d.rule.id()).collect()
}

/// The description's `track_application_funnel`: started, finished, CV sent, as one application of a known search.
#[tokio::test]
async fn the_descriptions_funnel_under_the_id_of_the_search_has_no_defect() {
    let (emulator, client) = strict().await;
    let mut shown = ClientEvent::new(JobEvent::new(JobEventType::Impression, [job("41"), job("42")]));
    shown.request_id = Some(search("search-7f"));
    client.create_client_event(&shown).await.unwrap();

    let funnel = ApplicationFunnel::begin(&client, search("search-7f"), job("42")).unwrap();
    let funnel = funnel.start().notes("User initiated application process").await.unwrap();
    let stored = serde_json::to_string(&funnel.checkpoint()).unwrap();
    drop(funnel);

    let checkpoint: talent_events::Checkpoint = serde_json::from_str(&stored).unwrap();
    let funnel = checkpoint.resume::<stage::Started, _>(&client).unwrap();
    let funnel = funnel.finish().notes("User completed application form").await.unwrap();
    let funnel = funnel.send_cv().await.unwrap();
    let funnel = funnel.hire().await.unwrap();
    assert_eq!(funnel.receipt().map(|e| e.job_event.r#type), Some(JobEventType::Hired));

    let recorded = emulator.recorded(5).await;
    assert!(recorded.iter().all(|r| !r.discarded));
    assert_eq!(emulator.defects(), []);
}

/// The same as the description has it, under an id that no search has.
#[tokio::test]
async fn the_descriptions_funnel_under_its_made_up_id_is_discarded() {
    let (emulator, client) = strict().await;
    let funnel = ApplicationFunnel::for_applicant(&client, "u1", job("42")).unwrap();
    let funnel = funnel.start().await.unwrap().finish().await.unwrap();
    funnel.send_cv().await.unwrap();
    let recorded = emulator.recorded(3).await;
    assert!(recorded.iter().all(|r| r.discarded));
    assert_eq!(rules(&emulator.defects()), BTreeSet::from(["request-id-synthetic", "impressions-none"]));
}
