//! One rule file: read, compiled, checked.

use std::fmt;
use std::path::Path;

use eql::Compiled;
use eql::plan::{Query, QueryKind};
use serde::Deserialize;
use toml::Spanned;

use super::place::Place;
use super::sidetrack::{MovementTable, Sidetrack, Written};
use super::technique::{Threat, is_lateral_movement, techniques};
use super::{Read, Span, Warning, field_kind, implied};

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
    /// What it finds, in a sentence.
    pub description: String,
    /// Why that works; rules of another make have more to say here.
    pub note: String,
    /// Addresses of what to read about it.
    pub references: Vec<String>,
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
    pub warnings: Vec<Warning>,
    /// How a match becomes a movement: the file's own table, or what a rule of another make implies.
    pub sidetrack: Option<Sidetrack>,
    /// Whether only what the query says counts, without what `analyze` adds (MATCHING.md §3–§4).
    pub exact_only: bool,
    /// What replaces the query's `maxspan`.
    pub window: Option<Span>,
    /// The file.
    pub source: String,
}

/// What a file is.
#[derive(Clone, Debug)]
pub enum Parsed {
    /// A rule in EQL.
    Eql(Box<Rule>),
    /// A rule of another type, which is not our affair.
    OtherType(String),
    /// TOML of something else: there is no table `[rule]`.
    NoRule,
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

/// The two tables of a file that concern us, read apart so that what is wrong with both is told.
#[derive(Deserialize)]
struct RulePart {
    rule: WrittenRule,
}

#[derive(Deserialize)]
struct SidetrackPart {
    sidetrack: Option<Written>,
}

/// What is read of a file whatever else is wrong with it.
#[derive(Deserialize)]
struct QueryPart {
    rule: Option<WrittenQuery>,
}

#[derive(Deserialize)]
struct WrittenQuery {
    #[serde(rename = "type")]
    kind: String,
    query: Option<Spanned<String>>,
}

#[derive(Deserialize)]
struct WrittenRule {
    name: String,
    rule_id: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    references: Vec<String>,
    #[serde(default)]
    severity: Severity,
    #[serde(default)]
    index: Vec<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    threat: Vec<Threat>,
}

impl Rule {
    /// Reads a file of rules: TOML, or by the ending of its name (`.eql`) a query alone.
    pub fn of_file(source: &str, text: &str) -> Result<Parsed, RuleError> {
        let name = Path::new(source);
        if name.extension().is_none_or(|ending| ending != "eql") {
            return Self::parse(source, text);
        }
        let mut rule = Self::of_query(source, text).map_err(|problems| RuleError {
            source_name: source.to_owned(),
            problems,
        })?;
        source.clone_into(&mut rule.id);
        rule.name = name
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        Ok(Parsed::Eql(Box::new(rule)))
    }

    /// Reads a rule file. All that is wrong with it comes at once.
    pub fn parse(source: &str, text: &str) -> Result<Parsed, RuleError> {
        let fail = |problems| RuleError {
            source_name: source.to_owned(),
            problems,
        };
        let written = match toml::from_str(text) {
            Ok(QueryPart { rule: Some(rule) }) => rule,
            Ok(QueryPart { rule: None }) => return Ok(Parsed::NoRule),
            Err(error) => return Err(fail(vec![error.to_string()])),
        };
        if written.kind != "eql" {
            return Ok(Parsed::OtherType(written.kind));
        }
        let Some(query) = &written.query else {
            return Err(fail(vec!["[rule]: `query` is missing".into()]));
        };
        let place = Place::in_file(source, text, query.span(), query.get_ref());
        let mut problems = Vec::new();
        let compiled = place
            .compile()
            .map_err(|errors| problems.extend(errors))
            .ok();
        let rule = part(text, &mut problems).map(|part: RulePart| part.rule);
        let table = part(text, &mut problems).and_then(|part: SidetrackPart| part.sidetrack);
        let stated = table.as_ref().map(|table| table.technique.clone());
        let table = table.and_then(|table| table.compile(source, text, &mut problems));
        if let (Some(rule), Some(compiled)) = (rule, compiled) {
            let stated = stated.unwrap_or_default();
            let rule = Self::assemble(place, rule, compiled, &stated, table);
            problems.extend(rule.check());
            if problems.is_empty() {
                return Ok(Parsed::Eql(Box::new(rule)));
            }
        }
        Err(fail(problems))
    }

    /// A rule that is only a query: what `query` runs, and a file that holds nothing else.
    pub fn of_query(source: &str, text: &str) -> Result<Self, Vec<String>> {
        let place = Place::alone(source, text);
        let compiled = place.compile()?;
        Ok(Self {
            id: String::new(),
            name: String::new(),
            description: String::new(),
            note: String::new(),
            references: Vec::new(),
            severity: Severity::default(),
            attack: Vec::new(),
            technique: Vec::new(),
            index: vec!["*".into()],
            text: text.trim().to_owned(),
            warnings: place.warnings(&compiled),
            query: compiled.query,
            sidetrack: None,
            exact_only: true,
            window: None,
            source: source.to_owned(),
        })
    }

    fn assemble(
        place: Place<'_>,
        rule: WrittenRule,
        compiled: Compiled,
        stated: &[String],
        table: Option<Sidetrack>,
    ) -> Self {
        let mut techniques = techniques(&rule.threat);
        if !stated.is_empty() {
            let words = |id: &String| techniques.iter().find(|(known, _)| known == id).cloned();
            techniques = stated
                .iter()
                .map(|id| words(id).unwrap_or_else(|| (id.clone(), String::new())))
                .collect();
        }
        let (attack, technique): (Vec<_>, Vec<_>) = techniques.into_iter().unzip();
        let sidetrack = match table {
            None if is_lateral_movement(&rule.threat, &rule.tags) => {
                implied::table(&compiled.query.kind)
            }
            table => table,
        };
        Self {
            id: rule.rule_id,
            name: rule.name,
            description: rule.description.trim().to_owned(),
            note: rule.note.trim().to_owned(),
            references: rule.references,
            severity: rule.severity,
            attack,
            technique: technique
                .into_iter()
                .filter(|words| !words.is_empty())
                .collect(),
            index: rule.index,
            text: place.query().trim().to_owned(),
            warnings: place.warnings(&compiled),
            query: compiled.query,
            window: sidetrack.as_ref().and_then(|table| table.window),
            sidetrack,
            exact_only: false,
            source: place.source().to_owned(),
        }
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

/// A part of the file; what is wrong with it goes to the problems.
fn part<T: for<'de> Deserialize<'de>>(text: &str, problems: &mut Vec<String>) -> Option<T> {
    toml::from_str(text)
        .inspect_err(|error: &toml::de::Error| problems.push(error.to_string()))
        .ok()
}
