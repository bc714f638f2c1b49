//! `value in (…)`

use std::cmp::Ordering;
use std::fmt::{self, Write as _};

use super::Constant;
use crate::fold::fold_if;
use crate::print;
use crate::value::Value;

/// A set of constants. Order and repetition in the query leave no trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Members {
    fold_case: bool,
    /// Sorted, and folded if case is disregarded.
    texts: Vec<String>,
    others: Vec<Constant>,
}

impl Members {
    pub(crate) fn new(constants: Vec<Constant>, fold_case: bool) -> Self {
        let mut texts = Vec::new();
        let mut others = Vec::new();
        for constant in constants {
            match constant {
                Constant::Text(text) => texts.push(fold_if(fold_case, &text).into_owned()),
                other => others.push(other),
            }
        }
        texts.sort_unstable();
        texts.dedup();
        others.sort_by_cached_key(Constant::to_string);
        others.dedup();
        Self {
            fold_case,
            texts,
            others,
        }
    }

    /// Whether case is disregarded.
    #[must_use]
    pub fn folds_case(&self) -> bool {
        self.fold_case
    }

    /// The texts, sorted; folded by [`crate::fold()`] if case is disregarded.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// The members that are no texts.
    #[must_use]
    pub fn others(&self) -> &[Constant] {
        &self.others
    }

    /// Whether the value is a member, or nothing if it compares with none of them.
    #[must_use]
    pub fn test(&self, value: &Value<'_>) -> Option<bool> {
        let text = value.as_text().map(|text| self.has_text(text));
        let others = self.others.iter().filter_map(|other| other.order_of(value));
        let other = others.map(Ordering::is_eq).max();
        text.filter(|_| !self.texts.is_empty()).max(other)
    }

    fn has_text(&self, text: &str) -> bool {
        let text = fold_if(self.fold_case, text);
        self.texts
            .binary_search_by(|member| member.as_str().cmp(&text))
            .is_ok()
    }
}

/// The operator and the list: `in ("a", "b")`.
impl fmt::Display for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.fold_case { "in~ (" } else { "in (" })?;
        let mut separator = "";
        for text in &self.texts {
            f.write_str(separator)?;
            print::text(text, f)?;
            separator = ", ";
        }
        for other in &self.others {
            write!(f, "{separator}{other}")?;
            separator = ", ";
        }
        f.write_char(')')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(values: &[Value<'_>], fold_case: bool) -> Members {
        Members::new(
            values.iter().filter_map(Constant::plain).collect(),
            fold_case,
        )
    }

    #[test]
    fn order_and_repetition_leave_no_trace() {
        let one = members(&["b".into(), "a".into(), "b".into()], false);
        let other = members(&["a".into(), "b".into()], false);
        assert_eq!(one, other);
        assert_eq!(one.to_string(), r#"in ("a", "b")"#);
    }

    #[test]
    fn a_value_of_another_kind_compares_with_nothing() {
        let texts = members(&["A".into()], true);
        assert_eq!(texts.test(&"a".into()), Some(true));
        assert_eq!(texts.test(&"b".into()), Some(false));
        assert_eq!(texts.test(&Value::Int(1)), None);
        let numbers = members(&[Value::Int(1), Value::Float(2.0)], false);
        assert_eq!(numbers.test(&Value::Int(2)), Some(true));
        assert_eq!(numbers.test(&"1".into()), None);
    }
}
