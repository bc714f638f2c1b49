//! The ground truth of the samples as data, made from the same story as the evidence.

use serde::Serialize;

use crate::corp::{BACKUP, COLLEAGUES, DEPLOY, FS03, HOSTS, MOREAU, Role, SANDOVAL};
use crate::everyday::members;
use crate::evidence::{LogFile, Noted};
use crate::hives::{PROFILES, hive_files};
use crate::intrusion::{CAST, Cast, MOVEMENTS, Movement, Named, Trace};
use crate::ntfs::{Disk, FileReference, reason, utf16};
use crate::onward;
use crate::stage::UNMARKED;
use crate::time::FileTime;
use crate::windows::{Account, Host, Log};

/// All that an analysis of the samples has to find, and nothing else is to be found.
#[derive(Clone, Debug, Serialize)]
pub struct Expected {
    /// The logs.
    pub evidence: Vec<Evidence>,
    /// The hosts of which something was collected.
    pub hosts: Vec<KnownHost>,
    /// The accounts of the domain that the evidence knows by their SIDs, or by their names alone.
    pub accounts: Vec<KnownAccount>,
    /// What was collected of each host, and what it also must have.
    pub coverage: Vec<Covered>,
    /// The movements, in order of time.
    pub movements: Vec<ExpectedMovement>,
    /// Who also came from one host to another, and does no harm.
    pub visits: Vec<Visit>,
}

/// Somebody who works on another host.
#[derive(Clone, Debug, Serialize)]
pub struct Visit {
    /// When.
    pub start: String,
    /// From where.
    pub ip: String,
    /// To where.
    pub host: String,
    /// As whom.
    pub account: String,
    /// What an analysis makes of it.
    pub grade: String,
    /// Its technique.
    pub attack: String,
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

/// One host.
#[derive(Clone, Debug, Serialize)]
pub struct KnownHost {
    /// Its full name.
    pub host: String,
    /// What it is there for, in the words of `hosts.csv`.
    pub role: String,
    /// How often its System log saw it start.
    pub boots: usize,
}

/// One account.
#[derive(Clone, Debug, Serialize)]
pub struct KnownAccount {
    /// `DOMAIN\name`; empty where only profiles know it.
    pub account: String,
    /// Its SID; empty where only its name is known.
    pub sid: String,
    /// `user` or `machine`.
    pub kind: String,
}

/// One log, hive, file table or journal of a host.
#[derive(Clone, Debug, Serialize)]
pub struct Covered {
    /// The host's full name.
    pub host: String,
    /// Its name in `coverage.csv`.
    pub channel_or_artefact: String,
    /// Whether it was collected: `yes` or `no`.
    pub present: String,
    /// What is known of its records: of logs, and of what was not collected.
    #[serde(flatten)]
    pub records: Option<Records>,
}

/// What a log has.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Records {
    /// When the first of them happened.
    pub first_utc: String,
    /// When the last did.
    pub last_utc: String,
    /// How many there are.
    pub records: usize,
    /// When the log was cleared.
    pub cleared_at: String,
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
    /// Programs and start-up items that it put on the target.
    pub dropped: Vec<String>,
    /// What it made there that makes something run again.
    pub persistence: Vec<String>,
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
    /// The techniques, in the order of the rules.
    pub attack: String,
    /// How the source is known.
    pub src_basis: String,
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

/// The ground truth for these logs and volumes.
#[must_use]
pub fn expected(logs: &[LogFile], disks: &[(Host<'_>, Disk)]) -> Expected {
    let here = MOVEMENTS.iter().map(|movement| (&CAST, movement));
    let onward = onward::MOVEMENTS.iter();
    let movements = here.chain(onward.map(|(cast, movement)| (*cast, movement)));
    Expected {
        evidence: logs.iter().map(evidence).collect(),
        hosts: HOSTS.iter().map(|host| known_host(logs, host)).collect(),
        accounts: accounts(logs),
        coverage: coverage(logs, disks),
        movements: movements
            .map(|(cast, movement)| Told { logs, disks, cast }.movement(movement))
            .collect(),
        visits: vec![Visit {
            start: members::VISIT.to_string(),
            ip: members::VISITOR.to_owned(),
            host: FS03.computer.to_owned(),
            account: SANDOVAL.full_name(),
            grade: "PROBABLE".to_owned(),
            attack: "T1021.001".to_owned(),
        }],
    }
}

/// Windows has started.
const STARTED: u16 = 12;
/// The Security log was cleared.
const CLEARED: u16 = 1102;

fn known_host(logs: &[LogFile], (host, role, _): &(Host<'_>, Role, Account<'_>)) -> KnownHost {
    let of_system = |file: &&LogFile| file.log == Log::System && file.host.name == host.name;
    let records = logs.iter().filter(of_system).flat_map(|file| &file.records);
    KnownHost {
        host: host.computer.to_owned(),
        role: match role {
            Role::Workstation => "workstation",
            Role::Server => "server",
            Role::DomainController => "domain controller",
        }
        .to_owned(),
        boots: records.filter(|noted| noted.event_id == STARTED).count(),
    }
}

/// Who has a SID in a record, or a profile.
fn accounts(logs: &[LogFile]) -> Vec<KnownAccount> {
    let people = [MOREAU, DEPLOY, SANDOVAL, BACKUP].into_iter();
    let colleagues = COLLEAGUES
        .iter()
        .flat_map(|colleague| [colleague.account, colleague.workstation]);
    let machines = HOSTS.iter().map(|(.., account)| *account);
    let all = people.chain(colleagues).chain(machines);
    let mut accounts = Vec::new();
    for account in all {
        let in_log = logs.iter().any(|file| file.sids.contains(&account.sid()));
        let has_profile = PROFILES.iter().any(|(_, users)| users.contains(&account));
        if in_log || has_profile {
            accounts.push(known_account(account, in_log));
        }
        // Nothing says that it is the one with the profile, but the name of a folder.
        let name = account.full_name();
        if !in_log && logs.iter().any(|file| file.users.contains(&name)) {
            accounts.push(KnownAccount {
                sid: String::new(),
                ..known_account(account, true)
            });
        }
    }
    accounts.sort_by(|one, other| one.sid.cmp(&other.sid));
    accounts
}

/// A profile has a SID and a folder, but no name of the domain.
fn known_account(account: Account<'_>, in_log: bool) -> KnownAccount {
    let is_machine = account.name.ends_with('$');
    KnownAccount {
        account: if in_log {
            account.full_name()
        } else {
            String::new()
        },
        sid: account.sid().to_string(),
        kind: if is_machine { "machine" } else { "user" }.to_owned(),
    }
}

/// Logs that every Windows has, and one that the hives say is off.
const LOGS: [&str; 3] = [
    "Security",
    "System",
    "Microsoft-Windows-TaskScheduler/Operational",
];
/// Hives that every Windows has.
const HIVES: [&str; 4] = [
    "registry:SAM",
    "registry:SECURITY",
    "registry:SOFTWARE",
    "registry:SYSTEM",
];
const VOLUME: [(&str, &str); 2] = [
    (r"C:\$MFT", "$MFT"),
    (r"C:\$Extend\$UsnJrnl:$J", "$UsnJrnl:$J"),
];

fn coverage(logs: &[LogFile], disks: &[(Host<'_>, Disk)]) -> Vec<Covered> {
    let hives = hive_files();
    let mut all = Vec::new();
    for (host, ..) in &HOSTS {
        let computer = host.computer;
        let own: Vec<_> = logs
            .iter()
            .filter(|log| log.host.name == host.name)
            .collect();
        all.extend(own.iter().map(|file| covered(file)));
        let lacks = LOGS.iter();
        let lacks = lacks.filter(|name| own.iter().all(|file| file.log.channel() != **name));
        all.extend(lacks.map(|name| missing(computer, name)));
        for file in &hives {
            let below = file.path.strip_prefix(host.name).unwrap_or_default();
            let name = below.rsplit('/').next().unwrap_or_default();
            if below.starts_with('/') && !name.contains(".LOG") {
                all.push(there(computer, &format!("registry:{name}")));
            }
        }
        let known = |all: &[Covered], name: &str| {
            let mut own = all.iter().filter(|covered| covered.host == computer);
            own.any(|covered| covered.channel_or_artefact == name)
        };
        let lacks: Vec<_> = HIVES.iter().filter(|name| !known(&all, name)).collect();
        all.extend(lacks.into_iter().map(|name| missing(computer, name)));
        let has_volume = disks.iter().any(|(own, _)| own.name == host.name);
        all.extend(VOLUME.map(|(path, name)| {
            if has_volume {
                there(computer, path)
            } else {
                missing(computer, name)
            }
        }));
    }
    all
}

fn covered(file: &LogFile) -> Covered {
    let times = || file.records.iter().map(|noted| noted.time);
    let mut records = file.records.iter();
    let cleared = records.find(|noted| file.log == Log::Security && noted.event_id == CLEARED);
    let text = |time: Option<FileTime>| time.map(|time| time.to_string()).unwrap_or_default();
    Covered {
        records: Some(Records {
            first_utc: text(times().min()),
            last_utc: text(times().max()),
            records: file.records.len(),
            cleared_at: text(cleared.map(|noted| noted.time)),
        }),
        ..there(file.host.computer, file.log.channel())
    }
}

fn there(host: &str, name: &str) -> Covered {
    Covered {
        host: host.to_owned(),
        channel_or_artefact: name.to_owned(),
        present: "yes".to_owned(),
        records: None,
    }
}

fn missing(host: &str, name: &str) -> Covered {
    Covered {
        present: "no".to_owned(),
        records: Some(Records::default()),
        ..there(host, name)
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

/// The evidence, and who plays in a movement.
struct Told<'a> {
    logs: &'a [LogFile],
    disks: &'a [(Host<'a>, Disk)],
    cast: &'a Cast<'a>,
}

impl Told<'_> {
    fn movement(&self, movement: &Movement) -> ExpectedMovement {
        let Self { logs, cast, .. } = self;
        let marked = movement.findings.iter().flat_map(|(_, tags)| *tags);
        let mut records = cite(logs, marked.chain(movement.also).copied());
        records
            .sort_by_key(|(file, noted)| (noted.time, file.host.name, file.log, noted.record_id));
        records.dedup_by_key(|(file, noted)| (file.host.name, file.log, noted.record_id));
        let (start, end) = span(&records);
        let seen = movement.findings.iter();
        let seen = seen.map(|(rule, tags)| finding(logs, rule, tags));
        let left = movement.residue.iter();
        let left = left.map(|(rule, traces)| self.of_residue(rule, traces));
        ExpectedMovement {
            name: movement.name.to_owned(),
            rules: texts(
                (movement.findings.iter().map(|(rule, _)| *rule))
                    .chain(movement.residue.iter().map(|(rule, _)| *rule)),
            ),
            source: side(&cast.source.host),
            target: side(&cast.target.host),
            account: cast.account.full_name(),
            account_sid: cast.account.sid().to_string(),
            ran: texts(movement.ran.iter().copied()),
            ran_as: movement.ran_as.to_owned(),
            dropped: texts(movement.dropped.iter().copied()),
            persistence: texts(movement.persistence.iter().copied()),
            start: start.to_string(),
            end: end.to_string(),
            reported: self.reported(movement),
            findings: seen.chain(left).collect(),
            records: records.into_iter().map(cited).collect(),
        }
    }

    fn reported(&self, movement: &Movement) -> Reported {
        let said = movement.reported;
        let (source, target) = (&self.cast.source.host, &self.cast.target.host);
        let when = |named: bool, text: &str| {
            if named {
                text.to_owned()
            } else {
                String::new()
            }
        };
        Reported {
            grade: said.grade.to_owned(),
            attack: said.attack.join(";"),
            src_basis: said.src_basis.to_owned(),
            src_host: when(said.source == Named::Both, source.computer),
            src_ip: when(said.source != Named::Not, source.ip),
            dst_host: target.computer.to_owned(),
            dst_ip: when(said.target_ip, target.ip),
            account: when(said.account, &self.cast.account.full_name()),
            ran_as: said.ran_as.to_owned(),
            what_ran: said.ran.join("; "),
        }
    }

    /// A match of what Windows keeps by default.
    fn of_residue(&self, rule: &str, traces: &[Trace]) -> Finding {
        let records: Vec<Cited> = traces
            .iter()
            .flat_map(|trace| match trace {
                Trace::Logged(tag) => self.of_log(tag, Log::Security),
                Trace::Seen(tag) => self.of_log(tag, Log::Sysmon),
                Trace::Installed(tag) => self.of_log(tag, Log::System),
                Trace::Entry(path) => vec![self.on_disk(entry, path)],
                Trace::Made(path) => vec![self.on_disk(made, path)],
            })
            .collect();
        Finding {
            rule: rule.to_owned(),
            host: self.cast.target.host.computer.to_owned(),
            start: records[0].time.clone(),
            end: records[records.len() - 1].time.clone(),
            records,
        }
    }

    /// The first record with a mark in a log: a logon is followed by its privileges.
    fn of_log(&self, tag: &'static str, log: Log) -> Vec<Cited> {
        let mut records = cite(self.logs, std::iter::once(tag));
        let target = self.cast.target.host.name;
        records.retain(|(file, _)| file.log == log && file.host.name == target);
        records.truncate(1);
        records.into_iter().map(cited).collect()
    }

    fn on_disk(&self, find: fn(&Host<'_>, &Disk, &str) -> Cited, path: &str) -> Cited {
        let mut disks = self.disks.iter();
        let disk = disks.find(|(host, _)| host.name == self.cast.target.host.name);
        let (host, disk) = disk.expect("the story's files are on volumes that were collected");
        find(host, disk, path)
    }
}

/// A file's entry. Its number is the entry's, times 65,536, plus its sequence.
fn entry(host: &Host<'_>, disk: &Disk, path: &str) -> Cited {
    let mut files = disk.files.iter();
    let file = files.find(|file| file.paths.iter().any(|own| own == path));
    let file = file.expect("the story's files are on the volume");
    let FileReference { entry, sequence } = file.reference;
    // An entry counts its freeing, too.
    let sequence = u64::from(sequence) + u64::from(file.is_deleted);
    on_disk(
        host,
        r"C:\$MFT",
        entry << 16 | sequence,
        file.times.created,
        path,
    )
}

/// The journal's record of the making of a file.
fn made(host: &Host<'_>, disk: &Disk, path: &str) -> Cited {
    let name = utf16(path.rsplit('\\').next().unwrap_or(path));
    let mut records = disk.records.iter();
    let record =
        records.find(|(_, record)| record.name == name && record.reasons == reason::FILE_CREATE);
    let (usn, record) = record.expect("the story's files are in the journal");
    on_disk(host, r"C:\$Extend\$UsnJrnl:$J", *usn, record.time, path)
}

fn on_disk(host: &Host<'_>, channel: &str, record_id: u64, time: FileTime, path: &str) -> Cited {
    Cited {
        host: host.computer.to_owned(),
        channel: channel.to_owned(),
        record_id,
        event_id: 0,
        time: time.to_string(),
        created: time.to_string(),
        what: path.to_owned(),
    }
}

/// Rules of telemetry all look at Sysmon.
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
