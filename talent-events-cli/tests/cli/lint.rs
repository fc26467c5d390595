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
    assert!(
        row.starts_with("forbidden") && row.contains(" 2,3 ") && row.ends_with("search \"s\", job \"42\""),
        "{row}"
    );
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
fn events_that_share_an_id_have_lines_of_their_own() {
    let other = |line: String| line.replace("jobs/42", "jobs/7");
    let events = event("IMPRESSION", "shown", "s")
        .replace("jobs/42\"", "jobs/42\",\"projects/acme/tenants/board/jobs/7\"")
        + &event("APPLICATION_START", "e", "s")
        + &other(event("APPLICATION_START", "e", "s"))
        + &event("APPLICATION_QUICK_SUBMISSION", "e", "s")
        + &event("APPLICATION_START", "e", "s")
        + &other(event("APPLICATION_QUICK_SUBMISSION", "e", "s"));
    let (_, table) = lint(&events, &[]);
    for row in [" 2,4 ", " 3,6 "] {
        assert!(table.lines().any(|line| line.contains("quick-alone") && line.contains(row)), "{row} in {table}");
    }
    let report: Value = serde_json::from_str(&lint(&events, &["--json"]).1).unwrap();
    let line_of = |job: &str, event: &str| {
        let defects = report["defects"].as_array().unwrap().iter();
        let mut events = defects
            .filter(|d| d["rule"] == "quick-alone" && d["job"].as_str().unwrap().ends_with(job))
            .flat_map(|d| d["events"].as_array().unwrap());
        events.find(|e| e["type"] == event).unwrap()["line"].as_u64().unwrap()
    };
    assert_eq!((line_of("/42", "APPLICATION_START"), line_of("/42", "APPLICATION_QUICK_SUBMISSION")), (2, 4));
    assert_eq!((line_of("/7", "APPLICATION_START"), line_of("/7", "APPLICATION_QUICK_SUBMISSION")), (3, 6));
}

#[test]
fn the_verdict_stands_also_where_nobody_reads_the_table() {
    for (events, status) in [(event("VIEW", "e", "s"), 1), (String::new(), 0)] {
        for args in [&["lint", "-"][..], &["lint", "-", "--json"]] {
            let output = Program::new(args).unread().fed(&events);
            assert_eq!((output.status.code(), text(&output.stderr)), (Some(status), ""));
        }
    }
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
        ":2:13: invalid JSON: expected a value",
        ":3:95: not a valid event: `job_event.type`: expected the name or the number of one of the 15 types, found \"CLICK\"",
        ":4:1: invalid JSON: expected a value",
        ":5: not a valid event: `job_event.jobs[1]`: expected a job of `projects/acme/tenants/board`",
    ] {
        assert!(table.lines().any(|line| line.starts_with(&format!("{}{start}", arg(&path)))), "{start} in {table}");
    }
    assert!(!table.contains('\u{1b}'), "what a terminal obeys is not repeated");
    assert!(table.ends_with("1 event, 4 malformed lines, 0 defects\n"), "{table}");
}

/// A page of 100 results, and a long request id.
fn wide() -> String {
    let mut lines: String =
        (0..100).map(|n| event("IMPRESSION", &format!("e-{n:03}"), &"search:7f/".repeat(7))).collect();
    lines += "{\"tenant\": \"projects/acme/tenants/board\"}\n";
    lines
}

#[test]
fn a_table_is_as_wide_as_columns_says() {
    for (columns, width) in [("60", 60), ("20", 60), ("100", 100)] {
        let output = Program::new(["lint", "-"]).env("COLUMNS", columns).fed(wide());
        let table = text(&output.stdout);
        assert!(table.lines().all(|line| line.chars().count() <= width), "{width}:\n{table}");
        assert_eq!(table.matches("job \"42\"").count(), 0, "it is no defect of a job:\n{table}");
        assert_eq!(table.split_whitespace().collect::<String>().matches("search:7f/search:7f/").count(), 3, "{table}");
    }
    let (_, table) = lint(&wide(), &[]);
    let row = table.lines().find(|line| line.starts_with("defect ")).unwrap();
    assert!(
        row.contains("impressions-multiple  1,2,3,4,5,6,7,8,+92  search \"search:7f/"),
        "one line in a pipe: {row}"
    );
}

#[test]
fn tenants_are_named_where_there_are_several() {
    let events = event("VIEW", "e-1", "s") + &event("VIEW", "e-2", "s").replace("tenants/board", "tenants/other");
    let (_, table) = lint(&events, &[]);
    for tenant in ["board", "other"] {
        assert!(table.contains(&format!("search \"s\", tenant \"projects/acme/tenants/{tenant}\"")), "{table}");
    }
}

#[cfg(unix)]
#[test]
fn a_table_is_as_wide_as_the_terminal() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{Winsize, tcsetwinsize};
    use std::io::Read;

    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    tcsetwinsize(&terminal, Winsize { ws_row: 40, ws_col: 72, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let screen = std::fs::File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let status = Program::new(["lint", "-"]).onto(screen).fed(wide()).status;
    assert_eq!(status.code(), Some(1));

    let mut shown = Vec::new();
    // A terminal that nobody writes to any more ends with an error.
    let _ = std::fs::File::from(terminal).read_to_end(&mut shown);
    let table = text(&shown);
    let longest = table.lines().map(|line| line.trim_end().chars().count()).max();
    assert!(longest > Some(60) && longest <= Some(72), "{longest:?}:\n{table}");
}

/// A project has an id and a number, and both are one tenant's.
#[test]
fn the_project_of_a_tenant_is_not_compared() {
    let by_number = |line: String| line.replace("projects/acme/", "projects/123456789/");
    let events = event("IMPRESSION", "e-1", "s")
        + &event("APPLICATION_START", "e-2", "s")
        + &by_number(event("APPLICATION_QUICK_SUBMISSION", "e-3", "s"));
    let (status, report) = lint(&events, &["--json"]);
    assert_eq!(status, Some(1));
    let report: Value = serde_json::from_str(&report).unwrap();
    let defects = report["defects"].as_array().unwrap();
    assert_eq!((defects.len(), &defects[0]["rule"]), (1, &json!("quick-alone")), "{report}");
    assert_eq!(defects[0]["tenant"], "projects/acme/tenants/board");
}

/// A client's own mark, as an `EncodedEvent` is stored.
#[test]
fn a_synthetic_request_id_is_a_defect() {
    let marked = |line: String| {
        let event = line.trim_end();
        format!(r#"{{"tenant":"projects/acme/tenants/board","event":{event},"syntheticRequestId":true}}"#) + "\n"
    };
    let events = marked(event("IMPRESSION", "e-1", "application-u1-42")) + &event("IMPRESSION", "e-2", "s");
    let (status, report) = lint(&events, &["--json"]);
    assert_eq!(status, Some(1));
    let report: Value = serde_json::from_str(&report).unwrap();
    let defects = report["defects"].as_array().unwrap();
    assert_eq!(defects.len(), 1, "{report}");
    assert_eq!(
        (&defects[0]["rule"], &defects[0]["requestId"]),
        (&json!("request-id-synthetic"), &json!("application-u1-42"))
    );
}

/// protobuf's parsers refuse an array, and skip a byte order mark.
#[test]
fn lines_are_read_as_proto3_json() {
    let good = format!("\u{feff}{}", event("IMPRESSION", "e-1", "s"));
    assert_eq!(lint(&good, &[]).0, Some(0));
    let array = event("IMPRESSION", "e-2", "s").replace(
        r#"{"type":"IMPRESSION","jobs":["projects/acme/tenants/board/jobs/42"]}"#,
        r#"["IMPRESSION",["projects/acme/tenants/board/jobs/42"]]"#,
    );
    assert!(array.contains(r#"["IMPRESSION",["#), "{array}");
    let (status, report) = lint(&array, &[]);
    assert!(status == Some(1) && report.contains("`job_event`") && report.contains("an array"), "{report}");
}
