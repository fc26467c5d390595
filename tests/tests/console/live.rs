//! The live page.

use axum::body::Bytes;
use fantoccini::Locator;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use talent_events::ClientEvent;
use talent_events::JobEventType::{ApplicationRedirectFromSearch, Impression, View};
use talent_events_emulator::Emulator;

use crate::Result;
use crate::browser::{DESKTOP, PHONE, Page, browse};
use crate::data::{TENANT, client, event};

/// How many events are listed.
const ROWS: &str = "document.querySelectorAll('#events > li').length";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium: scripts/test.sh browser"]
async fn events_appear_as_they_arrive_and_open_to_their_json_and_warnings() -> Result {
    let emulator = Emulator::start().await?;
    let sender = client(&emulator).await?;
    browse(DESKTOP, format!("http://{}/", emulator.host()), async move |page| {
        page.until(
            "document.querySelector('#state').dataset.state === 'live' && !document.querySelector('#empty').hidden",
        )
        .await?;
        let host = page.say("document.querySelector('#empty pre').textContent").await?;
        assert_eq!(host, format!("export TALENT_EMULATOR_HOST={}", emulator.host()));

        let mut view = event(View, "search:7f/1=", "42")?;
        view.event_notes = "position 3".into();
        sender.create_client_event(&view).await?;
        page.until(&format!("{ROWS} === 1")).await?;
        let row = page.say("document.querySelector('.event').innerText").await?;
        for text in ["VIEW", "42", "search:7f/1=", "position 3"] {
            assert!(row.as_str().is_some_and(|row| row.contains(text)), "{text}: {row}");
        }
        page.until("document.querySelector('.event .badges').innerText.includes('impressions-none')").await?;

        page.press(".event summary").await?;
        let json = page.until("document.querySelector('.event pre')?.textContent").await?;
        let shown: serde_json::Value = serde_json::from_str(json.as_str().ok_or("a text")?)?;
        assert_eq!(shown["event"], json!(view));
        let words = page.say("document.querySelector('.event .warnings').innerText").await?;
        assert!(
            words.as_str().is_some_and(|w| w.contains("without any IMPRESSION") && w.contains("source: Google")),
            "{words}"
        );

        // The impression came late: it settles the warning of the event beside it.
        sender.create_client_event(&event(Impression, "search:7f/1=", "42")?).await?;
        page.until(&format!("{ROWS} === 2 && !document.querySelector('#events').innerText.includes('⚠')")).await?;
        page.until("document.querySelector('#total').textContent === '2 events'").await?;

        emulator.clear();
        page.until(&format!("{ROWS} === 0 && !document.querySelector('#empty').hidden")).await?;
        assert_eq!(page.complaints().await?, [] as [serde_json::Value; 0]);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium: scripts/test.sh browser"]
async fn filters_hold_for_what_is_there_and_for_what_comes() -> Result {
    let emulator = Emulator::start().await?;
    let sender = client(&emulator).await?;
    for (what, id, job) in [(Impression, "a/1=", "nurse-1"), (View, "a/1=", "nurse-1"), (View, "b/2=", "cook-7")] {
        sender.create_client_event(&event(what, id, job)?).await?;
    }
    browse(DESKTOP, format!("http://{}/?type=VIEW", emulator.host()), async move |page| {
        let jobs = "[...document.querySelectorAll('.event .job')].map((job) => job.textContent).join()";
        page.until(&format!("{jobs} === 'cook-7,nurse-1'")).await?;
        assert_eq!(page.say("document.querySelector('[name=type]').value").await?, "VIEW");

        page.find(Locator::Css("[name=requestId]")).await?.send_keys("b/").await?;
        page.until(&format!("{jobs} === 'cook-7' && location.search.includes('requestId=b%2F')")).await?;
        sender.create_client_event(&event(View, "a/1=", "nurse-1")?).await?;
        sender.create_client_event(&event(Impression, "b/2=", "cook-7")?).await?;
        sender.create_client_event(&event(View, "b/2=", "cook-8")?).await?;
        page.until(&format!("{jobs} === 'cook-8,cook-7'")).await?;

        page.find(Locator::Css("[name=job]")).await?.send_keys("k-7").await?;
        page.until(&format!("{jobs} === 'cook-7'")).await?;
        page.press("[type=reset]").await?;
        page.until(&format!("{ROWS} === 6 && location.search === ''")).await?;

        // Paused nothing moves; after that nothing is missing.
        page.press("#pause").await?;
        page.until("document.querySelector('#state').dataset.state === 'paused'").await?;
        sender.create_client_event(&event(View, "c", "welder-3")?).await?;
        assert_eq!(page.say(ROWS).await?, 6);
        page.press("#pause").await?;
        page.until(&format!("{ROWS} === 7")).await?;
        assert_eq!(page.say("document.querySelector('.event .job').textContent").await?, "welder-3");
        assert_eq!(page.complaints().await?, [] as [serde_json::Value; 0]);
        Ok(())
    })
    .await
}

/// What a filter hides may change what is known of what it shows.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium: scripts/test.sh browser"]
async fn a_filtered_page_hears_of_what_it_does_not_show() -> Result {
    let emulator = Emulator::start().await?;
    let sender = client(&emulator).await?;
    browse(DESKTOP, format!("http://{}/?type=VIEW", emulator.host()), async move |page| {
        page.until("document.querySelector('#state').dataset.state === 'live'").await?;
        let mut wrong = event(View, "a", "42")?;
        wrong.job_event.jobs.clear();
        refused(&emulator, &wrong).await?;
        page.until("document.querySelector('#empty').textContent.includes('1 call was refused')").await?;
        page.until("document.querySelector('#total').textContent === '0 events, 1 refused call'").await?;

        sender.create_client_event(&event(Impression, "a", "42")?).await?;
        sender.create_client_event(&event(View, "a", "42")?).await?;
        page.until(&format!("{ROWS} === 1")).await?;
        sender.create_client_event(&event(ApplicationRedirectFromSearch, "a", "42")?).await?;
        page.until("document.querySelector('.event .badges').innerText.includes('redirect-from-search-alone')").await?;
        page.until("document.querySelector('#total').textContent.startsWith('3 events')").await?;
        // And of what is known of request ids.
        emulator.know_request_id("other".parse()?);
        page.until("document.querySelector('.event .badges').innerText.includes('request-id-synthetic')").await?;
        emulator.forget_request_ids();
        page.until("!document.querySelector('.event .badges').innerText.includes('request-id-synthetic')").await?;
        assert_eq!(page.say(ROWS).await?, 1);
        assert_eq!(page.complaints().await?, [] as [serde_json::Value; 0]);

        page.goto(&format!("http://{}/dashboard", emulator.host())).await?;
        let tile = "document.querySelectorAll('#tiles dd b')[2]?.textContent";
        page.until(&format!("{tile} === '1'")).await?;
        refused(&emulator, &wrong).await?;
        page.until(&format!("{tile} === '2'")).await?;
        Ok(())
    })
    .await
}

/// A call that records nothing.
async fn refused(emulator: &Emulator, event: &ClientEvent) -> Result {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let uri = format!("http://{}/v4/{TENANT}/clientEvents", emulator.host());
    let answer = client.request(http::Request::post(uri).body(Full::new(serde_json::to_vec(event)?.into()))?).await?;
    assert_eq!(answer.status(), 400);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium: scripts/test.sh browser"]
async fn it_fits_a_phone_and_the_dark() -> Result {
    let emulator = crate::data::emulator(300).await?;
    let host = emulator.host();
    browse(PHONE, format!("http://{host}/"), async move |page| {
        for path in ["/", "/dashboard", "/timeline?requestId=nobody%27s"] {
            page.goto(&format!("http://{host}{path}")).await?;
            page.until("document.querySelector('#state').dataset.state === 'live'").await?;
            page.until("document.querySelector('.event, [data-ready], #empty:not([hidden])')?.tagName").await?;
            assert_eq!(page.say("innerWidth").await?, 390);
            // No wider than the screen, and no text smaller than can be read.
            assert_eq!(page.say("document.documentElement.scrollWidth").await?, 390, "{path}");
            let smallest =
                "Math.min(...[...document.querySelectorAll('main *')].filter((e) => e.innerText && !e.closest('svg'))
                .map((e) => parseFloat(getComputedStyle(e).fontSize)))";
            assert!(page.say(smallest).await?.as_f64().is_some_and(|px| px >= 12.0), "{path}");
            let (text, ground) = ("color", "backgroundColor");
            let light = |what| {
                format!(
                    "getComputedStyle(document.body).{what}.match(/\\d+/g).map(Number).reduce((a, b) => a + b) > 384"
                )
            };
            assert_eq!(page.say(&light(text)).await?, true, "{path}");
            assert_eq!(page.say(&light(ground)).await?, false, "{path}");
        }
        assert_eq!(page.complaints().await?, [] as [serde_json::Value; 0]);
        drop(emulator);
        Ok(())
    })
    .await
}
