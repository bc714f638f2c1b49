//! What was typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Who moved from where to where, when, as whom, how, what ran, and how sure are we?
///
/// Reads the Windows evidence of many hosts, offline, and writes one timeline, the lateral movement
/// in it, and a report.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100, subcommand_required = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read evidence and write a case: timeline, findings, movements, report
    Analyze(AnalyzeArgs),
    /// Ask one question of evidence, in EQL, and print what matches
    Query(QueryArgs),
    /// Tell why a rule or a query matched or stayed silent: how many events met each of its
    /// conditions, and what came nearest
    Explain(ExplainArgs),
    /// Check that the files of a case, and the evidence that it was made from, are as they were
    Verify(VerifyArgs),
    /// Render the report of a case again, or with names and secrets hidden
    Report(ReportArgs),
    /// Write the events of a case in the form that another tool reads
    Export(ExportArgs),
    /// Look at rules: list, check, show, test them
    Rules(RulesArgs),
    /// List what can be read, and what becomes of it
    Sources(SourcesArgs),
}

/// Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some evidence could not be read in full
/// (see issues.csv); 4 nothing recognised as evidence.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 done · 1 failed · 2 wrong usage · 3 done, but some evidence \
    could not be read in full (see issues.csv) · 4 nothing recognised as evidence"
)]
pub(crate) struct AnalyzeArgs {
    /// Folders, files and archives (ZIP, tar, tar.gz) with evidence, of any number of hosts
    #[arg(required = true, value_name = "EVIDENCE")]
    pub(crate) evidence: Vec<PathBuf>,

    /// Folder to write the case to; it must be new or empty, see --force
    #[arg(short, long, value_name = "CASE", required_unless_present = "list")]
    pub(crate) output: Option<PathBuf>,

    /// Only list what there is to read, by host: artefacts, sizes, time spans, and the disk that the case
    /// will need. No case is written
    #[arg(long)]
    pub(crate) list: bool,

    /// Hosts and their addresses: CSV with the heading host,address,from,to
    #[arg(long, value_name = "FILE", help_heading = "Events")]
    pub(crate) hosts: Option<PathBuf>,

    /// Scanners, management and jump hosts: CSV with the heading kind,value,comment, where kind is scanner,
    /// management or jump, and value a host, an address or a network
    #[arg(long, value_name = "FILE", help_heading = "Events")]
    pub(crate) known: Option<PathBuf>,

    /// Further rules: a TOML file in the format of Elastic's detection rules, or a folder of them
    #[arg(long, value_name = "PATH", help_heading = "Rules")]
    pub(crate) rules: Vec<PathBuf>,

    /// Leave out the rules that come with the program
    #[arg(long, help_heading = "Rules")]
    pub(crate) no_builtin_rules: bool,

    /// Another time span for a rule, by its id or name: --window "RULE=5m"
    #[arg(long, value_name = "RULE=D", help_heading = "Rules")]
    pub(crate) window: Vec<String>,

    /// For all rules: match events whose times are out of order by up to D, too; such matches are at
    /// most PROBABLE. 0 takes every time at its word [default: by rule and kind of event]
    #[arg(long, value_name = "D", help_heading = "Rules")]
    pub(crate) order_slack: Option<String>,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    /// Add a column datetime_local in this time zone
    #[arg(long, value_name = "Area/City", help_heading = "Events")]
    pub(crate) timezone: Option<String>,

    /// Text forms of the timeline; the Parquet files are always written
    #[arg(
        long,
        value_name = "FORM",
        value_delimiter = ',',
        default_value = "csv",
        help_heading = "Events"
    )]
    pub(crate) timeline: Vec<TimelineForm>,

    /// Which events of $MFT and the change journal the timeline has: all, those of files that can matter
    /// (programs, scripts, archives, tasks, logs, what came from elsewhere), or none. The Parquet files have
    /// all, and an event of a finding is always there
    #[arg(
        long,
        value_name = "SCOPE",
        default_value = "notable",
        help_heading = "Events"
    )]
    pub(crate) mft: MftScope,

    /// Case number for the report and the manifest
    #[arg(long, value_name = "ID", help_heading = "Case")]
    pub(crate) case_id: Option<String>,

    /// Examiner's name for the report and the manifest
    #[arg(long, value_name = "NAME", help_heading = "Case")]
    pub(crate) examiner: Option<String>,

    /// Sign the manifest, with a secret key of minisign: manifest.json.minisig. The key's password is taken
    /// from SIDETRACK_SIGN_PASSWORD, or asked for; to open such a key takes 1 GiB of memory before the run
    #[arg(
        long,
        value_name = "SECRET_KEY_FILE",
        help_heading = "Case",
        conflicts_with = "list"
    )]
    pub(crate) sign: Option<PathBuf>,

    /// Replace the case that is in the output folder
    #[arg(long, help_heading = "Case")]
    pub(crate) force: bool,
}

/// Which events of files the timeline has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MftScope {
    /// All
    Full,
    /// Those of files that can matter
    Notable,
    /// None
    Off,
}

/// A text form of the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TimelineForm {
    /// timeline.csv
    Csv,
    /// timeline.jsonl
    Jsonl,
    /// No text form
    None,
}

/// How evidence is read: the same for every command that reads it.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReadingArgs {
    /// Leave out events before this time (ISO 8601, UTC unless it says otherwise)
    #[arg(long, value_name = "T", help_heading = "Events")]
    pub(crate) from: Option<String>,

    /// Leave out events at or after this time
    #[arg(long, value_name = "T", help_heading = "Events")]
    pub(crate) to: Option<String>,

    /// Whose view of events: ours, or upstream's pipelines without our additions and corrections
    #[arg(
        long,
        value_name = "PROFILE",
        default_value = "ours",
        help_heading = "Events"
    )]
    pub(crate) ecs_profile: EcsProfile,

    /// Which registry keys become events: those known to tell something, or all [default: artefacts; full
    /// for query and explain]
    #[arg(long, value_name = "SCOPE", help_heading = "Events")]
    pub(crate) registry: Option<RegistryScope>,

    #[command(flatten)]
    pub(crate) archives: ArchiveArgs,

    #[command(flatten)]
    pub(crate) machine: MachineArgs,
}

/// How archives are opened.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ArchiveArgs {
    /// Password of archives; `infected`, `malware`, `password` and `virus` are tried without being told
    #[arg(long, value_name = "P", help_heading = "Archives")]
    pub(crate) password: Option<String>,

    /// How much archives may hold: entries=N members, ratio=N decoded bytes for each byte, depth=N archives
    /// in each other, size=N decoded bytes [default: entries=2M,ratio=250,depth=5,size=1T]
    #[arg(
        long,
        value_name = "entries=N,ratio=N,depth=N,size=N",
        help_heading = "Archives"
    )]
    pub(crate) archive_limits: Option<String>,
}

/// What the machine may be used for, and the terminal.
#[derive(Clone, Debug, Args)]
pub(crate) struct MachineArgs {
    /// Threads to use [default: as many as the machine has]
    #[arg(long, value_name = "N", help_heading = "Machine")]
    pub(crate) threads: Option<usize>,

    /// Memory to use, such as 512M or 4G, at least 128M [default: a quarter of the machine's]
    #[arg(long, value_name = "SIZE", help_heading = "Machine")]
    pub(crate) memory: Option<String>,

    /// Print nothing but errors
    #[arg(short, long, help_heading = "Machine")]
    pub(crate) quiet: bool,

    /// No colour in help and errors, whatever the terminal can; NO_COLOR does the same
    #[arg(long, help_heading = "Machine")]
    pub(crate) no_color: bool,
}

/// Exit codes: those of analyze.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 done, also when nothing matched · 1 failed · 2 wrong usage · 3 done, \
    but some evidence could not be read in full · 4 nothing recognised as evidence"
)]
pub(crate) struct QueryArgs {
    /// A case, evidence, or a file with one ECS event in each line (.ndjson, .jsonl, also .gz)
    #[arg(value_name = "SOURCE")]
    pub(crate) source: PathBuf,

    /// The question, such as 'process where process.name == "cmd.exe"'
    #[arg(value_name = "EQL")]
    pub(crate) query: String,

    /// How matches are printed
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: QueryFormat,

    #[command(flatten)]
    pub(crate) lines: LineArgs,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// Exit codes: those of query.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 done · 1 failed · 2 wrong usage · 3 done, but some evidence could \
    not be read in full · 4 nothing recognised as evidence"
)]
pub(crate) struct ExplainArgs {
    /// A case, evidence, or a file with one ECS event in each line (.ndjson, .jsonl, also .gz)
    #[arg(value_name = "SOURCE")]
    pub(crate) source: PathBuf,

    /// A rule of ours by its id, name or file; a rule file; or a query in EQL
    #[arg(value_name = "RULE|EQL")]
    pub(crate) rule: String,

    #[command(flatten)]
    pub(crate) lines: LineArgs,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// Exit codes: 0 all is as it was; 1 something differs or is missing, or the command failed; 2 wrong usage.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all is as it was · 1 something differs or is missing, or the command failed · \
    2 wrong usage"
)]
pub(crate) struct VerifyArgs {
    /// The case folder: every file that its manifest lists is checked by size and SHA-256
    #[arg(value_name = "CASE")]
    pub(crate) case: PathBuf,

    /// Check the evidence, too: the folder that the paths in the manifest are relative to. That is the folder
    /// that was analysed, or the one around the file, or the deepest that all of several have in common.
    /// Members are checked in their archives; other files there are not looked at
    #[arg(long, value_name = "DIR")]
    pub(crate) evidence: Option<PathBuf>,

    /// Check the signature of the manifest (manifest.json.minisig), with a public key of minisign: the key, or
    /// a file with it
    #[arg(long, value_name = "KEY")]
    pub(crate) public_key: Option<String>,

    #[command(flatten)]
    pub(crate) archives: ArchiveArgs,

    #[command(flatten)]
    pub(crate) machine: MachineArgs,
}

/// How lines of ECS events are to be understood.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Lines of ECS events")]
pub(crate) struct LineArgs {
    /// The field with the time: ISO 8601, or milliseconds since 1970 [default: @timestamp]
    #[arg(long = "timestamp-field", value_name = "FIELD")]
    pub(crate) timestamp: Option<String>,

    /// The field that orders events of one time [default: the order of the lines]
    #[arg(long = "tiebreaker-field", value_name = "FIELD")]
    pub(crate) tiebreaker: Option<String>,

    /// The field with the category [default: event.category]
    #[arg(long = "event-category-field", value_name = "FIELD")]
    pub(crate) category: Option<String>,

    /// The field that is an event's _id in the answer [default: _id]
    #[arg(long = "id-field", value_name = "FIELD")]
    pub(crate) id: Option<String>,
}

/// How matches are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum QueryFormat {
    /// As Elasticsearch answers an EQL search
    Json,
    /// One match per line
    Jsonl,
    /// The columns of timeline.csv
    Csv,
    /// For people
    Table,
}

/// Whose view of events is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EcsProfile {
    /// Upstream's pipelines with our additions and corrections
    Ours,
    /// Upstream's pipelines alone
    Upstream,
}

/// Which registry keys become events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RegistryScope {
    /// Those that are known to tell something
    Artefacts,
    /// Every key and value
    Full,
}

/// The report of a case.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 done · 1 failed, or the report would not be the one that the manifest \
    lists · 2 wrong usage"
)]
pub(crate) struct ReportArgs {
    /// The case
    #[arg(value_name = "CASE")]
    pub(crate) case: PathBuf,

    /// Write report-redacted.html and report-redacted.md instead: pseudonyms for accounts, hosts and domains,
    /// stars for passwords that were typed
    #[arg(long)]
    pub(crate) redact: bool,

    /// Print nothing but errors
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// No colour in help and errors, whatever the terminal can; NO_COLOR does the same
    #[arg(long)]
    pub(crate) no_color: bool,
}

/// Exit codes: 0 done, also when no event is left; 1 failed; 2 wrong usage.
#[derive(Debug, Args)]
#[command(
    after_help = "Beside FILE lies FILE.manifest.json: what was left out and why, and the SHA-256 of every file \
    written. docs/exports.md tells each profile's columns.\n\n\
    Exit codes: 0 done, also when no event is left · 1 failed · 2 wrong usage"
)]
pub(crate) struct ExportArgs {
    /// The case: a folder that analyze wrote
    #[arg(value_name = "CASE")]
    pub(crate) case: PathBuf,

    /// The form
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: ExportProfile,

    /// The main file; where a profile has two forms, its ending decides (.csv, .jsonl)
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,

    /// Leave out events before this time (ISO 8601, UTC unless it says otherwise)
    #[arg(long, value_name = "T", help_heading = "Events")]
    pub(crate) from: Option<String>,

    /// Leave out events at or after this time
    #[arg(long, value_name = "T", help_heading = "Events")]
    pub(crate) to: Option<String>,

    /// Only events of this host, by any of its names; may be given several times
    #[arg(long, value_name = "NAME", help_heading = "Events")]
    pub(crate) host: Vec<String>,

    /// Only events that name this account: its name, DOMAIN\name, or its SID; may be given several times
    #[arg(long, value_name = "NAME", help_heading = "Events")]
    pub(crate) user: Vec<String>,

    /// Only events that this query in EQL answers with; of sequences and samples all of their events
    #[arg(long, value_name = "QUERY", help_heading = "Events")]
    pub(crate) eql: Option<String>,

    /// Tags of yours: CSV with the heading event_uid,tag or event_uid,tag,comment, or JSON lines with these names
    #[arg(long, value_name = "FILE", help_heading = "Form")]
    pub(crate) tags: Option<PathBuf>,

    /// Add a column datetime_local in this time zone
    #[arg(long, value_name = "Area/City", help_heading = "Form")]
    pub(crate) timezone: Option<String>,

    /// Add a column raw: the event with all its fields, as JSON
    #[arg(long, help_heading = "Form")]
    pub(crate) raw: bool,

    /// Replace files of that name
    #[arg(long, help_heading = "Form")]
    pub(crate) force: bool,

    /// Rows of one file of a form that is split, for tests
    #[arg(long, hide = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) part_rows: Option<u64>,

    #[command(flatten)]
    pub(crate) machine: MachineArgs,
}

/// In which form a case is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportProfile {
    /// The columns of timeline.csv (.csv or .jsonl)
    Default,
    /// Eleven of them (.csv or .jsonl)
    Minimal,
    /// For spreadsheets, with findings, movements, sessions, hosts and accounts as a workbook beside it
    Excel,
    /// For Timeline Explorer, with a session file that has the findings tagged
    Tle,
    /// For Timesketch (.jsonl or .csv)
    Timesketch,
    /// For Elasticsearch's bulk interface, with an index template beside it
    Ecs,
    /// The CSV of log2timeline
    L2tcsv,
    /// Files of $MFT for mactime
    Bodyfile,
    /// Time, source, host, user, description
    Tln,
    /// Logons for masstin
    Masstin,
    /// Movements, by technique, for the ATT&CK Navigator (.json)
    Navigator,
    /// Movements as a STIX 2.1 bundle (.json)
    Stix,
}

impl ExportProfile {
    /// Whether the form is made of movements; all others are made of events.
    pub(crate) fn is_of_movements(self) -> bool {
        matches!(self, Self::Navigator | Self::Stix)
    }
}

/// What can be read.
#[derive(Debug, Args)]
pub(crate) struct SourcesArgs {
    /// Every event that is mapped: provider, id, what it becomes
    #[arg(long)]
    pub(crate) events: bool,
}

/// Rules, looked at.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct RulesArgs {
    #[command(subcommand)]
    pub(crate) command: RulesCommand,

    /// No colour in help and errors, whatever the terminal can; NO_COLOR does the same
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
}

/// What to do with rules. Without a path: with those that come with the program.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// One line for each rule
    List {
        /// Rule files, or folders of them: TOML in the format of Elastic's detection rules, or a
        /// query alone (.eql) [default: the rules that come with the program]
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// What is wrong with rule files and where, and which fields no evidence can fill
    #[command(
        after_help = "Exit codes: 0 no rule in EQL has an error · 1 one has, or the command failed · 2 wrong usage"
    )]
    Check {
        /// Rule files, or folders of them: TOML in the format of Elastic's detection rules, or a
        /// query alone (.eql) [default: the rules that come with the program]
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,

        /// Only errors, and how many rules there are
        #[arg(short, long)]
        quiet: bool,
    },
    /// What rules look for, and what a match becomes
    Show {
        /// Rule files, folders of them, or rules of ours by their id, name or file
        #[arg(value_name = "RULE")]
        rules: Vec<String>,
    },
    /// Run each rule's samples: events that must match, and events that must not
    #[command(
        after_help = "Exit codes: 0 all tests passed · 1 one failed · 2 wrong usage, or a rule has an error"
    )]
    Test {
        /// Rule files, or folders of them [default: the rules that come with the program]
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// A page in Markdown: by technique which rules there are and which events must be on, then each rule
    Docs {
        /// Rule files, or folders of them [default: the rules that come with the program]
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
}
