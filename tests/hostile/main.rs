//! What attackers write stays text: in every file of a case, on the terminal, in a browser.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod browser;
mod case;
#[path = "../common/mod.rs"]
mod common;
mod evidence;
mod exports;
mod long;
mod other_logs;
mod outputs;
mod page;
mod payload;
mod story;
mod terminal;

use std::collections::BTreeSet;
use std::path::Path;

use case::{rendered_markdown, story};
use common::Case;
use outputs::{RENDERERS, is_csv, is_graph, is_json, is_of_markdown, is_page, is_visible};
use payload::{CLASSES, classes, mark, marks};
use serde_json::Value;

/// Fields that the report has something of in every class: it would not be tested without them.
const REPORTED: [&str; 16] = [
    "hw", "hs", "hf", "ha", "dn", "do", "ua", "sv", "to", "ty", "fi", "em", "ci", "ex", "rn", "sc",
];

/// All marks of the report's document, with or without those that only pictures have.
fn document(with_pictures: bool) -> BTreeSet<String> {
    let text = story().case.text("report.jsonl");
    let mut all = BTreeSet::new();
    for mut section in is_json("report.jsonl", &text) {
        let is_picture = |block: &Value| {
            ["ladder", "graph", "periods"]
                .iter()
                .any(|kind| !block[kind].is_null())
        };
        let blocks = section["blocks"].as_array_mut().unwrap();
        if !with_pictures {
            blocks.retain(|block| !is_picture(block));
        }
        without_what_is_cut(&mut section);
        all.extend(marks(&section.to_string()));
    }
    all
}

/// Takes away what stands behind the beginning of a text: the report keeps some of it for `--redact`, and shows none.
fn without_what_is_cut(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(without_what_is_cut),
        Value::Object(all) => {
            if let Some(Value::Array(begun)) = all.get_mut("begun") {
                begun.truncate(1);
            }
            all.values_mut().for_each(without_what_is_cut);
        }
        _ => {}
    }
}

/// How many sections are more than a picture.
fn sections() -> usize {
    let text = story().case.text("report.jsonl");
    let kinds = ["paragraph", "lines", "list", "table"];
    let is_told = |section: &Value| {
        let blocks = section["blocks"].as_array().unwrap();
        blocks
            .iter()
            .any(|block| kinds.iter().any(|kind| !block[kind].is_null()))
    };
    is_json("report.jsonl", &text)
        .iter()
        .filter(|section| is_told(section))
        .count()
}

#[track_caller]
fn has_all(what: &str, text: &str, expected: &BTreeSet<String>) {
    has(what, &marks(text), expected);
}

#[track_caller]
fn has(what: &str, found: &BTreeSet<String>, expected: &BTreeSet<String>) {
    let missing: Vec<_> = expected.difference(found).collect();
    assert!(missing.is_empty(), "{what} has not {missing:?}");
}

#[test]
fn every_class_in_every_field_reaches_the_report() {
    let found = document(true);
    for class in classes() {
        for field in REPORTED {
            let mark = mark(class, field);
            assert!(found.contains(&mark), "{mark} {}", CLASSES[class]);
        }
    }
}

/// How many tables a case has, each of which is one.
fn tables_of(case: &Case) -> usize {
    let files = case.files();
    let tables = files.iter().filter(|(name, _)| {
        Path::new(name)
            .extension()
            .is_some_and(|ending| ending == "csv")
    });
    tables
        .map(|(name, bytes)| is_csv(name, std::str::from_utf8(bytes).unwrap()))
        .count()
}

#[test]
fn tables_are_tables_and_no_spreadsheet_runs_them() {
    assert_eq!(tables_of(&story().case), 10);
}

#[test]
fn json_is_json() {
    for name in ["timeline.jsonl", "findings.jsonl", "report.jsonl"] {
        let text = story().case.text(name);
        assert!(is_json(name, &text).len() > 20, "{name}");
    }
    let text = story().case.text("manifest.json");
    outputs::is_visible("manifest.json", &text, &['\n']);
    let mut manifest = story().case.manifest();
    // What was typed stands there as well.
    manifest.as_object_mut().unwrap().remove("command");
    let found = marks(&manifest.to_string());
    for field in ["ci", "ex", "em", "fi"] {
        for class in classes() {
            assert!(found.contains(&mark(class, field)));
        }
    }
}

#[test]
fn the_graph_is_a_graph() {
    let found = is_graph("movements.graphml", &story().case.text("movements.graphml"));
    for class in classes() {
        assert!(found.contains(&mark(class, "hs")), "{class}");
    }
}

#[test]
fn the_page_is_elements_of_ours_and_shows_every_word() {
    let page = is_page("report.html", &story().case.text("report.html"));
    has_all("report.html", &page.text, &document(true));
    is_page(
        "report-redacted.html",
        &story().case.text("report-redacted.html"),
    );
}

#[test]
fn markdown_becomes_elements_of_ours_and_shows_every_word() {
    is_visible("report.md", &story().case.text("report.md"), &['\n']);
    for (renderer, html) in rendered_markdown() {
        let page = is_of_markdown(renderer, html, sections());
        has_all(renderer, &page.text, &document(false));
    }
    let redacted = story().case.text("report-redacted.md");
    is_visible("report-redacted.md", &redacted, &['\n']);
    let (renderer, render) = RENDERERS[1];
    is_of_markdown(renderer, &render(&redacted), sections());
}

#[test]
fn what_is_redacted_names_nobody() {
    for name in ["report-redacted.html", "report-redacted.md"] {
        let found = marks(&story().case.text(name));
        assert!(found.len() > 500, "{name}: {}", found.len());
        let is_secret = |mark: &&String| {
            let class: usize = mark[2..4].parse().unwrap();
            // Where its hosts have dots in their own names, nobody can tell what the domain is.
            let is_untold = &mark[4..6] == "dn" && CLASSES[class].contains(['.', ':']);
            story::SECRET.contains(&&mark[4..6]) && !is_untold
        };
        let told: Vec<_> = found.iter().filter(is_secret).collect();
        assert!(told.is_empty(), "{name} has {told:?}");
    }
}
