//! The command that made the case, as the report tells it: without what changes nothing in the case and without folders
//! of this machine. The same evidence gives the same report on any machine; manifest.json has what was typed.

use std::slice::Iter;

use clap::{Arg, ArgAction, Command, CommandFactory};

use crate::args::Cli;

/// Options that change nothing in the case, by the names of their fields.
const SILENT: [&str; 6] = ["output", "threads", "memory", "force", "quiet", "no_color"];
/// Options whose values are files or folders: only their last names are told.
const PATHS: [&str; 4] = ["rules", "hosts", "known", "sign"];

/// The command line.
pub(super) fn told(typed: &[String]) -> String {
    let cli = Cli::command();
    let mut words = vec![env!("CARGO_PKG_NAME").to_owned()];
    let mut rest = typed.get(1..).unwrap_or_default().iter();
    let Some(name) = rest.next() else {
        return words.concat();
    };
    words.push(name.clone());
    if let Some(command) = cli.find_subcommand(name) {
        options(command, rest, &mut words);
    }
    words.join(" ")
}

fn options(command: &Command, mut rest: Iter<'_, String>, words: &mut Vec<String>) {
    while let Some(argument) = rest.next() {
        if argument == "--" {
            words.extend(rest.by_ref().map(|path| quoted(last_name(path))));
        } else if let Some(long) = argument.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            let option = command
                .get_arguments()
                .find(|option| option.get_long() == Some(name));
            let value = match value {
                None if option.is_some_and(takes_value) => rest.next().map(String::as_str),
                value => value,
            };
            tell(option, argument, value, words);
        } else if argument.len() > 1 && argument.starts_with('-') {
            short(command, argument, &mut rest, words);
        } else {
            words.push(quoted(last_name(argument)));
        }
    }
}

/// Options of one letter, several of which can stand together, the value of the last behind it.
fn short(command: &Command, argument: &str, rest: &mut Iter<'_, String>, words: &mut Vec<String>) {
    for (place, letter) in argument.char_indices().skip(1) {
        let option = command
            .get_arguments()
            .find(|option| option.get_short() == Some(letter));
        if option.is_some_and(takes_value) {
            let behind = argument[place + letter.len_utf8()..].trim_start_matches('=');
            let value = if behind.is_empty() {
                rest.next().map(String::as_str)
            } else {
                Some(behind)
            };
            tell(option, &format!("-{letter}"), value, words);
            return;
        }
        tell(option, &format!("-{letter}"), None, words);
    }
}

fn takes_value(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::Set | ArgAction::Append)
}

/// Adds an option, unless it changes nothing.
fn tell(option: Option<&Arg>, typed: &str, value: Option<&str>, words: &mut Vec<String>) {
    let id = option.map_or("", |option| option.get_id().as_str());
    if SILENT.contains(&id) {
        return;
    }
    let long = option.and_then(Arg::get_long);
    words.push(long.map_or_else(|| typed.to_owned(), |long| format!("--{long}")));
    if let Some(value) = value {
        let value = if PATHS.contains(&id) {
            last_name(value)
        } else {
            value
        };
        words.push(quoted(value));
    }
}

/// A path's last name.
fn last_name(path: &str) -> &str {
    let trimmed = path.trim_end_matches(['/', '\\']);
    match trimmed.rsplit(['/', '\\']).next() {
        Some(last) if !last.is_empty() => last,
        _ => path,
    }
}

/// A value in quotes where it has a blank.
fn quoted(value: &str) -> String {
    if value.is_empty() || value.contains(char::is_whitespace) {
        format!("\"{value}\"")
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_no_folder_of_this_machine_and_nothing_that_changes_nothing() {
        for (typed, expected) in [
            (
                "/opt/st|analyze|/cases/7/evidence/|--output|/tmp/x|--threads|3|--case-id|7/2026|-q",
                "sidetrack analyze evidence --case-id 7/2026",
            ),
            (
                r"sidetrack|analyze|C:\e\HOST1.zip|--output=case|--memory=1G|--timeline|csv,jsonl",
                "sidetrack analyze HOST1.zip --timeline csv,jsonl",
            ),
            (
                "sidetrack|analyze|..|-o/tmp/case|--window=a/b=5m|--rules=/home/x/rules|--examiner|Kim / Lee",
                "sidetrack analyze .. --window a/b=5m --rules rules --examiner \"Kim / Lee\"",
            ),
            (
                "sidetrack|analyze|-qo|case|--no-builtin-rules|--password=***|--|/e/-x",
                "sidetrack analyze --no-builtin-rules --password *** -x",
            ),
        ] {
            let typed: Vec<String> = typed.split('|').map(str::to_owned).collect();
            assert_eq!(told(&typed), expected);
        }
    }
}
