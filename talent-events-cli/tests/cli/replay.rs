//! `talent-events replay`, to an emulator in this process.

use std::time::Duration;

use serde_json::Value;
use talent_events_emulator::{Emulator, faults};

use crate::program::{Program, arg, event, file, text};

/// In a thread of its own, so that the emulator can answer.
async fn run(program: Program) -> std::process::Output {
    tokio::task::spawn_blocking(|| program.run()).await.unwrap()
}

fn replay(emulator: &Emulator, args: &[&str]) -> Program {
    let host = emulator.host();
    Program::new(["replay", "--emulator", &host].iter().chain(args))
}

fn ids(emulator: &Emulator) -> Vec<String> {
    emulator.events().iter().map(|recorded| recorded.event.event_id.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn all_events_arrive_and_the_rest_is_a_dead_letter() {
    let directory = tempfile::tempdir().unwrap();
    let mut lines: String = (0..40).map(|n| event("VIEW", &format!("e-{n}"), "s")).collect();
    lines.insert_str(0, "\n{\"knownRequestId\": \"s\"}\n{\"broken\": true}\nno json\n");
    let (events, dead) = (file(&directory, "events.ndjson", &lines), directory.path().join("dead.ndjson"));
    let emulator = Emulator::start().await.unwrap();
    let output = run(replay(&emulator, &[arg(&events), "--dead-letters", arg(&dead)])).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("40 events delivered, 2 refused"), "{output:?}");
    assert!(!text(&output.stderr).contains('\u{1b}'), "plain lines in a pipe");
    let mut sent = ids(&emulator);
    sent.sort_by_key(|id| id[2..].parse::<u32>().unwrap());
    assert_eq!(sent, (0..40).map(|n| format!("e-{n}")).collect::<Vec<_>>());

    let letters = std::fs::read_to_string(&dead).unwrap();
    let letters: Vec<Value> = letters.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((letters[0]["line"].as_u64(), &letters[0]["entry"]["broken"]), (Some(3), &Value::Bool(true)));
    assert_eq!((letters[1]["line"].as_u64(), letters[1]["entry"].as_str()), (Some(4), Some("no json")));
    assert_eq!(letters.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_interrupted_replay_goes_on_where_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let lines: String = (0..9).map(|n| event("VIEW", &format!("e-{n}"), "s")).collect();
    let (events, progress) = (file(&directory, "events.ndjson", &lines), directory.path().join("progress.json"));
    let emulator = Emulator::start().await.unwrap();
    // From the fifth call on nothing goes through.
    emulator.set_faults(
        faults::parse(r#"[{"every": 5, "times": 1, "do": {"answer": {"code": "PERMISSION_DENIED"}}}]"#).unwrap(),
    );
    let args = [arg(&events), "--progress", arg(&progress), "--concurrency", "1"];
    let output = run(replay(&emulator, &args)).await;
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let said = text(&output.stderr);
    assert!(said.contains("events.ndjson:5: not permitted") && said.contains("nothing after line 4"), "{said}");
    assert_eq!(ids(&emulator), ["e-0", "e-1", "e-2", "e-3"]);

    let output = run(replay(&emulator, &args)).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text(&output.stderr).contains("9 events delivered, 0 refused"), "in all: {output:?}");
    assert_eq!(ids(&emulator), (0..9).map(|n| format!("e-{n}")).collect::<Vec<_>>());
    let output = run(replay(&emulator, &args)).await;
    assert_eq!((output.status.code(), emulator.events().len()), (Some(0), 9), "there is nothing left to do");

    std::fs::write(&events, lines.replace("e-2", "x-2")).unwrap();
    let output = run(replay(&emulator, &args)).await;
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("the progress file is not of "), "{output:?}");
    std::fs::write(&progress, "{}").unwrap();
    let output = run(replay(&emulator, &args)).await;
    assert!(text(&output.stderr).contains("can not read the progress file"), "{output:?}");
    assert_eq!(emulator.events().len(), 9);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_quota_and_an_outage_are_waited_out() {
    let directory = tempfile::tempdir().unwrap();
    let lines: String = (0..6).map(|n| event("VIEW", &format!("e-{n}"), "s")).collect();
    let events = file(&directory, "events.ndjson", &lines);
    let emulator = Emulator::builder().quota("4/1500ms".parse().unwrap()).start().await.unwrap();
    emulator.set_faults(faults::parse(r#"[{"times": 2, "do": {"answer": {"code": "UNAVAILABLE"}}}]"#).unwrap());
    let output = run(replay(&emulator, &[arg(&events), "--concurrency", "2"])).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let mut sent = ids(&emulator);
    sent.sort();
    assert_eq!(sent, ["e-0", "e-1", "e-2", "e-3", "e-4", "e-5"], "each once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_dry_run_sends_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let events = file(&directory, "events.ndjson", &event("VIEW", "e-1", "s"));
    let emulator = Emulator::start().await.unwrap();
    let output =
        run(Program::new(["replay", arg(&events), "--dry-run"]).env("TALENT_EMULATOR_HOST", &emulator.host())).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stdout).contains("impressions-none (Google)"), "{output:?}");
    // It wins over whatever says where to send to.
    let also = run(replay(&emulator, &[arg(&events), "--dry-run"])).await;
    assert_eq!(also, output);
    let also = run(Program::new(["replay", arg(&events), "--google", "--dry-run"])).await;
    assert_eq!(also, output);
    assert_eq!(emulator.events(), []);
}

/// Nobody listens: each attempt is told, and the last ends it.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_target_that_is_not_reachable_is_told() {
    let nowhere = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|l| l.local_addr()).unwrap().to_string();
    let events: String = (0..9).map(|n| event("VIEW", &format!("e-{n}"), "s")).collect();
    let program = Program::new(["replay", "-", "--emulator", &nowhere, "--attempts", "3"]);
    let output = tokio::task::spawn_blocking(|| program.fed(events)).await.unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let said = text(&output.stderr);
    for attempt in [2, 3] {
        let words = format!("not reachable, trying again ({attempt} of 3): the service is unavailable: no answer from");
        assert_eq!(said.matches(&words).count(), 1, "once for all nine: {said}");
    }
    assert!(said.contains("standard input:1: the service is unavailable"), "{said}");
}

/// Nothing is on its way while all wait to be tried again.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn ctrl_c_does_not_wait_to_try_again() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::io::{BufRead, BufReader, Read};

    let directory = tempfile::tempdir().unwrap();
    let events = file(&directory, "events.ndjson", &event("VIEW", "e-1", "s"));
    let emulator = Emulator::start().await.unwrap();
    // It asks for an hour of patience.
    let answer = r#"[{"do": {"answer": {"code": "UNAVAILABLE", "retryAfterMillis": 3600000}}}]"#;
    emulator.set_faults(faults::parse(answer).unwrap());
    let mut child = replay(&emulator, &[arg(&events)]).spawn();
    let ended = tokio::task::spawn_blocking(move || {
        let mut said = String::new();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        stderr.read_line(&mut said).unwrap();
        assert!(said.starts_with("not taken, trying again (2 of 5): "), "{said}");
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        stderr.read_to_string(&mut said).unwrap();
        (child.wait().unwrap().code(), said)
    });
    let (status, said) = tokio::time::timeout(Duration::from_secs(60), ended).await.expect("at once").unwrap();
    assert_eq!(status, Some(3), "{said}");
    assert!(!said.contains("Ctrl-C again"), "there is nothing to wait for: {said}");
    assert!(said.contains("interrupted: nothing after line 0 is accounted for"), "{said}");
}

/// The input stays open, as if there were more to come.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn ctrl_c_accounts_for_what_was_sent() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::io::Write;

    let directory = tempfile::tempdir().unwrap();
    let progress = directory.path().join("progress.json");
    let emulator = Emulator::start().await.unwrap();
    let mut child = replay(&emulator, &["-", "--progress", arg(&progress), "--quota", "1000/s"]).spawn();
    let mut input = child.stdin.take().unwrap();
    input.write_all((event("VIEW", "e-1", "s") + &event("VIEW", "e-2", "s")).as_bytes()).unwrap();
    tokio::time::timeout(Duration::from_secs(60), emulator.recorded(2)).await.expect("both are sent");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = tokio::task::spawn_blocking(|| child.wait_with_output()).await.unwrap().unwrap();
    drop(input);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(text(&output.stderr).contains("interrupted: nothing after line 2 is accounted for"), "{output:?}");
    let progress: Value = serde_json::from_slice(&std::fs::read(&progress).unwrap()).unwrap();
    assert_eq!((progress["lines"].as_u64(), progress["delivered"].as_u64()), (Some(2), Some(2)));
}
