//! The disk of the application's server, of which little is told: what Windows needs, the application, and the tool.

use super::heard::{Heard, NewFile};
use super::image::{self, ADMINISTRATORS, SECURITY_LOG, SYSTEM, TRUSTED_INSTALLER, Telling};
use super::server::TOOL_BUILT;
use super::{Sizes, profile};
use crate::corp::{APP04, DAY, SANDOVAL};
use crate::hives::INSTALLED;
use crate::ntfs::{Disk, Error, Volume};
use crate::onward::TOOL;
use crate::time::{FileTime, Span};
use crate::windows::Noise;

const SEED: u64 = 0x0D15_C004;
/// Where the journal begins.
const JOURNAL: FileTime = DAY.at(12, 0, 0, 0);
/// When the files of Windows were made.
const BUILT: FileTime = FileTime::day(2021, 5, 8).at(8, 14, 16, 0);
/// And those of the application.
const RELEASED: FileTime = FileTime::day(2025, 5, 2).at(10, 17, 40, 0);

const WINDOWS: [(&str, u64); 10] = [
    (r"C:\Windows\explorer.exe", 5_157_160),
    (r"C:\Windows\System32\cmd.exe", 289_792),
    (r"C:\Windows\System32\kernel32.dll", 771_416),
    (r"C:\Windows\System32\lsass.exe", 59_456),
    (r"C:\Windows\System32\ntdll.dll", 2_029_224),
    (r"C:\Windows\System32\ntoskrnl.exe", 10_848_144),
    (r"C:\Windows\System32\rundll32.exe", 71_680),
    (r"C:\Windows\System32\services.exe", 715_576),
    (r"C:\Windows\System32\svchost.exe", 57_528),
    (r"C:\Windows\System32\winlogon.exe", 910_848),
];
const OF_SYSTEM: [(&str, u64); 5] = [
    (r"C:\pagefile.sys", 0x4000_0000),
    (r"C:\Windows\System32\config\SYSTEM", 12_058_624),
    (r"C:\Windows\System32\config\SOFTWARE", 79_691_776),
    (SECURITY_LOG, 20_975_616),
    (SYSTEM_LOG, 20_975_616),
];
const SYSTEM_LOG: &str = r"C:\Windows\System32\winevt\Logs\System.evtx";
const APPLICATION: [(&str, u64); 4] = [
    (r"C:\Program Files\Tidewell\Orders\orders.exe", 7_204_352),
    (r"C:\Program Files\Tidewell\Orders\orders.conf", 3_811),
    (r"C:\Program Files\Tidewell\Orders\report.dll", 1_204_224),
    (r"C:\Program Files\Northvault\Agent\nvagent.exe", 8_331_264),
];
const ORDERS_LOG: &str = r"C:\ProgramData\Tidewell\Orders\orders.log";

pub(super) fn disk(heard: Heard, sizes: &Sizes) -> Result<Disk, Error> {
    let mut telling = Telling {
        volume: Volume::formatted(INSTALLED - Span::seconds(711)).with_journal_since(JOURNAL, 0),
        noise: Noise::seeded(SEED),
    };
    install(&mut telling, sizes);
    let made = FileTime::day(2025, 4, 14).at(10, 31, 2, 0);
    profile::make(&mut telling, &APP04, sizes, &SANDOVAL, made);
    for hour in 13..=23 {
        let at = telling.about(DAY.at(hour, 12, 40, 0));
        let length = 40_960 * hour;
        telling.volume.appended(at, ORDERS_LOG, length);
    }
    write_a_report(&mut telling);
    heard.tell(&mut telling, false, new_file);
    let at = telling.about(DAY.at(23, 19, 12, 852));
    telling.volume.rewritten(at, SECURITY_LOG, 69_632);
    let at = telling.about(DAY.at(23, 31, 2, 0));
    profile::change(&mut telling, at, SYSTEM_LOG);
    telling.volume.finish()
}

fn install(telling: &mut Telling, sizes: &Sizes) {
    let mut now = INSTALLED;
    for (path, length) in WINDOWS {
        now = telling.about(now + Span::milliseconds(37));
        let built = BUILT + Span(telling.noise.below(900_000_000));
        telling
            .volume
            .unpacked(now, path, TRUSTED_INSTALLER, length, built);
    }
    for (path, length) in OF_SYSTEM {
        now = telling.about(now + Span::milliseconds(81));
        let length = sizes.of(&APP04, path, length);
        telling.volume.file(now, path, SYSTEM, length);
    }
    let mut now = FileTime::day(2025, 6, 3).at(9, 20, 11, 0);
    for (path, length) in APPLICATION {
        now = telling.about(now + Span::milliseconds(140));
        telling
            .volume
            .unpacked(now, path, ADMINISTRATORS, length, RELEASED);
    }
    telling.volume.file(now, ORDERS_LOG, SYSTEM, 131_072);
    image::update(telling, FileTime::day(2026, 2, 24).at(2, 24, 8, 0));
}

/// The application collects what it prints in a file that it deletes.
fn write_a_report(telling: &mut Telling) {
    let at = telling.about(DAY.at(18, 0, 2, 0));
    let path = r"C:\Windows\Temp\tw_4F1A.tmp";
    telling.volume.file(at, path, SYSTEM, 24_576);
    telling.volume.removed(at + Span::seconds(3), path);
}

/// What came over the network; nothing else is written here that evening.
fn new_file(telling: &mut Telling, file: NewFile) {
    let NewFile { at, path, owner } = file;
    if path == TOOL {
        telling.volume.copied(at, TOOL, owner, 487_424, TOOL_BUILT);
    } else {
        let length = super::heard::length(telling, &path);
        telling.volume.file(at, &path, owner, length);
    }
}
