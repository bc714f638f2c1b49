//! What the text is made of.

use crate::span::Span;

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// An identifier that is not reserved.
    Word(String),
    /// A name from between back-quotes.
    Quoted(String),
    /// A function name with `~` behind it; the tilde is left out here.
    Folding(String),
    /// A reserved word, operator or punctuation.
    Fixed(&'static str),
    /// A whole number that fits 64 bits.
    Integer(i64),
    /// Any other number.
    Decimal(f64),
    /// A string, its escapes resolved.
    Text(String),
    /// The end of the query.
    End,
}

const RESERVED: [&str; 22] = [
    "and", "any", "by", "false", "in", "in~", "join", "like", "like~", "maxspan", "not", "null",
    "of", "or", "regex", "regex~", "sample", "sequence", "true", "until", "where", "with",
];

/// Longer ones first: `![` must not be read as something else and `[`.
const SYMBOLS: [&str; 22] = [
    "==", "!=", "<=", ">=", "![", "<", ">", ":", "=", "+", "-", "*", "/", "%", ".", ",", "[", "]",
    "(", ")", "|", "?",
];

/// Forms that look right to someone who knows another language: form, what is wrong, what to do.
pub(super) const FOREIGN: [(&str, &str, &str); 6] = [
    ("'", "strings are written in double quotes", "write \"…\""),
    (
        "?\"",
        "the raw string form `?\"…\"` is gone",
        "write \"\"\"…\"\"\"",
    ),
    (
        "?'",
        "the raw string form `?'…'` is gone",
        "write \"\"\"…\"\"\"",
    ),
    (
        "!:",
        "there is no operator `!:`",
        "write `not field : \"…\"`",
    ),
    ("&&", "there is no operator `&&`", "write `and`"),
    ("||", "there is no operator `||`", "write `or`"),
];

impl TokenKind {
    /// The token of an identifier, which may have a tilde at its end.
    pub(super) fn of_word(word: &str) -> Self {
        if let Some(reserved) = RESERVED.iter().find(|reserved| **reserved == word) {
            return Self::Fixed(reserved);
        }
        match word.strip_suffix('~') {
            Some(name) => Self::Folding(name.to_owned()),
            None => Self::Word(word.to_owned()),
        }
    }
}

/// Whether a word, in any case, is one of the reserved ones.
pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED
        .iter()
        .any(|reserved| reserved.eq_ignore_ascii_case(word))
}

/// Whether the text is an identifier that can be written without quotes.
pub(crate) fn is_word(text: &str) -> bool {
    text.starts_with(starts_word) && word_length(text) == text.len() && !RESERVED.contains(&text)
}

pub(super) fn starts_word(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_' || character == '@'
}

/// The length of the identifier at the start of the text, whose first character is one of it.
pub(super) fn word_length(text: &str) -> usize {
    text.char_indices()
        .skip(1)
        .find(|(_, character)| !character.is_ascii_alphanumeric() && *character != '_')
        .map_or(text.len(), |(index, _)| index)
}

/// The operator or punctuation that the text starts with.
pub(super) fn symbol(text: &str) -> Option<&'static str> {
    SYMBOLS.into_iter().find(|symbol| text.starts_with(symbol))
}
