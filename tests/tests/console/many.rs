//! A hundred thousand events.

use talent_events::JobEventType::{Impression, View};
use talent_events_emulator::Emulator;

use crate::Result;
use crate::browser::{DESKTOP, Page, browse};
use crate::data;

const COUNT: usize = 100_000;

/// Asserted loosely, as machines are slow and busy; what is aimed at is a second, and what was seen is printed.
const LOOSE_MS: f64 = 10_000.0;

/// A load test: all under one request id, and it goes on while one looks.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium: scripts/test.sh browser"]
async fn one_search_of_very_many_events_keeps_no_page_waiting() -> Result {
    const COUNT: usize = 30_000;
    let emulator = Emulator::start().await?;
    let lines: String = (0..COUNT)
        .map(|n| Ok(serde_json::to_string(&data::event(View, "load", &n.to_string())?)? + "\n"))
        .collect::<Result<_>>()?;
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), lines)?;
    emulator.import(file.path()).await?;
    let sender = data::client(&emulator).await?;
    let host = emulator.host();
    browse(DESKTOP, "about:blank".into(), async move |page| {
        for (path, filled) in [
            ("/", "document.querySelectorAll('.event .badge').length === 100"),
            ("/timeline?requestId=load", "document.querySelectorAll('.timeline .event').length === 500"),
            ("/dashboard", "document.querySelector('[data-rule=impressions-none]')"),
            ("/", "document.querySelectorAll('.event .badge').length === 100"),
        ] {
            page.goto(&format!("http://{host}{path}")).await?;
            page.until(&format!("{filled} && true")).await?;
            let filled = page.say("performance.now()").await?;
            println!("{COUNT} events of one search, {path}: filled after {filled} ms");
        }
        // The impression settles the warnings of all, sooner or later, whatever comes meanwhile.
        for n in 0..200 {
            sender.create_client_event(&data::event(View, "load", &n.to_string())?).await?;
        }
        let mut jobs = Vec::new();
        for n in 0..500 {
            jobs.push(format!("{}/jobs/{n}", data::TENANT).parse()?);
        }
        let mut shown = data::event(Impression, "load", "0")?;
        shown.job_event.jobs = jobs;
        shown.create_time = "2026-01-01T00:00:00Z".parse()?;
        sender.create_client_event(&shown).await?;
        page.until("!document.querySelector('#events').innerText.includes('impressions-none')").await?;
        assert_eq!(page.complaints().await?, [] as [serde_json::Value; 0]);
        drop(emulator);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium: scripts/test.sh browser"]
async fn the_console_stays_quick_with_a_hundred_thousand_events() -> Result {
    let emulator = data::emulator(COUNT).await?;
    let host = emulator.host();
    browse(DESKTOP, "about:blank".into(), async move |page| {
        for (path, filled) in [
            ("/", "document.querySelectorAll('.event').length === 100"),
            ("/?job=nurse&type=HIRED", "document.querySelectorAll('.event').length === 100"),
            ("/dashboard", "'ready' in document.body.dataset"),
        ] {
            page.goto(&format!("http://{host}{path}")).await?;
            page.until(filled).await?;
            let filled = page.say("performance.now()").await?;
            let paint = page.until("performance.getEntriesByName('first-contentful-paint')[0]?.startTime").await?;
            println!("{COUNT} events, {path}: first paint after {paint} ms, filled after {filled} ms");
            assert!(paint.as_f64().is_some_and(|ms| ms < LOOSE_MS), "{path}: {paint}");
        }

        // However many come, the page stays small, and shows the newest.
        page.goto(&format!("http://{host}/")).await?;
        page.until("document.querySelectorAll('.event').length === 100").await?;
        let sender = data::client(&emulator).await?;
        for n in 0..500 {
            sender
                .create_client_event(&data::event(talent_events::JobEventType::View, "flood", &n.to_string())?)
                .await?;
        }
        page.until("document.querySelector('.event .job').textContent === '499'").await?;
        assert!(page.say("document.querySelectorAll('.event').length").await?.as_u64() <= Some(200));
        // None is missing between the rows: further back it goes on where the page ends.
        let numbers = "[...document.querySelectorAll('.event')].map((e) => Number(e.dataset.number))";
        let oldest = page.say(&format!("{numbers}.at(-1)")).await?;
        page.press("#older").await?;
        page.until(&format!("{numbers}.at(-1) < {oldest} && {numbers}.length >= 200")).await?;
        let gaps = format!("{numbers}.filter((n, index, all) => index && all[index - 1] !== n + 1).length");
        assert_eq!(page.say(&gaps).await?, 0);
        Ok(())
    })
    .await
}
