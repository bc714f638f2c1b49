use super::*;

fn printed(text: &str) -> String {
    parse(text)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .to_string()
}

fn check_error(text: &str, message: &str) {
    let error = parse(text).expect_err(text).to_string();
    assert!(error.contains(message), "{text}: {error}");
}

#[test]
fn a_hostile_depth_is_an_error_not_a_crash() {
    for opening in ["(", "not ", "-", "f(", "a in (", "- -", "(not "] {
        let query = format!("any where {}", opening.repeat(1 << 18));
        check_error(&query, "too deeply");
    }
}

/// Everything that walks the tree recurses as deep as the parser; a worker thread has 2 MB, and
/// optimised code needs far less than this.
#[test]
fn the_deepest_tree_fits_a_small_stack() {
    let nested = |open: &str, close: &str, count| {
        format!("any where {}a{}", open.repeat(count), close.repeat(count))
    };
    let queries = [
        nested("(", ")", 99),
        nested("not ", "", 99),
        nested("length(", ")", 98) + " == 1",
        nested("a or b and not c == 1 + 2 * -(", ")", 12),
    ];
    let run = move || queries.iter().for_each(|query| drop(printed(query)));
    let small = std::thread::Builder::new()
        .stack_size(1280 * 1024)
        .spawn(run);
    small.unwrap().join().unwrap();
}

#[test]
fn long_chains_are_flat() {
    for operator in [" or ", " and ", " + ", " * "] {
        let query = format!("any where {}", vec!["a"; 20_000].join(operator));
        assert_eq!(printed(&query), query);
    }
}

#[test]
fn a_bracket_after_keys_starts_a_stage_unless_a_number_follows() {
    assert_eq!(
        printed("sequence by a [b where true] [c where true]"),
        "sequence by a [b where true] [c where true]"
    );
    check_error(
        "sequence by a[0] [b where true] [c where true]",
        "array indexes",
    );
}
