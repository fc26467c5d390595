//! A headless Chromium of its own for each test, driven by Debian's chromedriver.

use std::future::Future;
use std::process::Stdio;
use std::time::Duration;

use fantoccini::key::Key;
use fantoccini::wd::{Capabilities, TimeoutConfiguration, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::Result;

/// How long a page has to show what it is to show. Far more than it takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a test looks through.
#[derive(Clone, Copy)]
pub(crate) struct Screen {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) phone: bool,
    pub(crate) dark: bool,
}

pub(crate) const DESKTOP: Screen = Screen { width: 1280, height: 900, phone: false, dark: false };
pub(crate) const PHONE: Screen = Screen { width: 390, height: 844, phone: true, dark: true };

/// Looks at `url` through `screen`, and closes the browser also where the test fails.
pub(crate) async fn browse<F, Fut>(screen: Screen, url: String, look: F) -> Result
where
    F: FnOnce(Client) -> Fut,
    Fut: Future<Output = Result> + Send + 'static,
{
    let profile = TempDir::new()?;
    let (_driver, address) = driver(&profile).await?;
    let mut builder = ClientBuilder::new(HttpConnector::new());
    let client = builder.capabilities(capabilities(screen, &profile)).connect(&address).await?;
    let mut timeouts = TimeoutConfiguration::default();
    timeouts.set_script(Some(PATIENCE * 2));
    client.update_timeouts(timeouts).await?;
    client.goto(&url).await?;
    let looked = tokio::spawn(look(client.clone())).await;
    client.close().await?;
    looked?
}

async fn driver(profile: &TempDir) -> Result<(Child, String)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .env("TMPDIR", profile.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|e| {
            format!(
                "chromedriver does not start ({e}): `scripts/test.sh browser` installs it, or on Debian \
                 `apt-get install chromium chromium-driver`"
            )
        })?;
    let mut lines = BufReader::new(driver.stdout.take().ok_or("chromedriver has no output")?).lines();
    let port = timeout(PATIENCE, async {
        while let Some(line) = lines.next_line().await? {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                return Ok(port.trim_end_matches('.').to_owned());
            }
        }
        Result::<String>::Err("chromedriver ended before it listened".into())
    });
    let port = port.await??;
    // Else it would stop when nobody reads what it writes.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok((driver, format!("http://127.0.0.1:{port}")))
}

fn capabilities(screen: Screen, profile: &TempDir) -> Capabilities {
    let Screen { width, height, phone, dark } = screen;
    let mut args = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--force-device-scale-factor=1",
        "--lang=en-GB",
    ]
    .map(str::to_owned)
    .to_vec();
    args.push(format!("--window-size={width},{height}"));
    args.push(format!("--user-data-dir={}", profile.path().join("profile").display()));
    args.push(format!("--blink-settings=preferredColorScheme={}", if dark { 0 } else { 1 }));
    let mut options = json!({"args": args});
    if phone {
        let metrics = json!({"width": width, "height": height, "pixelRatio": 1.0, "touch": true});
        options["mobileEmulation"] = json!({"deviceMetrics": metrics});
    }
    let logs = json!({"browser": "ALL"});
    [("goog:chromeOptions".into(), options), ("goog:loggingPrefs".into(), logs)].into_iter().collect()
}

/// What a test asks a page.
pub(crate) trait Page {
    /// What a JavaScript expression says, as soon as it is something.
    async fn until(&self, expression: &str) -> Result<Value>;

    async fn say(&self, expression: &str) -> Result<Value>;

    /// Presses a button, a link or a summary: by the keyboard, as a pointer misses what moves while events arrive.
    async fn press(&self, css: &str) -> Result;

    /// What the browser complained about: scripts and requests that were not let through, and exceptions.
    async fn complaints(&self) -> Result<Vec<Value>>;
}

impl Page for Client {
    async fn until(&self, expression: &str) -> Result<Value> {
        // In the page itself, so that nothing is asked again and again from outside.
        let script = format!(
            "const [patience, done] = arguments, end = performance.now() + patience;
            const look = () => {{
                const found = {expression};
                if (found || performance.now() > end) done([found]);
                else setTimeout(look, 20);
            }};
            look();"
        );
        let found = self.execute_async(&script, vec![json!(PATIENCE.as_millis() as u64)]).await?;
        match found.get(0) {
            Some(found) if !matches!(found, Value::Null | Value::Bool(false)) => Ok(found.clone()),
            _ => {
                let text = self.say("document.body.innerText.slice(0, 2000)").await?;
                Err(format!("the page never came to {expression}; it says {text}").into())
            }
        }
    }

    async fn say(&self, expression: &str) -> Result<Value> {
        Ok(self.execute(&format!("return ({expression})"), vec![]).await?)
    }

    async fn press(&self, css: &str) -> Result {
        Ok(self.find(Locator::Css(css)).await?.send_keys(&char::from(Key::Enter).to_string()).await?)
    }

    async fn complaints(&self) -> Result<Vec<Value>> {
        match self.issue_cmd(BrowserLog).await? {
            Value::Array(entries) => Ok(entries),
            other => Err(format!("no log: {other}").into()),
        }
    }
}

/// Chromedriver's own command for the browser's console.
#[derive(Debug)]
struct BrowserLog;

impl WebDriverCompatibleCommand for BrowserLog {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> std::result::Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({"type": "browser"}).to_string()))
    }
}
