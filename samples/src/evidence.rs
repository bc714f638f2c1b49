//! The samples' evidence: the story and the evening around it, written into event logs.

use std::collections::BTreeMap;
use std::io::Cursor;

use crate::corp::{DAY, Desk, SANDOVAL, SRV02, WS01, WS01_DESK};
use crate::everyday::near_misses::{self, CONSOLE_LOGON};
use crate::everyday::{Day, Gap, routines};
use crate::evtx::{self, LogWriter};
use crate::intrusion::{CAST, SCENES};
use crate::stage::{Machine, Stage, Tag};
use crate::time::FileTime;
use crate::windows::{Happening, Host, Log, Observation, observe};

/// What was collected: a host, one of its logs, and the id of the first record that is left of it.
const COLLECTED: [(Host<'_>, Log, u64); 3] = [
    (WS01, Log::Sysmon, 48_213),
    (SRV02, Log::Sysmon, 131_870),
    (SRV02, Log::Security, 902_455),
];

const EVENING: (FileTime, FileTime) = (DAY.at(20, 51, 0, 0), DAY.at(23, 30, 0, 0));
const WORKSTATION_GAP: Gap = (25_000, 150_000);
const SERVER_GAP: Gap = (25_000, 125_000);
const WORKSTATION_SEED: u64 = 0x0B5E_55ED;
const SERVER_SEED: u64 = 0x05E2_7E12;

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
        .map(|(host, log, first_id)| {
            let seen = recorder.take(&host, log);
            write_log(host, log, first_id, seen)
        })
        .collect()
}

/// Everything that happens that evening, on both hosts.
pub(crate) fn play_evening(stage: &mut dyn Stage) {
    for (begin, play) in SCENES {
        play(&CAST, begin, stage);
    }
    let crowded = SCENES.map(|(begin, _)| begin);
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

    let console = Desk::at_console(SANDOVAL, 0x0460_B711, CONSOLE_LOGON);
    let server = Machine::running(SRV02);
    let mut day = Day::new(server, console, routines::SERVER, SERVER_SEED, stage);
    near_misses::on_server(&mut day);
    day.live(from, until, SERVER_GAP, &crowded);
}

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
    for (observation, tag) in seen {
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
    })
}
