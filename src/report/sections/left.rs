//! What a movement placed or changed on its target, and whether it was removed.

use detectors::deed::List;
use detectors::movement::{Left, LeftBehind, Movement};

use super::super::document::{Item, Line, Section, ours, shown};
use super::super::text::count;
use super::moment;

/// Things of one movement that the report tells, of each kind.
const MOST: usize = 30;

/// A list of the files that it dropped, then of what makes something run again.
pub(super) fn behind(section: &mut Section, movement: &Movement) {
    let lists = [
        (List::Files, &movement.dropped),
        (List::Persistence, &movement.persistence),
    ];
    let mut items = Vec::new();
    for (list, behind) in lists {
        tell(&mut items, list, behind);
    }
    if !items.is_empty() {
        section.say("Placed or changed on the target:");
        section.list(items);
    }
}

fn tell(items: &mut Vec<Item>, list: List, behind: &LeftBehind) {
    let each = behind.all.iter().take(MOST);
    items.extend(each.map(|left| Item::of(line(list, left))));
    let rest = behind.all.len().saturating_sub(MOST);
    let mut say = |words: String| items.push(Item::of(vec![ours(words)]));
    if rest > 0 {
        let what = match list {
            List::Files => "file",
            List::Persistence => "change",
        };
        let more = count(rest as u64, what);
        say(format!("… and {more} more, in movements.csv"));
    }
    if behind.is_cut {
        say("… and more, in the timeline".to_owned());
    }
}

fn line(list: List, left: &Left) -> Line {
    let what = match list {
        List::Files => "file ",
        List::Persistence => "",
    };
    let mut words = vec![ours(format!("{} {what}", moment(left.time)))];
    words.extend(shown(&left.words(list)));
    if !left.hash.is_empty() {
        words.push(ours(", hash "));
        words.extend(shown(&left.hash));
    }
    match left.removed {
        None => {}
        Some(_) if left.is_only_removed() => words.push(ours(", seen when it was deleted")),
        Some(removed) => words.push(ours(format!(", removed again at {}", moment(removed)))),
    }
    words.push(ours(format!(
        "; {} (event {})",
        left.by.as_str(),
        left.event
    )));
    words
}

#[cfg(test)]
mod tests {
    use detectors::deed::Kind;
    use detectors::movement::By;
    use timeline::{Ticks, Uid};

    use super::super::super::document::{self, Block, Span};
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
        let mut section = Section::new(document::Kind::Movement, "M-0001", Line::new());
        behind(&mut section, &movement);
        let [head, Block::List(items)] = section.blocks.as_slice() else {
            panic!("{:?}", section.blocks);
        };
        assert_eq!(
            *head,
            Block::Paragraph(vec![ours("Placed or changed on the target:")])
        );
        let shown = |text: &str| Span::Shown(text.to_owned());
        assert_eq!(
            items[0].words,
            [
                ours("2026-03-02T21:00:00 "),
                shown("service a`b\n# x: [x](http://y)"),
                ours(", hash "),
                shown("<b>"),
                ours("; in its session (event 01010101010101010101010101010101)"),
            ]
        );
        let rest: Vec<&Line> = items.iter().skip(MOST).map(|item| &item.words).collect();
        assert_eq!(
            rest,
            [
                &vec![ours("… and 2 changes more, in movements.csv")],
                &vec![ours("… and more, in the timeline")],
            ]
        );
    }
}
