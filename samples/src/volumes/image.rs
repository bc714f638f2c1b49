//! What is on a host's disk from its first day on.

use super::Sizes;
use crate::evtx::Sid;
use crate::hives::INSTALLED;
use crate::ntfs::{Deed, New, Volume};
use crate::time::{FileTime, Span};
use crate::windows::{Account, Host, Noise};

/// Owns what belongs to Windows.
pub(super) const TRUSTED_INSTALLER: Sid = Sid::new(
    5,
    [
        80,
        956_008_885,
        3_418_522_649,
        1_831_038_044,
        1_853_292_631,
        2_271_478_464,
    ],
);
/// Administrators of the machine.
pub(super) const ADMINISTRATORS: Sid = Sid::new(5, [32, 544]);
/// The local system.
pub(super) const SYSTEM: Sid = Account::SYSTEM.sid();

/// When Microsoft made the files of Windows: these are their times, and older than their names.
const BUILT: FileTime = FileTime::day(2021, 5, 8).at(8, 14, 16, 0);

/// Files of Windows and their lengths, folder by folder.
const FILES: &[(&str, &[(&str, u64)])] = &[
    (
        r"C:\Windows",
        &[
            ("explorer.exe", 5_157_160),
            ("regedit.exe", 370_176),
            ("Sysmon64.exe", 4_563_248),
            ("SysmonDrv.sys", 172_416),
            ("bootstat.dat", 67_584),
        ],
    ),
    (
        r"C:\Windows\System32",
        &[
            ("advapi32.dll", 707_016),
            ("backgroundTaskHost.exe", 19_352),
            ("cmd.exe", 289_792),
            ("conhost.exe", 867_840),
            ("csrss.exe", 17_640),
            ("dllhost.exe", 21_312),
            ("dwm.exe", 94_720),
            ("gpupdate.exe", 30_208),
            ("ipconfig.exe", 35_840),
            ("kernel32.dll", 771_416),
            ("lsass.exe", 59_456),
            ("mmc.exe", 1_855_488),
            ("mspaint.exe", 988_160),
            ("mstsc.exe", 1_589_248),
            ("net.exe", 58_880),
            ("net1.exe", 188_416),
            ("notepad.exe", 201_216),
            ("ntdll.dll", 2_029_224),
            ("ntoskrnl.exe", 10_848_144),
            ("PlaySndSrv.dll", 86_016),
            ("runas.exe", 20_992),
            ("rundll32.exe", 71_680),
            ("RuntimeBroker.exe", 101_808),
            ("schedsvc.dll", 1_140_736),
            ("schtasks.exe", 235_008),
            ("SearchIndexer.exe", 957_440),
            ("SearchProtocolHost.exe", 418_304),
            ("services.exe", 715_576),
            ("smss.exe", 157_008),
            ("spoolsv.exe", 832_512),
            ("svchost.exe", 57_528),
            ("systeminfo.exe", 113_664),
            ("taskhostw.exe", 98_304),
            ("taskschd.dll", 688_128),
            ("taskschd.msc", 145_059),
            ("termsrv.dll", 1_050_112),
            ("userinit.exe", 36_352),
            ("uxtheme.dll", 627_200),
            ("whoami.exe", 74_240),
            ("winlogon.exe", 910_848),
        ],
    ),
    (
        r"C:\Windows\System32\drivers",
        &[
            ("ntfs.sys", 2_865_168),
            ("rdpbus.sys", 36_864),
            ("srv2.sys", 795_136),
            ("tcpip.sys", 3_014_664),
        ],
    ),
    (
        r"C:\Windows\System32\drivers\etc",
        &[("hosts", 824), ("services", 17_635)],
    ),
    (
        r"C:\Windows\System32\wbem",
        &[("WmiPrvSE.exe", 508_416), ("wmic.exe", 521_728)],
    ),
    (
        r"C:\Windows\System32\WindowsPowerShell\v1.0",
        &[("powershell.exe", 452_608)],
    ),
    (
        r"C:\Windows\servicing",
        &[("TrustedInstaller.exe", 137_216)],
    ),
    (
        r"C:\Program Files\Windows Defender",
        &[("MpCmdRun.exe", 1_095_456), ("MsMpEng.exe", 133_576)],
    ),
    (
        r"C:\Program Files (x86)\Microsoft\Edge\Application",
        &[("msedge.exe", 4_158_008)],
    ),
];

/// Files that Windows makes for itself when it is installed.
const OF_SYSTEM: &[(&str, u64)] = &[
    (r"C:\pagefile.sys", 0x8000_0000),
    (r"C:\Windows\System32\config\SYSTEM", 12_058_624),
    (r"C:\Windows\System32\config\SYSTEM.LOG1", 2_162_688),
    (r"C:\Windows\System32\config\SYSTEM.LOG2", 1_114_112),
    (r"C:\Windows\System32\config\SOFTWARE", 79_691_776),
    (r"C:\Windows\System32\config\SOFTWARE.LOG1", 4_194_304),
    (r"C:\Windows\System32\config\SOFTWARE.LOG2", 2_097_152),
    (r"C:\Windows\System32\config\SAM", 131_072),
    (r"C:\Windows\System32\config\SECURITY", 65_536),
    (r"C:\Windows\System32\config\DEFAULT", 786_432),
    (
        r"C:\Windows\System32\winevt\Logs\Application.evtx",
        20_975_616,
    ),
    (SECURITY_LOG, 20_975_616),
    (r"C:\Windows\System32\winevt\Logs\System.evtx", 20_975_616),
    (SYSMON_LOG, 67_112_960),
    (
        r"C:\Windows\System32\winevt\Logs\Windows PowerShell.evtx",
        69_632,
    ),
    (
        r"C:\Windows\System32\wbem\Repository\OBJECTS.DATA",
        28_311_552,
    ),
    (r"C:\Windows\System32\wbem\Repository\INDEX.BTR", 5_283_840),
    (
        r"C:\Windows\SoftwareDistribution\DataStore\DataStore.edb",
        25_231_360,
    ),
    (r"C:\Windows\Logs\CBS\CBS.log", 1_402_112),
    (
        r"C:\Windows\System32\Tasks\Microsoft\Windows\Defrag\ScheduledDefrag",
        4_020,
    ),
    (
        r"C:\Windows\System32\Tasks\Microsoft\Windows\Multimedia\SystemSoundsService",
        2_664,
    ),
    (
        r"C:\Windows\System32\Tasks\Microsoft\Windows\Time Synchronization\SynchronizeTime",
        3_228,
    ),
    (
        r"C:\Windows\System32\Tasks\Microsoft\Windows\UpdateOrchestrator\Schedule Scan",
        3_874,
    ),
    (
        r"C:\ProgramData\Microsoft\Windows\Start Menu\Programs\StartUp\desktop.ini",
        174,
    ),
    (r"C:\Users\Public\desktop.ini", 174),
];

pub(super) const SECURITY_LOG: &str = r"C:\Windows\System32\winevt\Logs\Security.evtx";
pub(super) const SYSMON_LOG: &str =
    r"C:\Windows\System32\winevt\Logs\Microsoft-Windows-Sysmon%4Operational.evtx";

const FOLDERS: &[&str] = &[
    r"C:\$Recycle.Bin",
    r"C:\Program Files\Common Files",
    r"C:\ProgramData\Microsoft\Windows\Start Menu\Programs\Administrative Tools",
    r"C:\Users\Default\AppData\Local",
    r"C:\Users\Public\Documents",
    r"C:\Windows\Fonts",
    r"C:\Windows\INF",
    r"C:\Windows\Prefetch",
    r"C:\Windows\SoftwareDistribution\Download\Install",
    r"C:\Windows\Temp",
    r"C:\Windows\System32\spool\PRINTERS",
];

/// The catalogue of an update, which Windows keeps at three places: one file with three long names and three
/// short ones, more than one MFT record has room for.
const CATALOGUE: &str = "Microsoft-Windows-Client-Desktop-Required-Package0~31bf3856ad364e35~amd64~~10.0.20348.2340.cat";
const CATALOGUE_FOLDERS: [&str; 3] = [
    r"C:\Windows\System32\CatRoot\{F750E6C3-38EE-11D1-85E5-00C04FC295EE}",
    r"C:\Windows\servicing\Packages",
    r"C:\Windows\WinSxS\Catalogs",
];

/// A host's disk while what is on it is told.
pub(super) struct Telling {
    pub(super) volume: Volume,
    pub(super) noise: Noise,
}

impl Telling {
    /// A time so many ticks after this one that it looks like none that somebody chose.
    pub(super) fn about(&mut self, time: FileTime) -> FileTime {
        time + Span(self.noise.below(10_000))
    }

    /// A text of these bytes is written.
    pub(super) fn text(&mut self, at: FileTime, path: &str, owner: Sid, text: &[u8]) {
        self.volume.on(at, path, Deed::Create(New::file(owner)));
        self.volume
            .on(at + Span(3_000), path, Deed::Write(text.to_vec()));
        self.volume.on(at + Span(9_000), path, Deed::Close);
    }
}

/// What is on the disk when Windows has been installed.
pub(super) fn install(telling: &mut Telling, host: &Host<'_>, sizes: &Sizes) {
    let mut now = INSTALLED;
    for (folder, files) in FILES {
        now = telling.about(now + Span::milliseconds(140));
        telling.volume.folder(now, folder, TRUSTED_INSTALLER);
        for (name, length) in *files {
            now = telling.about(now + Span::milliseconds(37));
            let built = BUILT + Span(telling.noise.below(900_000_000));
            let path = format!(r"{folder}\{name}");
            telling
                .volume
                .unpacked(now, &path, TRUSTED_INSTALLER, *length, built);
        }
    }
    for folder in FOLDERS {
        now = telling.about(now + Span::milliseconds(12));
        telling.volume.folder(now, folder, SYSTEM);
    }
    for (path, length) in OF_SYSTEM {
        now = telling.about(now + Span::milliseconds(81));
        let length = sizes.of(host, path, *length);
        telling.volume.file(now, path, SYSTEM, length);
    }
    now = telling.about(now + Span::milliseconds(500));
    telling.text(now, r"C:\Windows\win.ini", SYSTEM, b"; for 16-bit app support\r\n[fonts]\r\n[extensions]\r\n[mci extensions]\r\n[files]\r\n[Mail]\r\nMAPI=1\r\n");
    junction(
        telling,
        now + Span::seconds(2),
        r"C:\Documents and Settings",
        r"C:\Users",
    );
    junction(
        telling,
        now + Span::seconds(2),
        r"C:\Users\All Users",
        r"C:\ProgramData",
    );
    update(telling, FileTime::day(2026, 2, 18).at(3, 22, 41, 0));
}

/// Hidden, of the system, not indexed.
const OF_COMPATIBILITY: u32 = 0x2006;

fn junction(telling: &mut Telling, at: FileTime, path: &str, target: &str) {
    let at = telling.about(at);
    telling
        .volume
        .on(at, path, Deed::Create(New::folder(SYSTEM)));
    telling
        .volume
        .on(at, path, Deed::SetAttributes(OF_COMPATIBILITY));
    telling
        .volume
        .on(at, path, Deed::Junction(target.to_owned()));
    telling.volume.on(at, path, Deed::Close);
}

/// What an update of Windows leaves.
pub(super) fn update(telling: &mut Telling, at: FileTime) {
    let at = telling.about(at);
    let [first, others @ ..] = CATALOGUE_FOLDERS.map(|folder| format!(r"{folder}\{CATALOGUE}"));
    telling.volume.unpacked(
        at,
        &first,
        TRUSTED_INSTALLER,
        10_412,
        at - Span::seconds(1_130_411),
    );
    for other in others {
        telling
            .volume
            .on(at + Span::milliseconds(90), &first, Deed::Link(other));
    }
    telling
        .volume
        .on(at + Span::milliseconds(91), &first, Deed::Close);
}
