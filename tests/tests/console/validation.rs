//! The dashboard.

use talent_events::JobEventType::{ApplicationQuickSubmission, ApplicationStart, Bookmark, Hired, Impression, View};
use talent_events_emulator::Emulator;

use crate::Result;
use crate::browser::{DESKTOP, Page, browse};
use crate::data::{client, event};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium: scripts/test.sh browser"]
async fn the_dashboard_counts_rates_and_names_the_events_at_fault() -> Result {
    let emulator = Emulator::start().await?;
    let sender = client(&emulator).await?;
    for search in ["a", "b", "c", "d"] {
        sender.create_client_event(&event(Impression, search, "42")?).await?;
    }
    // A view and an application without an impression are no part of the rates.
    for (what, search) in
        [(View, "a"), (View, "a"), (View, "b"), (ApplicationStart, "a"), (Hired, "a"), (View, "e"), (Bookmark, "c")]
    {
        sender.create_client_event(&event(what, search, "42")?).await?;
    }
    browse(DESKTOP, format!("http://{}/dashboard", emulator.host()), async move |page| {
        page.until("'ready' in document.body.dataset").await?;
        let tile = |name: &str| format!("[...document.querySelectorAll('#tiles > div')].find((tile) => tile.querySelector('dt').textContent === '{name}').querySelector('b').textContent");
        assert_eq!(page.say(&tile("Events that count")).await?, "11");
        assert_eq!(page.say(&tile("View rate")).await?, "50.0 %");
        assert_eq!(page.say(&tile("Apply rate")).await?, "25.0 %");
        let funnel = "[...document.querySelectorAll('.funnel .searches b')].map((b) => b.textContent).join()";
        assert_eq!(page.say(funnel).await?, "4,2,1,0,1");
        // The picture says the same as the numbers.
        let widths = "[...document.querySelectorAll('.picture rect')].map((rect) => rect.getAttribute('width')).join()";
        assert_eq!(page.say(widths).await?, "100,50,25,0,25");
        let counts = "[...document.querySelectorAll('.counts tbody tr')].map((tr) => tr.innerText.replace(/\\s+/g, ' ').trim()).join('; ')";
        assert_eq!(page.say(counts).await?, "IMPRESSION 4; VIEW 4; APPLICATION_START 1; HIRED 1; BOOKMARK 1");
        assert!(page.say("document.querySelectorAll('.counts rect').length").await?.as_u64() >= Some(5));

        let defects = |rule: &str| format!("document.querySelector('[data-rule={rule}] .count')?.textContent");
        assert_eq!(page.say(&defects("impressions-none")).await?, "1");
        page.press("[data-rule=impressions-none] button").await?;
        page.until("document.querySelector('.offending article')?.innerText.startsWith('e')").await?;

        // It follows what comes, and what was opened stays open.
        let quick = event(ApplicationQuickSubmission, "a", "42")?;
        sender.create_client_event(&quick).await?;
        page.until(&format!("{} === '1'", defects("quick-alone"))).await?;
        assert_eq!(page.say(&tile("Events that count")).await?, "12");
        assert_eq!(page.say("document.querySelectorAll('.offending article').length").await?, 1);
        let reason = page.say("document.querySelector('[data-rule=quick-alone] .reason').innerText").await?;
        assert!(reason.as_str().is_some_and(|r| r.contains("Google says") && r.contains("forbidden")), "{reason}");
        page.press("[data-rule=quick-alone] button").await?;
        page.until(&format!("document.querySelector('#events-of-quick-alone').innerText.includes('{}')", quick.event_id)).await?;

        // An impression settles it, and the rule is gone from the table.
        sender.create_client_event(&event(Impression, "e", "42")?).await?;
        page.until("!document.querySelector('[data-rule=impressions-none]')").await?;
        assert_eq!(page.complaints().await?, [] as [serde_json::Value; 0]);
        drop(emulator);
        Ok(())
    })
    .await
}
