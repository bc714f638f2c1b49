//! Why there is no match, in words.

use detectors::matching::{Part, PartSeen, Stage, StageSeen};
use detectors::rule::Relaxed;

use super::Explained;
use super::stages::name;
use super::variants::NearMisses;
use crate::report::count;

impl Explained<'_> {
    /// Why the rule stayed silent, given what came near. Nothing when it did not.
    pub(super) fn reasons(&self, near: &[NearMisses<'_>]) -> Vec<String> {
        if !self.findings[0].is_empty() {
            return Vec::new();
        }
        let stages = self.explainer.stages().zip(&self.tally.stages);
        let of_stages: Vec<String> = (1..)
            .zip(stages)
            .filter(|(_, ((stage, _), _))| !stage.missing && !stage.until)
            .filter_map(|(number, ((stage, parts), seen))| {
                let reason = why_none(stage, &parts, seen)?;
                Some(format!("Because of {}: {reason}.", name(number, stage)))
            })
            .collect();
        if of_stages.is_empty() {
            vec![self.why_no_sequence(near)]
        } else {
            of_stages
        }
    }

    /// Every stage has events: what keeps them apart?
    fn why_no_sequence(&self, near: &[NearMisses<'_>]) -> String {
        let nearest = near.iter().find(|near| !near.findings.is_empty());
        let all = "Every stage has events";
        // Without any key is the last resort.
        match nearest.map(|near| near.what) {
            Some(Relaxed::Span) => format!("{all}, but they lie too far apart."),
            Some(Relaxed::Until) => format!("{all}, but an event of until lies between them."),
            Some(Relaxed::Missing) => {
                format!("{all}, but so has one that must be missing.")
            }
            Some(Relaxed::Runs) => format!("{all}, but not as often in a row as demanded."),
            Some(Relaxed::Order) => format!("{all}, but they come in another order."),
            Some(Relaxed::Key(_) | Relaxed::Keys) => {
                format!("{all}, but they do not share the keys.")
            }
            None if self.plan.relaxed.is_empty() => format!("{all}, but they share no key."),
            None => format!(
                "{all}, but no combination of them comes near: more than one demand is not met."
            ),
        }
    }
}

/// Why no event fits a stage.
fn why_none(stage: &Stage, parts: &[&Part], seen: &StageSeen) -> Option<String> {
    if seen.keyed > 0 {
        return None;
    }
    if seen.fits > 0 {
        let fits = count(seen.fits, "event");
        return Some(if seen.unfit == seen.fits {
            format!("{fits} would fit, but has no time of its own, or none did")
        } else {
            format!(
                "{fits} would fit, but none has a value for each key ({})",
                stage.keys.join(", ")
            )
        });
    }
    if seen.in_scope == 0 {
        return Some("there is no event of the data sets that the rule is for".into());
    }
    if seen.of_category == 0 {
        let category = stage.category.as_deref().unwrap_or_default();
        return Some(format!("there is no event of category {category}"));
    }
    let top: Vec<(&&Part, &PartSeen)> = parts
        .iter()
        .zip(&seen.parts)
        .filter(|(part, _)| part.depth == 0)
        .collect();
    let never: Vec<String> = top
        .iter()
        .filter(|(_, seen)| seen.holds == 0)
        .map(|(part, part_seen)| no_event(part, part_seen, seen.of_category))
        .collect();
    if !never.is_empty() {
        return Some(never.join("; "));
    }
    let near: u64 = top.iter().map(|(_, seen)| seen.only).sum();
    Some(if near == 0 {
        "each of its conditions is met, but never all but one by the same event".into()
    } else {
        format!(
            "each of its conditions is met, but never all by one event; {} only one",
            if near == 1 {
                "1 event fails".to_owned()
            } else {
                format!("{near} events fail")
            }
        )
    })
}

/// A condition that no event meets: because of its value, or because nobody recorded the field.
fn no_event(part: &Part, seen: &PartSeen, of: u64) -> String {
    let events = count(of, "event");
    if !part.fields.is_empty() && seen.recorded == 0 {
        let fields = part.fields.join(", ");
        return format!("none of {events} has the field {fields}");
    }
    format!("none of {events} meets {}", part.text)
}
