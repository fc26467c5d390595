//! `talent-events lint`.

use serde_json::{Value, json};

use crate::program::{Program, arg, event, file, text};

fn lint(input: &str, args: &[&str]) -> (Option<i32>, String) {
    let output = Program::new(["lint", "-"].iter().chain(args)).fed(input);
    assert_eq!(text(&output.stderr), "");
    (output.status.code(), text(&output.stdout).to_owned())
}

#[test]
fn events_that_fit_together_are_clean() {
    let events = event("IMPRESSION", "e-1", "s") + "\n" + &event("VIEW", "e-2", "s");
    assert_eq!(lint(&events, &[]), (Some(0), "2 events, 0 malformed lines, 0 defects\n".into()));
    assert_eq!(lint("", &[]).0, Some(0));
    let report: Value = serde_json::from_str(&lint(&events, &["--json"]).1).unwrap();
    assert_eq!(report, json!({"events": 2, "malformedLines": 0, "malformed": [], "defects": []}));
}

#[test]
fn defects_are_named_with_rule_source_and_lines() {
    let events = event("IMPRESSION", "e-1", "s")
        + &event("APPLICATION_START", "e-2", "s")
        + &event("APPLICATION_QUICK_SUBMISSION", "e-3", "s")
        + &event("VIEW", "e-4", "");
    let (status, table) = lint(&events, &[]);
    assert_eq!(status, Some(1));
    let row = table.lines().find(|line| line.contains("quick-alone")).unwrap();
    assert!(row.starts_with("forbidden") && row.contains(" 2,3 ") && row.contains("search \"s\", job \""), "{row}");
    assert!(table.contains("quick-alone (Google): APPLICATION_QUICK_SUBMISSION beside"), "{table}");
    assert!(table.ends_with("4 events, 0 malformed lines, 2 defects\n"), "{table}");

    let (status, report) = lint(&events, &["--json"]);
    assert_eq!(status, Some(1));
    let report: Value = serde_json::from_str(&report).unwrap();
    let rules: Vec<_> = report["defects"].as_array().unwrap().iter().map(|d| d["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["request-id-missing", "quick-alone"]);
    assert_eq!(report["defects"][1]["events"][0], json!({"type": "APPLICATION_START", "eventId": "e-2", "line": 2}));
}

#[test]
fn known_searches_tell_made_up_ones() {
    let events = r#"{"knownRequestId": "s"}"#.to_owned()
        + "\n"
        + &event("IMPRESSION", "e-1", "s")
        + &event("VIEW", "e-2", "session-7");
    let (status, table) = lint(&events, &[]);
    assert_eq!(status, Some(1));
    let row = table.lines().find(|line| line.contains("request-id-synthetic")).unwrap();
    assert!(row.contains(" 3 ") && row.ends_with("search \"session-7\""), "{row}");
}

#[test]
fn malformed_lines_are_named_with_line_and_column() {
    let directory = tempfile::tempdir().unwrap();
    let events = event("IMPRESSION", "e-1", "s")
        + "{\"eventId\": }\n"
        + &event("CLICK", "e-2", "s")
        + "\u{1b}[31m\n"
        + &event("IMPRESSION", "e-3", "s")
            .replace("tenants/board/jobs/42\"", "tenants/board/jobs/42\",\"projects/acme/tenants/x/jobs/1\"");
    let path = file(&directory, "events.ndjson", &events);
    let output = Program::new(["lint", arg(&path)]).run();
    assert_eq!(output.status.code(), Some(1));
    let table = text(&output.stdout);
    for start in [
        ":2:13: expected value",
        ":3:",
        ":4:1: expected value",
        ":5: not a valid event: `job_event.jobs[1]`: found a job of another tenant",
    ] {
        assert!(table.lines().any(|line| line.starts_with(&format!("{}{start}", arg(&path)))), "{start} in {table}");
    }
    assert!(!table.contains('\u{1b}'), "what a terminal obeys is not repeated");
    assert!(table.ends_with("1 event, 4 malformed lines, 0 defects\n"), "{table}");
}
