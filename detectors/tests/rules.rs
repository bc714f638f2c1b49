//! The rules that come with the program: listed, well-formed, and tested by their own samples.

#![expect(clippy::disallowed_methods, reason = "a test may open files and fail")]

use std::path::Path;

use detectors::matching::try_on;
use detectors::rule::{BUILTIN, RuleSet, Table};

fn builtin() -> RuleSet {
    RuleSet::read(BUILTIN.iter().copied()).unwrap_or_else(|errors| {
        panic!(
            "{}",
            errors
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        )
    })
}

#[test]
fn every_rule_matches_its_samples() {
    let folder = tempfile::tempdir().unwrap();
    for rule in &builtin().rules {
        let tests = &rule.sidetrack.as_ref().unwrap().tests;
        assert!(
            tests.iter().any(|test| test.matches > 0),
            "{}: a match",
            rule.source
        );
        assert!(
            tests.iter().any(|test| test.matches == 0),
            "{}: a miss",
            rule.source
        );
        for test in tests {
            let found = try_on(rule, &test.events, folder.path()).unwrap();
            assert_eq!(found, test.matches, "{}", rule.source);
        }
    }
}

#[test]
fn every_rule_file_is_listed_under_its_technique() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut files = Vec::new();
    for technique in std::fs::read_dir(&folder).unwrap() {
        let technique = technique.unwrap();
        for file in std::fs::read_dir(technique.path()).unwrap() {
            let name = file.unwrap().file_name();
            files.push(format!(
                "{}/{}",
                technique.file_name().display(),
                name.display()
            ));
        }
    }
    files.sort();
    let listed: Vec<_> = BUILTIN.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(files, listed);
    for rule in &builtin().rules {
        let technique = rule.source.split('/').next().unwrap().to_owned();
        assert!(
            rule.attack.contains(&technique),
            "{} {:?}",
            rule.source,
            rule.attack
        );
    }
}

/// What a page about the rule needs. That a rule has no `[[sidetrack.expects]]` can have a good reason: its own events
/// are the logon, or the other side keeps nothing of it.
#[test]
fn every_rule_is_complete() {
    for rule in &builtin().rules {
        let sidetrack = rule.sidetrack.as_ref().unwrap();
        assert!(
            !rule.description.is_empty() && !rule.note.is_empty(),
            "{}: what it finds, and why that works",
            rule.source
        );
        // The team's own papers do not come with the program.
        assert!(!rule.note.contains('§'), "{}: {}", rule.source, rule.note);
        assert!(has_severity(&rule.source), "{}: severity", rule.source);
        // What is no movement need not be one of its steps.
        assert!(
            sidetrack.step.is_some() || sidetrack.movement.is_none(),
            "{}: the step",
            rule.source
        );
        assert!(
            sidetrack.window.is_some() || !rule.is_sequence(),
            "{}: the window of a sequence",
            rule.source
        );
        assert!(
            !rule.attack.is_empty() && rule.attack.len() == rule.technique.len(),
            "{}: ATT&CK ids with their names",
            rule.source
        );
        assert!(
            !sidetrack.innocent.is_empty(),
            "{}: the innocent explanation",
            rule.source
        );
        assert!(
            rule.warnings.is_empty(),
            "{}: {:?}",
            rule.source,
            rule.warnings
        );
        assert_eq!(rule.id.len(), 36, "{}: a UUID", rule.source);
    }
}

/// Whether the file gives a severity: without one it is the lowest.
fn has_severity(source: &str) -> bool {
    let file = BUILTIN.iter().find(|(path, _)| *path == source);
    let file = file.and_then(|(_, text)| toml::from_str::<toml::Table>(text).ok());
    file.is_some_and(|file| file["rule"].get("severity").is_some())
}

#[test]
fn every_query_prints_to_what_it_is() {
    for rule in &builtin().rules {
        let statement = eql::parse(&rule.text).unwrap_or_else(|errors| panic!("{errors}"));
        let printed = statement.to_string();
        assert_eq!(eql::parse(&printed).as_ref(), Ok(&statement), "{printed}");
        // The plan is the same, too.
        let compiled = eql::compile(&printed, &Table).unwrap_or_else(|errors| panic!("{errors}"));
        let kinds = [&compiled.query, &rule.query].map(|query| query.filters());
        assert_eq!(kinds[0], kinds[1], "{printed}");
    }
}

/// Residue may be dated as late as one likes, so its matches wait for the end of the events.
#[test]
fn a_sequence_of_residue_matches() {
    let rule = r#"
[rule]
name = "A service after a logon"
rule_id = "x"
type = "eql"
query = '''
sequence by host.id with maxspan=1m
  [authentication where event.code == "4624"] [configuration where event.code == "7045"]
'''
[sidetrack]
basis = "residue"
side = "target"
"#;
    let events = r#"
{"@timestamp": "2026-03-02T21:00:00Z", "event.category": "authentication", "event.code": "4624", "host.id": "a"}
{"@timestamp": "2026-03-02T21:00:05Z", "event.category": "configuration", "event.code": "7045", "host.id": "a"}
"#;
    let set =
        RuleSet::read([("residue.toml", rule)]).unwrap_or_else(|errors| panic!("{}", errors[0]));
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(try_on(&set.rules[0], events, folder.path()).unwrap(), 1);
}

/// A library that a process loads has the category and the type of a start, too: it is none (ECS.md §4). A rule for what
/// libraries do sees it.
#[test]
fn loading_a_library_is_no_start() {
    let load = r#"{"@timestamp": "2026-03-02T21:00:00Z", "event.category": ["process", "library"], "event.type": ["change", "start"], "event.action": "load", "event.code": "7", "host.id": "a", "process.name": "a.exe", "dll.path": "C:\\x.dll"}"#;
    let folder = tempfile::tempdir().unwrap();
    let found = |query: &str| {
        let rule =
            format!("[rule]\nname = \"x\"\nrule_id = \"x\"\ntype = \"eql\"\nquery = '{query}'\n");
        let set = RuleSet::read([("x.toml", rule.as_str())])
            .unwrap_or_else(|errors| panic!("{}", errors[0]));
        try_on(&set.rules[0], load, folder.path()).unwrap()
    };
    assert_eq!(found(r#"process where event.type == "start""#), 0);
    assert_eq!(
        found(r#"process where event.type == "start" and process.name == "a.exe""#),
        0
    );
    assert_eq!(found(r#"process where process.name == "a.exe""#), 1);
    assert_eq!(
        found(r#"process where event.type in ("start", "change")"#),
        1
    );
    assert_eq!(found(r#"library where event.type == "start""#), 1);
    assert_eq!(found(r#"any where event.type == "start""#), 1);
}
