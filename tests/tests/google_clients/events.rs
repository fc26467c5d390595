//! What Google's Python client sends is recorded as it was meant, and it reads the answers.

use std::collections::BTreeSet;

use serde_json::json;
use talent_events::{ClientEvent, JobEvent, JobEventType, RequestId};
use talent_events_emulator::Emulator;

use crate::Result;
use crate::python_client::{BOTH, GoogleClient, create};
use crate::sample::{TENANT, events, fields, job, tenant};

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn every_type_and_every_field_arrives() -> Result {
    for transport in BOTH {
        let emulator = Emulator::start().await?;
        let mut client = GoogleClient::start(transport, &emulator)?;
        let sent = events()?;
        for event in &sent {
            let answer = client.create(fields(event)).await?;
            assert_eq!(answer, json!({"event": fields(event)}), "{transport:?}");
        }
        let recorded = emulator.events();
        assert!(recorded.iter().all(|recorded| recorded.tenant.as_str() == TENANT && !recorded.discarded));
        let recorded: Vec<_> = recorded.into_iter().map(|recorded| recorded.event).collect();
        assert_eq!(recorded, sent, "{transport:?}");
        for r#type in JobEventType::ALL {
            assert!(emulator.stats().kept(r#type) > 0, "{type} over {transport:?}");
        }
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn a_tenant_s_name_needs_no_ascii() -> Result {
    for transport in BOTH {
        let emulator = Emulator::start().await?;
        let mut client = GoogleClient::start(transport, &emulator)?;
        let parent = "projects/acme/tenants/böard 1";
        let mut event = events()?.swap_remove(1);
        event.job_event.jobs = vec![format!("{parent}/jobs/42").parse()?];
        let answer = client.call(json!({"parent": parent, "event": fields(&event)})).await?;
        assert_eq!(answer, json!({"event": fields(&event)}), "{transport:?}");
        assert_eq!(emulator.events()[0].tenant.as_str(), parent, "{transport:?}");
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn a_hundred_at_once() -> Result {
    for transport in BOTH {
        let emulator = Emulator::start().await?;
        let mut client = GoogleClient::start(transport, &emulator)?;
        let sent: Vec<_> = (0..100).map(numbered).collect::<Result<_>>()?;
        let answers = client.calls(sent.iter().map(|event| create(fields(event))).collect()).await?;
        for (event, answer) in sent.iter().zip(&answers) {
            assert_eq!(*answer, json!({"event": fields(event)}), "{transport:?}");
        }
        let recorded = emulator.events();
        assert_eq!(recorded.len(), 100, "{transport:?}");
        let ids: BTreeSet<_> = recorded.iter().map(|recorded| recorded.event.event_id.as_str()).collect();
        assert_eq!(ids, sent.iter().map(|event| event.event_id.as_str()).collect(), "{transport:?}");
        assert_eq!(emulator.stats().total_refused(), 0);
    }
    Ok(())
}

fn numbered(n: u32) -> Result<ClientEvent> {
    let mut event = ClientEvent::new(JobEvent::new(JobEventType::View, [job(&n.to_string())?]));
    event.request_id = Some(RequestId::new("search-7f")?);
    event.event_id = format!("e-{n}").parse()?;
    Ok(event)
}

/// From a search to an event that counts: only an id that a search has answered makes it count.
#[tokio::test]
#[ignore = "needs Google's Python client: scripts/test.sh google"]
async fn the_request_id_of_a_search_makes_events_count() -> Result {
    for transport in BOTH {
        let emulator = Emulator::builder().strict().jobs(["a", "b", "c"]).start().await?;
        let mut client = GoogleClient::start(transport, &emulator)?;
        let found = client.call(json!({"parent": TENANT, "pageSize": 2})).await?;
        assert_eq!(found["totalSize"], 3, "{found}");
        assert_eq!(found["jobs"], json!([format!("{TENANT}/jobs/a"), format!("{TENANT}/jobs/b")]));

        let mut shown =
            ClientEvent::new(JobEvent::new(JobEventType::Impression, [tenant()?.job("a")?, tenant()?.job("b")?]));
        shown.request_id = Some(found["requestId"].as_str().ok_or("a request id")?.parse()?);
        let mut made_up = shown.clone();
        made_up.request_id = Some(RequestId::new("session-7")?);
        for event in [&shown, &made_up] {
            assert_eq!(client.create(fields(event)).await?, json!({"event": fields(event)}), "{transport:?}");
        }
        let discarded: Vec<_> = emulator.events().iter().map(|recorded| recorded.discarded).collect();
        assert_eq!(discarded, [false, true], "{transport:?}");
    }
    Ok(())
}
