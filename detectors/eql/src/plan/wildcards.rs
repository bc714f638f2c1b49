//! `value like (…)`

use std::fmt;

use super::Wildcard;
use crate::fold::fold_if;
use crate::print;
use crate::value::Value;

/// A set of patterns of which any may match. Order and repetition in the query leave no trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wildcards {
    fold_case: bool,
    patterns: Vec<Wildcard>,
}

impl Wildcards {
    pub(crate) fn new<'a>(patterns: impl IntoIterator<Item = &'a str>, fold_case: bool) -> Self {
        let mut patterns: Vec<_> = patterns
            .into_iter()
            .map(|pattern| Wildcard::new(pattern, fold_case))
            .collect();
        patterns.sort_unstable();
        patterns.dedup();
        Self {
            fold_case,
            patterns,
        }
    }

    /// Whether case is disregarded.
    #[must_use]
    pub fn folds_case(&self) -> bool {
        self.fold_case
    }

    /// The patterns, sorted.
    #[must_use]
    pub fn patterns(&self) -> &[Wildcard] {
        &self.patterns
    }

    /// Whether any pattern matches, or nothing for what is no text.
    #[must_use]
    pub fn test(&self, value: &Value<'_>) -> Option<bool> {
        let text = fold_if(self.fold_case, value.as_text()?);
        let mut patterns = self.patterns.iter();
        Some(patterns.any(|pattern| pattern.matches_folded(&text)))
    }
}

/// The operator and the patterns: `like~ ("a*", "b*")`.
impl fmt::Display for Wildcards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.fold_case { "like~ " } else { "like " })?;
        print::texts(self.patterns.iter().map(Wildcard::pattern), f)
    }
}
