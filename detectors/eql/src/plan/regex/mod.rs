//! `value regex (…)`: Lucene's dialect of regular expressions.
//!
//! A pattern always matches the whole value. `.` matches every character, line ends included; `^`
//! and `$` are characters like any other; there are no lazy quantifiers (`.*?` is `(.*)?`) and no
//! back-references. `\d`, `\s`, `\w` and their opposites are ASCII. Also understood: `"literal"`,
//! `<1-99>` for a number, `@` for any text, `#` for nothing at all, `~` for what the next part does not
//! match, `&` for what both sides match. Our engine has no such operations as the last two: patterns
//! with them have an automaton of their own.

mod automaton;
mod interval;
mod translate;
mod tree;

use std::fmt;

use regex_automata::meta;
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::syntax;

use automaton::{Automaton, TooLarge};
use tree::Tree;

use crate::print;
use crate::value::Value;

/// The longest pattern; Elasticsearch allows 1000 characters.
const LONGEST_PATTERN: usize = 5_000;
/// The largest program, in bytes, that one list of patterns may become.
const LARGEST_PROGRAM: usize = 1 << 20;

/// Patterns of which any may match. Order and repetition in the query leave no trace.
#[derive(Clone, Debug)]
pub struct Regex {
    fold_case: bool,
    patterns: Vec<String>,
    /// Those that the engine can say.
    program: Option<meta::Regex>,
    /// The others.
    automata: Vec<Automaton>,
}

/// Why a pattern was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RegexError {
    /// Which of the patterns, unless it is all of them together.
    pub(crate) pattern: Option<usize>,
    /// What is wrong with it.
    pub(crate) message: String,
    /// What finding that out cost, as memory.
    pub(crate) cost: usize,
}

impl Regex {
    pub(crate) fn new(patterns: &[&str], fold_case: bool) -> Result<Self, RegexError> {
        let translated = patterns.iter().enumerate();
        let translated = translated.map(|(pattern, text)| {
            translate(text).map_err(|message| RegexError {
                pattern: Some(pattern),
                message,
                cost: 0,
            })
        });
        let translated = translated.collect::<Result<Vec<_>, _>>()?;
        let mut plain = Vec::new();
        let mut automata = Vec::new();
        for (pattern, tree) in translated.iter().enumerate() {
            match tree {
                Tree::Plain(text) => plain.push(text.as_str()),
                tree => {
                    let own = Automaton::new(tree, fold_case);
                    automata.push(own.map_err(|error| too_large(pattern, &error))?);
                }
            }
        }
        let program = (!plain.is_empty()).then(|| compile(&plain.join("|"), fold_case));
        let program = program.transpose().map_err(|message| RegexError {
            pattern: None,
            message,
            cost: 0,
        })?;
        let mut patterns: Vec<_> = patterns.iter().map(ToString::to_string).collect();
        patterns.sort_unstable();
        patterns.dedup();
        Ok(Self {
            fold_case,
            patterns,
            program,
            automata,
        })
    }

    /// Whether case is disregarded.
    #[must_use]
    pub fn folds_case(&self) -> bool {
        self.fold_case
    }

    /// The patterns as written, sorted.
    #[must_use]
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Whether a pattern matches the whole text.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let program = self.program.as_ref();
        program.is_some_and(|program| program.is_match(text))
            || self.automata.iter().any(|own| own.matches(text))
    }

    /// The same for a value, or nothing for what is no text.
    #[must_use]
    pub fn test(&self, value: &Value<'_>) -> Option<bool> {
        value.as_text().map(|text| self.matches(text))
    }

    /// How much memory it takes.
    pub(crate) fn size(&self) -> usize {
        let automata: usize = self.automata.iter().map(Automaton::size).sum();
        self.program.as_ref().map_or(0, meta::Regex::memory_usage) + automata
    }
}

/// Longer patterns with operators of their own would become large; Elasticsearch has no longer ones.
const LONGEST_TREE: usize = 1_000;

fn too_large(pattern: usize, error: &TooLarge) -> RegexError {
    RegexError {
        pattern: Some(pattern),
        message: "this regular expression is too large".to_owned(),
        cost: error.cost,
    }
}

fn translate(pattern: &str) -> Result<Tree, String> {
    if pattern.len() > LONGEST_PATTERN {
        return Err("this regular expression is too long".to_owned());
    }
    let tree = translate::translate(pattern)?;
    if !matches!(tree, Tree::Plain(_)) && pattern.len() > LONGEST_TREE {
        return Err("this regular expression with `~` or `&` is too long".to_owned());
    }
    Ok(tree)
}

fn compile(pattern: &str, fold_case: bool) -> Result<meta::Regex, String> {
    let config = meta::Config::new()
        .nfa_size_limit(Some(LARGEST_PROGRAM))
        .which_captures(WhichCaptures::None);
    let syntax = syntax::Config::new().case_insensitive(fold_case);
    meta::Builder::new()
        .configure(config)
        .syntax(syntax)
        .build(&format!(r"\A(?:{pattern})\z"))
        .map_err(|error| refusal(&error))
}

/// Our translation is always well-formed, so what the engine refuses is size.
fn refusal(error: &meta::BuildError) -> String {
    match error.size_limit() {
        Some(_) => "this regular expression is too large".to_owned(),
        None => "this regular expression is nested too deeply".to_owned(),
    }
}

/// What was written says all; the program follows from it.
impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.fold_case == other.fold_case && self.patterns == other.patterns
    }
}

/// The operator and the patterns: `regex~ ("a.*", "b.*")`.
impl fmt::Display for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.fold_case { "regex~ " } else { "regex " })?;
        print::texts(self.patterns.iter().map(String::as_str), f)
    }
}

#[cfg(test)]
mod tests;
