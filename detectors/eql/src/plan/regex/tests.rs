use proptest::prelude::*;

use super::*;

fn check(pattern: &str, text: &str, expected: bool) {
    let regex =
        Regex::new(&[pattern], false).unwrap_or_else(|error| panic!("{pattern}: {error:?}"));
    assert_eq!(regex.matches(text), expected, "{pattern} {text}");
}

fn check_error(pattern: &str, message: &str) {
    let error = Regex::new(&["a", pattern], false).expect_err(pattern);
    assert!(error.pattern.is_none_or(|index| index == 1), "{pattern}");
    assert!(
        error.message.contains(message),
        "{pattern}: {}",
        error.message
    );
}

#[test]
fn the_whole_value_must_match() {
    check("md", "cmd.exe", false);
    check("(cmd|powershell).exe", "cmd.exe", true);
    check("a|b", "ab", false);
    check("", "", true);
    check("", "a", false);
}

#[test]
fn anchors_are_characters_and_a_point_is_any() {
    check("^a$", "a", false);
    check("^a$", "^a$", true);
    check("a.b", "a\nb", true);
    check("a.b", "a😀b", true);
}

#[test]
fn quantifiers_are_never_lazy() {
    check(".*?", "abc", true);
    check("a+?b", "aaab", true);
    check("a+?b", "b", true);
    check("a{2}{3}", "aaaaaa", true);
    check("a{2,}", "a", false);
    check("[a-z]{1,2}", "abc", false);
}

#[test]
fn classes_take_all_but_ranges_literally() {
    check("[.*]+", ".*.", true);
    check("[^a-z]", "A", true);
    check("[^a-z]", "\n", true);
    check("[]a]+", "]a", true);
    check(r"[\w\-]+", "a-b_1", true);
    check(r"[\]\\]", "\\", true);
    check("[а-я]+", "привет", true);
    check("[[:alpha:]]", "h]", true);
    check("[a&&b]", "&", true);
}

#[test]
fn predefined_classes_are_ascii() {
    check(r"\d\D\s\S\w\W", "1a b_-", true);
    check(r"\d", "١", false);
    check(r"\w", "é", false);
    check(r"\n", "n", true);
    check(r"\.\*", ".*", true);
}

#[test]
fn optional_operators_work_or_are_refused() {
    check(r#""a.*b""#, "a.*b", true);
    check(r#""a.*b""#, "axxb", false);
    check("a@c", "abbc", true);
    check("a|#", "a", true);
    check("#", "", false);
    check("()", "", true);
    check_error("~a", "complement");
    check_error("a&b", "intersection");
    check(r"\~\&\@\#\<\>\x", "~&@#<>x", true);
}

#[test]
fn intervals_are_numbers() {
    for number in 0..=1200 {
        let within = (7..=1024).contains(&number);
        check("<7-1024>", &number.to_string(), within);
        check("<1024-7>", &format!("00{number}"), within);
        check("<0007-1024>", &format!("{number:04}"), within);
    }
    check("<007-100>", "7", false);
    check("<0-0>", "0", true);
    check("a<1-3>b", "a2b", true);
}

#[test]
fn bad_patterns_are_explained() {
    check_error("a)", "too many");
    check_error("(a", "missing");
    check_error("[a", "missing");
    check_error("[a-]", "no range");
    check_error("[b-a]", "no range");
    check_error(r"[\d-a", "missing");
    check_error("a|", "empty");
    check_error("(|a)", "empty");
    check_error("*a", "nothing to repeat");
    check_error("a{", "repetition");
    check_error("a{,2}", "repetition");
    check_error("a{3,2}", "repetition");
    check_error("a{99999}", "repetition");
    check_error("a\\", "lone backslash");
    check_error("<a-b>", "<1-99>");
    check_error("\"a", "missing");
}

#[test]
fn hostile_patterns_are_errors() {
    check("(((){1000}){1000}){1000}", "", true);
    check_error("((.{1000}){1000}){1000}", "too large");
    check_error("(a{1000}){1000}", "too large");
    check_error(&"(".repeat(4_000), "too deeply");
    check_error(&format!("a{}", "?".repeat(4_000)), "too deeply");
    check_error(&"a".repeat(6_000), "too long");
}

#[test]
fn case_is_disregarded_on_demand() {
    let regex = Regex::new(&["a.*", "[x-z]É"], true).unwrap();
    assert!(regex.matches("Abc"));
    assert!(regex.matches("Yé"));
    assert!(!regex.matches("bA"));
    assert_eq!(regex.test(&Value::Int(1)), None);
}

proptest! {
    #[test]
    fn any_pattern_is_taken_or_refused(pattern in r#"[ab.?*+|(){}\[\]\\^$&~<>@#"0-9,é-]{0,20}"#, text in "[ab]{0,5}") {
        if let Ok(regex) = Regex::new(&[&pattern], false) {
            let _ = regex.matches(&text);
        }
    }
}
