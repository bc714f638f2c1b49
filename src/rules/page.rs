//! The reference of rules (docs/rules.md): a table by technique, the logs that rules need, and each rule.

use std::collections::BTreeMap;
use std::fmt::Write;

use detectors::rule::{Basis, Rule};

use super::count;
use super::describe::{Form, describe, technique_address};
use super::logs::LOGS;
use super::markdown::{Anchors, cell, prose};
use super::needs::{Events, Need, needs};

const HEAD: &str = "\
# Rules

Made by `sidetrack rules docs`. Each file holds the query, how a match becomes a movement, and events that must and must
not match. A movement names a source and a target; other rules make findings.

- *Telemetry* rules stand on Sysmon, or on audit that is off by default; *residue* rules on what Windows keeps by default.
- What must be on is derived from each query: every event that can meet a part of it. Where a part can be met by several
  (\"or\"), one of them is enough. What a rule wants missing is not named; where it is not recorded, that rule says more.
- \"With the start of the process\": the event itself says too little of its process; the rest comes from the record of the
  process's start (Sysmon 1, Security 4688).
- `*` marks events that Windows does not record by default. In the Security log the subcategory of the audit policy that
  has them follows in brackets.
";

/// What stands for rules that name no technique.
const NO_TECHNIQUE: &str = "No technique";

/// A rule, and what is told of it in the table.
struct Entry<'r> {
    rule: &'r Rule,
    needs: Vec<Need>,
    /// The technique whose section it stands in.
    home: String,
    /// What links to its section lead to.
    anchor: String,
}

/// The whole page.
pub(super) fn page(rules: &[Rule]) -> anyhow::Result<String> {
    let mut entries = Vec::new();
    for rule in rules {
        entries.push(Entry {
            rule,
            needs: needs(rule)?,
            home: home(rule),
            anchor: String::new(),
        });
    }
    entries.sort_by(|a, b| (&a.home, &a.rule.source).cmp(&(&b.home, &b.rule.source)));
    let names = names(rules);
    let mut anchors = Anchors::default();
    for heading in ["Rules", "By technique", "Logs"] {
        anchors.of(heading);
    }
    let mut homes: BTreeMap<String, String> = BTreeMap::new();
    for entry in &mut entries {
        if !homes.contains_key(&entry.home) {
            let anchor = anchors.of(&titled(&entry.home, &names));
            homes.insert(entry.home.clone(), anchor);
        }
        entry.anchor = anchors.of(&entry.rule.name);
    }
    let mut text = String::from(HEAD);
    put_techniques(&mut text, &entries, &names, &homes);
    put_logs(&mut text, &entries);
    put_rules(&mut text, &entries, &names);
    Ok(text)
}

/// The technique whose folder a rule lies in, else the first that it names.
fn home(rule: &Rule) -> String {
    let folder = rule.source.rsplit(['/', '\\']).nth(1).unwrap_or_default();
    let of_folder = rule.attack.iter().find(|id| *id == folder);
    let home = of_folder.or(rule.attack.first());
    home.map_or_else(|| NO_TECHNIQUE.to_owned(), Clone::clone)
}

/// The names of techniques by their ids, as far as rules have them.
fn names(rules: &[Rule]) -> BTreeMap<&str, &str> {
    let mut names = BTreeMap::new();
    let complete = rules
        .iter()
        .filter(|rule| rule.attack.len() == rule.technique.len());
    for rule in complete {
        for (id, name) in rule.attack.iter().zip(&rule.technique) {
            names.entry(id.as_str()).or_insert(name.as_str());
        }
    }
    names
}

/// A technique by id and name.
fn titled(id: &str, names: &BTreeMap<&str, &str>) -> String {
    names
        .get(id)
        .map_or_else(|| id.to_owned(), |name| format!("{id} {name}"))
}

fn put_techniques(
    text: &mut String,
    entries: &[Entry<'_>],
    names: &BTreeMap<&str, &str>,
    homes: &BTreeMap<String, String>,
) {
    let residue = entries
        .iter()
        .filter(|entry| is_residue(entry.rule))
        .count();
    let _ = writeln!(
        text,
        "\n{}: {} on telemetry, {residue} on residue.",
        count(entries.len(), "rule"),
        entries.len() - residue
    );
    text.push_str(
        "\n## By technique\n\n\
         | technique | telemetry rules | residue rules | events and logs that must be on |\n|---|---|---|---|\n",
    );
    let mut techniques: BTreeMap<&str, Vec<&Entry<'_>>> = BTreeMap::new();
    for entry in entries {
        let ids = entry.rule.attack.iter().map(String::as_str);
        let none = entry.rule.attack.is_empty().then_some(NO_TECHNIQUE);
        for id in ids.chain(none) {
            techniques.entry(id).or_default().push(entry);
        }
    }
    for (id, entries) in techniques {
        let title = prose(&titled(id, names));
        let title = match homes.get(id) {
            Some(anchor) => format!("[{title}](#{anchor})"),
            None => match technique_address(id) {
                Some(address) => format!("[{title}]({address})"),
                None => title,
            },
        };
        let mut events = Events::default();
        for need in entries.iter().flat_map(|entry| &entry.needs) {
            events.add(&need.events);
        }
        let cells = [
            title,
            links(&entries, false),
            links(&entries, true),
            prose(&events.words().join("; ")),
        ];
        let cells = cells.map(|markdown| cell(&markdown));
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
}

/// Links to the rules that stand on residue, or to all others.
fn links(entries: &[&Entry<'_>], residue: bool) -> String {
    let wanted = entries
        .iter()
        .filter(|entry| is_residue(entry.rule) == residue);
    let links = wanted.map(|entry| format!("[{}](#{})", prose(&entry.rule.name), entry.anchor));
    links.collect::<Vec<_>>().join("<br>")
}

/// Whether a rule stands on what Windows keeps by default. One of another make does not say so.
fn is_residue(rule: &Rule) -> bool {
    let table = rule.sidetrack.as_ref();
    table.is_some_and(|table| table.basis == Basis::Residue)
}

/// The logs that any rule needs, by their names in the table.
fn put_logs(text: &mut String, entries: &[Entry<'_>]) {
    let mut all = Events::default();
    for need in entries.iter().flat_map(|entry| &entry.needs) {
        all.add(&need.events);
    }
    text.push_str("\n## Logs\n\n| name | channel | by default |\n|---|---|---|\n");
    for log in all.logs().map(|log| &LOGS[log]) {
        let mark = if log.is_off() { "*" } else { "" };
        let cells = [
            prose(&format!("{}{mark}", log.name)),
            prose(log.channel),
            prose(log.default),
        ];
        let _ = writeln!(
            text,
            "| {} |",
            cells.map(|markdown| cell(&markdown)).join(" | ")
        );
    }
    text.push_str(
        "\n`$MFT` and `$J` (the change journal) are those of NTFS, *registry* is the hives of the system and of its users,\n\
         *task files* are those below `System32\\Tasks`: Windows always has them.\n",
    );
}

fn put_rules(text: &mut String, entries: &[Entry<'_>], names: &BTreeMap<&str, &str>) {
    let mut home = "";
    for entry in entries {
        if entry.home != home {
            home = &entry.home;
            let _ = writeln!(text, "\n## {}", prose(&titled(home, names)));
            if let Some(address) = technique_address(home) {
                let _ = writeln!(text, "\n<{address}>");
            }
        }
        let _ = writeln!(text, "\n### {}\n", prose(&entry.rule.name));
        describe(text, entry.rule, &entry.needs, Form::Page);
    }
}
