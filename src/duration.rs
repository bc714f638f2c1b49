//! Lengths of time for people.

use timeline::TICKS_PER_MILLISECOND;

/// A length of time for people: `350 ms`, `4 min 3 s`.
pub(crate) fn duration(ticks: i64) -> String {
    let milliseconds = ticks / TICKS_PER_MILLISECOND;
    let seconds = milliseconds / 1000;
    let two = |large: i64, unit: &str, small: i64, rest: &str| match small {
        0 => format!("{large} {unit}"),
        _ => format!("{large} {unit} {small} {rest}"),
    };
    match seconds {
        0 => format!("{milliseconds} ms"),
        1..60 => match milliseconds % 1000 {
            0 => format!("{seconds} s"),
            rest => format!("{seconds}.{rest:03} s"),
        },
        60..3600 => two(seconds / 60, "min", seconds % 60, "s"),
        3600..86_400 => two(seconds / 3600, "h", seconds % 3600 / 60, "min"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3600, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_for_people() {
        for (milliseconds, expected) in [
            (0, "0 ms"),
            (350, "350 ms"),
            (59_001, "59.001 s"),
            (60_000, "1 min"),
            (243_000, "4 min 3 s"),
            (7_260_000, "2 h 1 min"),
            (90_000_000, "1 d 1 h"),
        ] {
            assert_eq!(duration(milliseconds * TICKS_PER_MILLISECOND), expected);
        }
    }
}
