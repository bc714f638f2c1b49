//! A rule in words: what it looks for, why that works, what it needs, and what a match becomes.

use std::fmt::Write;

use detectors::rule::{MovementTable, Read, Rule, Sidetrack, Span, Step};
use eql::plan::QueryKind;
use timeline::TICKS_PER_MILLISECOND;

use super::markdown::prose;
use super::needs::{Need, needs};
use crate::visible::visible;

/// Where the words will be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// In a terminal, as they are.
    Terminal,
    /// On a page in Markdown.
    Page,
}

impl Form {
    fn words(self, text: &str) -> String {
        match self {
            Self::Terminal => visible(text),
            Self::Page => prose(text),
        }
    }

    /// An address to look at.
    fn address(self, text: &str) -> String {
        let is_one = text.starts_with("https://") || text.starts_with("http://");
        let is_plain = text
            .chars()
            .all(|char| char.is_ascii_graphic() && !"<>".contains(char));
        match self {
            Self::Page if is_one && is_plain => format!("<{text}>"),
            _ => self.words(text),
        }
    }
}

/// Rules one after the other.
pub(super) fn text(rules: &[Rule]) -> anyhow::Result<String> {
    let mut text = String::new();
    for rule in rules {
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "## {}\n", visible(&rule.name));
        describe(&mut text, rule, &needs(rule)?, Form::Terminal);
    }
    Ok(text)
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
            let span = window(rule).map_or("any time".into(), |window| window.to_string());
            format!("sequence of {events} events within {span}")
        }
    }
}

/// The time that a sequence may take; nothing when it may take any.
fn window(rule: &Rule) -> Option<Span> {
    let QueryKind::Sequence(sequence) = &rule.query.kind else {
        return None;
    };
    let span = sequence.maxspan.map(Span::from_milliseconds);
    rule.window.or(span)
}

/// A rule below its heading.
pub(super) fn describe(text: &mut String, rule: &Rule, needs: &[Need], form: Form) {
    put_prose(text, rule, form);
    let mut item = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "- {name}: {value}");
        }
    };
    let words = |text: &str| form.words(text);
    item("file", &words(&format!("`{}`", rule.source)));
    item("id", &words(&format!("`{}`", rule.id)));
    item("ATT&CK", &attack(rule, form));
    item("severity", rule.severity.as_str());
    if let Some(table) = &rule.sidetrack {
        describe_basis(&mut item, table);
    }
    item("shape", &shape(rule));
    item("window", &words(&widened(rule)));
    item("needs", &words(&needed(needs)));
    item("data sets", &words(&rule.index.join(", ")));
    if let Some(table) = &rule.sidetrack {
        describe_table(&mut item, table, form);
    }
    for warning in &rule.warnings {
        item("odd", &words(&warning.to_string()));
    }
    for reference in &rule.references {
        item("reference", &form.address(reference));
    }
    let query: Vec<String> = rule.text.lines().map(visible).collect();
    let fence = fence(&rule.text);
    let _ = writeln!(text, "\n{fence}\n{}\n{fence}", query.join("\n"));
}

/// What it finds, and why that works.
fn put_prose(text: &mut String, rule: &Rule, form: Form) {
    if !rule.description.is_empty() {
        let description = rule.description.replace('\n', " ");
        let _ = writeln!(text, "{}\n", form.words(&description));
    }
    // Rules of another make have a guide there, with headings.
    let is_guide = rule.note.starts_with('#');
    for (number, paragraph) in rule.note.split("\n\n").enumerate() {
        let lines = paragraph.lines().filter(|line| !line.trim().is_empty());
        let lines: Vec<String> = lines.map(|line| form.words(line)).collect();
        if !lines.is_empty() {
            let lead = match (number, is_guide) {
                (0, false) => "Why it works: ",
                _ => "",
            };
            let _ = writeln!(text, "{lead}{}\n", lines.join("\n"));
        }
    }
}

/// Backticks around a query: more than it has in a row.
fn fence(query: &str) -> String {
    let longest = query.split(|char| char != '`').map(str::len).max();
    "`".repeat(longest.unwrap_or(0).max(2) + 1)
}

fn attack(rule: &Rule, form: Form) -> String {
    let words = form.words(&rule.technique.join("; "));
    let ids: Vec<String> = rule
        .attack
        .iter()
        .map(|id| technique_link(id, form))
        .collect();
    match (ids.join(", "), words.is_empty()) {
        (ids, true) => ids,
        (ids, false) => format!("{ids} ({words})"),
    }
}

/// The id of a technique, in a page with where to read about it.
fn technique_link(id: &str, form: Form) -> String {
    let address = technique_address(id).filter(|_| form == Form::Page);
    match address {
        Some(address) => format!("[{id}]({address})"),
        None => form.words(id),
    }
}

/// Where ATT&CK tells of a technique: `T1021.001` is at `T1021/001`.
pub(super) fn technique_address(id: &str) -> Option<String> {
    let (main, sub) = match id.split_once('.') {
        Some((main, sub)) => (main, Some(sub)),
        None => (id, None),
    };
    let has_digits = |text: &str, count: usize| {
        text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_main = main
        .strip_prefix('T')
        .is_some_and(|main| has_digits(main, 4));
    let is_one = is_main && sub.is_none_or(|sub| has_digits(sub, 3));
    let end = sub.map_or(String::new(), |sub| format!("{sub}/"));
    is_one.then(|| format!("https://attack.mitre.org/techniques/{main}/{end}"))
}

/// The window, and how to make it wider.
fn widened(rule: &Rule) -> String {
    let Some(window) = window(rule) else {
        return String::new();
    };
    let name = if rule.id.is_empty() {
        &rule.name
    } else {
        &rule.id
    };
    let milliseconds = u64::try_from(window.ticks() / TICKS_PER_MILLISECOND).unwrap_or_default();
    let wider = Span::from_milliseconds(milliseconds.saturating_mul(2));
    format!("{window} from the first event to the last; wider with `--window \"{name}={wider}\"`")
}

/// What each part of the query can be met by. Parts that need the same are named together.
fn needed(needs: &[Need]) -> String {
    let mut groups: Vec<(Vec<String>, String)> = Vec::new();
    for need in needs {
        let mut words = need.events.words().join(" or ");
        if words.is_empty() {
            words = "an event that no evidence has".into();
        } else if need.with_start {
            words += ", with the start of the process";
        }
        match groups.last_mut() {
            Some((parts, own)) if *own == words => parts.push(need.part.to_string()),
            _ => groups.push((vec![need.part.to_string()], words)),
        }
    }
    if let ([_], [(_, words)]) = (needs, groups.as_slice()) {
        return words.clone();
    }
    let groups = groups.into_iter().map(|(parts, words)| {
        let noun = if parts.len() == 1 { "event" } else { "events" };
        format!("{noun} {}: {words}", parts.join(", "))
    });
    groups.collect::<Vec<_>>().join("; ")
}

fn describe_basis(item: &mut impl FnMut(&str, &str), table: &Sidetrack) {
    item("stands on", table.basis.as_str());
    let side = format!("{:?}", table.side).to_lowercase();
    item("recorded by", &format!("the {side} of the movement"));
    item("step", table.step.map_or("", Step::as_str));
    let exact = if table.exact {
        "yes, a key of the very connection or session ties the source to what was done"
    } else {
        "no, the source is tied to what was done by host, account or time"
    };
    if table.movement.is_some() {
        item("exact", exact);
    }
}

fn describe_table(item: &mut impl FnMut(&str, &str), table: &Sidetrack, form: Form) {
    match &table.movement {
        None => item("becomes", "a finding, no movement"),
        Some(movement) => {
            for (name, reads) in parts(movement) {
                let places: Vec<String> = reads.iter().map(place).collect();
                item(name, &form.words(&places.join(", else ")));
            }
        }
    }
    for expect in &table.expects {
        let words = format!("{} ({} log)", expect.text, expect.channel);
        item("expects", &form.words(&words));
    }
    item("innocent explanation", &form.words(&table.innocent));
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
