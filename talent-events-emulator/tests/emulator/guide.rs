//! The examples of `docs/emulator.md`.

use crate::support::http::{get, post, send};
use serde_json::Value;
use talent_events_emulator::Emulator;

const GUIDE: &str = include_str!("../../../docs/emulator.md");
const ADDRESS: &str = "http://127.0.0.1:8484";

/// Runs each `curl` of the first chapter in order. The defects are those in its comments.
#[tokio::test]
async fn the_calls_of_the_guide_have_the_effects_of_its_comments() {
    let emulator = Emulator::start().await.unwrap();
    let chapter = GUIDE.split("\n## ").find(|chapter| chapter.starts_with("In under a minute")).unwrap();
    let mut judged = Vec::new();
    for call in chapter.split(&format!("\ncurl {ADDRESS}")).skip(1) {
        let (path, rest) = call.split_once([' ', '\n']).unwrap_or((call, ""));
        match rest.trim_start().strip_prefix("-d '") {
            Some(body) => {
                let answer = post(&emulator, path, body.split('\'').next().unwrap().to_owned()).await;
                assert_eq!(answer.status, 200, "{}", answer.text);
            }
            None => {
                let answer = get(&emulator, path).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.text);
                if let Some((_, comment)) = rest.lines().next().unwrap_or_default().split_once("# ") {
                    let found = answer.json()["defects"].as_array().unwrap().clone();
                    let rules: Vec<_> = found.iter().map(|defect| defect["rule"].as_str().unwrap()).collect();
                    assert_eq!(if rules.is_empty() { "none".into() } else { rules.join(", ") }, comment);
                    judged.push(comment);
                }
            }
        }
    }
    assert_eq!(judged, ["none", "request-id-missing"]);
}

/// The guide's table has all endpoints of the emulator's list.
#[tokio::test]
async fn the_guide_names_all_endpoints() {
    let emulator = Emulator::start().await.unwrap();
    let list = get(&emulator, "/emulator/v1").await.json();
    for endpoint in list["endpoints"].as_array().unwrap() {
        let path = endpoint["path"].as_str().unwrap();
        let rows: Vec<_> = GUIDE.lines().filter(|line| line.starts_with('|') && line.contains(path)).collect();
        for method in endpoint["methods"].as_array().unwrap().iter().filter_map(Value::as_str) {
            assert!(rows.iter().any(|row| row.contains(method)), "{method} {path} is not in the guide");
        }
    }
}

#[tokio::test]
async fn the_faults_of_the_guide_are_read() {
    let emulator = Emulator::start().await.unwrap();
    let chapter = GUIDE.split("\n## ").find(|chapter| chapter.starts_with("Faults")).unwrap();
    let list = chapter.split("```json\n").nth(1).and_then(|block| block.split("```").next()).unwrap();
    let put = send(&emulator, "PUT", "/emulator/v1/faults", list).await;
    assert_eq!((put.status.as_u16(), put.json().as_array().unwrap().len()), (200, 4), "{}", put.text);
}
