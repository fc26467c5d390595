//! `talent-events emulator`, and a client of the SDK in between.

use std::io::{BufRead, BufReader};

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

/// A terminal that is closed, as `env` makes sure that the signal is not ignored; and `nohup`, which ignores it.
#[cfg(target_os = "linux")]
#[test]
fn a_closed_terminal_ends_it_as_ctrl_c_does() {
    use crate::program::kill;
    use rustix::process::Signal;

    let directory = tempfile::tempdir().unwrap();
    let kept = directory.path().join("kept.ndjson");
    let start = |how| {
        let args = ["emulator", "--port", "0", "--export-at-exit", arg(&kept)];
        Running::greeted(Program::by(&["env", how], args).spawn())
    };
    let (status, said) = start("--default-signal=HUP").stop(Signal::HUP);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("0 events exported to ") && kept.exists(), "{said}");

    let emulator = start("--ignore-signal=HUP");
    kill(&emulator.child, Signal::HUP);
    let sent = Program::new(["replay", "-", "--emulator", &emulator.host]).fed(event("VIEW", "e-1", "s"));
    assert_eq!(sent.status.code(), Some(0), "{sent:?}");
    let (status, said) = emulator.stop(Signal::TERM);
    assert!(status == Some(0) && said.contains("1 event exported to "), "{said}");
}

#[cfg(unix)]
#[test]
fn it_runs_also_where_nobody_reads_what_it_prints() {
    use crate::program::kill;

    let mut child = Program::new(["emulator", "--port", "0"]).unread().spawn();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let host = said.next().unwrap().strip_prefix("console: http://").unwrap().trim_end_matches('/').to_owned();
    assert!(said.next().unwrap().starts_with("events are kept in memory"));
    let sent = Program::new(["replay", "-", "--emulator", &host]).fed(event("VIEW", "e-1", "s"));
    assert_eq!(sent.status.code(), Some(0), "{sent:?}");
    kill(&child, rustix::process::Signal::INT);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn where_it_exports_to_is_tried_before_it_starts_and_nothing_is_lost_if_it_is_gone_at_the_end() {
    use rustix::process::Signal;

    let directory = tempfile::tempdir().unwrap();
    let exports = directory.path().join("exports");
    let kept = exports.join("kept.ndjson");
    let output = Program::new(["emulator", "--port", "0", "--export-at-exit", arg(&kept)]).run();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let said = text(&output.stderr);
    assert!(said.starts_with(&format!("talent-events: can not export to {}: ", kept.display())), "{said}");

    std::fs::create_dir(&exports).unwrap();
    let args = ["emulator", "--port", "0", "--export-at-exit", arg(&kept)];
    let emulator = Running::greeted(Program::new(args).env("TMPDIR", arg(directory.path())).spawn());
    let sent = Program::new(["replay", "-", "--emulator", &emulator.host]).fed(event("VIEW", "e-1", "s"));
    assert_eq!(sent.status.code(), Some(0), "{sent:?}");
    std::fs::remove_dir(&exports).unwrap();
    let (status, said) = emulator.stop(Signal::INT);
    assert_eq!(status, Some(3), "{said}");
    let elsewhere = said.lines().last().unwrap().split_once("; the events are in ").unwrap().1;
    let elsewhere = std::fs::read_to_string(elsewhere.strip_suffix(" instead").unwrap()).unwrap();
    assert!(elsewhere.contains("\"e-1\""), "{elsewhere}");
}

#[cfg(unix)]
#[test]
fn a_pipe_that_it_exports_to_stays_one_and_is_written_to() {
    use std::os::unix::fs::FileTypeExt;

    let directory = tempfile::tempdir().unwrap();
    let pipe = pipe(&directory);
    let known = file(&directory, "known.ndjson", "{\"knownRequestId\": \"s\"}\n");
    let emulator = Running::start(&["--import", arg(&known), "--export-at-exit", arg(&pipe)]);
    let path = pipe.clone();
    let reader = std::thread::spawn(move || std::fs::read_to_string(path).unwrap());
    let (status, said) = emulator.stop(rustix::process::Signal::INT);
    assert_eq!(status, Some(0), "{said}");
    assert!(std::fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(reader.join().unwrap(), "{\"knownRequestId\":\"s\"}\n");
}

#[cfg(unix)]
fn pipe(directory: &tempfile::TempDir) -> std::path::PathBuf {
    let path = directory.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

/// The import comes from a pipe that is not yet at its end.
#[cfg(unix)]
#[test]
fn nobody_is_answered_before_the_import_is_done() {
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};

    use crate::program::kill;
    use rustix::process::Signal;

    let directory = tempfile::tempdir().unwrap();
    let pipe = pipe(&directory);
    let address = TcpListener::bind(("127.0.0.1", 0)).and_then(|l| l.local_addr()).unwrap();
    let port = address.port().to_string();
    let start = || Program::new(["emulator", "--port", &port, "--import", arg(&pipe)]).spawn();
    // There is a writer as soon as there is a reader.
    let open = || std::fs::File::options().write(true).open(&pipe).unwrap();

    let mut child = start();
    let to = open();
    kill(&child, Signal::INT);
    assert_eq!(child.wait().unwrap().code(), Some(3), "it can be interrupted");
    drop(to);

    let child = start();
    let mut to = open();
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
    to.write_all(event("VIEW", "e-1", "s").as_bytes()).unwrap();
    drop(to);
    let emulator = Running::greeted(child);
    assert_eq!(emulator.host, address.to_string());
    let (status, said) = emulator.stop(Signal::INT);
    assert!(status == Some(0) && said.starts_with("1 event imported from "), "{said}");
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
    let obeyed = file(&directory, "obeyed.json", "[{\"\\u001b[2J\\u202e\": 1}]");
    for (args, words) in [
        (["--faults", arg(&obeyed)], "\u{fffd}[2J\u{fffd}"),
        (["--faults", arg(&faults)], "faults.json: the faults can not be read: at `[0].do`: unknown variant `explode`"),
        (["--import", arg(&events)], "events.ndjson, line 2, column 2: expected a client event with"),
        (["--host", "no.such.host.invalid"], "is no address and no name of this machine"),
    ] {
        let output = Program::new(["emulator", "--port", "0"].iter().chain(&args)).run();
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let said = text(&output.stderr);
        assert!(said.contains(words) && said.starts_with("talent-events: "), "{said}");
        assert!(!said.contains(['\u{1b}', '\u{202e}']), "what a terminal obeys is not repeated: {said}");
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
