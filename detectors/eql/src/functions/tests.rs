use proptest::prelude::*;

use super::*;

fn call(name: &str, values: &[Value<'_>], fold_case: bool) -> Value<'static> {
    find(name).unwrap().call(values, fold_case)
}

fn text(value: &str) -> Value<'_> {
    Value::from(value)
}

#[test]
fn functions_are_listed_by_name_once() {
    let names: Vec<_> = FUNCTIONS.iter().map(|f| f.name.to_lowercase()).collect();
    assert!(names.is_sorted_by(|left, right| left < right));
}

#[test]
fn arguments_that_may_be_left_out_come_last() {
    for function in FUNCTIONS {
        let required = &function.parameters[..function.fewest_arguments()];
        let all = required
            .iter()
            .all(|p| p.presence == signature::Presence::Required);
        assert!(all, "{}", function.name);
    }
}

#[test]
fn a_value_of_another_kind_gives_null() {
    let strange = [
        Value::Int(1),
        Value::Bool(true),
        Value::Float(0.5),
        text("x"),
    ];
    for function in FUNCTIONS {
        for count in 1..=4 {
            for value in &strange {
                function.call(&vec![value.clone(); count], true);
            }
        }
    }
    assert!(call("length", &[Value::Int(5)], false).is_null());
    assert!(call("substring", &[text("abc"), text("1")], false).is_null());
}

#[test]
fn a_surrogate_pair_is_never_cut() {
    let emoji = text("a😀b");
    assert_eq!(
        call("length", std::slice::from_ref(&emoji), false),
        Value::Int(4)
    );
    let slice = |start, end| {
        call(
            "substring",
            &[emoji.clone(), Value::Int(start), Value::Int(end)],
            false,
        )
    };
    assert_eq!(slice(1, 3), text("😀"));
    assert_eq!(slice(1, 2), text(""));
    assert_eq!(slice(2, 4), text("b"));
    assert_eq!(slice(0, 2), text("a"));
    assert_eq!(
        call("indexOf", &[emoji.clone(), text("b"), Value::Int(2)], false),
        Value::Int(3)
    );
}

#[test]
fn folding_finds_the_original_text() {
    let greek = text("xΣΊΣΥΦΟΣy");
    assert_eq!(
        call("indexOf", &[greek.clone(), text("ς")], true),
        Value::Int(1)
    );
    assert_eq!(
        call("between", &[greek, text("σ"), text("φ")], true),
        text("ΊΣΥ")
    );
    // The Kelvin sign is three bytes long, its folded form one.
    let kelvin = text("\u{212a}ab");
    assert_eq!(
        call("between", &[kelvin, text("k"), text("B")], true),
        text("a")
    );
}

#[test]
fn numbers_are_read_as_written() {
    let number = |source| call("number", &[text(source)], false);
    assert_eq!(number(" -0x10 "), Value::Int(-16));
    assert_eq!(number("1e3"), Value::Float(1000.0));
    for bad in [
        "", "-", "0x", "nan", "inf", "1_0", "--1", "0x-1", "١", "+ 1",
    ] {
        assert_eq!(number(bad), Value::Null, "{bad}");
    }
    let based = |source, base| call("number", &[text(source), Value::Int(base)], false);
    assert_eq!(based("zz", 36), Value::Int(1295));
    assert_eq!(based("1", 1), Value::Null);
    assert_eq!(based("1", 99), Value::Null);
    assert_eq!(based("0x1", 10), Value::Null);
}

/// The same functions over a list of characters, as slowly and plainly as they can be written.
mod plainly {
    pub(super) fn substring(text: &[char], start: i64, end: Option<i64>) -> String {
        let length = i64::try_from(text.len()).unwrap();
        let place = |index: i64| (if index < 0 { index + length } else { index }).clamp(0, length);
        let (start, end) = (place(start), place(end.unwrap_or(length)));
        (start..end)
            .map(|index| text[usize::try_from(index).unwrap()])
            .collect()
    }

    pub(super) fn index_of(text: &[char], part: &[char], start: usize) -> Option<usize> {
        (start..=text.len()).find(|index| text[*index..].starts_with(part))
    }

    pub(super) fn between(text: &[char], left: &[char], right: &[char], greedy: bool) -> String {
        if left.is_empty() || right.is_empty() {
            return text.iter().collect();
        }
        let Some(first) = index_of(text, left, 0) else {
            return String::new();
        };
        let after = &text[first + left.len()..];
        let mut ends = (0..=after.len()).filter(|index| after[*index..].starts_with(right));
        let end = if greedy {
            ends.next_back()
        } else {
            ends.next()
        };
        end.map_or_else(String::new, |end| after[..end].iter().collect())
    }
}

fn letters(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// A small alphabet makes hits likely; every character of it is one UTF-16 unit.
const SOURCE: &str = "[abéß]{0,12}";
const PART: &str = "[abéß]{0,3}";

proptest! {
    #[test]
    fn substring_agrees(source in SOURCE, start in -15_i64..15, end in proptest::option::of(-15_i64..15)) {
        let arguments = [text(&source), Value::Int(start), end.map_or(Value::Null, Value::Int)];
        let expected = plainly::substring(&letters(&source), start, end);
        prop_assert_eq!(call("substring", &arguments, false), text(&expected));
    }

    #[test]
    fn index_of_agrees(source in SOURCE, part in PART, start in -3_i64..15, fold_case: bool) {
        let expected = plainly::index_of(&letters(&source), &letters(&part), usize::try_from(start.max(0)).unwrap());
        let expected = expected.map_or(Value::Null, |index| Value::Int(i64::try_from(index).unwrap()));
        let arguments = [text(&source), text(&part), Value::Int(start)];
        prop_assert_eq!(call("indexOf", &arguments, fold_case), expected);
    }

    #[test]
    fn between_agrees(source in SOURCE, left in PART, right in PART, greedy: bool, fold_case: bool) {
        let expected = plainly::between(&letters(&source), &letters(&left), &letters(&right), greedy);
        let arguments = [text(&source), text(&left), text(&right), Value::Bool(greedy)];
        prop_assert_eq!(call("between", &arguments, fold_case), text(&expected));
    }

    #[test]
    fn nothing_panics(name in proptest::sample::select(FUNCTIONS), texts in proptest::collection::vec(any::<String>(), 1..4), numbers: [i64; 2], fold_case: bool) {
        let mut values: Vec<_> = texts.iter().map(|t| text(t)).collect();
        values.extend(numbers.map(Value::Int));
        for count in 0..values.len() {
            name.call(&values[..count], fold_case);
            name.call(&values[values.len() - count..], fold_case);
        }
    }
}
