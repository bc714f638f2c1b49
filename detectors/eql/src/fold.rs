//! Case-insensitive comparison: both sides are folded, character by character, by one function.
//!
//! One character always becomes one character, so positions and `?` mean the same before and
//! after. This is Unicode's simple case folding, the same that `regex~` uses: `ſ` is `s`, `ς` is
//! `σ`, the Kelvin sign is `k`, but `ß` is not `ss`.

use std::borrow::Cow;

/// The character that stands for all that differ from it in case only.
#[must_use]
pub fn fold_char(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    // Its capital is `I`, but only Turkish holds it for an `i`.
    if character == 'ı' {
        return character;
    }
    let upper = only(character.to_uppercase()).unwrap_or(character);
    only(upper.to_lowercase()).unwrap_or(upper)
}

/// The text with every character folded.
#[must_use]
pub fn fold(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        return Cow::Owned(text.chars().map(fold_char).collect());
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    Cow::Borrowed(text)
}

/// The text folded if the comparison disregards case, else as it is.
pub(crate) fn fold_if(fold_case: bool, text: &str) -> Cow<'_, str> {
    if fold_case {
        fold(text)
    } else {
        Cow::Borrowed(text)
    }
}

fn only(mut characters: impl Iterator<Item = char>) -> Option<char> {
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex_automata::meta::Regex;

    fn same(left: &str, right: &str) -> bool {
        fold(left) == fold(right)
    }

    #[test]
    fn letters_differ_in_case_only() {
        assert!(same("PowerShell", "pOWERsHELL"));
        assert!(same("Ünïcode", "üNÏCODE"));
        assert!(same("ΣΊΣΥΦΟΣ", "σίσυφος"));
        assert!(same("\u{212a}", "k"));
    }

    #[test]
    fn one_character_stays_one_character() {
        for text in ["straße", "İstanbul", "ŉ", "ﬁ"] {
            assert_eq!(fold(text).chars().count(), text.chars().count(), "{text}");
        }
        assert!(!same("ß", "ss"));
        assert!(!same("ı", "i"));
    }

    #[test]
    fn lower_case_ascii_is_not_copied() {
        assert!(matches!(fold("c:\\windows"), Cow::Borrowed(_)));
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for character in '\0'..=char::MAX {
            assert_eq!(fold_char(fold_char(character)), fold_char(character));
        }
    }

    /// `:` and `regex~` must not disagree about letters.
    #[test]
    fn the_regular_expressions_fold_alike() {
        for character in ('\u{41}'..='\u{5ff}').filter(|c| c.is_alphabetic()) {
            let pattern = format!("(?i)^{character}$");
            let regex = Regex::new(&pattern).unwrap();
            let folded = fold_char(character).to_string();
            assert!(regex.is_match(folded.as_str()), "{character} {folded}");
        }
    }
}
