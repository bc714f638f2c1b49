//! Why a rule or a query matched or stayed silent (DESIGN.md §6).

mod reason;
mod stages;
mod variants;

use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use detectors::Finding;
use detectors::matching::{Explainer, Tally};
use timeline::parquet::EvidenceName;
use timeline::{Reader, Segment};

use crate::exit::Exit;
use crate::export::proof_of;
use crate::plan::ExplainPlan;
use crate::progress::Progress;
use crate::query;
use crate::report::{begun, count};
use crate::run::{self, Lines, Workshop};
use crate::stdout;
use crate::visible::visible;

/// Matches that are shown.
const SHOWN: usize = 3;

/// Everything that the words are made of.
struct Explained<'a> {
    plan: &'a ExplainPlan,
    explainer: &'a Explainer,
    tally: &'a Tally,
    /// What the rule and its variants found, by their place.
    findings: &'a [Vec<Finding>],
    /// The events of the findings.
    events: &'a Segment,
    evidence: &'a [EvidenceName],
}

/// Explains a rule.
pub(crate) fn run(plan: &ExplainPlan) -> anyhow::Result<Exit> {
    let asked = &plan.asked;
    let progress = Progress::new(asked.reading.quiet);
    asked.notes.iter().for_each(|note| progress.say(note));
    let folder = tempfile::tempdir().context("creating a folder for intermediate files")?;
    let shop = Workshop::new(&asked.reading, &asked.question, folder.path())?;
    let rules = &asked.question.rules.rules;
    let explainer = Explainer::new(&rules[0])?;
    let tally = Mutex::new(Tally::default());
    let watch = |segment: &Segment| {
        let seen = explainer.look(segment);
        tally
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .merge(seen);
    };
    let material =
        shop.install(|| query::gather(asked, &shop, Lines::None, Some(&watch), &progress))?;
    progress.finish();
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (found, events) = run::find(&shop, material.answers.candidates, &material.segments)?;
    let mut findings = vec![Vec::new(); rules.len()];
    for finding in found {
        if let Some(of_rule) = findings.get_mut(finding.rule) {
            of_rule.push(finding);
        }
    }
    let words = Explained {
        plan,
        explainer: &explainer,
        tally: &tally,
        findings: &findings,
        events: &events,
        evidence: &material.evidence,
    };
    stdout::print(&words.text())?;
    query::tell_losses(&shop, &progress)?;
    Ok(run::exit_of(shop.issues.losses(), material.evidence.len()))
}

impl Explained<'_> {
    fn text(&self) -> String {
        let mut text = String::new();
        let rule = &self.plan.asked.question.rules.rules[0];
        if !rule.name.is_empty() {
            line(&mut text, 0, &format!("{} ({})", rule.name, rule.source));
        }
        line(&mut text, 0, &self.verdict());
        for finding in self.findings[0].iter().take(SHOWN) {
            text.push('\n');
            self.finding(&mut text, finding);
        }
        let near = self.near_misses();
        for reason in self.reasons(&near) {
            line(&mut text, 0, &reason);
        }
        self.stages(&mut text);
        self.variants(&mut text, near);
        text
    }

    fn verdict(&self) -> String {
        let events = count(self.tally.events, "event");
        match self.findings[0].len() {
            0 => format!("No match in {events}."),
            number => {
                let shown = if number > SHOWN { "; the first" } else { "" };
                format!("{} in {events}{shown}:", count(number as u64, "match"))
            }
        }
    }

    /// A match, one event in each line.
    fn finding(&self, text: &mut String, finding: &Finding) {
        let reader = Reader::new(self.events);
        for (stage, row) in (1..).zip(&finding.events) {
            let event = row.map_or_else(
                || "(no such event, as demanded)".to_owned(),
                |row| event(self.evidence, &reader, row),
            );
            line(text, 2, &format!("{stage}  {event}"));
        }
    }
}

/// An event in one line: when, where, what, and the record that says so.
fn event(evidence: &[EvidenceName], reader: &Reader<'_>, row: u32) -> String {
    let proof = proof_of(evidence, reader, row);
    format!(
        "{}  {}  {}  [{}, record {}]",
        proof.time, proof.host, proof.message, proof.file, proof.record
    )
}

/// Characters of one line: longer ones are cut.
const LONGEST: usize = 400;

fn line(text: &mut String, indent: usize, words: &str) {
    let shown = visible(words);
    let _ = writeln!(text, "{:indent$}{}", "", begun(&shown, LONGEST, "…"));
}
