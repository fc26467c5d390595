//! `talent-events emulator`, and a client of the SDK in between.

use crate::program::{Program, Running, arg, event, file, text};

#[cfg(unix)]
#[test]
fn what_is_sent_is_there_after_a_restart() {
    use rustix::process::Signal;

    let directory = tempfile::tempdir().unwrap();
    let (sent, kept) =
        (file(&directory, "sent.ndjson", &event("VIEW", "e-1", "s")), directory.path().join("kept.ndjson"));
    for (signal, expected) in [(Signal::INT, "1 event exported to "), (Signal::TERM, "2 events exported to ")] {
        let mut args = vec!["--export-at-exit", arg(&kept)];
        if kept.exists() {
            args.extend(["--import", arg(&kept)]);
        }
        let emulator = Running::start(&args);
        let replayed = Program::new(["replay", arg(&sent)]).env("TALENT_EMULATOR_HOST", &emulator.host).run();
        assert_eq!(replayed.status.code(), Some(0), "{replayed:?}");
        let host = emulator.host.clone();
        let (status, said) = emulator.stop(signal);
        assert_eq!(status, Some(0), "{said}");
        assert!(said.contains(expected), "{said}");
        assert!(said.contains(&format!("console: http://{host}/\n")), "{said}");
    }
    assert_eq!(std::fs::read_to_string(&kept).unwrap().lines().count(), 2);
}

#[test]
fn a_taken_port_is_a_sentence() {
    let first = Running::start(&[]);
    let port = first.host.rsplit_once(':').unwrap().1;
    let output = Program::new(["emulator", "--port", port]).run();
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    assert!(said.starts_with(&format!("talent-events: the emulator can not listen at 127.0.0.1:{port}: ")), "{said}");
    assert!(said.contains("Choose another port by --port, or 0 for a free one"), "{said}");
}

#[test]
fn bad_files_keep_it_from_starting() {
    let directory = tempfile::tempdir().unwrap();
    let faults = file(&directory, "faults.json", "[\n  {\"do\": \"explode\"}\n]");
    let events = file(&directory, "events.ndjson", &(event("VIEW", "e", "s") + "{}\n"));
    for (args, words) in [
        (["--faults", arg(&faults)], "faults.json: the faults can not be read: at `[0].do`: unknown variant `explode`"),
        (
            ["--import", arg(&events)],
            "events.ndjson, line 2, column 2: found an object without fields; allowed: a client event with",
        ),
        (["--host", "no.such.host.invalid"], "is no address and no name of this machine"),
    ] {
        let output = Program::new(["emulator", "--port", "0"].iter().chain(&args)).run();
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let said = text(&output.stderr);
        assert!(said.contains(words) && said.starts_with("talent-events: "), "{said}");
    }
}

/// The switches reach the emulator.
#[test]
fn its_switches_hold() {
    let directory = tempfile::tempdir().unwrap();
    let faults = file(
        &directory,
        "faults.json",
        r#"[{"times": 1, "do": {"answer": {"code": "INVALID_ARGUMENT", "message": "scripted"}}}]"#,
    );
    let emulator = Running::start(&["--strict", "--faults", arg(&faults)]);
    let replay =
        |input: String| Program::new(["replay", "-", "--concurrency", "1", "--emulator", &emulator.host]).fed(input);
    let output = replay(event("VIEW", "e-1", "s") + &event("VIEW", "e-2", "s"));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("standard input:1: "), "{output:?}");
    assert!(text(&output.stderr).contains("scripted"), "{output:?}");
    assert!(text(&output.stderr).contains("1 event delivered, 1 refused"), "{output:?}");

    let locked = Running::start(&["--require-token"]);
    let output = Program::new(["replay", "-", "--emulator", &locked.host]).fed(event("VIEW", "e-1", "s"));
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(text(&output.stderr).contains("not permitted to create events: UNAUTHENTICATED"), "{output:?}");
}
