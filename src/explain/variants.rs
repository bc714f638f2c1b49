//! What a sequence finds when one of its demands is taken away.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use detectors::Finding;
use detectors::rule::{Relaxed, Rule, Span};
use eql::plan::QueryKind;
use timeline::Reader;

use super::{Explained, line};
use crate::duration::duration;
use crate::report::count;

/// Near misses that are shown of each kind.
const SHOWN: usize = 2;

/// What a variant finds that the rule does not, nearest first.
pub(super) struct NearMisses<'e> {
    /// What the variant was relieved of.
    pub(super) what: &'e Relaxed,
    pub(super) findings: Vec<&'e Finding>,
}

impl Explained<'_> {
    /// What each variant finds that the rule does not, and which demand kept it out.
    pub(super) fn variants(&self, text: &mut String, near: Vec<NearMisses<'_>>) {
        let mut shown: BTreeSet<Vec<u32>> = BTreeSet::new();
        for NearMisses { what, mut findings } in near {
            // Without any key, what one key fewer found is found again.
            findings.retain(|finding| shown.insert(finding.rows().collect()));
            if findings.is_empty() {
                continue;
            }
            text.push('\n');
            let matches = count(findings.len() as u64, "more sequence");
            line(text, 0, &format!("{matches} {}:", self.words(what)));
            for (number, finding) in findings.iter().take(SHOWN).enumerate() {
                if number > 0 {
                    text.push('\n');
                }
                self.finding(text, finding);
                line(text, 5, &self.failure(what, finding));
            }
        }
    }

    /// The findings of each variant that are not the rule's own.
    pub(super) fn near_misses(&self) -> Vec<NearMisses<'_>> {
        let own = self.findings[0].iter();
        let own: BTreeSet<Vec<u32>> = own.map(|finding| finding.rows().collect()).collect();
        let variants = self.plan.relaxed.iter().zip(&self.findings[1..]);
        variants
            .map(|(what, of_variant)| {
                let mut findings: Vec<&Finding> = of_variant
                    .iter()
                    .filter(|near| !own.contains(&near.rows().collect::<Vec<_>>()))
                    .filter(|near| *what != Relaxed::Order || near.slack.is_some())
                    .collect();
                findings.sort_by_cached_key(|near| {
                    let by_key = self.shared_keys(near);
                    (Reverse(by_key), self.length(near), near.slack)
                });
                NearMisses { what, findings }
            })
            .collect()
    }

    /// From the first event to the last, in ticks.
    fn length(&self, finding: &Finding) -> i64 {
        let span = finding.span(self.events);
        span.map_or(i64::MAX, |(first, last)| last.0.saturating_sub(first.0))
    }

    fn words(&self, what: &Relaxed) -> String {
        match what {
            Relaxed::Span => format!("if they might take longer than {}", self.allowed()),
            Relaxed::Until => "if the event of until might happen".into(),
            Relaxed::Missing => "if the events that must be missing might be there".into(),
            Relaxed::Runs => "if events need not come so often in a row".into(),
            Relaxed::Order => "if the events might come in another order".into(),
            Relaxed::Key(fields) => format!("if they need not share {}", joined(fields)),
            Relaxed::Keys => "if they need not share any key".into(),
        }
    }

    /// What kept a near miss out.
    fn failure(&self, what: &Relaxed, finding: &Finding) -> String {
        match what {
            Relaxed::Span => format!(
                "took {}, at most {} are allowed",
                duration(self.length(finding)),
                self.allowed()
            ),
            Relaxed::Until => "an event of until lies in between".into(),
            Relaxed::Missing => "an event that must be missing is there".into(),
            Relaxed::Runs => "events of one stage do not come as often as the rule demands".into(),
            Relaxed::Order => format!(
                "an event lies {} before one that should come first",
                duration(finding.slack.unwrap_or_default())
            ),
            Relaxed::Key(_) | Relaxed::Keys => self.different_keys(finding),
        }
    }

    fn rule(&self) -> &Rule {
        &self.plan.asked.question.rules.rules[0]
    }

    fn allowed(&self) -> String {
        let QueryKind::Sequence(sequence) = &self.rule().query.kind else {
            return String::new();
        };
        let span = sequence.maxspan.map(Span::from_milliseconds);
        let span = self.rule().window.or(span);
        span.map_or_else(|| "any time".into(), |span| duration(span.ticks()))
    }

    /// The values of each key in each event of a near miss: fields, and what they have.
    fn key_values(&self, finding: &Finding) -> Vec<Vec<(String, String)>> {
        let QueryKind::Sequence(sequence) = &self.rule().query.kind else {
            return Vec::new();
        };
        let reader = Reader::new(self.events);
        let keys = sequence.stages.first().map_or(0, |stage| stage.keys.len());
        let stages = sequence
            .stages
            .iter()
            .flat_map(|stage| (0..stage.runs).map(move |_| stage));
        let events: Vec<_> = stages
            .zip(&finding.events)
            .filter_map(|(stage, row)| Some((stage, (*row)?)))
            .collect();
        (0..keys)
            .map(|key| {
                let of_stage = events.iter().filter_map(|(stage, row)| {
                    let field = &stage.keys.get(key)?.name;
                    let known = self.events.names.find(field);
                    let value = known.and_then(|known| reader.segment().get(known, *row));
                    let value = value.map_or_else(|| "nothing".into(), |value| value.to_string());
                    Some((field.clone(), value))
                });
                of_stage.collect()
            })
            .collect()
    }

    /// How many keys the events of a near miss share.
    fn shared_keys(&self, finding: &Finding) -> usize {
        let keys = self.key_values(finding);
        keys.iter().filter(|values| are_equal(values)).count()
    }

    fn different_keys(&self, finding: &Finding) -> String {
        let keys = self.key_values(finding);
        let different = keys.iter().filter(|values| !are_equal(values));
        let words = different.map(|values| {
            let values = values.iter();
            let values: Vec<String> = values
                .map(|(field, value)| format!("{field} is `{value}`"))
                .collect();
            values.join(", then ")
        });
        words.collect::<Vec<_>>().join("; ")
    }
}

fn are_equal(values: &[(String, String)]) -> bool {
    values.windows(2).all(|pair| pair[0].1 == pair[1].1)
}

/// The fields of a key, each once.
fn joined(fields: &[String]) -> String {
    let mut distinct: Vec<&str> = Vec::new();
    for field in fields {
        if !distinct.contains(&field.as_str()) {
            distinct.push(field);
        }
    }
    distinct.join(" = ")
}
