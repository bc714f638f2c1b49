//! What has to be known of the whole document before its first word: contents, and the times of movements.

use super::super::document::{Block, Kind, Line, Section, Span, plain};
use super::grade;
use super::picture::cut;

/// How many movements the table of contents names.
const NAMED: usize = 200;
/// How many times of movements are kept to be drawn beside what the logs cover.
const TIMES: usize = 500;

/// The whole document, as far as it has to be known beforehand.
#[derive(Default)]
pub(super) struct Outline {
    /// The title of the document.
    pub(super) title: String,
    /// Sections that are not one of many, in their order; the movements stand where the first of them does.
    pub(super) entries: Vec<Entry>,
    /// The first movements: ids, and the styles of their grades.
    pub(super) movements: Vec<(String, &'static str)>,
    /// How many movements there are.
    pub(super) count: usize,
    /// When movements began, in ticks since 1601, sorted.
    pub(super) times: Vec<i64>,
}

/// An entry of the table of contents.
pub(super) enum Entry {
    /// A section: its anchor and its heading.
    Section(String, Line),
    /// All movements.
    Movements,
}

impl Outline {
    /// Reads the document once.
    pub(super) fn of(
        sections: impl Iterator<Item = anyhow::Result<Section>>,
    ) -> anyhow::Result<Self> {
        let mut outline = Self::default();
        for section in sections {
            outline.add(section?);
        }
        outline.times.sort_unstable();
        Ok(outline)
    }

    fn add(&mut self, section: Section) {
        for block in &section.blocks {
            if let Block::Ladder(ladder) = block {
                let times = ladder.arrows.iter().filter_map(|arrow| arrow.time);
                self.times
                    .extend(times.take(TIMES.saturating_sub(self.times.len())));
            }
        }
        match section.kind {
            Kind::Title => self.title = name(&section),
            Kind::Movement => {
                if self.count == 0 {
                    self.entries.push(Entry::Movements);
                }
                self.count += 1;
                if self.movements.len() < NAMED {
                    let grade = grade_of(&section.title);
                    self.movements.push((section.anchor, grade.unwrap_or("")));
                }
            }
            _ => self
                .entries
                .push(Entry::Section(section.anchor, section.title)),
        }
    }
}

/// What a window is called: what it is, and of which case, if that is said.
fn name(section: &Section) -> String {
    let case = section.blocks.iter().find_map(|block| match block {
        Block::Lines(lines) => lines.iter().find_map(|line| match line.as_slice() {
            [Span::Ours(what), Span::Shown(case)] if what == "Case: " => Some(cut(case, 60)),
            _ => None,
        }),
        _ => None,
    });
    let title = plain(&section.title);
    case.map_or(title.clone(), |case| format!("{title}, {case}"))
}

/// The style of the grade that a heading names.
pub(super) fn grade_of(title: &Line) -> Option<&'static str> {
    title.iter().rev().find_map(|span| match span {
        Span::Ours(words) | Span::Strong(words) => Some(grade::style(grade::split(words)?.1)),
        _ => None,
    })
}
