//! The program, run step by step as its users run it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use talent_events::JobEventType::*;
use talent_events_emulator::Emulator;

const FILE: &str = "hired_weeks_later.json";

#[tokio::test(flavor = "multi_thread")]
async fn one_application_over_many_runs() {
    let folder = tempfile::tempdir().unwrap();
    let emulator = Emulator::start().await.unwrap();
    let run = |arguments: &[&str]| {
        let output =
            program(folder.path()).args(arguments).env("TALENT_EMULATOR_HOST", emulator.host()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        text(&output.stdout).to_owned()
    };
    for (step, stage) in [
        ("VIEW", "Viewed"),
        ("APPLICATION_START", "Started"),
        ("APPLICATION_FINISH", "Applied"),
        ("INTERVIEW_GRANTED", "Interviewing"),
        ("HIRED", "Hired"),
    ] {
        let said = run(&[]);
        assert!(
            said.contains(&format!("  {step} as application-1017-")) && said.contains(&format!("Now at {stage};")),
            "{said}"
        );
        let stored: serde_json::Value = serde_json::from_slice(&fs::read(folder.path().join(FILE)).unwrap()).unwrap();
        assert_eq!(stored["stage"], stage);
    }
    assert!(run(&[]).contains("at its end (Hired)"));

    let events: Vec<_> = emulator.events().into_iter().map(|r| r.event).collect();
    let types: Vec<_> = events.iter().map(|e| e.job_event.r#type).collect();
    assert_eq!(types, [View, ApplicationStart, ApplicationFinish, InterviewGranted, Hired]);
    for event in &events {
        assert_eq!(event.request_id.as_ref().map(|id| id.as_str()), Some("search-7f"));
    }
    assert_eq!(events[2].event_notes, "3 CV pages");

    assert!(run(&["--reset"]).contains("forgotten"));
    assert!(run(&["--reset"]).contains("nothing to forget"));
    assert!(run(&[]).contains("Now at Viewed;"));
    let again = emulator.events().pop().unwrap().event;
    assert_eq!(again.event_id, events[0].event_id, "the same fact has the same id");
}

#[test]
fn it_needs_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    for stage in ["Viewed", "Started"] {
        let output = program(folder.path()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(text(&output.stdout).contains(&format!("Now at {stage};")), "{output:?}");
    }
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, [FILE]);
}

#[test]
fn a_step_that_fails_is_taken_by_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).unwrap().to_string();
    let output = program(folder.path()).env("TALENT_EMULATOR_HOST", nowhere).output().unwrap();
    failed(&output, "hired_weeks_later: ");
    assert!(!folder.path().join(FILE).exists());
    let output = program(folder.path()).output().unwrap();
    assert!(text(&output.stdout).contains("Now at Viewed;"), "{output:?}");
}

#[test]
fn a_file_that_can_not_be_resumed_is_told() {
    for (json, words) in [
        ("{", "holds no checkpoint that can be resumed: EOF"),
        (r#"{"version":9}"#, "`checkpoint.version`: expected 1, "),
        (
            r#"{"version":1,"request_id":"s","synthetic":false,"job":"projects/p/tenants/other/jobs/1","stage":"Open"}"#,
            "`checkpoint.job`: expected a job of `projects/",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), json).unwrap();
        failed(&program(folder.path()).output().unwrap(), words);
        assert_eq!(fs::read_to_string(folder.path().join(FILE)).unwrap(), json, "it is left as it is");
    }
}

#[test]
fn help_and_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    let output = program(folder.path()).arg("--help").output().unwrap();
    assert!(output.status.success());
    assert!(text(&output.stdout).contains("Usage: cargo run --example hired_weeks_later"));
    let output = program(folder.path()).arg("--restart").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--reset"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn failed(output: &Output, words: &str) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(said.contains(words) && !said.contains("panicked"), "{said}");
}

/// The program in a clean environment, in this folder.
fn program(folder: &Path) -> Command {
    // Tests lie in `deps`, beside `examples`. A plain `cargo test` builds both.
    let target: PathBuf = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().into();
    let program = target.join("examples").join(format!("hired_weeks_later{}", std::env::consts::EXE_SUFFIX));
    assert!(program.exists(), "{} is not built: run `cargo test -p talent-events-examples`", program.display());
    let mut command = Command::new(program);
    command.current_dir(folder).env_remove("TALENT_EMULATOR_HOST").env_remove("TALENT_TENANT").stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
