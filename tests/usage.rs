//! Wrong usage ends with 2 before anything is written, and says what is wrong.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{analyze, samples, sidetrack};

#[track_caller]
fn refused(options: &[&str], message: &str) {
    let case = analyze(&[&samples()], options);
    assert_eq!(case.code, 2, "{options:?}: {}", case.stderr);
    assert!(
        case.stderr.contains(message),
        "{options:?}: {}",
        case.stderr
    );
    assert!(!case.path.exists(), "{options:?}: nothing is written");
}

#[test]
fn options_that_make_no_sense_are_refused() {
    refused(&["--from", "yesterday"], "--from: expected a time");
    refused(
        &["--from", "2026-03-03", "--to", "2026-03-02"],
        "no event can be in between",
    );
    refused(
        &["--timezone", "Mars/Olympus"],
        "--timezone: expected a name such as Europe/Berlin",
    );
    refused(&["--threads", "0"], "--threads: at least one");
    refused(&["--memory", "1M"], "--memory: at least 128M");
    refused(&["--memory", "lots"], "--memory: expected a size");
    refused(
        &["--order-slack", "soon"],
        "--order-slack: expected a number and one of ms, s, m, h, d",
    );
    refused(&["--window", "nothing=5m"], "no rule has that id or name");
    refused(&["--window", "5m"], "expected RULE=D");
    refused(&["--rules", "/does/not/exist"], "no such file or folder");
    refused(&["--rules", "/dev/null"], "this is no rule file");
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().to_str().unwrap();
    refused(&["--rules", empty], "no file in that folder ends in .toml");
    refused(&["--timeline", "none,csv"], "none cannot stand beside");
    refused(&["--no-such-option"], "unexpected argument");
}

#[test]
fn a_rule_that_cannot_run_leaves_the_old_case_alone() {
    let folder = tempfile::tempdir().unwrap();
    let rule = folder.path().join("long.toml");
    let query = format!("sequence {}", "[any where true] ".repeat(64));
    let head = "[rule]\nrule_id = \"1\"\nname = \"n\"\ntype = \"eql\"\n";
    std::fs::write(&rule, format!("{head}query = \"{query}\"\n")).unwrap();
    let case = analyze(&[&samples()], &[]);
    assert_eq!(case.code, 0);
    let arguments = [
        "analyze",
        "--force",
        "--rules",
        rule.to_str().unwrap(),
        "-o",
    ];
    let (samples, path) = (samples(), &case.path);
    let output = [path.to_str().unwrap(), samples.to_str().unwrap()];
    let again = sidetrack(&[arguments.as_slice(), &output].concat());
    assert_eq!(again.status.code(), Some(2));
    let message = String::from_utf8_lossy(&again.stderr);
    assert!(
        message.contains("a sequence of more than 63 stages"),
        "{message}"
    );
    assert!(path.join("report.md").exists());
}

#[test]
fn evidence_that_is_not_there_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let case = analyze(&[&folder.path().join("gone")], &[]);
    assert_eq!(case.code, 2);
    assert!(
        case.stderr.contains("no such file or folder"),
        "{}",
        case.stderr
    );
    assert_eq!(sidetrack(&["analyze"]).status.code(), Some(2));
    assert_eq!(sidetrack(&[]).status.code(), Some(2));
    assert_eq!(sidetrack(&["--help"]).status.code(), Some(0));
}

#[test]
fn a_folder_that_is_not_empty_is_replaced_only_when_it_is_a_case() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    let run = |options: &[&str]| {
        let samples = samples();
        let mut arguments = vec![
            "analyze",
            samples.to_str().unwrap(),
            "-o",
            case.to_str().unwrap(),
        ];
        arguments.extend(options);
        sidetrack(&arguments).status.code()
    };
    assert_eq!(run(&[]), Some(0));
    assert_eq!(run(&[]), Some(2), "a case is there");
    std::fs::write(case.join("leftover.txt"), "").unwrap();
    assert_eq!(
        run(&["--force"]),
        Some(2),
        "what is no part of the case is not removed"
    );
    assert!(case.join("leftover.txt").exists());
    std::fs::remove_file(case.join("leftover.txt")).unwrap();
    assert_eq!(run(&["--force"]), Some(0));
    std::fs::remove_file(case.join("manifest.json")).unwrap();
    assert_eq!(
        run(&["--force"]),
        Some(2),
        "not a case: not ours to replace"
    );
    assert!(case.join("movements.csv").exists());
}

#[test]
fn all_errors_of_all_rule_files_come_at_once_with_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let rule = |name: &str, query: &str, table: &str| {
        let text = format!(
            "[rule]\nname = \"{name}\"\nrule_id = \"{name}\"\ntype = \"eql\"\nquery = '''{query}'''\n{table}"
        );
        std::fs::write(folder.path().join(format!("{name}.toml")), text).unwrap();
    };
    rule("a", "process where process.nam == \"x\" and", "");
    rule(
        "b",
        "process where true",
        "[sidetrack]\nbasis = \"telemetry\"\nside = \"target\"\n\
        [sidetrack.movement]\nwhen = \"2\"\ntarget_host = [\"1:host.nam\"]\n",
    );
    rule(
        "c",
        "process where true",
        "[sidetrack]\nbasis = \"hope\"\nside = \"target\"\n",
    );
    std::fs::write(folder.path().join("d.toml"), "[rule\n").unwrap();
    let case = analyze(&[&samples()], &["--rules", folder.path().to_str().unwrap()]);
    assert_eq!(case.code, 2);
    for part in [
        "a.toml",
        "b.toml",
        "`1:host.nam`: no event has a field `host.nam`",
        "`when`: there is no such stage",
        "c.toml",
        "unknown variant `hope`",
        "d.toml",
    ] {
        assert!(case.stderr.contains(part), "{part}: {}", case.stderr);
    }
    assert!(!case.path.exists());
}

#[test]
fn rules_of_others_run_beside_ours_or_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whoami.toml");
    let text = "[rule]\nname = \"whoami\"\nrule_id = \"w\"\ntype = \"eql\"\nseverity = \"low\"\n\
        query = '''process where event.type == \"start\" and process.name : \"WHOAMI.exe\"'''\n";
    std::fs::write(&path, text).unwrap();
    std::fs::write(
        folder.path().join("other.toml"),
        text.replace("\"eql\"", "\"esql\""),
    )
    .unwrap();
    let rules = folder.path().to_str().unwrap();
    let alone = analyze(&[&samples()], &["--rules", rules, "--no-builtin-rules"]);
    assert_eq!(alone.code, 0, "{}", alone.stderr);
    assert!(alone.rows("movements.csv").is_empty());
    let findings = alone.rows("findings.csv");
    assert!(!findings.is_empty());
    assert!(
        findings
            .iter()
            .all(|row| row["rule"] == "whoami" && row["movement_id"].is_empty())
    );
    let both = analyze(&[&samples()], &["--rules", rules]);
    assert_eq!(both.rows("movements.csv").len(), 7);
    assert_eq!(both.rows("findings.csv").len(), findings.len() + 37);
}

#[test]
fn a_window_of_one_second_loses_what_is_slow() {
    let of_rule = |options: &[&str]| {
        let case = analyze(&[&samples()], options);
        assert_eq!(case.code, 0, "{}", case.stderr);
        let findings = case.rows("findings.csv").into_iter();
        findings
            .filter(|row| row["rule"] == "Command run through RDP keystrokes (SharpRDP)")
            .count()
    };
    assert_eq!(of_rule(&[]), 1);
    let narrow = "Command run through RDP keystrokes (SharpRDP)=10s";
    assert_eq!(of_rule(&["--window", narrow]), 0);
}

#[test]
fn quiet_prints_nothing() {
    let case = analyze(&[&samples()], &["--quiet"]);
    assert_eq!(
        (case.code, case.stdout.as_str(), case.stderr.as_str()),
        (0, "", "")
    );
}
