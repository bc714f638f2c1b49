//! Rules, tried on their own samples: events that must match, and events that must not.

use std::fmt::Write;
use std::path::Path;

use anyhow::Context;
use detectors::matching::try_on;
use detectors::rule::{Rule, Test};

use super::count;
use crate::exit::Exit;
use crate::stdout;
use crate::visible::visible;

/// Runs the tests of each rule. Fails when one does.
pub(super) fn run(rules: &[Rule]) -> anyhow::Result<Exit> {
    let folder = tempfile::tempdir().context("creating a folder for intermediate files")?;
    let mut text = String::new();
    let (mut tests, mut failed, mut without) = (0, 0, 0);
    for rule in rules {
        let own = rule.sidetrack.as_ref().map(|table| table.tests.as_slice());
        let own = own.unwrap_or_default();
        let failures: Vec<String> = (1..)
            .zip(own)
            .filter_map(|(number, test)| {
                let failure = failure(rule, test, folder.path())?;
                Some(format!("      test {number}: {failure}"))
            })
            .collect();
        tests += own.len();
        failed += failures.len();
        without += usize::from(own.is_empty());
        let word = match (own.is_empty(), failures.is_empty()) {
            (true, _) => "none",
            (false, true) => "ok",
            (false, false) => "FAIL",
        };
        let line = format!("{word:<4}  {} ({})", rule.name, rule.source);
        let _ = writeln!(text, "{}", visible(&line));
        for failure in failures {
            let _ = writeln!(text, "{}", visible(&failure));
        }
    }
    let _ = writeln!(
        text,
        "{}: {}, {failed} failed; {} without tests",
        count(rules.len(), "rule"),
        count(tests, "test"),
        count(without, "rule")
    );
    stdout::print(&text)?;
    Ok(if failed == 0 {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// Why a test fails, if it does.
fn failure(rule: &Rule, test: &Test, folder: &Path) -> Option<String> {
    let found = events(rule, test)
        .and_then(|events| try_on(rule, &events, folder).map_err(anyhow::Error::from));
    match found {
        Ok(found) if found == test.matches => None,
        Ok(found) => Some(format!(
            "{} expected, {found} found",
            if test.matches == 1 {
                "1 match".to_owned()
            } else {
                format!("{} matches", test.matches)
            }
        )),
        Err(error) => Some(format!("{error:#}")),
    }
}

/// The events of a test: its text, or that of a file beside the rule.
fn events(rule: &Rule, test: &Test) -> anyhow::Result<String> {
    let given = test.events.trim();
    if given.is_empty() || given.starts_with('{') {
        return Ok(test.events.clone());
    }
    let folder = Path::new(&rule.source).parent().unwrap_or(Path::new(""));
    let path = folder.join(given);
    std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
}
