//! A rule in words: what it looks for, and what a match becomes.

use std::fmt::Write;

use detectors::rule::{MovementTable, Read, Rule, Sidetrack};
use eql::plan::QueryKind;
use timeline::TICKS_PER_MILLISECOND;

use crate::duration::duration;
use crate::visible::visible;

/// The reference of rules (docs/rules.md).
pub(super) fn page(rules: &[Rule]) -> String {
    let mut rules: Vec<&Rule> = rules.iter().collect();
    rules.sort_by_key(|rule| &rule.source);
    let mut text = String::from(
        "# Rules\n\nMade by `sidetrack rules docs`. Each file holds the query, how a match becomes a\n\
         movement, and events that must and must not match.\n",
    );
    for rule in rules {
        text.push('\n');
        describe(&mut text, rule);
    }
    text
}

/// Rules one after the other.
pub(super) fn text(rules: &[Rule]) -> String {
    let mut text = String::new();
    for rule in rules {
        if !text.is_empty() {
            text.push('\n');
        }
        describe(&mut text, rule);
    }
    text
}

/// How many events a match has, and in which time.
pub(crate) fn shape(rule: &Rule) -> String {
    match &rule.query.kind {
        QueryKind::Event(_) => "single event".into(),
        QueryKind::Sample(sample) => {
            format!("sample of {} events", sample.filters.len())
        }
        QueryKind::Sequence(sequence) => {
            let stages = sequence.stages.iter().filter(|stage| !stage.missing);
            let events: u32 = stages.map(|stage| stage.runs).sum();
            let window = rule.window.map(|window| window.to_string());
            let span = sequence.maxspan.map(within);
            let span = window.or(span).unwrap_or_else(|| "any time".into());
            format!("sequence of {events} events within {span}")
        }
    }
}

fn within(milliseconds: u64) -> String {
    let ticks = i64::try_from(milliseconds).unwrap_or(i64::MAX);
    duration(ticks.saturating_mul(TICKS_PER_MILLISECOND))
}

fn describe(text: &mut String, rule: &Rule) {
    let _ = writeln!(text, "## {}\n", visible(&rule.name));
    let mut item = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "- {name}: {}", visible(value));
        }
    };
    item("file", &format!("`{}`", rule.source));
    item("id", &format!("`{}`", rule.id));
    item("ATT&CK", &attack(rule));
    item("severity", rule.severity.as_str());
    let table = rule.sidetrack.as_ref();
    if let Some(table) = table {
        item("stands on", table.basis.as_str());
        let side = format!("{:?}", table.side).to_lowercase();
        item("recorded by", &format!("the {side} of the movement"));
    }
    item("shape", &shape(rule));
    item("data sets", &rule.index.join(", "));
    if let Some(table) = table {
        describe_table(&mut item, table);
    }
    for warning in &rule.warnings {
        item("odd", &warning.to_string());
    }
    let query: Vec<String> = rule.text.lines().map(visible).collect();
    let _ = writeln!(text, "\n```\n{}\n```", query.join("\n"));
}

fn attack(rule: &Rule) -> String {
    let words = rule.technique.join("; ");
    match (rule.attack.join(", "), words.is_empty()) {
        (ids, true) => ids,
        (ids, false) => format!("{ids} ({words})"),
    }
}

fn describe_table(item: &mut impl FnMut(&str, &str), table: &Sidetrack) {
    match &table.movement {
        None => item("becomes", "a finding, no movement"),
        Some(movement) => {
            for (name, reads) in parts(movement) {
                item(
                    name,
                    &reads.iter().map(place).collect::<Vec<_>>().join(", else "),
                );
            }
        }
    }
    for expect in &table.expects {
        item(
            "expects",
            &format!("{} ({} log)", expect.text, expect.channel),
        );
    }
    item("innocent explanation", &table.innocent);
}

/// Where each part of the movement comes from.
fn parts(movement: &MovementTable) -> [(&'static str, &[Read]); 7] {
    [
        ("source address", &movement.source_ip),
        ("source host", &movement.source_host),
        ("target host", &movement.target_host),
        ("target address", &movement.target_ip),
        ("account", &movement.account),
        ("ran as", &movement.ran_as),
        ("what ran", &movement.ran),
    ]
}

fn place(read: &Read) -> String {
    let cut = if read.capture.is_some() {
        ", a part"
    } else {
        ""
    };
    format!("`{}` of event {}{cut}", read.field, read.stage)
}
