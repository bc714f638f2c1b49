//! Versions compare number by number: `1.9` comes before `1.10`.

use std::cmp::Ordering;

/// How two versions stand to each other. A pre-release (`1.0-rc1`) comes before its release; a
/// part that is no number comes after all numbers; `1.0` comes before `1.0.0`.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    let (left, left_suffix) = split(left);
    let (right, right_suffix) = split(right);
    parts(left, right).then_with(|| match (left_suffix, right_suffix) {
        (Some(left), Some(right)) => parts(left, right),
        (left, right) => right.is_some().cmp(&left.is_some()),
    })
}

fn split(version: &str) -> (&str, Option<&str>) {
    match version.split_once('-') {
        Some((release, suffix)) => (release, Some(suffix)),
        None => (version, None),
    }
}

fn parts(left: &str, right: &str) -> Ordering {
    let key = |part| sort_key(part);
    left.split('.').map(key).cmp(right.split('.').map(key))
}

/// Numbers first and by size: of two without leading zeros the longer is the larger.
fn sort_key(part: &str) -> (bool, usize, &str) {
    let number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !number {
        return (true, 0, part);
    }
    let digits = part.trim_start_matches('0');
    (false, digits.len(), digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered() {
        let sorted = [
            "1.0-alpha.2",
            "1.0-alpha.10",
            "1.0",
            "1.0.0",
            "1.9",
            "1.10",
            "1.x",
            "10",
        ];
        for pair in sorted.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
    }

    #[test]
    fn leading_zeros_do_not_count_and_size_has_no_limit() {
        assert_eq!(compare("1.05", "1.5"), Ordering::Equal);
        let long = "9".repeat(100);
        assert_eq!(compare(&long, "1"), Ordering::Greater);
    }
}
