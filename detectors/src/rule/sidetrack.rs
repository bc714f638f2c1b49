//! The `[sidetrack]` table: how a match becomes a movement (MATCHING.md §5).

use eql::plan::{Filter, QueryKind};
use serde::Deserialize;
use toml::Spanned;

use super::place::Place;
use super::{Read, Span, read};

/// What a rule stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Sysmon, or audit that is off by default.
    Telemetry,
    /// What Windows keeps by default.
    Residue,
}

impl Basis {
    /// The word in the rule file and in `findings.csv`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Telemetry => "telemetry",
            Self::Residue => "residue",
        }
    }
}

/// A side of a movement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Where the movement comes from.
    Source,
    /// Where it goes.
    #[default]
    Target,
}

/// What the attacker does there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, PartialOrd, Ord)]
pub enum Step {
    /// Proves who they are.
    #[serde(rename = "authenticate")]
    Authenticate,
    /// Brings what is to run.
    #[serde(rename = "stage")]
    Stage,
    /// Makes it run.
    #[serde(rename = "trigger")]
    Trigger,
    /// Removes the traces.
    #[serde(rename = "clean-up")]
    CleanUp,
}

impl Step {
    /// The word in `movements.csv`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authenticate => "authenticate",
            Self::Stage => "stage",
            Self::Trigger => "trigger",
            Self::CleanUp => "clean-up",
        }
    }
}

/// The table, checked.
#[derive(Clone, Debug)]
pub struct Sidetrack {
    /// What the rule stands on.
    pub basis: Basis,
    /// Which side of the movement recorded the match.
    pub side: Side,
    /// Whether the join names source and action by a key of that one connection or session.
    pub exact: bool,
    /// What the attacker does there.
    pub step: Option<Step>,
    /// How late events of this rule may be dated.
    pub order_slack: Option<Span>,
    /// Whether events that are only known to exist may match.
    pub state_events: bool,
    /// The other explanation, in words.
    pub innocent: String,
    /// What `--window` replaces.
    pub window: Option<Span>,
    /// How a match becomes a movement; a finding without one.
    pub movement: Option<MovementTable>,
    /// What should be there, too.
    pub expects: Vec<Expect>,
    /// Events that must and must not match.
    pub tests: Vec<Test>,
}

impl Sidetrack {
    /// A table that says no more than which side recorded a match of telemetry.
    pub(super) fn of_side(side: Side) -> Self {
        Self {
            basis: Basis::Telemetry,
            side,
            exact: false,
            step: None,
            order_slack: None,
            state_events: false,
            innocent: String::new(),
            window: None,
            movement: None,
            expects: Vec::new(),
            tests: Vec::new(),
        }
    }
}

/// Where the values of a movement come from. Each list's first entry with a value counts.
#[derive(Clone, Debug)]
pub struct MovementTable {
    /// The stage whose time dates the movement, from 1 on.
    pub when: usize,
    /// Address of the source.
    pub source_ip: Vec<Read>,
    /// Host name of the source.
    pub source_host: Vec<Read>,
    /// Host name of the target.
    pub target_host: Vec<Read>,
    /// Address of the target.
    pub target_ip: Vec<Read>,
    /// Account that moved.
    pub account: Vec<Read>,
    /// Account that the payload ran as.
    pub ran_as: Vec<Read>,
    /// What ran.
    pub ran: Vec<Read>,
}

impl MovementTable {
    /// Every entry.
    pub fn reads(&self) -> impl Iterator<Item = &Read> {
        [
            &self.source_ip,
            &self.source_host,
            &self.target_host,
            &self.target_ip,
            &self.account,
            &self.ran_as,
            &self.ran,
        ]
        .into_iter()
        .flatten()
    }
}

/// Corroboration of a movement.
#[derive(Clone, Debug)]
pub struct Expect {
    /// What it is, in words.
    pub text: String,
    /// On which side it would be.
    pub side: Side,
    /// One EQL event query.
    pub filter: Filter,
    /// Fields of the movement that must agree with the event.
    pub by: Vec<By>,
    /// How far from the movement.
    pub within: Span,
    /// The channel whose coverage decides between missing and not collected.
    pub channel: String,
    /// Whether its absence under full coverage contradicts the movement.
    pub required: bool,
}

/// A field of a movement that corroboration must agree with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Address of the source: `source.ip`.
    SourceIp,
    /// Host name of the source: `source.domain`.
    SourceHost,
    /// Address of the target: `destination.ip`.
    TargetIp,
    /// Host name of the target: `destination.domain`.
    TargetHost,
    /// The account: `user.name`.
    Account,
}

/// Events, and how many matches they must give.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Events as JSON, one a line: the text itself, or the name of a file beside the rule.
    pub events: String,
    /// How many matches.
    pub matches: usize,
}

/// The table as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    basis: Basis,
    side: Side,
    #[serde(default)]
    exact: bool,
    step: Option<Step>,
    #[serde(default)]
    pub(super) technique: Vec<String>,
    order_slack: Option<Span>,
    #[serde(default)]
    state_events: bool,
    #[serde(default)]
    innocent: String,
    window: Option<Span>,
    movement: Option<WrittenMovement>,
    #[serde(default)]
    expects: Vec<WrittenExpect>,
    #[serde(default)]
    test: Vec<Test>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMovement {
    when: String,
    #[serde(default)]
    source_ip: Vec<read::Written>,
    #[serde(default)]
    source_host: Vec<read::Written>,
    #[serde(default)]
    target_host: Vec<read::Written>,
    #[serde(default)]
    target_ip: Vec<read::Written>,
    #[serde(default)]
    account: Vec<read::Written>,
    #[serde(default)]
    ran_as: Vec<read::Written>,
    #[serde(default)]
    ran: Vec<read::Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenExpect {
    text: String,
    side: Side,
    query: Spanned<String>,
    #[serde(default)]
    by: Vec<By>,
    within: Span,
    channel: String,
    #[serde(default)]
    required: bool,
}

impl Written {
    /// Checks what the types do not: the table of a file with that name and text. `None` when there are
    /// problems.
    pub(super) fn compile(
        self,
        source: &str,
        file: &str,
        problems: &mut Vec<String>,
    ) -> Option<Sidetrack> {
        let before = problems.len();
        let movement = self.movement.map(|movement| movement.compile(problems));
        let expects = self.expects.into_iter();
        let expects = expects.map(|expect| expect.compile(source, file, problems));
        let expects = expects.collect::<Vec<_>>().into_iter().flatten().collect();
        (problems.len() == before).then_some(Sidetrack {
            basis: self.basis,
            side: self.side,
            exact: self.exact,
            step: self.step,
            order_slack: self.order_slack,
            state_events: self.state_events,
            innocent: self.innocent,
            window: self.window,
            movement,
            expects,
            tests: self.test,
        })
    }
}

impl WrittenMovement {
    fn compile(self, problems: &mut Vec<String>) -> MovementTable {
        let when = self.when.parse().unwrap_or_else(|_| {
            problems.push(format!(
                "[sidetrack.movement]: `when` is the number of a stage, such as \"2\"; found `{}`",
                self.when
            ));
            0
        });
        let mut reads = |list: &[read::Written]| -> Vec<Read> {
            let reads = list.iter().map(Read::compile);
            let good = reads.filter_map(|read| {
                read.map_err(|error| problems.push(format!("[sidetrack.movement]: {error}")))
                    .ok()
            });
            good.collect()
        };
        MovementTable {
            when,
            source_ip: reads(&self.source_ip),
            source_host: reads(&self.source_host),
            target_host: reads(&self.target_host),
            target_ip: reads(&self.target_ip),
            account: reads(&self.account),
            ran_as: reads(&self.ran_as),
            ran: reads(&self.ran),
        }
    }
}

impl WrittenExpect {
    fn compile(self, source: &str, file: &str, problems: &mut Vec<String>) -> Option<Expect> {
        let query = self.query.get_ref();
        let compiled = Place::in_file(source, file, self.query.span(), query).compile();
        let compiled = compiled.map_err(|errors| problems.extend(errors)).ok()?;
        let QueryKind::Event(filter) = compiled.query.kind else {
            problems.push(format!(
                "[[sidetrack.expects]]: `{query}` is not an event query"
            ));
            return None;
        };
        Some(Expect {
            text: self.text,
            side: self.side,
            filter,
            by: self.by,
            within: self.within,
            channel: self.channel,
            required: self.required,
        })
    }
}
