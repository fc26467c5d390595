//! The pictures in the guide, taken by the tests so that they show what is there: with
//! `TALENT_EVENTS_RENEW_PICTURES=1` they are written to `docs/`.

use std::path::Path;

use talent_events::JobEventType::{ApplicationQuickSubmission, ApplicationStart, Impression, View};

use crate::Result;
use crate::browser::{DESKTOP, PHONE, Page, Screen, browse};
use crate::data;

/// Most bytes of a picture.
const MAX_BYTES: usize = 200 * 1024;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium: scripts/test.sh browser"]
async fn the_live_page_in_the_light() -> Result {
    let badge = "document.querySelector('.event .badge')?.textContent === 'quick-alone'";
    let open = "document.querySelector('.event details').open = true";
    let opened = "document.querySelector('.event pre')?.textContent";
    take(Screen { height: 1000, ..DESKTOP }, "/", &[badge, open, opened], "console-live.png").await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium: scripts/test.sh browser"]
async fn the_dashboard_on_a_phone_in_the_dark() -> Result {
    let screen = Screen { height: 1500, ..PHONE };
    take(screen, "/dashboard", &["'ready' in document.body.dataset"], "console-dashboard.png").await
}

async fn take(screen: Screen, path: &str, steps: &[&str], name: &'static str) -> Result {
    let emulator = data::emulator(1_800).await?;
    let sender = data::client(&emulator).await?;
    for what in [Impression, View, ApplicationStart, ApplicationQuickSubmission] {
        let mut event = data::event(what, "search:8c41d07e55a2/1=", "night-nurse-riga")?;
        event.event_notes = if what == View { "position 1" } else { "" }.into();
        sender.create_client_event(&event).await?;
    }
    let steps: Vec<String> = steps.iter().map(|step| step.to_string()).collect();
    browse(screen, format!("http://{}{path}", emulator.host()), async move |page| {
        for step in &steps {
            page.until(step).await?;
        }
        let picture = page.screenshot().await?;
        assert!(picture.len() <= MAX_BYTES, "{name} has {} bytes", picture.len());
        if std::env::var_os("TALENT_EVENTS_RENEW_PICTURES").is_some() {
            std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name), picture)?;
        }
        drop(emulator);
        Ok(())
    })
    .await
}
