//! Google's client for Node, with its default settings.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use talent_events::JobEventType;
use talent_events_emulator::Emulator;
use tokio::process::Command;
use tokio::time;

use crate::Result;
use crate::sample::TENANT;

/// Node loads Google's package slowly while other tests keep the machine busy.
const TIMEOUT: Duration = Duration::from_secs(120);

/// From a search to an event that counts.
#[tokio::test]
#[ignore = "needs Google's client for Node: scripts/test.sh google"]
async fn a_script_searches_and_tracks() -> Result {
    let script = std::env::var_os("TALENT_TEST_NODE").map(PathBuf::from);
    let script = script.ok_or("set TALENT_TEST_NODE to the output of scripts/node_modules.sh")?;
    let emulator = Emulator::builder().strict().jobs(["a", "b", "c"]).start().await?;
    let address = emulator.address();
    // With an environment of its own, because proxies and credentials of the machine are no part of the test.
    let mut node = Command::new("node");
    node.arg(script).args([&*address.ip().to_string(), &address.port().to_string(), TENANT]).kill_on_drop(true);
    node.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    let ended = time::timeout(TIMEOUT, node.output()).await??;
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));

    let printed: Value = serde_json::from_slice(&ended.stdout)?;
    let jobs = ["a", "b"].map(|id| format!("{TENANT}/jobs/{id}"));
    assert_eq!((&printed["totalSize"], &printed["jobs"]), (&json!(3), &json!(jobs)), "{printed}");
    let [recorded] = &emulator.events()[..] else { panic!("{printed}") };
    assert!(!recorded.discarded, "the request id is the search's");
    assert_eq!(recorded.event.job_event.r#type, JobEventType::Impression);
    assert_eq!(recorded.event.request_id.as_ref().map(|id| id.as_str()), printed["requestId"].as_str());
    Ok(())
}
