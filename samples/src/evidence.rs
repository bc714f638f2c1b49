//! The samples' evidence: the story and the evening around it, written into event logs.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use crate::corp::{APP04, DAY, DC01, Desk, FS03, SANDOVAL, SRV02, WS01, WS01_DESK};
use crate::domain::Domain;
use crate::everyday::near_misses::{self, CONSOLE_LOGON};
use crate::everyday::{Day, Gap, members, routines};
use crate::evtx::{self, LogWriter, Sid, Value};
use crate::intrusion::{CAST, SCENES};
use crate::onward;
use crate::stage::{Machine, Stage, Tag};
use crate::time::FileTime;
use crate::windows::{Happening, Host, Log, Observation, observe};

/// What was collected: a host, one of its logs, the id of the first record that is left of it, and what it keeps.
const COLLECTED: [(Host<'_>, Log, u64, Keeps); 10] = [
    (WS01, Log::Sysmon, 48_213, Keeps::All),
    (SRV02, Log::Sysmon, 131_870, Keeps::All),
    (SRV02, Log::Security, 902_455, Keeps::All),
    (FS03, Log::Security, 377_020, Keeps::ByDefault),
    (FS03, Log::System, 6_411, Keeps::All),
    (FS03, Log::Desktops, 212, Keeps::All),
    // Numbers go on when a log has been cleared.
    (APP04, Log::Security, 288_914, Keeps::SinceCleared),
    (APP04, Log::System, 5_873, Keeps::All),
    (DC01, Log::Security, 2_114_660, Keeps::ByDefault),
    (DC01, Log::System, 9_306, Keeps::All),
];

/// Which records a log keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeps {
    /// Whatever can be logged.
    All,
    /// What is audited when nobody has changed it.
    ByDefault,
    /// Of that, what came after the log had been cleared.
    SinceCleared,
}

/// Processes, services, tasks and shares are not audited by default.
const NOT_BY_DEFAULT: [u16; 6] = [4688, 4689, 4697, 4698, 5140, 5145];
/// The Security log was cleared.
const CLEARED: u16 = 1102;

const EVENING: (FileTime, FileTime) = (DAY.at(20, 51, 0, 0), DAY.at(23, 30, 0, 0));
const WORKSTATION_GAP: Gap = (25_000, 150_000);
const SERVER_GAP: Gap = (25_000, 125_000);
const WORKSTATION_SEED: u64 = 0x0B5E_55ED;
const SERVER_SEED: u64 = 0x05E2_7E12;
const MEMBER_GAP: Gap = (80_000, 200_000);
const CONTROLLER_GAP: Gap = (90_000, 220_000);
const FILE_SERVER_SEED: u64 = 0x00F5_0003;
const APPLICATION_SEED: u64 = 0x0A99_0004;
const CONTROLLER_SEED: u64 = 0x00DC_0001;

/// A log file, and what is known about its records.
#[derive(Clone, Debug)]
pub struct LogFile {
    /// The host.
    pub host: Host<'static>,
    /// Which of its logs.
    pub log: Log,
    /// The file.
    pub bytes: Vec<u8>,
    /// Its records in order.
    pub records: Vec<Noted>,
    /// The SIDs of those who act in them, or are acted for.
    pub sids: BTreeSet<Sid>,
    /// Whose processes Sysmon saw, by name: it gives no SIDs.
    pub users: BTreeSet<String>,
}

/// What is known about one record.
#[derive(Clone, Copy, Debug)]
pub struct Noted {
    /// Its `EventRecordID`.
    pub record_id: u64,
    /// Its `EventID`.
    pub event_id: u16,
    /// When it happened.
    pub time: FileTime,
    /// Its `TimeCreated`.
    pub created: FileTime,
    /// The story's mark.
    pub tag: Tag,
}

impl LogFile {
    /// Where it lies below the evidence folder: as on the host's disk, in a folder per host.
    #[must_use]
    pub fn path(&self) -> String {
        format!(
            "{}/Windows/System32/winevt/Logs/{}",
            self.host.name,
            self.log.file_name()
        )
    }
}

/// Plays the whole evening and writes every log.
pub fn log_files() -> Result<Vec<LogFile>, evtx::Error> {
    let mut recorder = Recorder::default();
    play_evening(&mut recorder);
    COLLECTED
        .into_iter()
        .map(|(host, log, first_id, keeps)| {
            let seen = keeps.of(recorder.take(&host, log));
            write_log(host, log, first_id, seen)
        })
        .collect()
}

impl Keeps {
    fn of(self, mut seen: Vec<(Observation, Tag)>) -> Vec<(Observation, Tag)> {
        if self != Self::All {
            seen.retain(|(seen, _)| !NOT_BY_DEFAULT.contains(&seen.record.event_id));
        }
        if self == Self::SinceCleared {
            let cleared = |(seen, _): &(Observation, Tag)| seen.record.event_id == CLEARED;
            let first = seen.iter().position(cleared);
            seen.drain(..first.expect("it is cleared in the story"));
        }
        seen
    }
}

/// Everything that happens that evening, on all hosts.
pub(crate) fn play_evening(stage: &mut dyn Stage) {
    let stage = &mut Domain { stage };
    for (begin, play) in SCENES {
        play(&CAST, begin, stage);
    }
    for (begin, cast, play) in onward::SCENES {
        play(cast, begin, stage);
    }
    let mut crowded = SCENES.map(|(begin, _)| begin).to_vec();
    let (from, until) = EVENING;

    let workstation = Machine::running(WS01);
    let mut day = Day::new(
        workstation,
        WS01_DESK,
        routines::WORKSTATION,
        WORKSTATION_SEED,
        stage,
    );
    near_misses::on_workstation(&mut day);
    day.live(from, until, WORKSTATION_GAP, &crowded);

    crowded.extend(onward::SCENES.map(|(begin, ..)| begin));
    let console = Desk::at_console(SANDOVAL, 0x0460_B711, CONSOLE_LOGON);
    let server = Machine::running(SRV02);
    let mut day = Day::new(server, console, routines::SERVER, SERVER_SEED, stage);
    near_misses::on_server(&mut day);
    day.live(from, until, SERVER_GAP, &crowded);

    for (host, routines, seed, gap, before) in OTHERS {
        let mut day = Day::new(Machine::running(host), console, routines, seed, stage);
        before(&mut day);
        day.live(from, until, gap, &crowded);
    }
}

/// A host, what it does all evening, and what is told of it with fixed times. Nobody sits at it.
type Other = (
    Host<'static>,
    &'static [routines::Routine],
    u64,
    Gap,
    fn(&mut Day<'_>),
);

const OTHERS: [Other; 3] = [
    (
        FS03,
        routines::MEMBER,
        FILE_SERVER_SEED,
        MEMBER_GAP,
        members::on_file_server,
    ),
    (
        APP04,
        routines::MEMBER,
        APPLICATION_SEED,
        MEMBER_GAP,
        members::on_application_server,
    ),
    (
        DC01,
        routines::CONTROLLER,
        CONTROLLER_SEED,
        CONTROLLER_GAP,
        members::on_controller,
    ),
];

/// Keeps what each log of each host sees.
#[derive(Default)]
struct Recorder {
    seen: BTreeMap<(String, Log), Vec<(Observation, Tag)>>,
}

impl Stage for Recorder {
    fn note(&mut self, host: &Host<'_>, at: FileTime, tag: Tag, what: &Happening<'_>) {
        for observation in observe(host, at, what) {
            let log = (host.name.to_owned(), observation.log);
            self.seen.entry(log).or_default().push((observation, tag));
        }
    }
}

impl Recorder {
    /// What a log saw, in the order in which it wrote.
    fn take(&mut self, host: &Host<'_>, log: Log) -> Vec<(Observation, Tag)> {
        let mut seen = self
            .seen
            .remove(&(host.name.to_owned(), log))
            .unwrap_or_default();
        seen.sort_by_key(|(observation, _)| observation.record.time);
        seen
    }
}

fn write_log(
    host: Host<'static>,
    log: Log,
    first_id: u64,
    seen: Vec<(Observation, Tag)>,
) -> Result<LogFile, evtx::Error> {
    let mut writer = LogWriter::starting_at(Cursor::new(Vec::new()), first_id)?;
    let mut records = Vec::with_capacity(seen.len());
    let (mut sids, mut users) = (BTreeSet::new(), BTreeSet::new());
    for (observation, tag) in seen {
        let fields = observation.record.body.fields();
        sids.extend(fields.iter().filter_map(|(name, value)| match value {
            // Of whom a ticket is for, nobody says more than that.
            Value::Sid(sid) if *name != "ServiceSid" => Some(*sid),
            _ => None,
        }));
        sids.extend(observation.record.user);
        users.extend(fields.iter().filter_map(|(name, value)| match value {
            Value::Text(user) if *name == "User" => Some(user.clone()),
            _ => None,
        }));
        records.push(Noted {
            record_id: writer.write(&observation.record)?,
            event_id: observation.record.event_id,
            time: observation.time,
            created: observation.record.time,
            tag,
        });
    }
    Ok(LogFile {
        host,
        log,
        bytes: writer.finish()?.into_inner(),
        records,
        sids,
        users,
    })
}
