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
