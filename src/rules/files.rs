//! Files of rules below a path.

use std::io::Read;
use std::path::Path;

use anyhow::Context;

use crate::exit::UsageError;
use crate::visible::visible;

/// Rule files are short; what is longer is something else.
const LONGEST_RULE: u64 = 16 << 20;

/// Every file of a path whose name has one of the endings, in the order of their names: what it is
/// called, and its text. `option` stands before what is wrong.
pub(crate) fn rule_files(
    option: &str,
    path: &Path,
    endings: &[&str],
) -> anyhow::Result<Vec<(String, String)>> {
    let wrong = |why: &str| UsageError::because(format!("{option}{}: {why}", path.display()));
    if !path.exists() {
        return Err(wrong("no such file or folder"));
    }
    if !path.is_dir() {
        return Ok(vec![rule_file(option, path)?]);
    }
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
        let entry = entry.with_context(|| format!("{option}{}", path.display()))?;
        let ending = entry.path().extension();
        if entry.file_type().is_file()
            && ending.is_some_and(|ending| endings.iter().any(|known| ending == *known))
        {
            files.push(rule_file(option, entry.path())?);
        }
    }
    if files.is_empty() {
        let endings = endings.join(" or .");
        return Err(wrong(&format!("no file in that folder ends in .{endings}")));
    }
    Ok(files)
}

fn rule_file(option: &str, path: &Path) -> anyhow::Result<(String, String)> {
    let name = path.display().to_string();
    let wrong =
        |error: &dyn std::fmt::Display| UsageError::because(format!("{option}{name}: {error}"));
    let file = std::fs::File::open(path).map_err(|error| wrong(&error))?;
    let mut text = String::new();
    let count = file
        .take(LONGEST_RULE)
        .read_to_string(&mut text)
        .map_err(|error| wrong(&error))?;
    if count == 0 || count as u64 == LONGEST_RULE {
        return Err(wrong(&"this is no rule file"));
    }
    // It stands in pictures of what is wrong, whose lines are ours.
    Ok((visible(&name), text))
}
