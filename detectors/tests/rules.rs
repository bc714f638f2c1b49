//! The rules that come with the program: listed, well-formed, and tested by their own samples.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may open files and fail"
)]

use std::path::Path;

use detectors::matching::{Matching, Options};
use detectors::rule::{BUILTIN, Rule, RuleSet};
use serde_json::{Map, Value};
use timeline::json;
use timeline::sort::{Batch, Sorter};

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

/// How many matches the rule has in these events, one JSON object a line.
fn matches(rule: &Rule, events: &str) -> usize {
    let objects: Vec<Map<String, Value>> = events
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let segment = json::read(&objects);
    let matching = Matching::new(std::slice::from_ref(rule), Options::default()).unwrap();
    let (mut batch, mut expected) = (Batch::default(), Batch::default());
    matching.scan(&segment, 0, &mut batch, &mut expected);
    let folder = tempfile::tempdir().unwrap();
    let mut sorter = Sorter::new(folder.path(), 1 << 20);
    sorter.absorb(&batch).unwrap();
    let mut count = 0;
    let each = &mut |_| {
        count += 1;
        Ok(())
    };
    matching.run(sorter.finish().unwrap(), each).unwrap();
    count
}

#[test]
fn every_rule_matches_its_samples() {
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
            assert_eq!(matches(rule, &test.events), test.matches, "{}", rule.source);
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

#[test]
fn every_rule_is_complete() {
    for rule in &builtin().rules {
        let sidetrack = rule.sidetrack.as_ref().unwrap();
        assert!(
            !sidetrack.innocent.is_empty(),
            "{}: the innocent explanation",
            rule.source
        );
        assert!(
            !rule.technique.is_empty(),
            "{}: the technique in words",
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
