//! `:`, `like` and `regex`: texts against patterns.

use super::{Checker, Type, Typed};
use crate::ast::Match;
use crate::diagnostic::Diagnostic;
use crate::plan::{
    Comparison, Constant, Expression, Members, Operator, Predicate, Regex, Wildcard, Wildcards,
};
use crate::span::{Span, Spanned};
use crate::value::Value;

impl Checker<'_> {
    pub(super) fn matching(&mut self, matching: &Match, span: Span) -> Typed {
        let value = self.expression(&matching.value);
        let operator = matching.operator;
        self.need_text(&value, &format!("`{}`", operator.symbol()));
        let Some(patterns) = self.patterns(&matching.patterns) else {
            return Typed::mistake(span);
        };
        let fold_case = operator.folds_case();
        let predicate = if operator.is_regex() {
            self.regex(&patterns, fold_case)
        } else {
            Some(wildcards(&patterns, fold_case))
        };
        match predicate {
            Some(predicate) => {
                let test = Expression::Test(value.expression.into(), predicate);
                Typed::new(test, Type::Boolean, span)
            }
            None => Typed::mistake(span),
        }
    }

    pub(super) fn need_text(&mut self, value: &Typed, operator: &str) {
        if !value.kind.is_text() {
            let message = format!("this is {}, but {operator} needs a text", value.kind);
            self.error(value.span, message);
        }
    }

    fn patterns<'p>(
        &mut self,
        patterns: &'p [Spanned<Value<'static>>],
    ) -> Option<Vec<Spanned<&'p str>>> {
        let mut texts = Vec::new();
        for pattern in patterns {
            match pattern.node.as_text() {
                Some(text) => texts.push(Spanned::new(text, pattern.span)),
                None => self.error(pattern.span, "a pattern must be a string"),
            }
        }
        (texts.len() == patterns.len()).then_some(texts)
    }

    fn regex(&mut self, patterns: &[Spanned<&str>], fold_case: bool) -> Option<Predicate> {
        if self.regex_memory == 0 {
            return None;
        }
        let texts: Vec<_> = patterns.iter().map(|pattern| pattern.node).collect();
        let whole = patterns[0].span.to(patterns[patterns.len() - 1].span);
        let regex = match Regex::new(&texts, fold_case) {
            Ok(regex) => regex,
            Err(error) => {
                let place = error.pattern.map_or(whole, |index| patterns[index].span);
                self.error(place, error.message);
                self.regex_memory = self.regex_memory.saturating_sub(error.cost);
                return None;
            }
        };
        self.warn_about_anchors(patterns);
        self.take_memory(regex.size(), whole)?;
        Some(Predicate::Regex(regex))
    }

    fn warn_about_anchors(&mut self, patterns: &[Spanned<&str>]) {
        for pattern in patterns {
            if looks_anchored(pattern.node) {
                let message = "`^` and `$` are characters here, not anchors";
                let help = "leave them out: a pattern always matches the whole value";
                self.report(Diagnostic::warning(pattern.span, message).with_help(help));
            }
        }
    }

    /// Once it is used up, no further pattern is even looked at.
    fn take_memory(&mut self, size: usize, span: Span) -> Option<()> {
        self.regex_memory = self.regex_memory.saturating_sub(size);
        if self.regex_memory == 0 {
            self.error(
                span,
                "the regular expressions of this query are too large together",
            );
            return None;
        }
        Some(())
    }
}

fn looks_anchored(pattern: &str) -> bool {
    pattern.starts_with('^') || (pattern.ends_with('$') && !pattern.ends_with("\\$"))
}

/// Patterns without wildcards are plain equality, which says the same and is found faster.
fn wildcards(patterns: &[Spanned<&str>], fold_case: bool) -> Predicate {
    let wildcards = Wildcards::new(patterns.iter().map(|pattern| pattern.node), fold_case);
    let literals: Option<Vec<_>> = wildcards.patterns().iter().map(Wildcard::literal).collect();
    match literals.as_deref() {
        None => Predicate::Wildcard(wildcards),
        Some([only]) if !fold_case => Predicate::Compare(Comparison {
            operator: Operator::Equal,
            constant: Constant::Text((*only).to_owned()),
        }),
        Some(literals) => {
            let texts = literals
                .iter()
                .map(|text| Constant::Text((*text).to_owned()));
            Predicate::In(Members::new(texts.collect(), fold_case))
        }
    }
}
