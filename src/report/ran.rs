//! What ran on the target of a movement, as a tree.

use std::fmt::Write;

use detectors::movement::Movement;
use detectors::process::Branch;

use super::text::{code, count};

/// Processes of one movement that the report tells.
const MOST: usize = 60;

/// A list in a list for each process and what it started, with what their commands say in base64.
pub(super) fn tree(out: &mut String, movement: &Movement) {
    let branches = &movement.tree.branches;
    if branches.is_empty() {
        unclear(out, movement);
        return;
    }
    out.push_str("What ran on the target, each process below the one that started it:\n\n");
    for branch in branches.iter().take(MOST) {
        line(out, branch);
    }
    let left = branches.len().saturating_sub(MOST);
    if movement.tree.is_cut {
        out.push_str("- … and more, in the timeline\n");
    } else if left > 0 {
        let _ = writeln!(
            out,
            "- … and {} more, in movements.csv",
            count(left as u64, "process")
        );
    }
    out.push('\n');
    unclear(out, movement);
}

/// What BAM has of that time, and of which nobody knows in which session it was.
fn unclear(out: &mut String, movement: &Movement) {
    let number = movement.tree.unclear;
    if number > 0 {
        let programs = count(number as u64, "program");
        let _ = writeln!(
            out,
            "BAM has the last run of {programs} by the account in that time, which may have been in another session of it: see the timeline.\n"
        );
    }
}

/// Scripts of one movement that the report tells.
const MOST_SCRIPTS: usize = 12;

/// What PowerShell ran in the activities of the movement's events.
pub(super) fn scripts(out: &mut String, movement: &Movement) {
    if movement.scripts.is_empty() {
        return;
    }
    out.push_str("What PowerShell ran there, by the activity of these events:\n\n");
    for script in movement.scripts.iter().take(MOST_SCRIPTS) {
        let time = script.time.to_string();
        let time = time.get(..19).unwrap_or(&time);
        let _ = writeln!(out, "- {time} {}", code(&script.text));
    }
    let left = movement.scripts.len().saturating_sub(MOST_SCRIPTS);
    if left > 0 {
        let _ = writeln!(
            out,
            "- … and {} more, in movements.csv",
            count(left as u64, "script")
        );
    }
    out.push('\n');
}

fn line(out: &mut String, branch: &Branch) {
    let process = &branch.process;
    let indent = "  ".repeat(branch.depth);
    let time = process
        .time
        .map(|time| time.to_string())
        .unwrap_or_default();
    let user = match process.user.as_str() {
        "" => String::new(),
        user => format!(" as {}", code(user)),
    };
    let bam = if process.is_last_run {
        ", BAM: last run"
    } else {
        ""
    };
    let _ = writeln!(
        out,
        "{indent}- {} {}{user}{bam}",
        time.get(..19).unwrap_or(&time),
        code(process.words())
    );
    for text in parsers::decoded_commands(&process.command_line) {
        let _ = writeln!(out, "{indent}  - says in base64: {}", code(&text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_another_session_s_is_counted() {
        let mut movement = Movement::default();
        let told = |movement: &Movement| {
            let mut out = String::new();
            tree(&mut out, movement);
            out
        };
        assert_eq!(told(&movement), "");
        movement.tree.unclear = 2;
        assert!(told(&movement).starts_with("BAM has the last run of 2 programs by the account"));
    }
}
