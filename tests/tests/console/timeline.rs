//! The timeline page.

use std::time::{Duration, SystemTime};

use talent_events::JobEventType::{ApplicationStart, Impression, View};
use talent_events::Timestamp;
use talent_events_emulator::Emulator;

use crate::Result;
use crate::browser::{DESKTOP, Page, browse};
use crate::data::{client, event};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium: scripts/test.sh browser"]
async fn all_events_of_a_request_id_are_in_the_order_in_which_they_happened() -> Result {
    let emulator = Emulator::start().await?;
    let sender = client(&emulator).await?;
    let now = SystemTime::now();
    // They arrive in another order.
    for (what, ago) in [(View, 120), (ApplicationStart, 30), (Impression, 300)] {
        let mut event = event(what, "search:7f/1=", "42")?;
        event.create_time = Timestamp::try_from(now - Duration::from_secs(ago))?;
        sender.create_client_event(&event).await?;
    }
    sender.create_client_event(&event(View, "search:7f/1", "another search's")?).await?;
    browse(DESKTOP, format!("http://{}/?job=42", emulator.host()), async move |page| {
        page.until("document.querySelectorAll('.event').length === 3").await?;
        page.press(".event summary").await?;
        page.until("document.querySelector('.event a.button')?.href").await?;
        page.press(".event a.button").await?;
        let types = "[...document.querySelectorAll('.timeline .pill')].map((pill) => pill.textContent).join()";
        page.until(&format!("{types} === 'IMPRESSION,VIEW,APPLICATION_START'")).await?;
        let after = "[...document.querySelectorAll('.timeline time small')].map((small) => small.textContent).join()";
        assert_eq!(page.say(after).await?, "+3 min,+1 min 30 s");

        // It follows what comes, and opens as the list does.
        sender.create_client_event(&event(View, "search:7f/1=", "never-shown")?).await?;
        page.until(&format!("{types} === 'IMPRESSION,VIEW,APPLICATION_START,VIEW'")).await?;
        // The list comes first, what is wrong with its events after it.
        page.until("document.querySelector('.event:last-child .badges').innerText.includes('job-not-shown')").await?;
        page.press(".event:last-child summary").await?;
        page.until("document.querySelector('.event:last-child .warnings')?.innerText.includes('no IMPRESSION')")
            .await?;
        assert_eq!(page.complaints().await?, [] as [serde_json::Value; 0]);
        drop(emulator);
        Ok(())
    })
    .await
}
