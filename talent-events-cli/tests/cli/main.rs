//! The program, run as its users run it.

mod emulator;
mod lint;
mod program;
mod replay;

use program::{Program, text};

#[test]
fn help_completions_and_the_manual_are_there() {
    for (args, words) in [
        (&["--help"][..], "emulator"),
        (&["emulator", "--help"], "--export-at-exit"),
        (&["emulator", "--help"], "The console for people is at http://127.0.0.1:8484/"),
        (&["emulator", "--help"], r#"{"every": 10, "do": "disconnect"},"#),
        (&["replay", "--help"], "Exit status: 0 done"),
        (&["completions", "bash"], "complete -F "),
        (&["completions", "fish"], "complete -c talent-events"),
        (&["man"], ".TH talent-events 1"),
        (&["man", "replay"], "dead\\-letters"),
        (&["--version"], "talent-events 0."),
    ] {
        let output = Program::new(args).run();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {output:?}");
        assert!(text(&output.stdout).contains(words), "{args:?}: {}", text(&output.stdout));
    }
}

#[test]
fn wrong_usage_is_told_apart() {
    for (args, status, words) in [
        (&[][..], 2, "Usage"),
        (&["emulate"], 2, "a similar subcommand exists: 'emulator'"),
        (&["emulator", "--quota", "fast"], 2, "`quota`: expected calls/time"),
        (&["emulator", "--port", "99999"], 2, "99999"),
        (&["emulator", "--tenant", "board"], 2, "tenant name"),
        (&["replay", "f", "--concurrency", "0"], 2, "0"),
        (&["replay", "f", "--google", "--emulator", "h:1"], 2, "cannot be used with"),
        (&["replay", "f"], 3, "say where to send to: --emulator HOST:PORT"),
        (&["lint", "no such file"], 3, "talent-events: cannot open no such file: "),
        (&["man", "x"], 3, "expected one of the commands emulator, lint, replay, completions, man, "),
    ] {
        let output = Program::new(args).run();
        assert_eq!(output.status.code(), Some(status), "{args:?}: {output:?}");
        assert!(text(&output.stderr).contains(words), "{args:?}: {}", text(&output.stderr));
        assert!(!text(&output.stderr).contains("panicked"));
    }
}

/// In the shell itself: what is typed is completed, after a command too.
#[cfg(unix)]
#[test]
fn bash_completes() {
    let script = Program::new(["completions", "bash"]).run().stdout;
    let try_it = r#"
        function=$(complete -p talent-events | sed 's/.*-F \([^ ]*\).*/\1/')
        for typed in "em" "emulator --str" "replay events.ndjson --dead"; do
            COMP_WORDS=(talent-events $typed); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
            $function talent-events "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
            echo "${COMPREPLY[@]}"
        done"#;
    let whole = format!("{}\n{try_it}", text(&script));
    let output = std::process::Command::new("bash").args(["--norc", "-c", &whole]).output().unwrap();
    assert_eq!(text(&output.stdout), "emulator\n--strict\n--dead-letters\n", "{}", text(&output.stderr));
}

/// The faults that the help shows are what it says they are.
#[test]
fn the_faults_of_the_help_are_read() {
    let help = Program::new(["emulator", "--help"]).run().stdout;
    let help = text(&help);
    let list = &help[help.find("[{\"do\"").unwrap()..];
    let list = &list[..list.find("}]").unwrap() + 2];
    assert_eq!(talent_events_emulator::faults::parse(list).unwrap().len(), 4, "{list}");
}
