//! `talent-events replay`, to an emulator in this process.

use std::time::Duration;

use serde_json::Value;
use talent_events::EncodedEvent;
use talent_events_emulator::{Emulator, faults};

#[cfg(unix)]
use crate::program::kill;
use crate::program::{Program, arg, event, file, text};

fn progress(path: &std::path::Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

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
    assert!(text(&output.stderr).ends_with(&format!(" s, to {}\n", emulator.host())), "{output:?}");
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

/// What a shutdown handed back, and what a hook was told of, as serde writes an `EncodedEvent`.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_an_app_kept_is_replayed() {
    let directory = tempfile::tempdir().unwrap();
    let kept = |id: &str, more: &str| {
        let readable: Value = serde_json::from_str(&event("VIEW", id, "u1")).unwrap();
        let line = format!(r#"{{"tenant": "projects/acme/tenants/board", "event": {readable}{more}}}"#);
        serde_json::to_string(&serde_json::from_str::<EncodedEvent>(&line).unwrap()).unwrap()
    };
    let letter = format!(r#"{{"error": "it became too old", "entry": {}}}"#, kept("e-2", r#","notesTruncated":true"#));
    let lines = format!("{}\n{letter}\n", kept("e-1", r#","syntheticRequestId":true"#));
    let events = file(&directory, "undelivered.ndjson", &lines);
    let emulator = Emulator::start().await.unwrap();
    let output = run(replay(&emulator, &[arg(&events), "--concurrency", "1"])).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(ids(&emulator), ["e-1", "e-2"]);
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
    assert!(text(&output.stderr).contains("cannot read the progress file"), "{output:?}");
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

/// What one target has, another has not.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_progress_file_is_of_one_target() {
    let directory = tempfile::tempdir().unwrap();
    let (events, progress) =
        (file(&directory, "events.ndjson", &event("VIEW", "e-1", "s")), directory.path().join("progress.json"));
    let (rehearsal, other) = (Emulator::start().await.unwrap(), Emulator::start().await.unwrap());
    let args = [arg(&events), "--progress", arg(&progress)];
    let output = run(replay(&rehearsal, &args)).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let google = Program::new(["replay", "--google"].iter().chain(&args));
    for (program, target) in [(replay(&other, &args), &*other.host()), (google, "https://jobs.googleapis.com")] {
        let output = run(program).await;
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let words = format!("of a replay to {}, and this one goes to {target}: ", rehearsal.host());
        assert!(text(&output.stderr).contains(&words), "{output:?}");
    }
    assert_eq!(other.events(), []);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn no_two_files_are_one() {
    let directory = tempfile::tempdir().unwrap();
    let lines = event("VIEW", "e-1", "s") + "no json\n";
    let (events, link, new) =
        (file(&directory, "events.ndjson", &lines), directory.path().join("link"), directory.path().join("new"));
    std::os::unix::fs::symlink("events.ndjson", &link).unwrap();
    let emulator = Emulator::start().await.unwrap();
    for (args, words) in [
        (vec![arg(&events), "--dead-letters", arg(&events)], "the events and --dead-letters are the same file"),
        (vec![arg(&events), "--dead-letters", arg(&link)], "the events and --dead-letters are the same file"),
        (vec![arg(&link), "--progress", arg(&events)], "the events and --progress are the same file"),
        (vec!["-", "--dead-letters", arg(&link)], "the events and --dead-letters are the same file"),
        (
            vec![arg(&events), "--progress", arg(&new), "--dead-letters", arg(&new)],
            "--progress and --dead-letters are the same file",
        ),
    ] {
        let output = run(replay(&emulator, &args).from(std::fs::File::open(&events).unwrap())).await;
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert!(text(&output.stderr).contains(words), "{output:?}");
    }
    assert_eq!(std::fs::read_to_string(&events).unwrap(), lines);
    assert_eq!(emulator.events(), []);

    // What is no file has nothing to lose.
    let output = run(replay(&emulator, &[arg(&events), "--dead-letters", "/dev/null"])).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let output = run(replay(&emulator, &[arg(&events), "--progress", "/dev/null"])).await;
    assert!(text(&output.stderr).contains("progress file /dev/null: it is no regular file"), "{output:?}");
}

/// The file is all that is left of it.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_was_answered_before_the_last_second_is_not_sent_again_after_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let good = |range: std::ops::Range<u32>| range.map(|n| event("VIEW", &format!("e-{n}"), "s")).collect::<String>();
    let lines = good(0..60) + &"broken\n".repeat(50) + &good(60..70);
    let (events, progress_file, dead) = (
        file(&directory, "events.ndjson", &lines),
        directory.path().join("progress.json"),
        directory.path().join("dead.ndjson"),
    );
    let args = [arg(&events), "--concurrency", "1", "--progress", arg(&progress_file), "--dead-letters", arg(&dead)];
    let emulator = Emulator::start().await.unwrap();
    // The call after the broken lines is never answered, so that nothing more is settled.
    emulator.set_faults(faults::parse(r#"[{"every": 61, "times": 1, "do": "blackHole"}]"#).unwrap());
    let mut child = replay(&emulator, &args).spawn();
    emulator.recorded(60).await;
    let accounted = async {
        while !progress_file.exists() || progress(&progress_file)["lines"] != 110 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(25), accounted).await.expect("while nothing more comes");
    // SIGKILL
    child.kill().unwrap();
    child.wait().unwrap();

    let output = run(replay(&emulator, &args)).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("70 events delivered, 50 refused"), "{output:?}");
    assert_eq!(ids(&emulator), (0..70).map(|n| format!("e-{n}")).collect::<Vec<_>>(), "each once");
    assert_eq!(std::fs::read_to_string(&dead).unwrap().lines().count(), 50, "each once");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn whenever_it_is_killed_nothing_is_missing() {
    let directory = tempfile::tempdir().unwrap();
    let line = |n: usize| if n % 4 == 3 { format!("broken {n}\n") } else { event("VIEW", &format!("e-{n}"), "s") };
    let (events, progress, dead) = (
        file(&directory, "events.ndjson", &(0..400).map(line).collect::<String>()),
        directory.path().join("progress.json"),
        directory.path().join("dead.ndjson"),
    );
    let args = [arg(&events), "--concurrency", "4", "--progress", arg(&progress), "--dead-letters", arg(&dead)];
    let emulator = Emulator::start().await.unwrap();
    emulator.set_faults(faults::parse(r#"[{"do": {"delay": {"millis": 15}}}]"#).unwrap());
    // In all fewer than there are, so that none of them comes to its end.
    for more in [1, 7, 90, 150] {
        let mut child = replay(&emulator, &args).spawn();
        let sent = emulator.recorded(emulator.events().len() + more);
        tokio::time::timeout(Duration::from_secs(60), sent).await.expect("it goes on");
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let output = run(replay(&emulator, &args)).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("300 events delivered, 100 refused"), "{output:?}");
    let mut sent = ids(&emulator);
    sent.sort_by_key(|id| id[2..].parse::<usize>().unwrap());
    sent.dedup();
    assert_eq!(sent, (0..400).filter(|n| n % 4 != 3).map(|n| format!("e-{n}")).collect::<Vec<_>>());
    let letters = std::fs::read_to_string(&dead).unwrap();
    for n in (3..400).step_by(4) {
        assert!(letters.contains(&format!("\"entry\":\"broken {n}\"}}\n")), "{n} in {letters}");
    }
}

/// There is no room for the letter.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_letter_that_cannot_be_written_ends_it_and_what_came_before_is_accounted_for() {
    let directory = tempfile::tempdir().unwrap();
    let lines = (0..3).map(|n| event("VIEW", &format!("e-{n}"), "s")).collect::<String>() + "broken\n";
    let (events, progress_file) = (file(&directory, "events.ndjson", &lines), directory.path().join("progress.json"));
    let emulator = Emulator::start().await.unwrap();
    let args = [arg(&events), "--progress", arg(&progress_file), "--dead-letters", "/dev/full"];
    let output = run(replay(&emulator, &args)).await;
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let said = text(&output.stderr);
    assert!(said.contains("cannot write the dead letters file /dev/full: "), "{said}");
    assert!(said.contains("nothing after line 3 is accounted for"), "{said}");
    assert_eq!(progress(&progress_file)["lines"], 3);
}

/// What is said there of no event is held against none.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_server_without_the_service_uses_no_event_up() {
    let directory = tempfile::tempdir().unwrap();
    let (events, progress_file) =
        (file(&directory, "events.ndjson", &event("VIEW", "e-1", "s")), directory.path().join("progress.json"));
    let emulator = Emulator::start().await.unwrap();
    for code in ["UNIMPLEMENTED", "DATA_LOSS"] {
        let fault = format!(r#"[{{"times": 1, "do": {{"answer": {{"code": "{code}"}}}}}}]"#);
        emulator.set_faults(faults::parse(&fault).unwrap());
        let once = ["--attempts", "1", arg(&events), "--progress", arg(&progress_file)];
        let output = run(replay(&emulator, &once)).await;
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert!(text(&output.stderr).contains("0 events delivered, 0 refused"), "{output:?}");
        assert_eq!(progress(&progress_file)["lines"], 0);
    }
    let output = run(replay(&emulator, &[arg(&events), "--progress", arg(&progress_file)])).await;
    assert_eq!((output.status.code(), ids(&emulator)), (Some(0), vec!["e-1".to_owned()]), "{output:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_pause_for_the_quota_is_told() {
    let emulator = Emulator::start().await.unwrap();
    let answer = r#"[{"times": 1, "do": {"answer": {"code": "RESOURCE_EXHAUSTED", "retryAfterMillis": 300}}}]"#;
    emulator.set_faults(faults::parse(answer).unwrap());
    let program = replay(&emulator, &["-"]);
    let output = tokio::task::spawn_blocking(|| program.fed(event("VIEW", "e-1", "s"))).await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text(&output.stderr).starts_with("waiting 300.0ms: over quota: RESOURCE_EXHAUSTED"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn dead_letters_are_replayed_when_they_are_mended() {
    let directory = tempfile::tempdir().unwrap();
    let twice = event("VIEW", "e-1", "s").replace("\"eventId\"", "\"eventId\":\"e-0\",\"eventId\"");
    let (events, dead, again) = (
        file(&directory, "events.ndjson", &(twice.clone() + &event("VIEW", "e-2", "s"))),
        directory.path().join("dead.ndjson"),
        directory.path().join("again.ndjson"),
    );
    let emulator = Emulator::start().await.unwrap();
    let output = run(replay(&emulator, &[arg(&events), "--dead-letters", arg(&dead)])).await;
    assert_eq!((output.status.code(), ids(&emulator)), (Some(1), vec!["e-2".to_owned()]), "{output:?}");
    let letters = std::fs::read_to_string(&dead).unwrap();
    let entry = format!("\"entry\":{}}}\n", twice.trim_end());
    assert!(letters.ends_with(&entry), "as it was refused: {letters}");

    // For the same reason, and it does not go deeper.
    let output = run(replay(&emulator, &[arg(&dead), "--dead-letters", arg(&again)])).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(std::fs::read_to_string(&again).unwrap(), letters);

    std::fs::write(&dead, letters.replace("\"eventId\":\"e-0\",", "")).unwrap();
    let output = run(replay(&emulator, &[arg(&dead)])).await;
    assert_eq!((output.status.code(), ids(&emulator)), (Some(0), vec!["e-2".to_owned(), "e-1".to_owned()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn known_request_ids_are_not_sent_and_that_is_said() {
    let emulator = Emulator::builder().strict().start().await.unwrap();
    let program = replay(&emulator, &["-"]);
    let lines = "{\"knownRequestId\": \"s\"}\n".to_owned() + &event("VIEW", "e-1", "s");
    let output = tokio::task::spawn_blocking(|| program.fed(lines)).await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text(&output.stderr).starts_with("1 known request id not sent, as "), "{output:?}");
}

/// In the name of a field of a file that somebody else has written.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_terminal_is_not_told_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let (events, progress) = (
        file(&directory, "events.ndjson", &event("VIEW", "e-1", "s")),
        file(&directory, "progress.json", "{\"\\u001b[2J\\u202e\": 1}"),
    );
    let emulator = Emulator::start().await.unwrap();
    let output = run(replay(&emulator, &[arg(&events), "--progress", arg(&progress)])).await;
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let said = text(&output.stderr);
    assert!(said.contains("\u{fffd}[2J\u{fffd}") && !said.contains(['\u{1b}', '\u{202e}']), "{said}");
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
    use rustix::process::Signal;
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
        kill(&child, Signal::INT);
        stderr.read_to_string(&mut said).unwrap();
        (child.wait().unwrap().code(), said)
    });
    let (status, said) = tokio::time::timeout(Duration::from_secs(60), ended).await.expect("at once").unwrap();
    assert_eq!(status, Some(3), "{said}");
    assert!(!said.contains("Ctrl-C again"), "there is nothing to wait for: {said}");
    assert!(said.contains("interrupted: nothing after line 0 is accounted for"), "{said}");
}

/// What it would go on with does not come.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn ctrl_c_ends_it_before_it_has_begun() {
    use rustix::process::Signal;
    use std::os::unix::process::ExitStatusExt;

    let directory = tempfile::tempdir().unwrap();
    let (events, progress) =
        (file(&directory, "events.ndjson", &event("VIEW", "e-1", "s")), directory.path().join("progress.json"));
    let emulator = Emulator::start().await.unwrap();
    let output = run(replay(&emulator, &[arg(&events), "--progress", arg(&progress)])).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");

    std::fs::remove_file(&events).unwrap();
    let mkfifo = std::process::Command::new("mkfifo").arg(&events).status().unwrap();
    assert!(mkfifo.success());
    let mut child = replay(&emulator, &[arg(&events), "--progress", arg(&progress)]).spawn();
    // There is a writer as soon as there is a reader.
    let path = events.clone();
    let open = || std::fs::File::options().write(true).open(path).unwrap();
    let writer = tokio::task::spawn_blocking(open).await.unwrap();
    kill(&child, Signal::INT);
    // Ignored, it never ends: this test's own parent may have said so, as shells do for what runs in the background.
    let ended = tokio::task::spawn_blocking(move || child.wait());
    let ended = tokio::time::timeout(Duration::from_secs(60), ended).await;
    drop(writer);
    let status = ended.expect("SIGINT ends it, unless the tests were started with SIGINT ignored").unwrap().unwrap();
    assert_eq!(status.signal(), Some(Signal::INT.as_raw()));
}

/// The input stays open, as if there were more to come.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn ctrl_c_accounts_for_what_was_sent() {
    use rustix::process::Signal;
    use std::io::Write;

    let directory = tempfile::tempdir().unwrap();
    let progress = directory.path().join("progress.json");
    let emulator = Emulator::start().await.unwrap();
    let mut child = replay(&emulator, &["-", "--progress", arg(&progress), "--quota", "1000/s"]).spawn();
    let mut input = child.stdin.take().unwrap();
    input.write_all((event("VIEW", "e-1", "s") + &event("VIEW", "e-2", "s")).as_bytes()).unwrap();
    tokio::time::timeout(Duration::from_secs(60), emulator.recorded(2)).await.expect("both are sent");
    kill(&child, Signal::INT);
    let output = tokio::task::spawn_blocking(|| child.wait_with_output()).await.unwrap().unwrap();
    drop(input);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(text(&output.stderr).contains("interrupted: nothing after line 2 is accounted for"), "{output:?}");
    let progress = self::progress(&progress);
    assert_eq!((progress["lines"].as_u64(), progress["delivered"].as_u64()), (Some(2), Some(2)));
}
