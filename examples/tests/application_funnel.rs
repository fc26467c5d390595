//! The program, run as its users run it.

use std::env::{consts::EXE_SUFFIX, current_exe};
use std::process::Command;

#[test]
fn what_is_sent_under_the_searchs_request_id_counts_and_nothing_else_does() {
    // Tests lie in `deps`, beside `examples`.
    let target = current_exe().unwrap().ancestors().nth(2).unwrap().join("examples");
    let program = target.join(format!("application_funnel{EXE_SUFFIX}"));
    assert!(program.exists(), "{} is not built: run `cargo test -p talent-events-examples`", program.display());
    let output = Command::new(program).output().unwrap();
    let report = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success() && output.stderr.is_empty(), "{report}");
    let (searched, made_up) = report.split_once("Under a request id that is made up").expect("two reports");
    let column = |report: &str| -> Vec<(String, String)> {
        let rows = report.lines().filter(|line| line.contains("  counts") || line.contains("  discarded"));
        let words = rows.map(|row| row.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        words.map(|words| (words[0].clone(), words[1].clone())).collect()
    };
    let all =
        |types: &[&str], then: &str| -> Vec<_> { types.iter().map(|t| (t.to_string(), then.to_owned())).collect() };
    assert_eq!(
        column(searched),
        all(&["IMPRESSION", "VIEW", "BOOKMARK", "APPLICATION_START", "APPLICATION_FINISH", "SENT_CV"], "counts")
    );
    assert!(searched.contains("data-engineer, backend-engineer, site-reliability-engineer"), "{searched}");
    assert!(searched.contains("No defects."), "{searched}");
    assert_eq!(column(made_up), all(&["APPLICATION_START", "APPLICATION_FINISH", "SENT_CV"], "discarded"));
    for rule in ["request-id-synthetic (loss, inferred)", "impressions-none (defect, Google)"] {
        assert_eq!(made_up.matches(rule).count(), 1, "{made_up}");
    }
}
