//! What was typed, understood.

use std::path::{Path, PathBuf};

use chrono_tz::Tz;

use crate::args::{
    ArchiveArgs, EcsProfile, ExportArgs, ExportProfile, LineArgs, QueryArgs, QueryFormat,
    ReadingArgs,
};
use crate::exit::UsageError;
use crate::plan::{QueryPlan, Reading, zone};
use crate::query::Source;

use super::tags::Tags;

/// An export, decided.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The case.
    pub(super) case: PathBuf,
    /// What is written.
    pub(super) profile: ExportProfile,
    /// The main file.
    pub(super) output: PathBuf,
    /// Which of its forms.
    pub(super) form: Form,
    /// Which events, and with what memory.
    pub(super) reading: Reading,
    /// Names of hosts.
    pub(super) hosts: Vec<String>,
    /// Names of accounts.
    pub(super) users: Vec<String>,
    /// The query, as typed.
    pub(super) eql: Option<String>,
    /// The query.
    pub(super) asked: Option<QueryPlan>,
    /// The user's tags.
    pub(super) tags: Option<Tags>,
    /// The zone of a second time.
    pub(super) timezone: Option<Tz>,
    /// Whether each row has its event as JSON.
    pub(super) raw: bool,
    /// Whether files of that name are replaced.
    pub(super) force: bool,
    /// Rows of one file of a form that is split, for tests.
    pub(super) part_rows: Option<u64>,
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Comma-separated values.
    Csv,
    /// One JSON object in each line.
    Jsonl,
    /// As the tool wants it.
    Other,
}

impl Plan {
    pub(crate) fn new(args: ExportArgs) -> anyhow::Result<Self> {
        if Source::of(&args.case)? != Source::Case {
            return Err(UsageError::because(format!(
                "{} is no case: export reads what analyze wrote",
                args.case.display()
            )));
        }
        let form = form(args.profile, &args.output)?;
        refuse_columns(&args)?;
        refuse_events(&args)?;
        let reading = reading(&args);
        let asked = args.eql.as_ref().map(|query| {
            QueryPlan::new(QueryArgs {
                source: args.case.clone(),
                query: query.clone(),
                format: QueryFormat::Jsonl,
                lines: LineArgs::default(),
                reading: reading.clone(),
            })
        });
        Ok(Self {
            asked: asked.transpose()?,
            reading: Reading::new(&reading)?,
            tags: args.tags.as_deref().map(Tags::read).transpose()?,
            case: args.case,
            profile: args.profile,
            output: args.output,
            form,
            hosts: args.host,
            users: args.user,
            eql: args.eql,
            timezone: args.timezone.as_deref().map(zone).transpose()?,
            raw: args.raw,
            force: args.force,
            part_rows: args.part_rows,
        })
    }

    /// What the caller should know before the run.
    pub(super) fn notes(&self) -> impl Iterator<Item = &str> {
        self.asked
            .iter()
            .flat_map(|asked| &asked.notes)
            .map(String::as_str)
    }

    /// What the form is made of.
    pub(super) fn unit(&self) -> &'static str {
        if self.profile.is_of_movements() {
            "movement"
        } else {
            "event"
        }
    }

    /// The name of the profile.
    pub(super) fn profile_name(&self) -> String {
        clap::ValueEnum::to_possible_value(&self.profile)
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }
}

/// The options that a query of a case has, too.
fn reading(args: &ExportArgs) -> ReadingArgs {
    ReadingArgs {
        from: args.from.clone(),
        to: args.to.clone(),
        ecs_profile: EcsProfile::Ours,
        registry: None,
        archives: ArchiveArgs::default(),
        machine: args.machine.clone(),
    }
}

/// Which form the ending asks for; one that the profile does not have is a mistake.
fn form(profile: ExportProfile, output: &Path) -> anyhow::Result<Form> {
    use ExportProfile as P;
    let ending = output.extension().unwrap_or_default();
    let ending = ending.to_string_lossy().to_lowercase();
    let asked = match ending.as_str() {
        "csv" => Some(Form::Csv),
        "jsonl" | "ndjson" => Some(Form::Jsonl),
        _ => None,
    };
    let wrong = |why: &str| {
        let name = output.display();
        Err(UsageError::because(format!("--output {name}: {why}")))
    };
    match (profile, asked) {
        (P::Default | P::Minimal, form) => Ok(form.unwrap_or(Form::Csv)),
        (P::Timesketch, Some(form)) if ending != "ndjson" => Ok(form),
        (P::Timesketch, _) => wrong("Timesketch takes files whose names end in .jsonl or .csv"),
        (P::Ecs, Some(Form::Csv)) => wrong("the profile ecs has no CSV form"),
        (P::Ecs, _) => Ok(Form::Jsonl),
        (P::Navigator | P::Stix, Some(_)) => wrong("this profile is one JSON document (.json)"),
        (_, Some(Form::Jsonl)) => wrong("this profile has no form with JSON lines"),
        (P::Excel | P::Tle, _) => Ok(Form::Csv),
        (P::L2tcsv | P::Bodyfile | P::Tln | P::Masstin | P::Navigator | P::Stix, _) => {
            Ok(Form::Other)
        }
    }
}

/// Some forms have a fixed number of columns.
fn refuse_columns(args: &ExportArgs) -> anyhow::Result<()> {
    use ExportProfile as P;
    let fixed = matches!(args.profile, P::Bodyfile | P::Tln | P::Masstin);
    if args.raw && fixed {
        return Err(UsageError::because(
            "--raw: the columns of this profile are fixed, and none takes a whole event",
        ));
    }
    if args.timezone.is_some() && (fixed || args.profile == P::Ecs) {
        return Err(UsageError::because(
            "--timezone: this profile has no place for a second time",
        ));
    }
    Ok(())
}

/// What is asked of events, or put beside them, says nothing of movements.
fn refuse_events(args: &ExportArgs) -> anyhow::Result<()> {
    if !args.profile.is_of_movements() {
        return Ok(());
    }
    let given = [
        ("--eql", args.eql.is_some()),
        ("--tags", args.tags.is_some()),
        ("--timezone", args.timezone.is_some()),
        ("--raw", args.raw),
    ];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => Err(UsageError::because(format!(
            "{option}: this profile is made of movements, and the option is for events"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_decides_where_there_are_two_forms() {
        use ExportProfile as P;
        for (profile, output, expected) in [
            (P::Default, "x.csv", Some(Form::Csv)),
            (P::Default, "x.JSONL", Some(Form::Jsonl)),
            (P::Minimal, "x", Some(Form::Csv)),
            (P::Timesketch, "x.jsonl", Some(Form::Jsonl)),
            (P::Timesketch, "x.csv", Some(Form::Csv)),
            (P::Timesketch, "x.json", None),
            (P::Timesketch, "x.ndjson", None),
            (P::Ecs, "x.ndjson", Some(Form::Jsonl)),
            (P::Ecs, "x.csv", None),
            (P::Excel, "x.jsonl", None),
            (P::L2tcsv, "x.csv", Some(Form::Other)),
            (P::Bodyfile, "x.body", Some(Form::Other)),
            (P::Navigator, "x.json", Some(Form::Other)),
            (P::Navigator, "x.csv", None),
            (P::Stix, "x", Some(Form::Other)),
            (P::Stix, "x.ndjson", None),
        ] {
            let form = form(profile, Path::new(output));
            assert_eq!(form.ok(), expected, "{profile:?} {output}");
        }
    }
}
