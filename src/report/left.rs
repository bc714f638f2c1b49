//! What a movement left behind on its target.

use std::fmt::Write;

use detectors::deed::List;
use detectors::movement::{Left, LeftBehind, Movement};

use super::text::{code, count};

/// Things of one movement that the report tells, of each kind.
const MOST: usize = 30;

/// A list of the files that it dropped, then of what makes something run again.
pub(super) fn behind(out: &mut String, movement: &Movement) {
    let lists = [
        (List::Files, &movement.dropped),
        (List::Persistence, &movement.persistence),
    ];
    if lists.iter().all(|(_, behind)| behind.all.is_empty()) {
        return;
    }
    out.push_str("Left behind on the target:\n\n");
    for (list, behind) in lists {
        tell(out, list, behind);
    }
    out.push('\n');
}

fn tell(out: &mut String, list: List, behind: &LeftBehind) {
    for left in behind.all.iter().take(MOST) {
        line(out, list, left);
    }
    let rest = behind.all.len().saturating_sub(MOST);
    if rest > 0 {
        let what = match list {
            List::Files => "file",
            List::Persistence => "change",
        };
        let more = count(rest as u64, what);
        let _ = writeln!(out, "- … and {more} more, in movements.csv");
    }
    if behind.is_cut {
        out.push_str("- … and more, in the timeline\n");
    }
}

fn line(out: &mut String, list: List, left: &Left) {
    let time = |time: timeline::Ticks| time.to_string().get(..19).unwrap_or_default().to_owned();
    let what = match list {
        List::Files => "file ",
        List::Persistence => "",
    };
    let hash = match left.hash.as_str() {
        "" => String::new(),
        hash => format!(", hash {}", code(hash)),
    };
    let removed = match left.removed {
        None => String::new(),
        Some(_) if left.is_only_removed() => ", seen when it was deleted".to_owned(),
        Some(removed) => format!(", removed again at {}", time(removed)),
    };
    let _ = writeln!(
        out,
        "- {} {what}{}{hash}{removed}; {} (event {})",
        time(left.time),
        code(&left.words(list)),
        left.by.as_str(),
        left.event
    );
}

#[cfg(test)]
mod tests {
    use detectors::deed::Kind;
    use detectors::movement::By;
    use timeline::{Ticks, Uid};

    use super::*;

    #[test]
    fn what_attackers_call_things_stays_text() {
        let left = Left {
            time: Ticks::parse("2026-03-02T21:00:00Z").unwrap(),
            event: Uid([1; 16]),
            kind: Kind::Service,
            name: "a`b\n# x".into(),
            detail: "[x](http://y)".into(),
            hash: "<b>".into(),
            removed: None,
            by: By::Session,
        };
        let movement = Movement {
            persistence: LeftBehind {
                all: vec![left; MOST + 2],
                is_cut: true,
            },
            ..Movement::default()
        };
        let mut out = String::new();
        behind(&mut out, &movement);
        let mut lines = out.lines();
        assert_eq!(lines.next(), Some("Left behind on the target:"));
        assert_eq!(
            lines.nth(1),
            Some(
                "- 2026-03-02T21:00:00 ``service a`b\\n# x: [x](http://y)``, hash `<b>`; in its session (event 01010101010101010101010101010101)"
            )
        );
        let rest: Vec<&str> = lines.skip(MOST - 1).collect();
        assert_eq!(
            rest,
            [
                "- … and 2 changes more, in movements.csv",
                "- … and more, in the timeline",
                ""
            ]
        );
    }
}
