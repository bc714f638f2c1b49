//! How sure a movement is, as a word among others, as the name of a style, and as a number to sort by.

/// The grades, the strongest first, and the names of their styles.
const GRADES: [(&str, &str); 4] = [
    ("CONFIRMED", "confirmed"),
    ("PROBABLE", "probable"),
    ("POSSIBLE", "possible"),
    ("CONTRADICTED", "contradicted"),
];

/// The name of the style of a grade; of one that nobody knows, that of the weakest of those that hold.
pub(super) fn style(grade: &str) -> &'static str {
    known(grade).unwrap_or("possible")
}

/// Where a style stands, from the strongest grade on.
pub(super) fn rank(style: &str) -> usize {
    let mut styles = GRADES.iter();
    styles
        .position(|(_, known)| *known == style)
        .unwrap_or(GRADES.len())
}

/// The name of the style of a grade, if it is one.
pub(super) fn known(word: &str) -> Option<&'static str> {
    let (_, style) = GRADES.iter().find(|(grade, _)| *grade == word)?;
    Some(style)
}

/// The first grade among words of ours: what is before it, the grade, and what is behind it.
pub(super) fn split(words: &str) -> Option<(&str, &'static str, &str)> {
    let places = GRADES
        .iter()
        .filter_map(|(grade, _)| Some((find(words, grade)?, *grade)));
    let (at, grade) = places.min()?;
    Some((&words[..at], grade, &words[at + grade.len()..]))
}

/// Where a word stands by itself.
fn find(words: &str, word: &str) -> Option<usize> {
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    let mut places = words.match_indices(word).map(|(at, _)| at);
    places.find(|&at| {
        let (before, behind) = (&words[..at], &words[at + word.len()..]);
        !before.ends_with(is_part) && !behind.starts_with(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_are_found_among_words() {
        for (words, expected) in [
            (", CONFIRMED", Some((", ", "CONFIRMED", ""))),
            (
                "PROBABLE, or POSSIBLE",
                Some(("", "PROBABLE", ", or POSSIBLE")),
            ),
            ("UNCONFIRMED CONFIRMEDLY", None),
            ("XPOSSIBLE POSSIBLE.", Some(("XPOSSIBLE ", "POSSIBLE", "."))),
            ("", None),
        ] {
            assert_eq!(split(words), expected);
        }
    }
}
