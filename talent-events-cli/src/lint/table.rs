//! The table of defects: one line per defect, or two on a narrow terminal.

use std::env;
use std::io::{self, Write};

use terminal_size::{Width, terminal_size_of};
use textwrap::Options;

/// The minimum width of a table.
const MIN_WIDTH: usize = 60;

/// The gap between two columns.
const GAP: usize = 2;

pub(super) struct Row {
    pub(super) severity: String,
    pub(super) rule: String,
    /// The numbers of the lines.
    pub(super) lines: Vec<u64>,
    pub(super) at: String,
}

/// Maximum number of lines in a row.
const MAX_LINES: usize = 8;

/// The width of the output: the variable COLUMNS, or the terminal's width. `None` in a pipe, where no line is wrapped.
pub(super) fn width() -> Option<usize> {
    let set = env::var("COLUMNS").ok().and_then(|columns| columns.parse::<usize>().ok()).filter(|columns| *columns > 0);
    let width = set.or_else(|| terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns.into()));
    width.map(|width| width.max(MIN_WIDTH))
}

/// A paragraph with indented further lines.
pub(super) fn paragraph(out: &mut impl Write, text: &str, width: Option<usize>) -> io::Result<()> {
    match width {
        None => writeln!(out, "{text}"),
        Some(width) => writeln!(out, "{}", textwrap::fill(text, Options::new(width).subsequent_indent("  "))),
    }
}

pub(super) fn print(out: &mut impl Write, rows: &[Row], width: Option<usize>) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let longest = |cell: fn(&Row) -> usize, title: &str| rows.iter().map(cell).max().unwrap_or(0).max(title.len());
    let severity = longest(|row| row.severity.len(), "SEVERITY");
    let rule = longest(|row| row.rule.len(), "RULE");
    let lines = |row: &Row, max| listed(&row.lines, max);
    let before = severity + GAP + rule + GAP;
    let lines_width = rows.iter().map(|row| lines(row, usize::MAX).len()).max().unwrap_or(0).max("LINES".len());
    let at = rows.iter().map(|row| textwrap::core::display_width(&row.at)).max().unwrap_or(0).max("WHERE".len());
    match width.filter(|width| before + lines_width + GAP + at > *width) {
        None => {
            writeln!(out, "{:<severity$}  {:<rule$}  {:<lines_width$}  WHERE", "SEVERITY", "RULE", "LINES")?;
            for row in rows {
                let Row { severity: s, rule: r, at, .. } = row;
                writeln!(out, "{s:<severity$}  {r:<rule$}  {:<lines_width$}  {at}", lines(row, usize::MAX))?;
            }
        }
        Some(width) => {
            let indent = " ".repeat(severity + GAP);
            writeln!(out, "{:<severity$}  {:<rule$}  LINES\n{indent}WHERE", "SEVERITY", "RULE")?;
            let wrap = Options::new(width).initial_indent(&indent).subsequent_indent(&indent);
            for row in rows {
                let Row { severity: s, rule: r, at, .. } = row;
                writeln!(out, "{s:<severity$}  {r:<rule$}  {}", lines(row, width.saturating_sub(before)))?;
                writeln!(out, "{}", textwrap::fill(at, &wrap))?;
            }
        }
    }
    Ok(())
}

/// `2,3,17`, or as many as there is room for: `2,3,+5`.
fn listed(lines: &[u64], max: usize) -> String {
    let list = |shown: usize| {
        let more = (shown < lines.len()).then(|| format!("+{}", lines.len() - shown));
        lines[..shown].iter().map(u64::to_string).chain(more).collect::<Vec<_>>().join(",")
    };
    let most = lines.len().min(MAX_LINES);
    (1..=most).rev().map(list).find(|text| text.len() <= max).unwrap_or_else(|| list(most.min(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_lines_as_there_is_room_for() {
        let lines: Vec<u64> = (1..=12).map(|n| n * 1_000).collect();
        assert_eq!(listed(&lines, usize::MAX), "1000,2000,3000,4000,5000,6000,7000,8000,+4");
        assert_eq!(listed(&lines, 20), "1000,2000,3000,+9");
        assert_eq!(listed(&lines, 2), "1000,+11");
        assert_eq!((listed(&[7], 2), listed(&[], 2)), ("7".into(), String::new()));
    }

    #[test]
    fn no_line_is_longer_than_the_terminal() {
        let row = |n: usize| Row {
            severity: "forbidden".into(),
            rule: "redirect-from-search-alone".into(),
            lines: (0..n as u64).map(|n| n + 100_000).collect(),
            at: format!("search \"{}\", job \"42\"", "é".repeat(n * 9)),
        };
        for width in [60, 80, 120, 200] {
            let mut out = Vec::new();
            print(&mut out, &[row(1), row(9)], Some(width)).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
            let words = text.split_whitespace().collect::<String>();
            assert!(words.contains(&"é".repeat(81)) && words.contains("job\"42\""), "nothing is lost:\n{text}");
        }
    }
}
