//! All questions of all rules to the texts of one field, answered in one pass over its values.
//!
//! Equal texts are found by hashing. A pattern is only tried on a value that has the longest piece of
//! it without wildcards; all pieces are looked for at once.

use std::collections::HashMap;

use aho_corasick::AhoCorasick;
use eql::fold;
use eql::plan::{Comparison, Constant, Leaf, Operator, Predicate, Wildcard};

/// Shorter pieces stand in nearly every value: looking for them would not help.
const SHORTEST_PIECE: usize = 2;

/// The questions to one field.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    /// The field.
    pub(super) field: String,
    /// Numbers of the leaves that are answered.
    leaves: Vec<usize>,
    /// Those that look at case, and those that do not.
    exact: Questions,
    folded: Questions,
}

/// Questions that treat case alike.
#[derive(Debug, Default)]
struct Questions {
    /// Which leaves each text answers, by their place in the list.
    texts: HashMap<String, Vec<usize>>,
    /// Patterns and the place of their leaf.
    wildcards: Vec<(Wildcard, usize)>,
    /// Which of the patterns each piece stands for.
    of_piece: Vec<Vec<usize>>,
    pieces: Option<AhoCorasick>,
    /// Patterns that are tried on every value.
    always: Vec<usize>,
}

impl Patterns {
    /// Collects the questions that can be asked together, by field.
    pub(super) fn of(leaves: &[Leaf]) -> Vec<Self> {
        let mut by_field: HashMap<&str, Self> = HashMap::new();
        for (number, leaf) in leaves.iter().enumerate() {
            if let Leaf::Test { field, predicate } = leaf
                && is_about_texts(predicate)
            {
                let patterns = by_field.entry(field).or_insert_with(|| Self {
                    field: field.clone(),
                    ..Self::default()
                });
                patterns.add(number, predicate);
            }
        }
        let mut all: Vec<Self> = by_field.into_values().collect();
        all.sort_by(|a, b| a.field.cmp(&b.field));
        for patterns in &mut all {
            patterns.exact.finish();
            patterns.folded.finish();
        }
        all
    }

    /// The leaves that are answered.
    pub(super) fn leaves(&self) -> &[usize] {
        &self.leaves
    }

    fn add(&mut self, number: usize, predicate: &Predicate) {
        let place = self.leaves.len();
        self.leaves.push(number);
        match predicate {
            Predicate::In(members) => {
                let questions = self.of_case(members.folds_case());
                for text in members.texts() {
                    questions.text(text, place);
                }
            }
            Predicate::Wildcard(wildcards) => {
                let questions = self.of_case(wildcards.folds_case());
                for wildcard in wildcards.patterns() {
                    match wildcard.literal() {
                        Some(text) => questions.text(text, place),
                        None => questions.wildcards.push((wildcard.clone(), place)),
                    }
                }
            }
            Predicate::Compare(Comparison {
                constant: Constant::Text(text),
                ..
            }) => self.exact.text(text, place),
            _ => {}
        }
    }

    fn of_case(&mut self, folds_case: bool) -> &mut Questions {
        if folds_case {
            &mut self.folded
        } else {
            &mut self.exact
        }
    }

    /// For each leaf, the numbers of the values that it holds for. What is no text answers nothing.
    pub(super) fn ask<'v>(
        &self,
        values: impl Iterator<Item = Option<&'v str>>,
    ) -> impl Iterator<Item = (usize, Vec<u32>)> {
        let mut found: Vec<Vec<u32>> = vec![Vec::new(); self.leaves.len()];
        let mut exact = Tried::new(&self.exact);
        let mut folded = Tried::new(&self.folded);
        for (number, value) in (0u32..).zip(values) {
            let Some(text) = value else { continue };
            let mut yes = |place: usize| {
                if let Some(values) = found.get_mut(place)
                    && values.last() != Some(&number)
                {
                    values.push(number);
                }
            };
            self.exact.ask(text, number, &mut exact, &mut yes);
            if !self.folded.is_empty() {
                let text = fold(text);
                self.folded.ask(&text, number, &mut folded, &mut yes);
            }
        }
        self.leaves.iter().copied().zip(found)
    }
}

/// Whether only texts can answer, and nothing else is needed to ask.
fn is_about_texts(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::In(members) => members.others().is_empty(),
        Predicate::Wildcard(_) => true,
        Predicate::Compare(comparison) => {
            comparison.operator == Operator::Equal
                && matches!(comparison.constant, Constant::Text(_))
        }
        Predicate::Regex(_) | Predicate::Cidr(_) => false,
    }
}

/// On which value each pattern was tried last.
struct Tried(Vec<Option<u32>>);

impl Tried {
    fn new(questions: &Questions) -> Self {
        Self(vec![None; questions.wildcards.len()])
    }

    fn is_first(&mut self, pattern: usize, value: u32) -> bool {
        let Some(last) = self.0.get_mut(pattern) else {
            return false;
        };
        last.replace(value) != Some(value)
    }
}

impl Questions {
    fn text(&mut self, text: &str, place: usize) {
        self.texts.entry(text.to_owned()).or_default().push(place);
    }

    fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.wildcards.is_empty()
    }

    /// Sorts the patterns by the pieces that they need.
    fn finish(&mut self) {
        let mut pieces: Vec<&str> = Vec::new();
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        for (pattern, (wildcard, _)) in self.wildcards.iter().enumerate() {
            let piece = wildcard.longest_literal();
            if piece.len() < SHORTEST_PIECE {
                self.always.push(pattern);
                continue;
            }
            let number = *numbers.entry(piece).or_insert_with(|| {
                pieces.push(piece);
                pieces.len() - 1
            });
            if number == self.of_piece.len() {
                self.of_piece.push(Vec::new());
            }
            if let Some(patterns) = self.of_piece.get_mut(number) {
                patterns.push(pattern);
            }
        }
        // What cannot be built is tried on every value.
        self.pieces = AhoCorasick::new(&pieces).ok();
        if self.pieces.is_none() {
            self.always = (0..self.wildcards.len()).collect();
        }
    }

    fn ask(&self, text: &str, value: u32, tried: &mut Tried, yes: &mut impl FnMut(usize)) {
        for &place in self.texts.get(text).into_iter().flatten() {
            yes(place);
        }
        let mut attempt = |pattern: usize| {
            if tried.is_first(pattern, value)
                && let Some((wildcard, place)) = self.wildcards.get(pattern)
                && wildcard.matches_folded(text)
            {
                yes(*place);
            }
        };
        self.always.iter().for_each(|&pattern| attempt(pattern));
        if self.of_piece.is_empty() {
            return;
        }
        for found in self
            .pieces
            .iter()
            .flat_map(|pieces| pieces.find_overlapping_iter(text))
        {
            let patterns = self.of_piece.get(found.pattern().as_usize());
            patterns
                .into_iter()
                .flatten()
                .for_each(|&pattern| attempt(pattern));
        }
    }
}

#[cfg(test)]
mod tests {
    use eql::Value;
    use eql::plan::QueryKind;
    use proptest::prelude::*;

    use super::*;
    use crate::rule::Table;

    /// The leaf of a query with one condition on `user.name`.
    fn leaf(condition: &str) -> Leaf {
        let query = eql::compile(&format!("any where {condition}"), &Table).unwrap();
        let QueryKind::Event(filter) = query.query.kind else {
            unreachable!("a query for events")
        };
        filter.condition.leaves()[0].clone()
    }

    /// Few letters, so that values and patterns meet; some fold to others.
    const TEXT: &str = "[aAbſK\u{212a}s]{0,5}";
    const PATTERN: &str = "[aAbſK\u{212a}s*?]{0,6}";

    fn quoted(texts: &[String]) -> String {
        let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
        quoted.join(", ")
    }

    fn condition() -> impl Strategy<Value = String> {
        let several = |text| proptest::collection::vec(text, 1..4);
        prop_oneof![
            several(TEXT).prop_map(|list| format!("user.name in ({})", quoted(&list))),
            several(TEXT).prop_map(|list| format!("user.name in~ ({})", quoted(&list))),
            several(PATTERN).prop_map(|list| format!("user.name : ({})", quoted(&list))),
            several(PATTERN).prop_map(|list| format!("user.name like ({})", quoted(&list))),
            TEXT.prop_map(|text| format!("user.name == \"{text}\"")),
        ]
    }

    proptest! {
        /// What is asked together is answered as if it were asked alone.
        #[test]
        fn together_is_as_alone(
            conditions in proptest::collection::vec(condition(), 1..12),
            values in proptest::collection::vec(TEXT, 0..12),
        ) {
            let leaves: Vec<Leaf> = conditions.iter().map(|condition| leaf(condition)).collect();
            let patterns = Patterns::of(&leaves);
            let mut answered = 0;
            for patterns in &patterns {
                for (number, found) in patterns.ask(values.iter().map(|text| Some(text.as_str()))) {
                    answered += 1;
                    let alone = (0u32..).zip(&values).filter(|(_, text)| {
                        leaves[number].holds(&mut |_| Value::from(text.as_str()))
                    });
                    let alone: Vec<u32> = alone.map(|(place, _)| place).collect();
                    prop_assert_eq!(&found, &alone, "{} of {:?}", conditions[number], values);
                }
            }
            prop_assert_eq!(answered, leaves.len());
        }
    }

    #[test]
    fn what_is_no_text_answers_nothing() {
        let leaves = [leaf("user.name : \"*\"")];
        let patterns = Patterns::of(&leaves);
        let found: Vec<_> = patterns[0].ask([None, Some("a")].into_iter()).collect();
        assert_eq!(found, [(0, vec![1])]);
    }
}
