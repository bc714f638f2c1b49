//! The ground truth of the samples as data, made from the same story as the evidence.

use serde::Serialize;

use crate::evidence::{LogFile, Noted};
use crate::intrusion::{CAST, MOVEMENTS, Movement, Named, Trace};
use crate::ntfs::{Disk, FileReference, reason, utf16};
use crate::stage::UNMARKED;
use crate::time::FileTime;
use crate::windows::{Host, Log};

/// All that an analysis of the samples has to find, and nothing else is to be found.
#[derive(Clone, Debug, Serialize)]
pub struct Expected {
    /// The logs.
    pub evidence: Vec<Evidence>,
    /// The movements, in order of time.
    pub movements: Vec<ExpectedMovement>,
}

/// One log.
#[derive(Clone, Debug, Serialize)]
pub struct Evidence {
    /// Below the evidence folder.
    pub path: String,
    /// `Computer` of its records.
    pub host: String,
    /// Their `Channel`.
    pub channel: String,
    /// How many there are.
    pub records: usize,
    /// The first `EventRecordID`.
    pub first_record_id: u64,
    /// The last.
    pub last_record_id: u64,
    /// `TimeCreated` of the first.
    pub first_created: String,
    /// Of the last.
    pub last_created: String,
}

/// One movement from a host to another.
#[derive(Clone, Debug, Serialize)]
pub struct ExpectedMovement {
    /// In words.
    pub name: String,
    /// The rules that match.
    pub rules: Vec<String>,
    /// From where.
    pub source: Side,
    /// To where.
    pub target: Side,
    /// As whom, on the network.
    pub account: String,
    /// The same as a SID.
    pub account_sid: String,
    /// What ran or waits to run.
    pub ran: Vec<String>,
    /// As whom it ran; empty while it has not.
    pub ran_as: String,
    /// When the first of the records below happened.
    pub start: String,
    /// When the last did.
    pub end: String,
    /// What of this an analysis reports with the rules there are.
    pub reported: Reported,
    /// What each rule matches.
    pub findings: Vec<Finding>,
    /// Every record that proves the movement, on both hosts.
    pub records: Vec<Cited>,
}

/// One end of a movement.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// The host's full name.
    pub host: String,
    /// Its address.
    pub ip: String,
}

/// What `movements.csv` has to say; empty where the matched events name nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Reported {
    /// The grade.
    pub grade: String,
    /// Host name of the source.
    pub src_host: String,
    /// Its address.
    pub src_ip: String,
    /// Host name of the target.
    pub dst_host: String,
    /// Its address.
    pub dst_ip: String,
    /// The account.
    pub account: String,
    /// As whom the payload ran.
    pub ran_as: String,
    /// What ran or was placed.
    pub what_ran: String,
}

/// One match of one rule.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// The host whose records matched.
    pub host: String,
    /// When the first matched event happened.
    pub start: String,
    /// When the last did.
    pub end: String,
    /// The matched events, stage by stage.
    pub records: Vec<Cited>,
}

/// One record.
#[derive(Clone, Debug, Serialize)]
pub struct Cited {
    /// `Computer`.
    pub host: String,
    /// `Channel`.
    pub channel: String,
    /// `EventRecordID`.
    pub record_id: u64,
    /// `EventID`.
    pub event_id: u16,
    /// When it happened: Sysmon's `UtcTime`, else `TimeCreated`.
    pub time: String,
    /// `TimeCreated`.
    pub created: String,
    /// The story's mark.
    pub what: String,
}

/// The ground truth for these logs and the target's volume.
#[must_use]
pub fn expected(logs: &[LogFile], target: &Disk) -> Expected {
    Expected {
        evidence: logs.iter().map(evidence).collect(),
        movements: MOVEMENTS
            .iter()
            .map(|movement| expected_movement(logs, target, movement))
            .collect(),
    }
}

fn evidence(file: &LogFile) -> Evidence {
    let (first, last) = ends(&file.records);
    Evidence {
        path: file.path(),
        host: file.host.computer.to_owned(),
        channel: file.log.channel().to_owned(),
        records: file.records.len(),
        first_record_id: first.record_id,
        last_record_id: last.record_id,
        first_created: first.created.to_string(),
        last_created: last.created.to_string(),
    }
}

fn ends(records: &[Noted]) -> (&Noted, &Noted) {
    let ends = records.first().zip(records.last());
    ends.expect("every log of the story has records")
}

fn expected_movement(logs: &[LogFile], target: &Disk, movement: &Movement) -> ExpectedMovement {
    let marked = movement.findings.iter().flat_map(|(_, tags)| *tags);
    let mut records = cite(logs, marked.chain(movement.also).copied());
    records.sort_by_key(|(file, noted)| (noted.time, file.host.name, file.log, noted.record_id));
    records.dedup_by_key(|(file, noted)| (file.host.name, file.log, noted.record_id));
    let (start, end) = span(&records);
    ExpectedMovement {
        name: movement.name.to_owned(),
        rules: texts(
            (movement.findings.iter().map(|(rule, _)| *rule))
                .chain(movement.residue.iter().map(|(rule, _)| *rule)),
        ),
        source: side(&CAST.source.host),
        target: side(&CAST.target.host),
        account: CAST.account.full_name(),
        account_sid: CAST.account.sid().to_string(),
        ran: texts(movement.ran.iter().copied()),
        ran_as: movement.ran_as.to_owned(),
        start: start.to_string(),
        end: end.to_string(),
        reported: reported(movement),
        findings: movement
            .findings
            .iter()
            .map(|(rule, tags)| finding(logs, rule, tags))
            .chain(
                movement
                    .residue
                    .iter()
                    .map(|(rule, traces)| of_residue(logs, target, rule, traces)),
            )
            .collect(),
        records: records.into_iter().map(cited).collect(),
    }
}

fn reported(movement: &Movement) -> Reported {
    let said = movement.reported;
    let when = |named: bool, text: &str| {
        if named {
            text.to_owned()
        } else {
            String::new()
        }
    };
    Reported {
        grade: said.grade.to_owned(),
        src_host: when(said.source == Named::Both, CAST.source.host.computer),
        src_ip: when(said.source != Named::Not, CAST.source.host.ip),
        dst_host: CAST.target.host.computer.to_owned(),
        dst_ip: when(said.target_ip, CAST.target.host.ip),
        account: when(said.account, &CAST.account.full_name()),
        ran_as: said.ran_as.to_owned(),
        what_ran: said.ran.join("; "),
    }
}

/// A match of what Windows keeps by default.
fn of_residue(logs: &[LogFile], target: &Disk, rule: &str, traces: &[Trace]) -> Finding {
    let records: Vec<Cited> = traces
        .iter()
        .flat_map(|trace| match trace {
            Trace::Logged(tag) => of_log(logs, tag, Log::Security),
            Trace::Seen(tag) => of_log(logs, tag, Log::Sysmon),
            Trace::Entry(path) => vec![entry(target, path)],
            Trace::Made(path) => vec![made(target, path)],
        })
        .collect();
    Finding {
        rule: rule.to_owned(),
        host: CAST.target.host.computer.to_owned(),
        start: records[0].time.clone(),
        end: records[records.len() - 1].time.clone(),
        records,
    }
}

/// The first record with a mark in a log: a logon is followed by its privileges.
fn of_log(logs: &[LogFile], tag: &'static str, log: Log) -> Vec<Cited> {
    let mut records = cite(logs, std::iter::once(tag));
    records.retain(|(file, _)| file.log == log && file.host.name == CAST.target.host.name);
    records.truncate(1);
    records.into_iter().map(cited).collect()
}

/// A file's entry. Its number is the entry's, times 65,536, plus its sequence.
fn entry(disk: &Disk, path: &str) -> Cited {
    let mut files = disk.files.iter();
    let file = files.find(|file| file.paths.iter().any(|own| own == path));
    let file = file.expect("the story's files are on the volume");
    let FileReference { entry, sequence } = file.reference;
    // An entry counts its freeing, too.
    let sequence = u64::from(sequence) + u64::from(file.is_deleted);
    on_disk(r"C:\$MFT", entry << 16 | sequence, file.times.created, path)
}

/// The journal's record of the making of a file.
fn made(disk: &Disk, path: &str) -> Cited {
    let name = utf16(path.rsplit('\\').next().unwrap_or(path));
    let mut records = disk.records.iter();
    let record =
        records.find(|(_, record)| record.name == name && record.reasons == reason::FILE_CREATE);
    let (usn, record) = record.expect("the story's files are in the journal");
    on_disk(r"C:\$Extend\$UsnJrnl:$J", *usn, record.time, path)
}

fn on_disk(channel: &str, record_id: u64, time: FileTime, path: &str) -> Cited {
    Cited {
        host: CAST.target.host.computer.to_owned(),
        channel: channel.to_owned(),
        record_id,
        event_id: 0,
        time: time.to_string(),
        created: time.to_string(),
        what: path.to_owned(),
    }
}

/// The rules of the story all look at Sysmon.
fn finding(logs: &[LogFile], rule: &str, tags: &[&str]) -> Finding {
    let mut records = cite(logs, tags.iter().copied());
    records.retain(|(file, _)| file.log == Log::Sysmon);
    let (start, end) = span(&records);
    Finding {
        rule: rule.to_owned(),
        host: records[0].0.host.computer.to_owned(),
        start: start.to_string(),
        end: end.to_string(),
        records: records.into_iter().map(cited).collect(),
    }
}

/// The records with these marks, mark by mark.
fn cite<'a, 't>(
    logs: &'a [LogFile],
    tags: impl Iterator<Item = &'t str>,
) -> Vec<(&'a LogFile, &'a Noted)> {
    tags.flat_map(|tag| {
        debug_assert_ne!(tag, UNMARKED);
        let all = logs
            .iter()
            .flat_map(|file| file.records.iter().map(move |noted| (file, noted)));
        all.filter(move |(_, noted)| noted.tag == tag)
    })
    .collect()
}

fn span(records: &[(&LogFile, &Noted)]) -> (FileTime, FileTime) {
    let times = || records.iter().map(|(_, noted)| noted.time);
    let span = times().min().zip(times().max());
    span.expect("every mark of the story is on some record")
}

fn cited((file, noted): (&LogFile, &Noted)) -> Cited {
    Cited {
        host: file.host.computer.to_owned(),
        channel: file.log.channel().to_owned(),
        record_id: noted.record_id,
        event_id: noted.event_id,
        time: noted.time.to_string(),
        created: noted.created.to_string(),
        what: noted.tag.to_owned(),
    }
}

fn side(host: &Host<'_>) -> Side {
    Side {
        host: host.computer.to_owned(),
        ip: host.ip.to_owned(),
    }
}

fn texts<'a>(items: impl Iterator<Item = &'a str>) -> Vec<String> {
    items.map(str::to_owned).collect()
}
