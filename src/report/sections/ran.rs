//! What ran on the target of a movement, as a tree.

use detectors::movement::Movement;
use detectors::process::Branch;

use super::super::document::{Item, Line, Section, ours, shown};
use super::super::text::count;
use super::moment;

/// Processes of one movement that the report tells.
const MOST: usize = 60;

/// A list in a list for each process and what it started, with what their commands say in base64.
pub(super) fn tree(section: &mut Section, movement: &Movement) {
    let branches = &movement.tree.branches;
    if !branches.is_empty() {
        section.say("What ran on the target, each process below the one that started it:");
        let mut items: Vec<Item> = branches.iter().take(MOST).flat_map(branch_items).collect();
        let left = branches.len().saturating_sub(MOST);
        if movement.tree.is_cut {
            items.push(Item::of(vec![ours("… and more, in the timeline")]));
        } else if left > 0 {
            let more = count(left as u64, "process");
            items.push(Item::of(vec![ours(format!(
                "… and {more} more, in movements.csv"
            ))]));
        }
        section.list(items);
    }
    unclear(section, movement);
}

/// What BAM has of that time, and of which nobody knows in which session it was.
fn unclear(section: &mut Section, movement: &Movement) {
    let number = movement.tree.unclear;
    if number > 0 {
        let programs = count(number as u64, "program");
        section.say(format!(
            "BAM has the last run of {programs} by the account in that time, which may have been in another session of it: see the timeline."
        ));
    }
}

/// Scripts of one movement that the report tells.
const MOST_SCRIPTS: usize = 12;

/// What PowerShell ran in the activities of the movement's events.
pub(super) fn scripts(section: &mut Section, movement: &Movement) {
    if movement.scripts.is_empty() {
        return;
    }
    section.say("What PowerShell ran there, by the activity of these events:");
    let scripts = movement.scripts.iter().take(MOST_SCRIPTS);
    let mut items: Vec<Item> = scripts
        .map(|script| {
            let mut words = vec![ours(format!("{} ", moment(script.time)))];
            words.extend(shown(&script.text));
            Item::of(words)
        })
        .collect();
    let left = movement.scripts.len().saturating_sub(MOST_SCRIPTS);
    if left > 0 {
        let more = count(left as u64, "script");
        items.push(Item::of(vec![ours(format!(
            "… and {more} more, in movements.csv"
        ))]));
    }
    section.list(items);
}

/// A process, and below it what its command says in base64.
fn branch_items(branch: &Branch) -> Vec<Item> {
    let process = &branch.process;
    let mut words: Line = vec![ours(format!(
        "{} ",
        process.time.map(moment).unwrap_or_default()
    ))];
    words.extend(shown(process.words()));
    if !process.user.is_empty() {
        words.push(ours(" as "));
        words.extend(shown(&process.user));
    }
    if process.is_last_run {
        words.push(ours(", BAM: last run"));
    }
    let mut items = vec![Item {
        depth: branch.depth,
        words,
    }];
    for text in parsers::decoded_commands(&process.command_line) {
        let mut words = vec![ours("says in base64: ")];
        words.extend(shown(&text));
        items.push(Item {
            depth: branch.depth + 1,
            words,
        });
    }
    items
}

#[cfg(test)]
mod tests {
    use super::super::super::document::{Block, Kind};
    use super::*;

    #[test]
    fn what_may_be_another_session_s_is_counted() {
        let mut movement = Movement::default();
        let told = |movement: &Movement| {
            let mut section = Section::new(Kind::Movement, "M-0001", Line::new());
            tree(&mut section, movement);
            section.blocks
        };
        assert_eq!(told(&movement), []);
        movement.tree.unclear = 2;
        let words = "BAM has the last run of 2 programs by the account in that time, which may have been in another session of it: see the timeline.";
        assert_eq!(told(&movement), [Block::Paragraph(vec![ours(words)])]);
    }
}
