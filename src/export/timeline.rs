//! `timeline.csv`, `undated.csv` and `timeline.jsonl`: every event, in the one order.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Context;
use detectors::rule::Severity;
use timeline::key;

use super::csv::Row;
use super::line::{AFTER, BEFORE, LOCAL, MARKS, parts};
use super::movements::finding_id;
use super::{CaseFolder, folder::OutputFile};
use crate::case::CaseResult;
use crate::plan::Plan;

/// Rows written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rows {
    pub(super) timeline: u64,
    pub(super) undated: u64,
}

/// What findings say about one event.
#[derive(Debug, Default)]
struct Mark {
    severity: Option<Severity>,
    in_movement: bool,
    attack: Vec<String>,
    findings: Vec<String>,
}

impl Mark {
    fn cells(&self) -> [String; 4] {
        let tag = if self.in_movement {
            "finding;lateral-movement"
        } else {
            "finding"
        };
        [
            self.severity.map_or("info", Severity::as_str).into(),
            if self.findings.is_empty() { "" } else { tag }.into(),
            self.attack.join(";"),
            self.findings.join(";"),
        ]
    }
}

/// Writes the lines with their marks.
pub(super) fn write(
    folder: &CaseFolder,
    plan: &Plan,
    mut case: CaseResult,
) -> anyhow::Result<(CaseResult, Rows)> {
    let marks = marks(plan, &case);
    let mut files = Files::create(folder, plan)?;
    let none = Mark::default();
    for item in &mut case.timeline {
        let item = item.context("sorting the timeline")?;
        let mark = marks.get(&item.key).unwrap_or(&none);
        let parts = parts(&item.payload).context("a line of the timeline is damaged")?;
        files.line(key::read_time(&item.key).is_some(), parts, &mark.cells())?;
    }
    let rows = files.finish()?;
    Ok((case, rows))
}

/// The events of findings, by their place in the one order.
fn marks(plan: &Plan, case: &CaseResult) -> BTreeMap<Vec<u8>, Mark> {
    let mut moved = vec![false; case.findings.len()];
    case.movements
        .iter()
        .flat_map(|movement| &movement.findings)
        .for_each(|&f| moved[f] = true);
    let mut marks: BTreeMap<Vec<u8>, Mark> = BTreeMap::new();
    for (place, finding) in case.findings.iter().enumerate() {
        let rule = &plan.question.rules.rules[finding.rule];
        for row in finding.rows() {
            let mark = marks.entry(case.events.order_key(row)).or_default();
            mark.severity = mark.severity.max(Some(rule.severity));
            mark.in_movement |= moved[place];
            for id in &rule.attack {
                if !mark.attack.contains(id) {
                    mark.attack.push(id.clone());
                }
            }
            let id = finding_id(place);
            if !mark.findings.contains(&id) {
                mark.findings.push(id);
            }
        }
    }
    marks
}

/// The files under way.
struct Files<'f> {
    csv: Option<(OutputFile<'f>, OutputFile<'f>)>,
    jsonl: Option<OutputFile<'f>>,
    rows: Rows,
}

impl<'f> Files<'f> {
    fn create(folder: &'f CaseFolder, plan: &Plan) -> anyhow::Result<Self> {
        let csv = if plan.csv {
            let local = plan.timezone.map(|_| LOCAL);
            let header: Vec<&str> = BEFORE
                .into_iter()
                .chain(MARKS)
                .chain(AFTER)
                .chain(local)
                .collect();
            let create = |name| -> anyhow::Result<OutputFile<'f>> {
                let mut file = folder.file(name)?;
                file.header(&header)?;
                Ok(file)
            };
            Some((create("timeline.csv")?, create("undated.csv")?))
        } else {
            None
        };
        let jsonl = plan
            .jsonl
            .then(|| folder.file("timeline.jsonl"))
            .transpose()?;
        Ok(Self {
            csv,
            jsonl,
            rows: Rows::default(),
        })
    }

    fn line(&mut self, dated: bool, parts: [&str; 3], marks: &[String; 4]) -> anyhow::Result<()> {
        let [before, after, json] = parts;
        if dated {
            self.rows.timeline += 1;
        } else {
            self.rows.undated += 1;
        }
        if let Some((timeline, undated)) = &mut self.csv {
            let mut row = Row::new();
            let line = format!("{before},{},{after}\n", row.cells(marks).as_str());
            if dated { timeline } else { undated }.row(line.as_bytes())?;
        }
        if let Some(file) = &mut self.jsonl {
            let marks = MARKS.iter().zip(marks).filter(|(_, mark)| !mark.is_empty());
            let mut object = String::new();
            for (name, mark) in marks {
                let _ = write!(
                    object,
                    ",\"{name}\":{}",
                    serde_json::Value::from(mark.as_str())
                );
            }
            let open = json.strip_suffix('}').unwrap_or(json);
            file.row(format!("{open}{object}}}\n").as_bytes())?;
        }
        Ok(())
    }

    fn finish(self) -> anyhow::Result<Rows> {
        if let Some((timeline, undated)) = self.csv {
            timeline.finish()?;
            undated.finish()?;
        }
        self.jsonl.map_or(Ok(()), OutputFile::finish)?;
        Ok(self.rows)
    }
}
