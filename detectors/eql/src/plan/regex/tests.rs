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
fn optional_operators_work() {
    check(r#""a.*b""#, "a.*b", true);
    check(r#""a.*b""#, "axxb", false);
    check("a@c", "abbc", true);
    check("a|#", "a", true);
    check("#", "", false);
    check("()", "", true);
    check("~a", "b", true);
    check("~a", "", true);
    check("~a", "a", false);
    check("~(a.*)", "ba", true);
    check("~(a.*)", "ab", false);
    // It binds closer than what stands beside it.
    check("~ab", "ab", false);
    check("~ab", "bb", true);
    check("~ab", "b", true);
    check("x~(y*)z", "xyz", false);
    check("x~(y*)z", "xyaz", true);
    check(".*a.*&.*b.*", "xbya", true);
    check(".*a.*&.*b.*", "xbyb", false);
    // Alternatives bind least.
    check("a|b&c", "a", true);
    check("a|b&c", "b", false);
    check("[a-z]+&~(.*cmd.*)", "powershell", true);
    check("[a-z]+&~(.*cmd.*)", "xcmdx", false);
    check("(~(.*x.*)&.{2}){2}", "abcd", true);
    check("(~(.*x.*)&.{2}){2}", "abxd", false);
    check("~~a", "a", true);
    check("~.{0,2}", "abc", true);
    check_error("a&", "empty");
    check_error("&a", "empty");
    check_error("~", "too early");
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

#[test]
fn automata_without_end_are_refused() {
    check_error("(.*a.{14})&@", "too large");
    check_error("~((a|b){1000}{1000})", "too large");
    // Found by the fuzzer: each part can be empty, so each step looks at all of them.
    let parts = format!("({}b|{}c)", "@a".repeat(60), "@a?".repeat(60));
    check_error(&format!("~a{parts}{{40}}"), "too large");
    check(&format!("~a{}", "@".repeat(900)), "b", true);
    check_error(&format!("~{}", "a".repeat(1_001)), "too long");
    check_error(&"~".repeat(60), "too deeply");
    check_error(&format!("~{}a", "(".repeat(60)), "too deeply");
}

/// Patterns that the engine can say.
fn plain() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        Just("a".to_owned()),
        Just("B".to_owned()),
        Just(".".to_owned()),
        Just("[^a]".to_owned()),
        Just("[a-b]".to_owned()),
        Just("()".to_owned()),
        Just("#".to_owned()),
        Just("\"ab\"".to_owned()),
    ];
    atom.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}{b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}|{b})")),
            (
                inner,
                proptest::sample::select(vec!["?", "*", "+", "{2}", "{1,3}", "{2,}"])
            )
                .prop_map(|(a, counts)| format!("({a}){counts}")),
        ]
    })
}

proptest! {
    /// The automaton and the engine agree where both can say it, and complement and intersection are
    /// what they mean.
    #[test]
    fn complement_and_intersection_mean_what_they_say(
        one in plain(),
        other in plain(),
        texts in proptest::collection::vec("[abBc]{0,5}", 1..8),
        fold_case: bool,
    ) {
        let regex = |pattern: &str| Regex::new(&[pattern], fold_case);
        let (plain_one, plain_other) = (regex(&one), regex(&other));
        let own = [
            regex(&format!("({one})&@")),
            regex(&format!("~({one})")),
            regex(&format!("({one})&({other})")),
            regex(&format!("({one})|~({other})")),
        ];
        let (Ok(plain_one), Ok(plain_other)) = (plain_one, plain_other) else {
            return Ok(());
        };
        // Large ones may be refused.
        let [Ok(same), Ok(not), Ok(both), Ok(unless)] = own else {
            return Ok(());
        };
        for text in &texts {
            let (a, b) = (plain_one.matches(text), plain_other.matches(text));
            prop_assert_eq!(same.matches(text), a, "({})&@ on {}", one, text);
            prop_assert_eq!(not.matches(text), !a, "~({}) on {}", one, text);
            prop_assert_eq!(both.matches(text), a && b, "({})&({}) on {}", one, other, text);
            prop_assert_eq!(unless.matches(text), a || !b, "({})|~({}) on {}", one, other, text);
        }
    }
}
