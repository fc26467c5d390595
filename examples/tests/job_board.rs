//! The program, run as its users run it.

mod day;

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use day::{CUT_SHORT, DAY, DEFECTS, NO_SEARCH, OTHER_TENANT, UNKNOWN_KIND};
use talent_events::JobEventType;
use talent_events_emulator::Emulator;
use tokio::time::timeout;

const LAST_LINE: &str = "delivered 369, rejected 4, skipped 53";

#[test]
fn the_day_is_told_and_reported() {
    let output = run(&mut job_board());
    let report = text(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(report.lines().last(), Some(LAST_LINE));
    assert!(report.contains(&format!("\nOf {} lines: ", DAY.lines().count())), "{report}");

    for event_type in JobEventType::ALL {
        let row = report.lines().find(|line| line.split_whitespace().next() == Some(event_type.google_name()));
        let counts: Vec<u64> =
            row.into_iter().flat_map(|row| row.split_whitespace().skip(1)).map(|n| n.parse().unwrap()).collect();
        assert!(counts.len() == 2 && counts[0] > 0, "{event_type} is not in the table of\n{report}");
    }
    for rate in ["view rate", "apply rate"] {
        assert!(report.contains(rate), "no {rate} in\n{report}");
    }
    assert!(report.contains(&format!("{} defects ", DEFECTS.len())), "{report}");
    for (rule, search, job) in DEFECTS {
        let search = search.map(|id| format!("search {id:?}"));
        let job = job.map(|job| format!("job {job:?}"));
        let place = search.into_iter().chain(job).collect::<Vec<_>>().join(", ");
        let named = report
            .lines()
            .zip(report.lines().skip(1))
            .any(|(defect, at)| defect.trim_start().starts_with(&format!("{rule} (")) && at.trim_start() == place);
        assert!(named, "no {rule} at {place} in\n{report}");
    }
    for (line, words) in [
        (CUT_SHORT, "malformed: no JSON, as the line ends before it does, at column "),
        (
            OTHER_TENANT,
            "refused: `BoardEvent::JobOpened` is not a valid event: `job_event.jobs[0]`: expected a job of `projects/",
        ),
        (UNKNOWN_KIND, "malformed: unknown variant `job_shared`"),
        (
            NO_SEARCH,
            "refused: `BoardEvent::CvSent` is not a valid event: `request_id`: expected the request id of the search",
        ),
    ] {
        let start = format!("line {line}, {words}");
        assert!(report.lines().any(|l| l.trim_start().starts_with(&start)), "no {start:?} in\n{report}");
    }
    assert_eq!(text(&output.stderr), "", "no progress bar where there is no terminal");
    assert!(!report.contains('\x1b'));
}

#[tokio::test]
async fn another_emulator_and_another_tenant() {
    let emulator = Emulator::start().await.unwrap();
    let mut command = job_board();
    command.env("TALENT_EMULATOR_HOST", emulator.host()).env("TALENT_TENANT", "projects/7/tenants/harbour");
    let output = tokio::task::spawn_blocking(move || run(&mut command)).await.unwrap();
    assert!(output.status.success(), "{output:?}");
    let report = text(&output.stdout);
    assert_eq!(report.lines().last(), Some(LAST_LINE));
    assert!(report.starts_with("Events of projects/7/tenants/harbour, by the service's answers:"), "{report}");

    let events = emulator.events();
    assert_eq!(events.len(), 369);
    assert!(events.iter().all(|r| r.tenant.as_str() == "projects/7/tenants/harbour"));
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_ends_with_the_same_summary() {
    use rustix::process::{Pid, Signal, kill_process};

    let emulator = Emulator::start().await.unwrap();
    let mut child = spawn(job_board().arg("-").env("TALENT_EMULATOR_HOST", emulator.host()));
    // The night's heartbeats among them; the input stays open, as if there were more to come.
    let mut input = child.stdin.take().unwrap();
    let night: String = DAY.lines().take(10).map(|line| format!("{line}\n")).collect();
    input.write_all(night.as_bytes()).unwrap();
    timeout(Duration::from_secs(60), emulator.recorded(4)).await.expect("the night's events");

    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = tokio::task::spawn_blocking(|| child.wait_with_output()).await.unwrap().unwrap();
    drop(input);
    let report = text(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(report.contains("It ended early: no line after line 10 is accounted for."), "{report}");
    assert_eq!(report.lines().last(), Some("delivered 4, rejected 0, skipped 6"));
}

/// The service takes the call and never answers.
#[cfg(unix)]
#[test]
fn a_second_ctrl_c_does_not_wait_for_answers() {
    use rustix::process::{Pid, Signal, kill_process};

    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut child = spawn(job_board().env("TALENT_EMULATOR_HOST", silent.local_addr().unwrap().to_string()));
    let _call = silent.accept().unwrap();
    let begun = Instant::now();
    // Two signals at once may become one: as often as it takes.
    while child.try_wait().unwrap().is_none() {
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        std::thread::sleep(Duration::from_millis(20));
        assert!(begun.elapsed() < Duration::from_secs(20), "it waits for answers");
    }
    let output = child.wait_with_output().unwrap();
    let report = text(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(report.contains("Some of the next 16 may have arrived."), "{report}");
    assert!(report.lines().last().unwrap().starts_with("delivered 0, rejected 0, skipped "), "{report}");
}

#[test]
fn bad_lines_are_named_and_the_rest_goes_on() {
    let long = format!("{{\"at\":\"{}\"}}", "x".repeat(2 * 1024 * 1024));
    let good = DAY.lines().nth(1).unwrap();
    let lines: [&[u8]; 7] =
        [b"", b"\xff\xfe", long.as_bytes(), b"[1]", br#"{"kind":"\u001b[31m"}"#, good.as_bytes(), b"null"];
    let output = fed(&lines.join(&b"\n"[..]));
    let report = text(&output.stdout);
    assert_eq!(report.lines().last(), Some("delivered 1, rejected 5, skipped 0"));
    for number in [2, 3, 4, 5, 7] {
        assert!(report.contains(&format!("  line {number}, malformed: ")), "no line {number} in\n{report}");
    }
    assert!(report.contains("line 3, malformed: longer than 1048576 bytes"), "{report}");
    assert!(!report.contains('\x1b'), "what a terminal obeys is not repeated");
}

#[test]
fn an_empty_day_is_no_error() {
    let output = fed(b"");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(text(&output.stdout).lines().last(), Some("delivered 0, rejected 0, skipped 0"));
}

#[test]
fn nobody_who_listens_is_no_error() {
    let mut child = spawn(job_board().arg("-"));
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(DAY.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn what_prevents_the_run_is_a_sentence() {
    let nowhere = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr()).unwrap().to_string();
    let directory = tempfile::tempdir().unwrap();
    for (command, status, words) in [
        (job_board().env("TALENT_TENANT", "board"), 1, "job_board: the variable TALENT_TENANT names no tenant: "),
        (job_board().env("TALENT_EMULATOR_HOST", nowhere), 1, "job_board: "),
        (job_board().arg(directory.path().join("no such day")), 1, "job_board: can not open "),
        (job_board().arg(directory.path()), 1, "job_board: can not read line 1: "),
        (job_board().arg("--fast"), 2, "job_board: there is no option \"--fast\"\n"),
        (job_board().args(["one", "two"]), 2, "job_board: one file at most, but there is \"two\" too\n"),
    ] {
        let output = run(command);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        assert!(said.starts_with(words), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_service_that_is_gone_ends_the_reading() {
    let nowhere = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr()).unwrap().to_string();
    let output = run(job_board().env("TALENT_EMULATOR_HOST", nowhere));
    let report = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(report.contains("It ended early: no line after line "), "{report}");
    assert!(report.contains(" not delivered, first line 2: "), "{report}");
    let last = report.lines().last().unwrap();
    assert!(last.starts_with("delivered 0, rejected 0, skipped "), "{report}");
}

#[test]
fn help_is_there() {
    let output = run(job_board().arg("--help"));
    assert!(output.status.success());
    let help = text(&output.stdout);
    assert!(help.contains("Usage: cargo run --example job_board") && help.contains("http://127.0.0.1:8484/"), "{help}");
    assert!(help.lines().all(|line| line.chars().count() <= 81), "{help}");
}

/// The program in a clean environment, with an empty standard input.
fn job_board() -> Command {
    // Tests lie in `deps`, beside `examples`. A plain `cargo test` builds both; `--examples` and `--all-targets` build
    // an example as a test of its own, and leave the program as it was.
    let target: PathBuf = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().into();
    let program = target.join("examples").join(format!("job_board{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is not built: run `cargo test -p talent-events-examples`, or `cargo build --example job_board` before",
        program.display()
    );
    let mut command = Command::new(program);
    command.env_remove("TALENT_EMULATOR_HOST").env_remove("TALENT_TENANT");
    command
}

fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}

fn spawn(command: &mut Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The program's output for this input.
fn fed(input: &[u8]) -> Output {
    let mut child = spawn(job_board().arg("-"));
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
