//! One rule file: read, compiled, checked.

use std::fmt;

use eql::Compiled;
use eql::plan::{Query, QueryKind};
use serde::Deserialize;

use super::sidetrack::{MovementTable, Sidetrack, Written};
use super::technique::{Threat, is_lateral_movement, techniques};
use super::{Read, Span, Table, field_kind, implied};

/// How bad it is when the rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    #[default]
    Low,
    /// Worth a look.
    Medium,
    /// Worth looking at now.
    High,
    /// Worth waking somebody for.
    Critical,
}

impl Severity {
    /// The word in rule files and outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A rule that can run.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its identity, never used twice.
    pub id: String,
    /// Its title.
    pub name: String,
    /// How bad a match is.
    pub severity: Severity,
    /// ATT&CK ids, the sub-technique where it is known.
    pub attack: Vec<String>,
    /// The same in words.
    pub technique: Vec<String>,
    /// Index patterns that say which data sets the rule is for; none: ECS.md §8.
    pub index: Vec<String>,
    /// The query as written.
    pub text: String,
    /// The query as checked.
    pub query: Query,
    /// What the compiler found odd.
    pub warnings: Vec<String>,
    /// How a match becomes a movement: the file's own table, or what a rule of another make implies.
    pub sidetrack: Option<Sidetrack>,
    /// What replaces the query's `maxspan`.
    pub window: Option<Span>,
    /// The file.
    pub source: String,
}

/// What is wrong with a rule file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct RuleError {
    /// The file.
    pub source_name: String,
    /// What is wrong in it, with places.
    pub problems: Vec<String>,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.source_name)?;
        self.problems
            .iter()
            .try_for_each(|problem| write!(f, "\n{}", problem.trim_end()))
    }
}

#[derive(Deserialize)]
struct WrittenFile {
    rule: WrittenRule,
    sidetrack: Option<Written>,
}

#[derive(Deserialize)]
struct WrittenRule {
    name: String,
    rule_id: String,
    #[serde(default)]
    severity: Severity,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    query: String,
    #[serde(default)]
    index: Vec<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    threat: Vec<Threat>,
}

impl Rule {
    /// Reads a rule file. `None` for a rule that is not EQL's affair (another `type`).
    pub fn parse(source: &str, text: &str) -> Result<Option<Self>, RuleError> {
        let fail = |problems| RuleError {
            source_name: source.to_owned(),
            problems,
        };
        let file: WrittenFile =
            toml::from_str(text).map_err(|error| fail(vec![error.to_string()]))?;
        if file.rule.kind != "eql" {
            return Ok(None);
        }
        let compiled = compile(source, &file.rule.query).map_err(fail)?;
        let rule = Self::assemble(source, file, compiled).map_err(|problem| fail(vec![problem]))?;
        let problems = rule.check();
        if problems.is_empty() {
            Ok(Some(rule))
        } else {
            Err(fail(problems))
        }
    }

    /// A rule that is only a query: what `query` runs.
    pub fn of_query(text: &str) -> Result<Self, Vec<String>> {
        let compiled = compile("query", text)?;
        Ok(Self {
            id: String::new(),
            name: String::new(),
            severity: Severity::default(),
            attack: Vec::new(),
            technique: Vec::new(),
            index: vec!["*".into()],
            text: text.to_owned(),
            warnings: compiled.warnings.iter().map(ToString::to_string).collect(),
            query: compiled.query,
            sidetrack: None,
            window: None,
            source: "query".into(),
        })
    }

    fn assemble(source: &str, file: WrittenFile, compiled: Compiled) -> Result<Self, String> {
        let WrittenFile { rule, sidetrack } = file;
        let mut techniques = techniques(&rule.threat);
        if let Some(stated) = sidetrack
            .as_ref()
            .filter(|table| !table.technique.is_empty())
        {
            let words = |id: &String| techniques.iter().find(|(known, _)| known == id);
            techniques = stated
                .technique
                .iter()
                .map(|id| {
                    words(id)
                        .cloned()
                        .unwrap_or_else(|| (id.clone(), String::new()))
                })
                .collect();
        }
        let (attack, technique): (Vec<_>, Vec<_>) = techniques.into_iter().unzip();
        let sidetrack = match sidetrack {
            Some(table) => Some(table.compile(source)?),
            None if is_lateral_movement(&rule.threat, &rule.tags) => {
                implied::table(&compiled.query.kind)
            }
            None => None,
        };
        Ok(Self {
            id: rule.rule_id,
            name: rule.name,
            severity: rule.severity,
            attack,
            technique: technique
                .into_iter()
                .filter(|words| !words.is_empty())
                .collect(),
            index: rule.index,
            text: rule.query.trim().to_owned(),
            warnings: compiled.warnings.iter().map(ToString::to_string).collect(),
            query: compiled.query,
            window: sidetrack.as_ref().and_then(|table| table.window),
            sidetrack,
            source: source.to_owned(),
        })
    }

    /// Whether it is about several events in a row.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        matches!(self.query.kind, QueryKind::Sequence(_))
    }

    /// Everything that is wrong with the table, at once.
    fn check(&self) -> Vec<String> {
        let Some(sidetrack) = &self.sidetrack else {
            return Vec::new();
        };
        let mut problems = Vec::new();
        if let Some(movement) = &sidetrack.movement {
            problems.extend(self.check_stage("when", movement.when));
            problems.extend(movement.reads().filter_map(|read| self.check_read(read)));
            problems.extend(check_target(movement));
        }
        problems
    }

    fn check_read(&self, read: &Read) -> Option<String> {
        let place = format!("{}:{}", read.stage, read.field);
        if field_kind(&read.field).is_none() {
            return Some(format!(
                "[sidetrack]: `{place}`: no event has a field `{}`",
                read.field
            ));
        }
        self.check_stage(&place, read.stage)
    }

    /// Whether a stage exists and has an event.
    fn check_stage(&self, place: &str, stage: usize) -> Option<String> {
        let index = stage.checked_sub(1);
        let problem = match &self.query.kind {
            QueryKind::Sequence(sequence) => match index.and_then(|i| sequence.stages.get(i)) {
                None => format!("the sequence has {} stages", sequence.stages.len()),
                Some(stage) if stage.missing => "a missing-event stage has no event".to_owned(),
                Some(_) => return None,
            },
            _ if stage == 1 => return None,
            _ => "the query has one stage".to_owned(),
        };
        Some(format!(
            "[sidetrack]: `{place}`: there is no such stage, {problem}"
        ))
    }

    /// The place of a stage among the events of a match: `with runs` stands several times.
    #[must_use]
    pub fn place_of_stage(&self, stage: usize) -> Option<usize> {
        let before = stage.checked_sub(1)?;
        match &self.query.kind {
            QueryKind::Sequence(sequence) => {
                let runs = sequence
                    .stages
                    .get(..before)?
                    .iter()
                    .map(|stage| stage.runs as usize);
                Some(runs.sum())
            }
            _ => (before == 0).then_some(0),
        }
    }
}

/// A movement without any word on where it goes cannot be told.
fn check_target(movement: &MovementTable) -> Option<String> {
    let nowhere = movement.target_host.is_empty() && movement.target_ip.is_empty();
    nowhere.then(|| "[sidetrack.movement]: neither target_host nor target_ip is given".to_owned())
}

/// Compiles a query; its errors come as pictures of it.
pub(super) fn compile(source: &str, query: &str) -> Result<Compiled, Vec<String>> {
    eql::compile(query, &Table).map_err(|errors| {
        errors
            .iter()
            .map(|error| error.render(source, query, false))
            .collect()
    })
}
