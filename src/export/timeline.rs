//! `timeline.csv`, `undated.csv` and `timeline.jsonl`: every event, in the one order.

use std::collections::{BTreeMap, btree_map};
use std::fmt::Write as _;
use std::iter::Peekable;

use anyhow::Context;
use chrono_tz::Tz;
use timeline::{Reader, key};

use super::csv::Row;
use super::json::json_text;
use super::line::{AFTER, BEFORE, LOCAL, LineContext, MARKS, line, parts};
use super::mark::Mark;
use super::movements::finding_id;
use super::scope::kind_of;
use super::{CaseFolder, folder::OutputFile};
use crate::case::CaseResult;
use crate::plan::Plan;

/// Rows written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rows {
    pub(super) timeline: u64,
    pub(super) undated: u64,
}

/// An event of findings.
#[derive(Debug, Default)]
struct Marked {
    /// The event among those of findings.
    row: u32,
    mark: Mark,
}

/// Writes the lines with their marks.
pub(super) fn write(
    folder: &CaseFolder,
    plan: &Plan,
    mut case: CaseResult,
) -> anyhow::Result<(CaseResult, Rows)> {
    let lines = case.timeline.take();
    if !plan.csv && !plan.jsonl {
        return Ok((case, Rows::default()));
    }
    let marks = marks(plan, &case);
    let mut files = Files::create(folder, plan)?;
    let none = Marked::default();
    let mut missing = Missing::of(plan, &case, &marks);
    for item in lines.into_iter().flatten() {
        let item = item.context("sorting the timeline")?;
        missing.put_before(Some(&item.key), &mut files)?;
        let mark = marks.get(&item.key).unwrap_or(&none);
        let parts = parts(&item.payload).context("a line of the timeline is damaged")?;
        files.line(
            key::read_time(&item.key).is_some(),
            parts,
            &mark.mark.cells(),
        )?;
    }
    missing.put_before(None, &mut files)?;
    let added = missing.added;
    if plan.csv {
        folder.count_neutralised(missing.neutralised);
    }
    case.counts.untold -= added.min(case.counts.untold);
    let rows = files.finish()?;
    Ok((case, rows))
}

/// Events of findings that have no line yet: those of files that the timeline does not have otherwise.
struct Missing<'c> {
    marks: Peekable<btree_map::Iter<'c, Vec<u8>, Marked>>,
    case: &'c CaseResult,
    reader: Reader<'c>,
    timezone: Option<Tz>,
    json: bool,
    added: u64,
    /// Cells of their lines that would have been formulas.
    neutralised: u64,
}

impl<'c> Missing<'c> {
    fn of(plan: &Plan, case: &'c CaseResult, marks: &'c BTreeMap<Vec<u8>, Marked>) -> Self {
        Self {
            marks: marks.iter().peekable(),
            case,
            reader: Reader::new(&case.events),
            timezone: plan.timezone,
            json: plan.jsonl,
            added: 0,
            neutralised: 0,
        }
    }

    /// Writes those that come before a line; the line's own is there.
    fn put_before(&mut self, line: Option<&[u8]>, files: &mut Files<'_>) -> anyhow::Result<()> {
        while let Some((key, mark)) = self
            .marks
            .next_if(|(key, _)| line.is_none_or(|line| key.as_slice() <= line))
        {
            if line != Some(key) {
                self.put(key, mark, files)?;
            }
        }
        Ok(())
    }

    fn put(&mut self, key: &[u8], mark: &Marked, files: &mut Files<'_>) -> anyhow::Result<()> {
        let events = &self.case.events;
        let recorded = events.strings.get(events.rows[mark.row as usize].host);
        let context = LineContext {
            host: self.case.host_of(recorded),
            kind: kind_of(events, mark.row),
            evidence: &self.case.evidence,
            timezone: self.timezone,
            json: self.json,
        };
        let (line, neutralised) = line(&self.reader, mark.row, context);
        self.neutralised += neutralised;
        let parts = parts(&line).context("a line of the timeline is damaged")?;
        self.added += 1;
        files.line(key::read_time(key).is_some(), parts, &mark.mark.cells())
    }
}

/// The events of findings, by their place in the one order.
fn marks(plan: &Plan, case: &CaseResult) -> BTreeMap<Vec<u8>, Marked> {
    let mut moved = vec![false; case.findings.len()];
    case.movements
        .iter()
        .flat_map(|movement| &movement.findings)
        .for_each(|&f| moved[f] = true);
    let mut marks: BTreeMap<Vec<u8>, Marked> = BTreeMap::new();
    for (place, finding) in case.findings.iter().enumerate() {
        let rule = &plan.question.rules.rules[finding.rule];
        for row in finding.rows() {
            let marked = marks.entry(case.events.order_key(row)).or_default();
            marked.row = row;
            let attack = rule.attack.iter().map(String::as_str);
            let id = finding_id(place);
            marked.mark.add(&id, rule.severity, attack, moved[place]);
        }
    }
    marks
}

/// The line in JSON with the columns that findings fill.
pub(crate) fn marked_json(json: &str, marks: &[String; 4]) -> String {
    let marks = MARKS.iter().zip(marks).filter(|(_, mark)| !mark.is_empty());
    let mut object = json.strip_suffix('}').unwrap_or(json).to_owned();
    for (name, mark) in marks {
        let _ = write!(
            object,
            ",\"{name}\":{}",
            json_text(serde_json::Value::from(mark.as_str()))
        );
    }
    object.push('}');
    object
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
            let line = format!("{}\n", marked_json(json, marks));
            file.row(line.as_bytes())?;
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
