//! Answers to a query for sequences and samples.

use std::collections::BTreeMap;

use detectors::Finding;
use eql::plan::QueryKind;
use serde_json::{Value as Json, json};
use timeline::parquet::EvidenceName;
use timeline::{Reader, Segment, Spilled};

use super::answer::{Answer, hit};
use super::events::table_line;
use super::kept;
use super::material::Material;
use crate::args::QueryFormat;
use crate::export::{LineContext, csv_cells, json_text, proof_of};
use crate::plan::QueryPlan;
use crate::run::{Candidates, Workshop, find_by_key};

/// What matches, and its events: sequences in the order of their last events (EQL.md §7.1), samples in that of
/// their keys (§8).
pub(super) fn answers(
    plan: &QueryPlan,
    shop: &Workshop<'_>,
    candidates: Candidates,
    segments: &[Option<Spilled>],
) -> anyhow::Result<(Vec<Finding>, Segment)> {
    let (mut findings, events) = find_by_key(shop, candidates, segments)?;
    let query = &plan.question.rules.rules[0].query;
    // Samples come by their keys. Of several sequences that end with one event, the order of their keys
    // stands.
    if matches!(query.kind, QueryKind::Sequence(_)) {
        findings.sort_by(|a, b| match (last(a), last(b)) {
            (Some(a), Some(b)) => events.compare(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        });
    }
    Ok((findings, events))
}

/// Prints them.
pub(super) fn print(
    plan: &QueryPlan,
    shop: &Workshop<'_>,
    material: Material,
) -> anyhow::Result<()> {
    let query = &plan.question.rules.rules[0].query;
    let (findings, events) = answers(plan, shop, material.answers.candidates, &material.segments)?;
    let printer = Printer {
        plan,
        reader: Reader::new(&events),
        events: &events,
        hosts: &material.hosts,
        evidence: &material.evidence,
        kinds: &material.kinds,
    };
    let mut answer = Answer::sequences(plan.format)?;
    let range = kept(&query.pipes, findings.len() as u64);
    for (number, finding) in (1u64..).zip(&findings) {
        if range.contains(&(number - 1)) {
            printer.print(&mut answer, number, finding)?;
        }
    }
    answer.finish()
}

fn last(finding: &Finding) -> Option<u32> {
    finding.rows().last()
}

struct Printer<'a> {
    plan: &'a QueryPlan,
    reader: Reader<'a>,
    events: &'a Segment,
    hosts: &'a BTreeMap<String, String>,
    evidence: &'a [EvidenceName],
    kinds: &'a [String],
}

impl Printer<'_> {
    fn print(&self, answer: &mut Answer, number: u64, finding: &Finding) -> anyhow::Result<()> {
        match self.plan.format {
            QueryFormat::Json | QueryFormat::Jsonl => {
                let events = finding.events.iter();
                let events: Vec<Json> = events
                    .map(|row| row.map_or(Json::Null, |row| hit(self.events, row, self.plan)))
                    .collect();
                let sequence = json!({"join_keys": finding.keys, "events": events});
                answer.line(json_text(sequence).as_bytes())
            }
            QueryFormat::Csv => finding.rows().try_for_each(|row| {
                let keys = finding.keys.join("; ");
                let before = [number.to_string(), keys];
                let line = csv_cells(&before, &self.reader, row, self.context(row));
                answer.line(line.as_bytes())
            }),
            QueryFormat::Table => finding.rows().try_for_each(|row| {
                let line = table_line(&proof_of(self.evidence, &self.reader, row));
                answer.line(format!("{number}\t{line}").as_bytes())
            }),
        }
    }

    fn context(&self, row: u32) -> LineContext<'_> {
        let own = &self.events.rows[row as usize];
        let host = detectors::enrich::machine_of(self.events, row);
        let kind = self.kinds.get(own.provenance.evidence.0 as usize);
        LineContext {
            host: self.hosts.get(&host).map_or("", String::as_str),
            kind: kind.map_or("", String::as_str),
            evidence: self.evidence,
            timezone: None,
            json: false,
        }
    }
}
