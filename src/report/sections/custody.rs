//! Custody: what was read, with what, and what came out, each with its hash.

use super::super::document::{Kind, Line, Section, Table, ours, shown};
use super::super::text::count;
use super::command::told;
use crate::case::CaseResult;
use crate::export::Output;
use crate::manifest::MANIFEST;
use crate::plan::Plan;

/// How many files are listed: manifest.json has all.
const MOST: usize = 1000;

/// Everything that says what the case was made from.
pub(super) fn section(plan: &Plan, case: &CaseResult, outputs: &[Output]) -> Section {
    let mut section = Section::new(Kind::Custody, "custody", vec![ours("Custody")]);
    section.table(facts(plan, case, outputs));
    let inputs = inputs(case);
    if !inputs.rows.is_empty() {
        section.say("What was read:");
        section.table(inputs);
    }
    section.say("What was written before this report:");
    section.table(written(outputs));
    section.say(
        "The report's own files stand in manifest.json, with the time of the run and the command as it was typed. \
         `sidetrack verify` checks every hash.",
    );
    section
}

fn facts(plan: &Plan, case: &CaseResult, outputs: &[Output]) -> Table {
    let read = format!(
        "{}, {} in archives, {}",
        count(case.inputs.len() as u64, "evidence file"),
        case.inputs
            .iter()
            .filter(|input| input.path.contains('!'))
            .count(),
        size(case.inputs.iter().map(|input| input.size).sum())
    );
    let written = format!(
        "{}, {}",
        count(outputs.len() as u64, "file"),
        size(outputs.iter().map(|output| output.size).sum())
    );
    let tool = format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let rules = &plan.question.rules;
    let rows = [
        ("case", shown(&plan.case_id)),
        ("examiner", shown(&plan.examiner)),
        ("tool", vec![ours(tool)]),
        ("command", shown(&told(&plan.command))),
        ("rules", vec![ours(rules.rules.len().to_string())]),
        ("hash of all rules", shown(&rules.sha256())),
        ("read", vec![ours(read)]),
        ("written", vec![ours(written)]),
    ];
    let mut table = Table::default();
    for (name, value) in rows {
        if !value.is_empty() {
            table.row(vec![vec![ours(name)], value]);
        }
    }
    table
}

fn inputs(case: &CaseResult) -> Table {
    let mut table = Table::with(&["file", "host", "kind", "bytes", "events", "read", "SHA-256"]);
    let archives = case.archives.iter().map(|archive| {
        vec![
            shown(&archive.path),
            Line::new(),
            vec![ours(archive.kind)],
            vec![ours(archive.size.to_string())],
            Line::new(),
            Line::new(),
            shown(&archive.sha256),
        ]
    });
    let inputs = case.inputs.iter().map(|input| {
        vec![
            shown(&input.path),
            shown(&input.hosts.join(";")),
            vec![ours(input.kind)],
            vec![ours(input.size.to_string())],
            vec![ours(input.events.to_string())],
            vec![ours(input.status.as_str())],
            shown(&input.sha256),
        ]
    });
    let all = case.archives.len() + case.inputs.len();
    let rows = archives.chain(inputs).take(MOST);
    rows.for_each(|cells| table.row(cells));
    table.tell_cut(all, MOST, MANIFEST);
    table
}

fn written(outputs: &[Output]) -> Table {
    let mut table = Table::with(&["file", "bytes", "rows", "SHA-256"]);
    for output in outputs.iter().take(MOST) {
        let rows = output.rows.map(|rows| rows.to_string());
        table.row(vec![
            shown(&output.path),
            vec![ours(output.size.to_string())],
            vec![ours(rows.unwrap_or_default())],
            shown(&output.sha256),
        ]);
    }
    table.tell_cut(outputs.len(), MOST, MANIFEST);
    table
}

/// Bytes as people say them.
fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    for (unit, name) in UNITS {
        if bytes >= unit {
            let tenths = u128::from(bytes) * 10 / u128::from(unit);
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
    }
    count(bytes, "byte")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_in_fitting_units() {
        for (bytes, expected) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1024, "1.0 KiB"),
            (1_047_552, "1023.0 KiB"),
            (1_600_000, "1.5 MiB"),
            (3 << 30, "3.0 GiB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
    }
}
