//! Wildcard patterns: `*` is any run of characters, `?` is one character, all else is itself.
//!
//! A pattern is cut at its asterisks into pieces. The first and the last piece are anchored, those
//! between them are looked for from left to right: taking each at its first place leaves most room
//! for the rest, so nothing is ever tried twice. There is no escape: a pattern cannot ask for an
//! asterisk. Line ends and separators are characters like any other.

use crate::fold::{fold, fold_if};

/// One pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wildcard {
    /// As written, or folded.
    pattern: String,
    fold_case: bool,
}

impl Wildcard {
    /// Every text is a pattern.
    #[must_use]
    pub fn new(pattern: &str, fold_case: bool) -> Self {
        Self {
            pattern: fold_if(fold_case, pattern).into_owned(),
            fold_case,
        }
    }

    /// The pattern, folded by [`crate::fold()`] if it disregards case.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Whether case is disregarded.
    #[must_use]
    pub fn folds_case(&self) -> bool {
        self.fold_case
    }

    /// The only text that matches, if the pattern has neither `*` nor `?`.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        (!self.pattern.contains(['*', '?'])).then_some(&self.pattern)
    }

    /// The longest text that stands in everything that matches; empty for `*`.
    #[must_use]
    pub fn longest_literal(&self) -> &str {
        self.pattern
            .split(['*', '?'])
            .rev()
            .max_by_key(|part| part.len())
            .unwrap_or("")
    }

    /// Whether the whole text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        if self.fold_case {
            self.matches_folded(&fold(text))
        } else {
            self.matches_folded(text)
        }
    }

    /// The same for a text that is folded already if the pattern disregards case, to fold once and
    /// ask many patterns.
    #[must_use]
    pub fn matches_folded(&self, text: &str) -> bool {
        let Some((first, rest)) = self.pattern.split_once('*') else {
            return prefix(&self.pattern, text) == Some(text.len());
        };
        let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        let Some(start) = prefix(first, text) else {
            return false;
        };
        let text = &text[start..];
        let Some(length) = suffix(last, text) else {
            return false;
        };
        all_in_order(middle, &text[..text.len() - length])
    }
}

/// Whether the pieces stand in the text one behind the other.
fn all_in_order(pieces: &str, text: &str) -> bool {
    let mut rest = text;
    for piece in pieces.split('*') {
        let Some(end) = end_of(piece, rest) else {
            return false;
        };
        rest = &rest[end..];
    }
    true
}

/// The byte behind the first place where the piece stands.
fn end_of(piece: &str, text: &str) -> Option<usize> {
    if !piece.contains('?') {
        return text.find(piece).map(|start| start + piece.len());
    }
    let starts = text.char_indices().map(|(start, _)| start);
    let mut starts = starts.chain([text.len()]);
    starts.find_map(|start| prefix(piece, &text[start..]).map(|length| start + length))
}

/// The length of what the piece matches at the start of the text.
fn prefix(piece: &str, text: &str) -> Option<usize> {
    if !piece.contains('?') {
        return text.starts_with(piece).then_some(piece.len());
    }
    let mut characters = text.chars();
    let all = piece
        .chars()
        .all(|wanted| characters.next().is_some_and(|found| fits(wanted, found)));
    all.then(|| text.len() - characters.as_str().len())
}

/// The length of what the piece matches at the end of the text.
fn suffix(piece: &str, text: &str) -> Option<usize> {
    if !piece.contains('?') {
        return text.ends_with(piece).then_some(piece.len());
    }
    let mut characters = text.chars();
    let all = piece.chars().rev().all(|wanted| {
        characters
            .next_back()
            .is_some_and(|found| fits(wanted, found))
    });
    all.then(|| text.len() - characters.as_str().len())
}

fn fits(wanted: char, found: char) -> bool {
    wanted == '?' || wanted == found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(pattern: &str, fold_case: bool, text: &str, expected: bool) {
        let wildcard = Wildcard::new(pattern, fold_case);
        assert_eq!(wildcard.matches(text), expected, "{pattern} {text}");
    }

    #[test]
    fn asterisks_and_question_marks_match() {
        check("*", false, "", true);
        check("", false, "", true);
        check("", false, "a", false);
        check("a*a", false, "a", false);
        check("*.exe", true, "CMD.EXE", true);
        check(
            "c:\\*\\tasks\\????",
            true,
            "C:\\Windows\\System32\\Tasks\\Evil",
            true,
        );
        check("na?ve*", true, "NAÏVE Ünïcode.txt", true);
        check("?", false, "😀", true);
        check("a*b", false, "a\n\\/b", true);
    }

    #[test]
    fn everything_else_is_itself() {
        check("a[b]%_\\", false, "a[b]%_\\", true);
        check("a\\*", false, "a\\b", true);
        check("x_y%z", false, "xAyBz", false);
    }

    #[test]
    fn a_pattern_knows_its_literals() {
        assert_eq!(Wildcard::new("Cmd.exe", true).literal(), Some("cmd.exe"));
        assert_eq!(Wildcard::new("Cmd?exe", true).literal(), None);
        assert_eq!(
            Wildcard::new("*\\Tasks\\??ab*", true).longest_literal(),
            "\\tasks\\"
        );
        assert_eq!(Wildcard::new("**?", true).longest_literal(), "");
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let text = "a".repeat(100_000);
        check(&format!("{}b", "*a".repeat(1_000)), false, &text, false);
        check(&"*a".repeat(1_000), false, &text, true);
        check(&"*?".repeat(1_000), false, &text, true);
    }

    /// The definition, written down.
    fn plainly(pattern: &[char], text: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['*', rest @ ..] => (0..=text.len()).any(|skipped| plainly(rest, &text[skipped..])),
            [first, rest @ ..] => text
                .split_first()
                .is_some_and(|(found, text)| fits(*first, *found) && plainly(rest, text)),
        }
    }

    fn plain_match(pattern: &str, text: &str) -> bool {
        let pattern: Vec<char> = pattern.chars().collect();
        let text: Vec<char> = text.chars().collect();
        plainly(&pattern, &text)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn the_definition_agrees(pattern in "[abÉ*?]{0,8}", text in "[abé]{0,10}", fold_case: bool) {
            let folded = |text| fold_if(fold_case, text).into_owned();
            let expected = plain_match(&folded(&pattern), &folded(&text));
            prop_assert_eq!(Wildcard::new(&pattern, fold_case).matches(&text), expected);
        }
    }
}
