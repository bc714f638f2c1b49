//! Samples: at least two filters, joined by at least one key.

use super::Checker;
use crate::ast;
use crate::plan::Sample;
use crate::span::Span;

impl Checker<'_> {
    pub(super) fn sample(&mut self, sample: &ast::Sample) -> Sample {
        let filters: Vec<_> = sample
            .terms
            .iter()
            .map(|term| self.keyed_filter(&sample.keys, term))
            .collect();
        let events = sample.terms.iter().map(|term| (&term.node, term.span));
        self.check_keys(&sample.keys, events.clone());
        let whole = events
            .map(|(_, span)| span)
            .reduce(Span::to)
            .unwrap_or_default();
        if filters.len() < 2 {
            self.error(whole, "a sample needs two filters at least");
        }
        if filters.iter().all(|filter| filter.keys.is_empty()) {
            self.error(whole, "a sample needs a join key: `sample by …`");
        }
        Sample { filters }
    }
}
