use super::*;

fn kinds(text: &str) -> Vec<TokenKind> {
    let mut kinds: Vec<_> = tokens(text)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .into_iter()
        .map(|token| token.kind)
        .collect();
    assert_eq!(kinds.pop(), Some(TokenKind::End));
    kinds
}

fn check(text: &str, expected: &[TokenKind]) {
    assert_eq!(kinds(text), expected, "{text}");
}

fn check_text(text: &str, expected: &str) {
    check(text, &[TokenKind::Text(expected.to_owned())]);
}

fn check_error(text: &str, message: &str) {
    let error = tokens(text).expect_err(text);
    assert!(error.message.contains(message), "{text}: {error}");
}

fn word(text: &str) -> TokenKind {
    TokenKind::Word(text.to_owned())
}

#[test]
fn blanks_and_comments_separate_tokens() {
    check("a // b\n c", &[word("a"), word("c")]);
    check("a/* b\n */c", &[word("a"), word("c")]);
    check("a // b", &[word("a")]);
    check_error("a /* b", "no end");
}

#[test]
fn reserved_words_are_lower_case() {
    check("where WHERE", &[TokenKind::Fixed("where"), word("WHERE")]);
    check(
        "in~ endsWith~ @timestamp",
        &[
            TokenKind::Fixed("in~"),
            TokenKind::Folding("endsWith".into()),
            word("@timestamp"),
        ],
    );
}

#[test]
fn numbers_have_no_sign_and_become_decimals_when_too_large() {
    use TokenKind::{Decimal, Integer};
    check(
        "5 1. 1.5 .5",
        &[Integer(5), Decimal(1.0), Decimal(1.5), Decimal(0.5)],
    );
    check("1e3 1.5E-2", &[Decimal(1000.0), Decimal(0.015)]);
    check(
        "9223372036854775808",
        &[Decimal(9_223_372_036_854_775_808.0)],
    );
    check("-1", &[TokenKind::Fixed("-"), Integer(1)]);
    check("5s", &[Integer(5), word("s")]);
    check("5e", &[Integer(5), word("e")]);
    check_error("1e999", "too large");
}

#[test]
fn escapes_are_resolved() {
    check_text(r#""a\t\"\'\\\u{e9}\u{0001F600}""#, "a\t\"'\\é😀");
    check_text(r#""""#, "");
    for bad in [
        r#""\d""#,
        r#""\u{1}""#,
        r#""\u{110000}""#,
        r#""\u{d800}""#,
        r#""\u41""#,
        r#""\u{é}""#,
    ] {
        assert!(tokens(bad).is_err(), "{bad}");
    }
    check_error(r#""\é""#, "no escape");
    check_error("\"\\", "no escape");
}

#[test]
fn a_string_ends_on_its_line() {
    check_error("\"a\nb\"", "no end");
    check_error("\"a", "no end");
    check_error("\"\"\"a\n\"\"\"", "no end");
}

#[test]
fn quotes_behind_a_raw_string_belong_to_it() {
    check_text(r#""""a""""#, "a");
    check_text(r#""""C:\a""b""""#, r#"C:\a""b"#);
    check_text("\"\"\"a\"\"\"\"", "a\"");
    check_text("\"\"\"a\"\"\"\"\"", "a\"\"");
    check_text("\"\"\"\"\"\"", "");
}

#[test]
fn back_quotes_hold_any_name() {
    let quoted = |name: &str| TokenKind::Quoted(name.to_owned());
    check(
        "`a-b`.`c``d`",
        &[quoted("a-b"), TokenKind::Fixed("."), quoted("c`d")],
    );
    check("```a`", &[quoted("`a")]);
    check_error("``", "empty");
    check_error("`a", "no end");
    check_error("`a``", "no end");
}

#[test]
fn foreign_forms_are_explained() {
    check_error("'a'", "double quotes");
    check_error("?\"a\"", "raw string");
    check_error("a !: b", "`!:`");
    check_error("a ; b", "`;`");
    check_error("a \u{a0}b", "\\u{a0}");
}

#[test]
fn places_are_bytes() {
    let tokens = tokens("\"é\" x").unwrap();
    assert_eq!(tokens[1].span, Span::new(5, 6));
}
