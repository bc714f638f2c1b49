//! How many events met each condition of each stage.

use std::fmt::Write;

use detectors::matching::{Part, PartSeen, Stage, StageSeen};
use timeline::Reader;

use super::{Explained, event, line};
use crate::report::count;

impl Explained<'_> {
    /// All stages, with their conditions.
    pub(super) fn stages(&self, text: &mut String) {
        let stages = self.explainer.stages().zip(&self.tally.stages);
        for (number, ((stage, parts), seen)) in (1..).zip(stages) {
            text.push('\n');
            line(text, 0, &heading(number, stage));
            line(text, 2, &category(stage, seen));
            for (part, seen) in parts.iter().zip(&seen.parts) {
                line(text, 2, &condition(part, seen));
            }
            line(text, 2, &fits(stage, seen));
            for (part, seen) in parts.iter().zip(&seen.parts) {
                self.near(text, part, seen);
            }
        }
    }

    /// The events that failed one condition only.
    fn near(&self, text: &mut String, part: &Part, seen: &PartSeen) {
        if seen.only == 0 {
            return;
        }
        let events = count(seen.only, "event");
        line(text, 2, &format!("{events} failed only: {}", part.text));
        for (values, near) in seen.nearest() {
            let values = if values.is_empty() {
                String::new()
            } else {
                format!("{values}: ")
            };
            let event = event(self.evidence, &Reader::new(near), 0);
            line(text, 5, &format!("{values}{event}"));
        }
    }
}

/// What a stage is called.
pub(super) fn name(number: usize, stage: &Stage) -> String {
    if stage.until {
        "until".into()
    } else {
        format!("stage {number}")
    }
}

fn heading(number: usize, stage: &Stage) -> String {
    let mut words = name(number, stage);
    if stage.missing {
        words += ", which must be missing";
    }
    if stage.runs > 1 {
        let _ = write!(words, ", {} times in a row", stage.runs);
    }
    if !stage.keys.is_empty() {
        let _ = write!(words, ", by {}", stage.keys.join(", "));
    }
    words
}

fn category(stage: &Stage, seen: &StageSeen) -> String {
    let scope = count(seen.in_scope, "event");
    match &stage.category {
        None => format!(
            "{:>9}  of the data sets that the rule is for",
            seen.in_scope
        ),
        Some(category) => format!(
            "{:>9}  of category {category}, of {scope} of the data sets that the rule is for",
            seen.of_category
        ),
    }
}

/// `1234  process.name : "x"`, and how many events have the field at all.
fn condition(part: &Part, seen: &PartSeen) -> String {
    let indent = part.depth * 2;
    let recorded = if part.fields.is_empty() || part.compound {
        String::new()
    } else {
        format!("  ({} have the field)", seen.recorded)
    };
    format!("{:>9}  {:indent$}{}{recorded}", seen.holds, "", part.text)
}

fn fits(stage: &Stage, seen: &StageSeen) -> String {
    let mut words = format!("{:>9}  meet all of it", seen.fits);
    if seen.unfit > 0 {
        let _ = write!(words, "; {} without a time of their own", seen.unfit);
    }
    if !stage.keys.is_empty() {
        let _ = write!(words, "; {} have a value for each key", seen.keyed);
    }
    words
}
