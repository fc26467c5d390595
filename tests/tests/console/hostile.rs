//! Who sends an event decides about its texts, and about nothing else.

use talent_events::JobEventType::View;
use talent_events_emulator::Emulator;

use crate::Result;
use crate::browser::{DESKTOP, Page, browse};
use crate::data::{client, event};

const SCRIPT: &str = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium: scripts/test.sh browser"]
async fn a_script_stays_text_wherever_it_is_shown() -> Result {
    let emulator = Emulator::start().await?;
    let sender = client(&emulator).await?;
    let mut event = event(View, SCRIPT, "42")?;
    event.event_notes = SCRIPT.into();
    event.event_id = SCRIPT.parse()?;
    event.job_event.jobs = vec![format!("projects/acme/tenants/board/jobs/{}", SCRIPT.replace('/', "\\")).parse()?];
    sender.create_client_event(&event).await?;
    // It would turn the letters of what stands behind it.
    let mut turned = crate::data::event(View, "turned\u{202e}", "43")?;
    turned.event_id = "id\u{202e}".parse()?;
    sender.create_client_event(&turned).await?;
    let host = emulator.host();
    browse(DESKTOP, format!("http://{host}/"), async move |page| {
        page.until("document.querySelectorAll('.event').length === 2").await?;
        page.press(".event summary").await?;
        let json = page.until("document.querySelector('.event pre')?.textContent").await?;
        assert!(json.as_str().is_some_and(|json| json.contains("id\\u202e") && !json.contains('\u{202e}')), "{json}");
        page.goto(&format!("http://{host}/?job=%3Cscript")).await?;
        page.until("document.querySelectorAll('.event').length === 1").await?;
        assert_eq!(page.say("document.querySelector('.event .notes').textContent").await?, SCRIPT);
        assert_eq!(page.say("document.querySelector('.event .request-id').textContent").await?, SCRIPT);
        page.press(".event summary").await?;
        page.until("document.querySelector('.event pre')?.textContent.includes('</script>')").await?;
        // Only the console's own elements are there.
        let foreign = "document.querySelectorAll('main script, main img, main [onerror]').length";
        assert_eq!(page.say(foreign).await?, 0);

        page.press(".event a.button").await?;
        page.until("location.pathname === '/timeline' && document.querySelector('.event .notes')?.textContent").await?;
        assert_eq!(page.say("document.querySelector('#request-id').textContent").await?, SCRIPT);
        assert_eq!(page.say(foreign).await?, 0);

        page.goto(&format!("http://{host}/dashboard")).await?;
        page.until("document.querySelector('[data-rule=impressions-none] button')?.tagName").await?;
        page.press("[data-rule=impressions-none] button").await?;
        page.until("document.querySelector('.offending code')?.textContent").await?;
        // Foreign texts stand by themselves, so that one that turns letters turns its own only.
        assert_eq!(page.say("document.querySelectorAll('.offending code > bdi').length").await?, 2);
        assert_eq!(page.say("document.querySelectorAll('.offending small > bdi').length").await?, 2);
        assert_eq!(page.say("document.querySelector('.offending code').textContent").await?, SCRIPT);
        assert_eq!(page.say(foreign).await?, 0);
        assert_eq!(page.say("document.title.includes('taken')").await?, false);

        // And if a mistake let one through, the browser would not run it.
        for mistake in ["document.body.innerHTML = '<b>'", "document.body.setAttribute('onclick', 'alert()')"] {
            let outcome =
                format!("(() => {{ try {{ {mistake}; return 'let through' }} catch (e) {{ return e.name }} }})()");
            assert_eq!(page.say(&outcome).await?, "TypeError", "{mistake}");
        }
        // The browser refused what the lines above tried, and had nothing to refuse before.
        let complaints = page.complaints().await?;
        assert!(
            complaints.iter().all(|c| c["message"].as_str().is_some_and(|m| m.contains("Trusted"))),
            "{complaints:?}"
        );
        drop(emulator);
        Ok(())
    })
    .await
}
