//! `sidetrack rules`: what there is, what is wrong, what each rule means, whether it does what its
//! samples say.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::path::Path;

use common::sidetrack;

/// A rule as Elastic's repository has them: tables that are not ours, fields that no log has.
const ELASTIC: &str = r#"
[metadata]
creation_date = "2026/03/02"
maturity = "production"

[[transform.osquery]]
label = "Processes"
query = "SELECT * FROM processes"

[rule]
author = ["Somebody"]
from = "now-9m"
index = ["logs-endpoint.events.process-*", "winlogbeat-*"]
language = "eql"
name = "A process without a parent"
risk_score = 47
rule_id = "6a1fd9e5-0f5f-4a1b-a2a0-7d4a8c9f1e01"
severity = "medium"
timestamp_override = "event.ingested"
type = "eql"
query = '''
process where event.type == "start" and
  process.parent.executable == null and process.Ext.api.nothing == "x"
'''

[[rule.threat]]
framework = "MITRE ATT&CK"
[[rule.threat.technique]]
id = "T1021"
name = "Remote Services"
[rule.threat.tactic]
id = "TA0008"
name = "Lateral Movement"
"#;

const OTHER_TYPE: &str =
    "[rule]\nname = \"x\"\nrule_id = \"y\"\ntype = \"esql\"\nquery = \"from *\"\n";
const HUNT: &str = "[hunt]\nname = \"no rule at all\"\n";

/// Everything that can be wrong with one file.
const BROKEN: &str = r#"
[rule]
name = "Broken"
severity = "worst"
type = "eql"
query = '''
sequence by host.id
  [process where process.pid == "four"]
  [process where lenght(process.name) > 3]
'''

[sidetrack]
basis = "telemetry"
side = "target"

[sidetrack.movement]
when = "two"
target_host = ["host.name"]

[[sidetrack.expects]]
text = "a logon"
side = "target"
query = "authentication wher true"
within = "10s"
channel = "Security"
"#;

/// Words that are no good in Markdown.
const TELEMETRY: &str = r#"
[rule]
name = "A | B [C](D) `e|f`"
rule_id = "b-rule"
type = "eql"
description = 'Files of \\HOST\C$ | D.'
note = "Because *so*."
references = ["https://example.com/one", "two <three>"]
query = 'process where event.type == "start" and event.code == "1"'

[[rule.threat]]
[[rule.threat.technique]]
id = "T1021"
subtechnique = [{ id = "T1021.002", name = "Shares" }]

[sidetrack]
basis = "telemetry"
side = "target"
step = "stage"
"#;

const RESIDUE: &str = r#"
[rule]
name = "A rule"
rule_id = "a-rule"
type = "eql"
query = """
sequence by host.id with maxspan=1m
  [authentication where event.code == "4624"]
  [process where event.code == "4688"]
"""

[[rule.threat]]
[[rule.threat.technique]]
id = "T1021"
subtechnique = [{ id = "T1021.002", name = "Shares" }]

[sidetrack]
basis = "residue"
side = "target"
"#;

/// A folder of rule files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// What a command prints, and how it ends. Paths are those below the folder.
fn run(action: &str, folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let path = folder.to_str().unwrap();
    let output = sidetrack(&[&["rules", action, path], arguments].concat());
    let text = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        text.replace(&format!("{path}/"), "")
    };
    let code = output.status.code().unwrap();
    (code, text(output.stdout), text(output.stderr))
}

#[test]
fn a_folder_of_elastic_s_is_checked_as_it_is() {
    let folder = folder(&[
        ("rules/windows/a.toml", ELASTIC),
        ("rules/windows/b.toml", OTHER_TYPE),
        ("hunting/c.toml", HUNT),
        (
            "queries/d.eql",
            "sequence by host.id [process where true] [file where true]\n",
        ),
        ("README.md", "no rule"),
    ]);
    let (code, text, _) = run("check", folder.path(), &[]);
    assert_eq!(code, 0, "{text}");
    let expected = "\
rules/windows/a.toml:23:41: warning: no event has a field `process.Ext.api.nothing`: it counts as missing
4 files: 2 rules in EQL can run (1 sequence, 0 samples); 1 is of other types (esql 1); 1 file without a table [rule]; 1 warning

Fields that no evidence can fill, and how many rules read them:
    1  process.Ext.api.nothing

1 rule that no evidence can match, for want of such fields:
       A process without a parent (rules/windows/a.toml)
";
    assert_eq!(text, expected);
    let (code, text, _) = run("check", folder.path(), &["--quiet"]);
    assert_eq!((code, text.lines().count()), (0, 1), "{text}");
}

#[test]
fn all_that_is_wrong_with_a_file_is_told_at_once_and_where() {
    let folder = folder(&[
        ("a.toml", BROKEN),
        ("b.eql", "process were true"),
        ("c.toml", "x = "),
    ]);
    let (code, text, _) = run("check", folder.path(), &[]);
    assert_eq!(code, 1);
    for part in [
        // In the file, not in the query.
        "a.toml:8:33",
        "a.toml:9:18",
        "did you mean `length`?",
        "unknown variant `worst`",
        "`when` is the number of a stage",
        "`host.name` is not of the form N:field",
        "a.toml:23:25",
        "b.eql:1:9",
        "c.toml:",
        "3 files: 0 rules in EQL can run (0 sequences, 0 samples); 3 files cannot; 0 warnings",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    // Such rules cannot be listed or tested, and that is the caller's affair.
    for action in ["list", "test"] {
        let (code, _, text) = run(action, folder.path(), &[]);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("did you mean `length`?"), "{text}");
    }
}

#[test]
fn the_samples_of_a_rule_are_run() {
    let table = r#"
[sidetrack]
basis = "telemetry"
side = "target"

[[sidetrack.test]]
matches = 1
events = '{"@timestamp": "2026-03-02T21:00:00Z", "event.category": "process", "event.type": "start", "process.Ext.api.nothing": "x", "data_stream.dataset": "windows.sysmon_operational"}'

[[sidetrack.test]]
matches = 0
events = "samples.ndjson"

[[sidetrack.test]]
matches = 0
events = "{no json"
"#;
    let rule = ELASTIC.to_owned() + table;
    let started = r#"{"@timestamp": "2026-03-02T21:00:00Z", "event.category": "process", "event.type": "start", "process.Ext.api.nothing": "x", "data_stream.dataset": "windows.sysmon_operational"}"#;
    let folder = folder(&[
        ("a.toml", &rule),
        ("samples.ndjson", started),
        ("b.eql", "any where true"),
    ]);
    let (code, text, _) = run("test", folder.path(), &[]);
    assert_eq!(code, 1, "{text}");
    let expected = "\
none  b (b.eql)
FAIL  A process without a parent (a.toml)
      test 2: 0 matches expected, 1 found
      test 3: line 1 of the events: key must be a string at line 1 column 2
2 rules: 3 tests, 2 failed; 1 rule without tests
";
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&text), sorted(expected));
}

#[test]
fn our_own_rules_pass() {
    for action in ["check", "test", "list", "show", "docs"] {
        let output = sidetrack(&["rules", action]);
        assert_eq!(output.status.code(), Some(0), "{action}");
        assert!(!output.stdout.is_empty(), "{action}");
    }
}

#[test]
fn a_rule_is_shown_by_its_name_its_id_or_its_file() {
    let show = |rule: &str| sidetrack(&["rules", "show", rule]);
    let by_file = show("sharprdp");
    assert_eq!(by_file.status.code(), Some(0));
    let text = String::from_utf8(by_file.stdout).unwrap();
    for part in [
        "- ATT&CK: T1021.001 (Remote Desktop Protocol)",
        "- source address: `source.ip` of event 1",
        "sequence by host.id with maxspan=1m",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    for same in [
        "a5c89e0c-1d92-4efd-8a87-ead3fdee6c0f",
        "command run through RDP keystrokes (sharprdp)",
    ] {
        assert_eq!(show(same).stdout, text.as_bytes(), "{same}");
    }
    assert_eq!(show("nothing").status.code(), Some(2));
}

/// What people look up in the page: by technique, which rules, on what they stand, and what must be on for them.
#[test]
fn the_page_tells_by_technique_what_must_be_on() {
    let folder = folder(&[("b.toml", TELEMETRY), ("a.toml", RESIDUE)]);
    let (code, text, _) = run("docs", folder.path(), &[]);
    assert_eq!(code, 0, "{text}");
    for part in [
        "2 rules: 1 on telemetry, 1 on residue.",
        r"| [T1021.002 Shares](#t1021002-shares) | [A \| B \[C\](D) `e\|f`](#a--b-cd-ef) | [A rule](#a-rule) | Security 4624, 4688\* (Process Creation); Sysmon 1\* |",
        r"| Sysmon\* | Microsoft-Windows-Sysmon/Operational |",
        "\n## T1021.002 Shares\n\n<https://attack.mitre.org/techniques/T1021/002/>\n\n### A rule\n",
        "\n### A | B \\[C\\](D) `e|f`\n\nFiles of \\\\\\HOST\\C$ | D.\n\nWhy it works: Because \\*so\\*.\n",
        "- ATT&CK: [T1021.002](https://attack.mitre.org/techniques/T1021/002/) (Shares)\n",
        "- needs: event 1: Security 4624; event 2: Security 4688\\* (Process Creation)\n",
        "- window: 1m from the first event to the last; wider with `--window \"a-rule=2m\"`\n",
        "- reference: <https://example.com/one>\n- reference: two &lt;three>\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    // The terminal has the words as they are.
    let (_, text, _) = run("show", folder.path(), &[]);
    for part in [
        "## A | B [C](D) `e|f`\n\nFiles of \\\\HOST\\C$ | D.\n\nWhy it works: Because *so*.\n",
        "- ATT&CK: T1021.002 (Shares)\n",
        "- step: stage\n",
        "- needs: Sysmon 1*\n",
        "- reference: two <three>\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

/// Names in rule files are others', too.
#[test]
fn no_text_of_a_rule_reaches_the_terminal_as_it_is() {
    let rule = ELASTIC.replace("A process without", "A \\u001b[31m\\u202e process without");
    let folder = folder(&[("a.toml", &rule)]);
    for action in ["list", "check", "show", "test", "docs"] {
        let (_, text, errors) = run(action, folder.path(), &[]);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{action}: {text}");
        assert!(
            !errors.contains(['\u{1b}', '\u{202e}']),
            "{action}: {errors}"
        );
    }
}
