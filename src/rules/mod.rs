//! Rules, looked at: what there is, what is wrong, what each means, whether it does what its samples
//! say (DESIGN.md §6).

mod check;
mod describe;
mod files;
mod list;
mod logs;
mod markdown;
mod needs;
mod page;
mod test;

use std::path::{Path, PathBuf};

use detectors::rule::{BUILTIN, Rule, RuleSet};

use crate::args::RulesCommand;
use crate::exit::{Exit, UsageError};
use crate::report;
use crate::stdout::print;

pub(crate) use describe::shape;
pub(crate) use files::rule_files;

/// What rule files are called.
const ENDINGS: [&str; 2] = ["toml", "eql"];

/// Does what is asked of the rules.
pub(crate) fn run(command: &RulesCommand) -> anyhow::Result<Exit> {
    match command {
        RulesCommand::List { paths } => list::print(&read(paths)?.rules),
        RulesCommand::Check { paths, quiet } => check::print(&files(paths)?, *quiet),
        RulesCommand::Show { rules } => print(&describe::text(&find(rules)?)?),
        RulesCommand::Test { paths } => test::run(&read(paths)?.rules),
        RulesCommand::Docs { paths } => print(&page::page(&read(paths)?.rules)?),
    }
}

/// Rule files, by name and text: those of the paths, or those that come with the program.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<(String, String)>> {
    if paths.is_empty() {
        return Ok(builtin_files());
    }
    let mut files = Vec::new();
    for path in paths {
        files.extend(rule_files("", path, &ENDINGS)?);
    }
    Ok(files)
}

/// The rule files that come with the program.
pub(crate) fn builtin_files() -> Vec<(String, String)> {
    let files = BUILTIN.iter();
    files
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

fn read(paths: &[PathBuf]) -> anyhow::Result<RuleSet> {
    read_files(&files(paths)?)
}

/// The rules of files, all of which must be right.
pub(crate) fn read_files(files: &[(String, String)]) -> anyhow::Result<RuleSet> {
    RuleSet::read(pairs(files)).map_err(|errors| {
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        UsageError::because(texts.join("\n\n"))
    })
}

fn pairs(files: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    let files = files.iter();
    files.map(|(name, text)| (name.as_str(), text.as_str()))
}

/// The rules of files, and those of ours by their names; all of ours when none is wanted.
fn find(wanted: &[String]) -> anyhow::Result<Vec<Rule>> {
    if wanted.is_empty() {
        return Ok(read(&[])?.rules);
    }
    let mut found = Vec::new();
    for name in wanted {
        let rules = find_rules(name)?.ok_or_else(|| {
            UsageError::because(format!(
                "{name}: neither a file nor the id, the name or the file name of a rule that comes with the program"
            ))
        })?;
        found.extend(rules);
    }
    Ok(found)
}

/// The rules of a file or folder, or the one of ours that has that id, name or file.
pub(crate) fn find_rules(name: &str) -> anyhow::Result<Option<Vec<Rule>>> {
    if Path::new(name).exists() {
        return Ok(Some(read(&[PathBuf::from(name)])?.rules));
    }
    let is_it = |rule: &Rule| {
        let file = rule.source.rsplit('/').next().unwrap_or_default();
        let stem = file.trim_end_matches(".toml");
        rule.id == name || rule.name.eq_ignore_ascii_case(name) || stem == name
    };
    let rule = read(&[])?.rules.into_iter().find(is_it);
    Ok(rule.map(|rule| vec![rule]))
}

/// `1 rule`, `2 rules`.
fn count(items: usize, what: &str) -> String {
    report::count(items as u64, what)
}
