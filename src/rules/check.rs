//! What is wrong with rule files, and which rules are of no use here.

use std::collections::BTreeMap;
use std::fmt::Write;

use detectors::rule::{RuleError, RuleSet};
use eql::plan::QueryKind;

use super::{count, pairs};
use crate::exit::Exit;
use crate::stdout;
use crate::visible::visible;

/// Prints what is wrong and where, and a summary. Fails when a rule in EQL has an error.
pub(super) fn print(files: &[(String, String)], quiet: bool) -> anyhow::Result<Exit> {
    let (set, errors) = RuleSet::read_all(pairs(files));
    let mut text = String::new();
    if !quiet {
        write_warnings(&mut text, &set);
    }
    for error in &errors {
        write_error(&mut text, error);
    }
    write_summary(&mut text, files.len(), &set, errors.len());
    if !quiet {
        write_fields(&mut text, &set);
        write_useless(&mut text, &set);
    }
    stdout::print(&text)?;
    Ok(if errors.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn write_warnings(text: &mut String, set: &RuleSet) {
    let mut rules: Vec<_> = set.rules.iter().collect();
    rules.sort_by_key(|rule| &rule.source);
    for rule in rules {
        for warning in &rule.warnings {
            let line = format!("{}:{}: {}", rule.source, warning.position, warning.message);
            let _ = writeln!(text, "{}", visible(&line));
        }
    }
}

/// The pictures of an error keep their lines.
fn write_error(text: &mut String, error: &RuleError) {
    for line in error.to_string().lines() {
        let _ = writeln!(text, "{}", visible(line));
    }
    text.push('\n');
}

fn write_summary(text: &mut String, files: usize, set: &RuleSet, errors: usize) {
    let of = |wanted: fn(&QueryKind) -> bool| {
        let kinds = set.rules.iter().map(|rule| &rule.query.kind);
        kinds.filter(|kind| wanted(kind)).count()
    };
    let sequences = of(|kind| matches!(kind, QueryKind::Sequence(_)));
    let samples = of(|kind| matches!(kind, QueryKind::Sample(_)));
    let warnings = set.rules.iter().map(|rule| rule.warnings.len()).sum();
    let mut parts = vec![format!(
        "{} in EQL can run ({}, {})",
        count(set.rules.len(), "rule"),
        count(sequences, "sequence"),
        count(samples, "sample")
    )];
    if errors > 0 {
        parts.push(format!("{} cannot", count(errors, "file")));
    }
    let others: usize = set.others.values().sum();
    if others > 0 {
        let kinds = set.others.iter();
        let kinds: Vec<String> = kinds
            .map(|(kind, count)| visible(&format!("{kind} {count}")))
            .collect();
        let noun = if others == 1 { "is" } else { "are" };
        parts.push(format!(
            "{others} {noun} of other types ({})",
            kinds.join(", ")
        ));
    }
    if !set.no_rules.is_empty() {
        let files = count(set.no_rules.len(), "file");
        parts.push(format!("{files} without a table [rule]"));
    }
    parts.push(count(warnings, "warning"));
    let _ = writeln!(text, "{}: {}", count(files, "file"), parts.join("; "));
}

/// Fields that no evidence can fill, most used first.
fn write_fields(text: &mut String, set: &RuleSet) {
    let mut fields: BTreeMap<&str, usize> = BTreeMap::new();
    for field in set.rules.iter().flat_map(|rule| rule.unfillable()) {
        *fields.entry(field).or_default() += 1;
    }
    if fields.is_empty() {
        return;
    }
    text.push_str("\nFields that no evidence can fill, and how many rules read them:\n");
    let mut fields: Vec<_> = fields.into_iter().collect();
    fields.sort_by_key(|(field, rules)| (std::cmp::Reverse(*rules), *field));
    for (field, rules) in fields {
        let _ = writeln!(text, "{rules:>5}  {}", visible(field));
    }
}

fn write_useless(text: &mut String, set: &RuleSet) {
    let mut useless: Vec<_> = set.rules.iter().filter(|rule| !rule.can_match()).collect();
    useless.sort_by_key(|rule| &rule.source);
    if useless.is_empty() {
        return;
    }
    let rules = count(useless.len(), "rule");
    let _ = writeln!(
        text,
        "\n{rules} that no evidence can match, for want of such fields:"
    );
    for rule in useless {
        let line = format!("{} ({})", rule.name, rule.source);
        let _ = writeln!(text, "       {}", visible(&line));
    }
}
