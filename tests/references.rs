//! The references in docs/ say what the code says. A stale one is rewritten by
//! `SIDETRACK_BLESS=1 cargo test --test references`, and fails without.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::fmt::Write;

use common::root;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parsers::PARSERS;
use timeline::{Arity, FIELDS, fields};

#[track_caller]
fn check(name: &str, text: &str) {
    let path = root().join("docs").join(name);
    if std::env::var_os("SIDETRACK_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        known == text,
        "docs/{name} is stale: SIDETRACK_BLESS=1 cargo test --test references"
    );
}

#[test]
fn the_field_reference_is_the_field_table() {
    let mut text = String::from(
        "# Fields\n\n\
         Made from `timeline/src/field.rs`; a test rewrites it. Evidence brings names of its own\n\
         below `winlog.event_data.`, `winlog.user_data.`, `winlog.processing_error_data.`,\n\
         `winlog.rendering_info.` and `winlog.other_data.`: keywords with one value each.\n\
         `@timestamp` is the time that an event is ordered by.\n\n\
         | field | kind | values | meaning |\n|---|---|---|---|\n",
    );
    for field in FIELDS {
        let kind = format!("{:?}", field.kind).to_lowercase();
        let many = if field.arity == Arity::Many {
            "any number"
        } else {
            "one"
        };
        writeln!(
            text,
            "| `{}` | {kind} | {many} | {} |",
            field.name, field.meaning
        )
        .unwrap();
    }
    check("fields.md", &text);
}

#[test]
fn the_rule_reference_is_the_rules() {
    let output = common::sidetrack(&["rules", "docs"]);
    assert_eq!(output.status.code(), Some(0));
    check("rules.md", &String::from_utf8(output.stdout).unwrap());
}

#[test]
fn the_architecture_names_every_parser() {
    let text = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    for parser in PARSERS {
        assert!(
            text.contains(&format!("`{}`", parser.kind())),
            "{}",
            parser.describe()
        );
    }
}

/// The page of the case folder names every column that a case has.
#[test]
fn the_case_reference_names_every_column() {
    let text = std::fs::read_to_string(root().join("docs/case.md")).unwrap();
    let options = ["--timezone", "Europe/Berlin", "--timeline", "csv,jsonl"];
    let case = common::analyze(&[&common::samples()], &options);
    for file in [
        "movements.csv",
        "findings.csv",
        "timeline.csv",
        "undated.csv",
        "issues.csv",
        "coverage.csv",
        "sessions.csv",
        "hosts.csv",
        "accounts.csv",
        "paths.csv",
    ] {
        let starts = text.match_indices("\n## ");
        let section = starts
            .map(|(at, _)| text[at + 1..].split("\n## ").next().unwrap())
            .find(|section| section.lines().next().unwrap().contains(file))
            .unwrap_or_else(|| panic!("{file} has no section"));
        let mut reader = csv::Reader::from_path(case.path.join(file)).unwrap();
        for column in reader.headers().unwrap() {
            assert!(section.contains(&format!("`{column}`")), "{file}: {column}");
        }
    }
    let store = case
        .files()
        .into_keys()
        .find(|path| path.ends_with(".parquet"));
    let store = std::fs::File::open(case.path.join(store.unwrap())).unwrap();
    let store = SerializedFileReader::new(store).unwrap();
    let schema = store.metadata().file_metadata().schema_descr();
    let section = text.split("\n## timeline/\n").nth(1).unwrap();
    for column in schema.root_schema().get_fields() {
        let name = column.name();
        let is_field = fields::by_name(name).is_some() || name.starts_with("winlog.");
        assert!(is_field || section.contains(&format!("`{name}`")), "{name}");
    }
    for file in case.manifest()["outputs"].as_array().unwrap() {
        let path = file["path"].as_str().unwrap();
        let name = path.split('/').next().unwrap();
        assert!(text.contains(name), "{path}");
    }
}

#[test]
fn the_readme_shows_what_comes_out_and_the_commands_that_work() {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    for command in [
        "cargo run --release -- analyze samples/evidence --output case",
        "cargo test --workspace",
    ] {
        assert!(text.contains(command), "{command}");
    }
    let rules = format!(
        "{} rules come with the program",
        detectors::rule::BUILTIN.len()
    );
    assert!(text.contains(&rules), "{rules}");
    let case = common::analyze(&[&common::samples()], &[]);
    let excerpt = text
        .split("```text\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let words = case.stdout.split("\nThe case is in").next().unwrap();
    assert_eq!(
        excerpt.trim_end(),
        words.trim_end(),
        "the README's excerpt is what is printed"
    );
}
