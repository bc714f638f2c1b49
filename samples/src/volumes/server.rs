//! The server's disk: logs, backups, and what the intruder left.

use super::heard::{Heard, NewFile};
use super::image::{self, ADMINISTRATORS, SECURITY_LOG, SYSMON_LOG, SYSTEM, Telling};
use super::{Sizes, ZEROS, profile};
use crate::corp::{BACKUP, DAY, DEPLOY, SANDOVAL, SRV02};
use crate::everyday::near_misses::CONSOLE_LOGON;
use crate::hives::INSTALLED;
use crate::intrusion::{LIBRARY, SCENES, SHORTCUT, TOOL};
use crate::ntfs::{Deed, Disk, Error, New, Volume, zone_identifier};
use crate::time::{FileTime, Span};
use crate::windows::Noise;

const SEED: u64 = 0x0D15_C002;
/// Where the journal begins.
const JOURNAL: FileTime = FileTime::day(2026, 3, 1).at(21, 0, 0, 0);
/// When the intruder's tool was built: the copy keeps that time.
pub(super) const TOOL_BUILT: FileTime = FileTime::day(2026, 2, 11).at(14, 52, 7, 613);
/// When the agent's installer was.
const INSTALLER_BUILT: FileTime = FileTime::day(2026, 2, 12).at(9, 30, 51, 207);

const STORE: &str = r"C:\ProgramData\Northvault\Store";
const AGENT_LOGS: &str = r"C:\ProgramData\Northvault\Logs";
const AGREEMENT: &str = "Maintenance agreement Northvault 2025-2027 (signed).pdf";

pub(super) fn disk(heard: Heard, sizes: &Sizes) -> Result<Disk, Error> {
    let mut telling = Telling {
        volume: Volume::formatted(INSTALLED - Span::seconds(812))
            .with_journal_since(JOURNAL, ZEROS),
        noise: Noise::seeded(SEED),
    };
    image::install(&mut telling, &SRV02, sizes);
    for (user, at) in [
        (SANDOVAL, FileTime::day(2025, 4, 14).at(10, 12, 40, 0)),
        (BACKUP, FileTime::day(2025, 6, 2).at(22, 0, 3, 0)),
        (DEPLOY, FileTime::day(2025, 9, 8).at(11, 20, 55, 0)),
    ] {
        profile::make(&mut telling, &SRV02, sizes, &user, at);
    }
    install_the_agent(&mut telling);
    update_the_agent(&mut telling);
    back_up(&mut telling);
    rotate_logs(&mut telling);
    clean_up_at_night(&mut telling);
    sit_at_the_console(&mut telling);
    leave_by_the_tool(&mut telling);
    leave_by_remote_desktop(&mut telling);
    heard.tell(&mut telling, false, new_file);
    for (hour, log) in [
        (21, SECURITY_LOG),
        (21, SYSMON_LOG),
        (22, SECURITY_LOG),
        (23, SYSMON_LOG),
    ] {
        let at = telling.about(DAY.at(hour, 33, 16, 0));
        profile::change(&mut telling, at, log);
    }
    telling.volume.finish()
}

fn install_the_agent(telling: &mut Telling) {
    let mut now = FileTime::day(2025, 5, 20).at(13, 4, 10, 0);
    let built = FileTime::day(2025, 4, 30).at(16, 11, 2, 0);
    for (name, length) in [
        ("nvagent.exe", 8_331_264),
        ("nvcrypt.dll", 1_302_528),
        ("agent.conf", 2_114),
    ] {
        now = telling.about(now + Span::milliseconds(212));
        let path = format!(r"C:\Program Files\Northvault\Agent\{name}");
        telling
            .volume
            .unpacked(now, &path, ADMINISTRATORS, length, built);
    }
    for name in ["agent.log", "agent.1.log", "agent.2.log"] {
        now = telling.about(now + Span::seconds(1));
        let path = format!(r"{AGENT_LOGS}\{name}");
        telling.volume.file(now, &path, SYSTEM, 1_048_576);
    }
}

/// The update is unpacked to a folder that is deleted then, and whose MFT entry another file has now.
fn update_the_agent(telling: &mut Telling) {
    let at = telling.about(FileTime::day(2026, 2, 27).at(10, 30, 12, 0));
    let folder = r"C:\Windows\Temp\nv_upd_4.2.1";
    let (payload, manifest) = (
        format!(r"{folder}\payload.cab"),
        format!(r"{folder}\manifest.xml"),
    );
    telling.volume.folder(at, folder, SYSTEM);
    telling
        .volume
        .file(at + Span::milliseconds(20), &payload, SYSTEM, 4_190_208);
    telling
        .volume
        .file(at + Span::milliseconds(31), &manifest, SYSTEM, 2_918);
    let program = r"C:\Program Files\Northvault\Agent\nvupdate.exe";
    telling.volume.unpacked(
        at + Span::seconds(6),
        program,
        SYSTEM,
        3_902_976,
        INSTALLER_BUILT,
    );
    for path in [&payload, &manifest] {
        telling.volume.removed(at + Span::seconds(8), path);
    }
    telling.volume.removed(at + Span::seconds(9), folder);
    let later = telling.about(at + Span::seconds(4_002));
    let log = r"C:\Windows\Temp\MpCmdRun.log";
    telling.volume.on(
        later,
        log,
        Deed::Create(New::file(SYSTEM).in_place_of(folder)),
    );
    telling
        .volume
        .on(later + Span(5_000), log, Deed::Grow(7_416));
    telling.volume.on(later + Span(8_000), log, Deed::Close);
}

/// A backup links what has not changed: one file with five names.
fn back_up(telling: &mut Telling) {
    let first = format!(r"{STORE}\current\{AGREEMENT}");
    let at = telling.about(FileTime::day(2025, 7, 1).at(22, 10, 0, 0));
    telling.volume.copied(
        at,
        &first,
        BACKUP.sid(),
        611_402,
        FileTime::day(2025, 6, 27).at(12, 44, 9, 0),
    );
    let evenings = [(2, 27), (2, 28), (3, 1), (3, 2)];
    for (month, day) in evenings {
        let at = telling.about(FileTime::day(2026, month, day).at(22, 10, 0, 0));
        let folder = format!(r"{STORE}\2026-{month:02}-{day:02}");
        telling.volume.folder(at, &folder, BACKUP.sid());
        let link = Deed::Link(format!(r"{folder}\{AGREEMENT}"));
        telling
            .volume
            .on(at + Span::milliseconds(730), &first, link);
        telling
            .volume
            .on(at + Span::milliseconds(731), &first, Deed::Close);
        let index = format!(r"{folder}\index.nvx");
        telling
            .volume
            .file(at + Span::milliseconds(912), &index, BACKUP.sid(), 90_112);
    }
}

/// The oldest goes, the others move up, a new one begins.
fn rotate_logs(telling: &mut Telling) {
    let path = |name: &str| format!(r"{AGENT_LOGS}\{name}");
    for day in [FileTime::day(2026, 3, 1), DAY] {
        let at = telling.about(day.at(22, 0, 0, 31));
        telling.volume.removed(at, &path("agent.2.log"));
        telling
            .volume
            .moved(at + Span(6_000), &path("agent.1.log"), &path("agent.2.log"));
        telling
            .volume
            .moved(at + Span(11_000), &path("agent.log"), &path("agent.1.log"));
        telling
            .volume
            .file(at + Span(19_000), &path("agent.log"), SYSTEM, 412);
        for hours in [1, 2, 3] {
            let later = at + Span::seconds(3_600 * hours);
            if later < DAY.at(23, 31, 0, 0) {
                telling
                    .volume
                    .appended(later, &path("agent.log"), 412 + 44_180 * hours);
            }
        }
    }
}

/// Windows packs the log of its updates, and takes temporary files away.
fn clean_up_at_night(telling: &mut Telling) {
    let at = telling.about(DAY.at(2, 3, 11, 0));
    let log = r"C:\Windows\Logs\CBS\CBS.log";
    telling.volume.moved(
        at,
        log,
        r"C:\Windows\Logs\CBS\CbsPersist_20260302020311.log",
    );
    telling
        .volume
        .file(at + Span::milliseconds(14), log, SYSTEM, 61_204);
    for number in [0x8F2A, 0x91C4] {
        let path = format!(r"C:\Windows\Temp\TS_{number:04X}.tmp");
        let at = telling.about(DAY.at(3, 15, number % 60, 0));
        telling.volume.file(at, &path, SYSTEM, 196_608);
        telling.volume.removed(at + Span::seconds(43), &path);
    }
}

fn sit_at_the_console(telling: &mut Telling) {
    profile::load(telling, &SANDOVAL, CONSOLE_LOGON + Span::milliseconds(420));
    let at = telling.about(DAY.at(21, 18, 40, 0));
    let notes = profile::path(&SANDOVAL, r"Documents\maintenance window.txt");
    telling.text(
        at,
        &notes,
        SANDOVAL.sid(),
        b"2 March, 21:00-24:00\r\n- agent 4.2.1 on all servers\r\n- check the desktop port\r\n",
    );
}

/// The tool makes a folder for its library.
fn leave_by_the_tool(telling: &mut Telling) {
    let (begin, _) = SCENES[1];
    let (folder, _) = LIBRARY.rsplit_once('\\').unwrap_or_default();
    telling
        .volume
        .folder(begin + Span::milliseconds(21_348), folder, SYSTEM);
}

/// A session by remote desktop loads the hives of its user and has a folder for temporary files of its own, until
/// it ends. The shell opens the file that the command's output goes to before it starts the command.
fn leave_by_remote_desktop(telling: &mut Telling) {
    let (begin, _) = SCENES[4];
    let after = |milliseconds| begin + Span::milliseconds(milliseconds);
    let user = DEPLOY.sid();
    profile::load(telling, &DEPLOY, after(2_410));
    let temporary = profile::path(&DEPLOY, r"AppData\Local\Temp\2");
    telling.volume.folder(after(2_902), &temporary, user);
    for (time, log) in [(3_392, "NTUSER.DAT.LOG1"), (17_301, "NTUSER.DAT.LOG2")] {
        profile::change(telling, after(time), &profile::path(&DEPLOY, log));
    }
    let output = r"C:\ProgramData\HelpSync\w.txt";
    telling
        .volume
        .on(after(17_431), output, Deed::Create(New::file(user)));
    telling.volume.on(after(17_662), output, Deed::Grow(4_318));
    telling.volume.on(after(17_701), output, Deed::Close);
    telling.volume.removed(after(28_120), &temporary);
}

/// What the logs saw being written.
fn new_file(telling: &mut Telling, file: NewFile) {
    let NewFile { at, path, owner } = file;
    match path.as_str() {
        TOOL => telling.volume.copied(at, TOOL, owner, 487_424, TOOL_BUILT),
        LIBRARY => telling.volume.file(at, LIBRARY, owner, 152_576),
        SHORTCUT => telling.volume.file(at, SHORTCUT, owner, 1_482),
        path if path.ends_with("nvsetup.exe") => {
            let from = (
                "https://www.example.net/agent",
                "https://www.example.net/agent/nvsetup.exe",
            );
            let zone = Deed::Stream("Zone.Identifier".into(), zone_identifier(from.0, from.1));
            telling.volume.on(at + Span(20_000), path, zone);
            telling
                .volume
                .copied(at, path, owner, 6_204_928, INSTALLER_BUILT);
        }
        path => {
            let length = super::heard::length(telling, path);
            telling.volume.file(at, path, owner, length);
        }
    }
}
