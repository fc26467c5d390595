//! What depends on the environment runs in a process of its own: the test starts its own binary again, with itself as
//! the only test and an environment of its own.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::Result;

const CHILD: &str = "TALENT_TEST_CHILD";

/// In the child, the argument its parent gave.
pub(crate) fn argument() -> Option<String> {
    std::env::var(CHILD).ok()
}

/// Runs the test at this path (`module_path!()` and its name) with this environment and nothing else; answers what it
/// wrote.
pub(crate) async fn run(
    module: &str,
    test: &str,
    argument: &str,
    home: &Path,
    environment: &[(&str, &str)],
) -> Result<String> {
    let module = module.split_once("::").map_or("", |(_crate, path)| path);
    let out = Command::new(std::env::current_exe()?)
        .args([&format!("{module}::{test}"), "--exact", "--nocapture"])
        .env_clear()
        .env("HOME", home)
        .env(CHILD, argument)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    if !out.status.success() || !said.contains("1 passed") {
        return Err(format!("the child of {module}::{test} failed ({}):\n{said}", out.status).into());
    }
    Ok(said)
}
