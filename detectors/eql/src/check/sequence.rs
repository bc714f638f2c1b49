//! Sequences: stages, keys and times.

use super::{Checker, Type};
use crate::ast::{self, Maxspan};
use crate::diagnostic::Diagnostic;
use crate::plan::{KeyedFilter, Sequence, Stage};
use crate::span::{Span, Spanned};

/// The most runs that a stage may ask for.
const MOST_RUNS: i64 = 100;

impl Checker<'_> {
    pub(super) fn sequence(&mut self, sequence: &ast::Sequence) -> Sequence {
        let keys = &sequence.keys;
        let maxspan = sequence.maxspan.as_ref();
        let until = sequence.until.as_ref();
        let terms = sequence.terms.iter();
        let plan = Sequence {
            maxspan: maxspan.map(|maxspan| self.maxspan(maxspan)),
            stages: terms.map(|term| self.stage(keys, term)).collect(),
            until: until.map(|until| self.keyed_filter(keys, until)),
        };
        self.check_stages(sequence, &plan.stages);
        self.check_sequence_keys(sequence);
        plan
    }

    fn check_sequence_keys(&mut self, sequence: &ast::Sequence) {
        let terms = sequence.terms.iter();
        let stages = terms.map(|term| (&term.node.event, term.span));
        let until = sequence.until.iter();
        let until = until.map(|until| (&until.node, until.span));
        self.check_keys(&sequence.keys, stages.chain(until));
    }

    fn maxspan(&mut self, maxspan: &Spanned<Maxspan>) -> u64 {
        let Maxspan { count, unit } = maxspan.node;
        let count = u64::try_from(count).ok();
        let length = count.and_then(|count| count.checked_mul(unit.milliseconds()));
        match length {
            Some(0) => self.error(maxspan.span, "`maxspan` must be longer than nothing"),
            None => self.error(maxspan.span, "this `maxspan` is too long"),
            Some(_) => {}
        }
        length.unwrap_or_default()
    }

    fn stage(&mut self, keys: &[ast::Key], term: &Spanned<ast::Term>) -> Stage {
        let event = &term.node.event;
        Stage {
            filter: self.filter(&event.filter),
            keys: Self::keys(keys, &event.keys),
            runs: term.node.runs.as_ref().map_or(1, |runs| self.runs(runs)),
            missing: term.node.missing,
            span: term.span,
        }
    }

    pub(super) fn keyed_filter(
        &mut self,
        keys: &[ast::Key],
        event: &Spanned<ast::KeyedFilter>,
    ) -> KeyedFilter {
        KeyedFilter {
            filter: self.filter(&event.node.filter),
            keys: Self::keys(keys, &event.node.keys),
            span: event.span,
        }
    }

    fn runs(&mut self, runs: &Spanned<i64>) -> u32 {
        let allowed = (1..=MOST_RUNS).contains(&runs.node);
        if !allowed {
            let message = format!("`runs` must be between 1 and {MOST_RUNS}");
            self.error(runs.span, message);
        }
        u32::try_from(runs.node)
            .ok()
            .filter(|_| allowed)
            .unwrap_or(1)
    }

    fn check_stages(&mut self, sequence: &ast::Sequence, stages: &[Stage]) {
        let (Some(first), Some(last)) = (stages.first(), stages.last()) else {
            return;
        };
        let runs: u32 = stages
            .iter()
            .map(|stage| stage.runs)
            .fold(0, u32::saturating_add);
        let whole = first.span.to(last.span);
        if runs < 2 {
            let message = "a sequence needs two stages at least";
            let help = "add a stage, or `with runs=2`";
            self.report(Diagnostic::error(whole, message).with_help(help));
        } else if stages.iter().all(|stage| stage.missing) {
            self.error(
                whole,
                "a sequence needs a stage that is not a missing event",
            );
        }
        let missing = stages.iter().find(|stage| stage.missing);
        if let (Some(missing), None) = (missing, &sequence.maxspan) {
            let message = "a missing event needs `with maxspan`: for how long must it be missing?";
            self.error(missing.span, message);
        }
    }

    /// All events have the same number of keys, of types that can be equal place by place.
    pub(super) fn check_keys<'a>(
        &mut self,
        common: &[ast::Key],
        events: impl Iterator<Item = (&'a ast::KeyedFilter, Span)>,
    ) {
        for key in common {
            self.field(&key.node, key.span);
        }
        let mut wanted: Option<Vec<Type>> = None;
        for (event, span) in events {
            let types = self.own_key_types(event);
            match &mut wanted {
                None => wanted = Some(types),
                Some(wanted) if wanted.len() != types.len() => {
                    let (wanted, found) = (common.len() + wanted.len(), common.len() + types.len());
                    let message = format!("this has {found} join keys, the first has {wanted}");
                    self.error(span, message);
                }
                Some(wanted) => self.check_key_types(wanted, &types, event),
            }
        }
    }

    fn own_key_types(&mut self, event: &ast::KeyedFilter) -> Vec<Type> {
        let types = event.keys.iter().map(|key| self.field(&key.node, key.span));
        types.collect()
    }

    fn check_key_types(&mut self, wanted: &mut [Type], types: &[Type], event: &ast::KeyedFilter) {
        for ((wanted, found), key) in wanted.iter_mut().zip(types).zip(&event.keys) {
            if !found.agrees_with(*wanted) {
                let message = format!("this join key is {found}, the one before it {wanted}");
                self.error(key.span, message);
            } else if *wanted == Type::Unknown {
                *wanted = *found;
            }
        }
    }
}
