//! A sequence with one of its demands taken away: what it then finds shows which demand failed.

use eql::plan::{QueryKind, Sequence};

use super::{Rule, Side, Sidetrack, Span};

/// What was taken away from a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relaxed {
    /// Events need not follow each other so soon.
    Span,
    /// What must not happen in between may happen.
    Until,
    /// Events that must be missing may be there.
    Missing,
    /// Events need not come so often.
    Runs,
    /// The events may come in another order.
    Order,
    /// One of several keys need not be shared: its fields, one for each stage.
    Key(Vec<String>),
    /// No key need be shared.
    Keys,
}

/// How far events out of order are looked for when the sequence sets no limit.
const ORDER: Span = Span::from_hours(1);

impl Rule {
    /// The rule without each of its demands that can be taken away alone. Nothing for single events.
    /// What would take away two demands at once is left out, so that each answer has one reason.
    #[must_use]
    pub fn relaxed(&self) -> Vec<(Relaxed, Self)> {
        let QueryKind::Sequence(sequence) = &self.query.kind else {
            return Vec::new();
        };
        let mut variants = Vec::new();
        let mut add = |what: Relaxed, change: &dyn Fn(&mut Self, &mut Sequence)| {
            let mut rule = self.clone();
            let mut changed = sequence.clone();
            change(&mut rule, &mut changed);
            rule.query.kind = QueryKind::Sequence(changed);
            variants.push((what, rule));
        };
        let has_missing = sequence.stages.iter().any(|stage| stage.missing);
        if sequence.until.is_some() {
            add(Relaxed::Until, &|_, sequence| sequence.until = None);
        }
        if has_missing {
            add(Relaxed::Missing, &|_, sequence| {
                sequence.stages.retain(|stage| !stage.missing);
            });
        } else if sequence.maxspan.is_some() || self.window.is_some() {
            add(Relaxed::Span, &|rule, sequence| {
                sequence.maxspan = None;
                rule.window = None;
            });
        }
        if sequence.stages.iter().any(|stage| stage.runs > 1) {
            add(Relaxed::Runs, &|_, sequence| {
                sequence.stages.iter_mut().for_each(|stage| stage.runs = 1);
            });
        }
        if !has_missing && sequence.until.is_none() && sequence.stages.len() > 1 {
            let span = sequence.maxspan.map(Span::from_milliseconds);
            let slack = self.window.or(span).unwrap_or(ORDER);
            add(Relaxed::Order, &|rule, _| rule.allow_disorder(slack));
        }
        let keys = sequence.stages.first().map_or(0, |stage| stage.keys.len());
        if keys > 1 {
            for key in 0..keys {
                let fields = sequence.stages.iter();
                let fields = fields.filter_map(|stage| Some(stage.keys.get(key)?.name.clone()));
                add(Relaxed::Key(fields.collect()), &|_, sequence| {
                    drop_keys(sequence, |place| place != key);
                });
            }
        }
        if keys > 0 {
            add(Relaxed::Keys, &|_, sequence| drop_keys(sequence, |_| false));
        }
        variants
    }

    /// Lets events be dated late by that much.
    fn allow_disorder(&mut self, slack: Span) {
        self.exact_only = false;
        let table = self.sidetrack.get_or_insert_with(|| Sidetrack {
            state_events: true,
            ..Sidetrack::of_side(Side::Target)
        });
        table.order_slack = Some(slack);
    }
}

fn drop_keys(sequence: &mut Sequence, keep: impl Fn(usize) -> bool) {
    let stages = sequence.stages.iter_mut().map(|stage| &mut stage.keys);
    let until = sequence.until.iter_mut().map(|until| &mut until.keys);
    for keys in stages.chain(until) {
        let mut place = 0..;
        keys.retain(|_| place.next().is_some_and(&keep));
    }
}
