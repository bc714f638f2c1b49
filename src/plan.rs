//! What was typed, understood: below this nobody sees an option.

use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use detectors::identity::Given;
use detectors::matching::{self, Matching};
use detectors::movement::Known;
use detectors::rule::{Relaxed, RuleSet, Span};
use parsers::{Profile, Registry};
use timeline::Ticks;

use crate::args::{
    AnalyzeArgs, ArchiveArgs, EcsProfile, ExplainArgs, LineArgs, MachineArgs, MftScope, QueryArgs,
    QueryFormat, ReadingArgs, RegistryScope, TimelineForm, VerifyArgs,
};
use crate::collect::{Limits, Password};
use crate::exit::UsageError;
use crate::inventory::{read_hosts, read_known};
use crate::manifest;
use crate::memory;
use crate::query::{LineFields, Source};
use crate::rules::{builtin_files, find_rules, read_files, rule_files};
use crate::signature::{Checker, Signer};

/// How evidence is read.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// Which events count.
    pub(crate) period: Period,
    /// Whose view of events.
    pub(crate) profile: Profile,
    /// Which keys of hives become events.
    pub(crate) registry: Registry,
    /// What archives may ask for.
    pub(crate) limits: Limits,
    /// What opens them.
    pub(crate) password: Password,
    /// Threads.
    pub(crate) threads: usize,
    /// Bytes of memory.
    pub(crate) memory: usize,
    /// Whether to say nothing but errors.
    pub(crate) quiet: bool,
}

/// What is asked of events.
#[derive(Debug)]
pub(crate) struct Question {
    /// The rules.
    pub(crate) rules: RuleSet,
    /// The same, compiled together.
    pub(crate) matching: Matching,
}

/// An analysis, decided.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Files and folders to read.
    pub(crate) evidence: Vec<PathBuf>,
    /// The case folder.
    pub(crate) output: PathBuf,
    /// Whether an old case there may be replaced.
    pub(crate) force: bool,
    /// How evidence is read.
    pub(crate) reading: Reading,
    /// What is asked of it.
    pub(crate) question: Question,
    /// The zone of `datetime_local`.
    pub(crate) timezone: Option<Tz>,
    /// Which events of files the timeline has: the store has all, and what is in findings is always there.
    pub(crate) files: MftScope,
    /// Whether timeline.csv is written.
    pub(crate) csv: bool,
    /// Whether timeline.jsonl is written.
    pub(crate) jsonl: bool,
    /// For report and manifest.
    pub(crate) case_id: String,
    /// For report and manifest.
    pub(crate) examiner: String,
    /// What signs the manifest.
    pub(crate) signer: Option<Signer>,
    /// The command line, for the manifest.
    pub(crate) command: Vec<String>,
    /// What the caller should know before the run.
    pub(crate) notes: Vec<String>,
    /// Which host had which address, as the responder says.
    pub(crate) given: Vec<Given>,
    /// Whose connections the responder expects.
    pub(crate) known: Vec<Known>,
}

/// A rule to explain.
#[derive(Debug)]
pub(crate) struct ExplainPlan {
    /// What is asked, and of what: the rule, then its variants.
    pub(crate) asked: QueryPlan,
    /// What each variant was relieved of.
    pub(crate) relaxed: Vec<Relaxed>,
}

/// A query, decided.
#[derive(Debug)]
pub(crate) struct QueryPlan {
    /// What is asked.
    pub(crate) source: PathBuf,
    /// What that is.
    pub(crate) kind: Source,
    /// How lines of events are understood.
    pub(crate) fields: LineFields,
    /// How it is read.
    pub(crate) reading: Reading,
    /// The one question.
    pub(crate) question: Question,
    /// How matches are printed.
    pub(crate) format: QueryFormat,
    /// What is odd about the question.
    pub(crate) notes: Vec<String>,
}

/// A case to be checked.
#[derive(Debug)]
pub(crate) struct VerifyPlan {
    /// The case folder.
    pub(crate) case: PathBuf,
    /// Where the evidence is, if that is checked.
    pub(crate) evidence: Option<PathBuf>,
    /// What checks the signature of the manifest.
    pub(crate) checker: Option<Checker>,
    /// How evidence is read.
    pub(crate) reading: Reading,
}

/// From a time on, up to but without another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) from: Option<Ticks>,
    pub(crate) to: Option<Ticks>,
}

impl Period {
    /// Whether the time is in it. An event without time is, for nobody can say that it is not.
    pub(crate) fn contains(self, time: Option<Ticks>) -> bool {
        time.is_none_or(|time| {
            self.from.is_none_or(|from| from <= time) && self.to.is_none_or(|to| time < to)
        })
    }

    /// Whether it contains everything.
    pub(crate) fn is_everything(self) -> bool {
        self == Self::default()
    }
}

impl Plan {
    pub(crate) fn new(args: AnalyzeArgs, command: Vec<String>) -> anyhow::Result<Self> {
        args.evidence.iter().try_for_each(|path| must_exist(path))?;
        let form = |form| args.timeline.contains(&form);
        if form(TimelineForm::None) && args.timeline.len() > 1 {
            return Err(UsageError::because(
                "--timeline: none cannot stand beside another form",
            ));
        }
        let options = matching::Options {
            order_slack: args
                .order_slack
                .as_deref()
                .map(|text| span("--order-slack", text))
                .transpose()?,
            ..matching::Options::default()
        };
        let reading = Reading::new(&args.reading)?;
        let rules = rules(&args)?;
        let matching = Matching::new(&rules.rules, options)
            .map_err(|error| UsageError::because(error.to_string()))?;
        let notes = notes(&rules);
        let (given, known) = (given(&args)?, known(&args)?);
        Ok(Self {
            reading,
            notes,
            given,
            known,
            timezone: args.timezone.as_deref().map(zone).transpose()?,
            files: args.mft,
            csv: form(TimelineForm::Csv),
            jsonl: form(TimelineForm::Jsonl),
            question: Question { rules, matching },
            evidence: args.evidence,
            output: args.output.unwrap_or_default(),
            force: args.force,
            case_id: args.case_id.unwrap_or_default(),
            examiner: args.examiner.unwrap_or_default(),
            signer: args.sign.as_deref().map(Signer::open).transpose()?,
            command,
        })
    }
}

impl ExplainPlan {
    pub(crate) fn new(args: ExplainArgs) -> anyhow::Result<Self> {
        let mut rules = rule_or_query(&args.rule)?;
        let variants = rules.rules[0].relaxed().into_iter();
        let (relaxed, variants): (Vec<_>, Vec<_>) = variants.unzip();
        rules.rules.extend(variants);
        let format = QueryFormat::Table;
        Ok(Self {
            asked: QueryPlan::of_rules(args.source, rules, format, args.lines, &args.reading)?,
            relaxed,
        })
    }
}

/// A rule by what it is called, or else the text as a query.
fn rule_or_query(text: &str) -> anyhow::Result<RuleSet> {
    match find_rules(text)? {
        Some(rules) if rules.len() == 1 => Ok(RuleSet::of_rules(rules)),
        Some(rules) => Err(UsageError::because(format!(
            "{text}: {} rules, and one is explained at a time",
            rules.len()
        ))),
        // A word alone is no query.
        None if !text.contains(char::is_whitespace) => Err(UsageError::because(format!(
            "{text}: neither a rule file, nor a rule of ours by its id, name or file, nor a query"
        ))),
        None => {
            RuleSet::of_query(text).map_err(|problems| UsageError::because(problems.join("\n\n")))
        }
    }
}

impl QueryPlan {
    pub(crate) fn new(args: QueryArgs) -> anyhow::Result<Self> {
        let rules = RuleSet::of_query(&args.query)
            .map_err(|problems| UsageError::because(problems.join("\n\n")))?;
        Self::of_rules(args.source, rules, args.format, args.lines, &args.reading)
    }

    fn of_rules(
        source: PathBuf,
        rules: RuleSet,
        format: QueryFormat,
        lines: LineArgs,
        reading: &ReadingArgs,
    ) -> anyhow::Result<Self> {
        must_exist(&source)?;
        let kind = Source::of(&source)?;
        if kind != Source::Evidence && reading.ecs_profile != EcsProfile::Ours {
            return Err(UsageError::because(
                "--ecs-profile is for evidence: the events of this source are mapped already",
            ));
        }
        if kind != Source::Evidence && reading.registry.is_some() {
            return Err(UsageError::because(
                "--registry is for evidence: what this source has of hives is decided already",
            ));
        }
        let fields = line_fields(lines, kind)?;
        let is_scoped = reading.registry.is_some();
        let mut reading = Reading::new(reading)?;
        if !is_scoped {
            // Who asks evidence asks all of it: there is no timeline to keep short.
            reading.registry = Registry::Full;
        }
        let matching = Matching::new(&rules.rules, matching::Options::default())
            .map_err(|error| UsageError::because(error.to_string()))?;
        let notes = rules.rules.iter().take(1).flat_map(|rule| &rule.warnings);
        Ok(Self {
            notes: notes.map(ToString::to_string).collect(),
            source,
            kind,
            fields,
            reading,
            question: Question { rules, matching },
            format,
        })
    }
}

impl Reading {
    pub(crate) fn new(args: &ReadingArgs) -> anyhow::Result<Self> {
        Ok(Self {
            period: period(args)?,
            profile: match args.ecs_profile {
                EcsProfile::Ours => Profile::Ours,
                EcsProfile::Upstream => Profile::Upstream,
            },
            registry: match args.registry {
                Some(RegistryScope::Full) => Registry::Full,
                Some(RegistryScope::Artefacts) | None => Registry::Artefacts,
            },
            ..Self::of_bytes(&args.archives, &args.machine)?
        })
    }

    /// How evidence is read of which nothing but the bytes counts.
    fn of_bytes(archives: &ArchiveArgs, machine: &MachineArgs) -> anyhow::Result<Self> {
        Ok(Self {
            period: Period::default(),
            profile: Profile::Ours,
            registry: Registry::Artefacts,
            limits: archives
                .archive_limits
                .as_deref()
                .map_or(Ok(Limits::default()), Limits::parse)?,
            password: Password::new(archives.password.clone()),
            threads: threads(machine.threads)?,
            memory: memory::budget(machine.memory.as_deref())?,
            quiet: machine.quiet,
        })
    }
}

impl VerifyPlan {
    pub(crate) fn new(args: &VerifyArgs) -> anyhow::Result<Self> {
        must_exist(&args.case)?;
        manifest::must_be_case(&args.case)?;
        args.evidence.as_deref().map(must_exist).transpose()?;
        let checker = args.public_key.as_deref().map(Checker::new).transpose()?;
        Ok(Self {
            case: args.case.clone(),
            evidence: args.evidence.clone(),
            checker,
            reading: Reading::of_bytes(&args.archives, &args.machine)?,
        })
    }
}

/// The fields that were named, for a source that has a use for them.
fn line_fields(args: LineArgs, kind: Source) -> anyhow::Result<LineFields> {
    let default = LineFields::default();
    let named = [
        ("--timestamp-field", &args.timestamp),
        ("--tiebreaker-field", &args.tiebreaker),
        ("--event-category-field", &args.category),
        ("--id-field", &args.id),
    ];
    let first = named.iter().find(|(_, field)| field.is_some());
    if let (Some((option, _)), false) = (first, kind == Source::Lines) {
        return Err(UsageError::because(format!(
            "{option} is for files with one ECS event in each line (.ndjson, .jsonl)"
        )));
    }
    Ok(LineFields {
        timestamp: args.timestamp.unwrap_or(default.timestamp),
        tiebreaker: args.tiebreaker,
        category: args.category.unwrap_or(default.category),
        id: args.id.unwrap_or(default.id),
    })
}

/// Whether something is there to be read. A link that leads nowhere is looked at like any other.
fn must_exist(path: &Path) -> anyhow::Result<()> {
    let Err(error) = path.symlink_metadata() else {
        return Ok(());
    };
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or folder".into(),
        _ => error.to_string(),
    };
    Err(UsageError::because(format!("{}: {why}", path.display())))
}

fn period(args: &ReadingArgs) -> anyhow::Result<Period> {
    let stated = |option, text: &Option<String>| {
        let text = text.as_deref();
        text.map(|text| time(option, text)).transpose()
    };
    let period = Period {
        from: stated("--from", &args.from)?,
        to: stated("--to", &args.to)?,
    };
    match (period.from, period.to) {
        (Some(from), Some(to)) if to <= from => Err(UsageError::because(format!(
            "--to {to} is not after --from {from}: no event can be in between"
        ))),
        _ => Ok(period),
    }
}

/// Rules that were left out, and what is odd about rules.
fn notes(rules: &RuleSet) -> Vec<String> {
    let mut notes = Vec::new();
    match rules.others.values().sum::<usize>() {
        0 => {}
        1 => notes.push("1 rule file is not of type eql, and is left out".into()),
        others => notes.push(format!(
            "{others} rule files are not of type eql, and are left out"
        )),
    }
    match rules.no_rules.as_slice() {
        [] => {}
        [one] => notes.push(format!("1 TOML file holds no rule, and is left out: {one}")),
        [first, ..] => notes.push(format!(
            "{} TOML files hold no rule, and are left out: {first}, …",
            rules.no_rules.len()
        )),
    }
    let warnings = rules.rules.iter().flat_map(|rule| {
        let of_rule = rule.warnings.iter();
        of_rule.map(move |warning| format!("{}: {warning}", rule.source))
    });
    notes.extend(warnings);
    notes
}

fn span(option: &str, text: &str) -> anyhow::Result<Span> {
    text.parse()
        .map_err(|error| UsageError::because(format!("{option}: {error}")))
}

fn time(option: &str, text: &str) -> anyhow::Result<Ticks> {
    Ticks::parse(text).ok_or_else(|| {
        UsageError::because(format!(
            "{option}: expected a time such as 2026-03-02T21:00:00Z; found `{text}`"
        ))
    })
}

/// A time zone by its name.
pub(crate) fn zone(text: &str) -> anyhow::Result<Tz> {
    text.parse().map_err(|_| {
        UsageError::because(format!(
            "--timezone: expected a name such as Europe/Berlin; found `{text}`"
        ))
    })
}

fn threads(stated: Option<usize>) -> anyhow::Result<usize> {
    match stated {
        Some(0) => Err(UsageError::because(
            "--threads: at least one thread is needed",
        )),
        Some(threads) => Ok(threads.min(256)),
        None => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
    }
}

/// What the responder says of addresses.
fn given(args: &AnalyzeArgs) -> anyhow::Result<Vec<Given>> {
    let given = args.hosts.as_deref().map(read_hosts).transpose()?;
    Ok(given.unwrap_or_default())
}

/// Whose connections the responder expects.
fn known(args: &AnalyzeArgs) -> anyhow::Result<Vec<Known>> {
    let known = args.known.as_deref().map(read_known).transpose()?;
    Ok(known.unwrap_or_default())
}

/// The rules of the run: ours, and those of the paths given.
fn rules(args: &AnalyzeArgs) -> anyhow::Result<RuleSet> {
    let mut files = if args.no_builtin_rules {
        Vec::new()
    } else {
        builtin_files()
    };
    for path in &args.rules {
        files.extend(rule_files("--rules: ", path, &["toml"])?);
    }
    let mut set = read_files(&files)?;
    // Below a folder may be other things; who names a file means a rule.
    let named = |name: &&String| {
        args.rules
            .iter()
            .any(|path| path.display().to_string() == **name)
    };
    if let Some(name) = set.no_rules.iter().find(named) {
        return Err(UsageError::because(format!(
            "--rules: {name}: there is no table [rule]"
        )));
    }
    for window in &args.window {
        set_window(&mut set, window)?;
    }
    Ok(set)
}

/// `RULE=D`, where RULE is an id or a name.
fn set_window(set: &mut RuleSet, text: &str) -> anyhow::Result<()> {
    let wrong = |why: &str| UsageError::because(format!("--window {text}: {why}"));
    let (name, length) = text
        .rsplit_once('=')
        .ok_or_else(|| wrong("expected RULE=D, such as RULE=5m"))?;
    let length = span("--window", length)?;
    let rule = set
        .rules
        .iter_mut()
        .find(|rule| rule.id == name || rule.name.eq_ignore_ascii_case(name))
        .ok_or_else(|| wrong("no rule has that id or name"))?;
    if !rule.is_sequence() {
        return Err(wrong("the rule is for single events"));
    }
    rule.window = Some(length);
    Ok(())
}
