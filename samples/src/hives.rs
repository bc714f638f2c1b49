//! The samples' registry hives: what the story, and the days before it, left in them.
//!
//! Two are dirty. On disk svc-deploy's has never seen the Run dialog, and j.moreau's has one entry; what was
//! typed last is in their transaction logs alone.

use crate::corp::{APP04, DAY, DC01, DEPLOY, FS03, MOREAU, SANDOVAL, SRV02, WS01};
use crate::evtx::Sid;
use crate::intrusion::{self, SCENES};
use crate::onward;
use crate::regf::{Data, Hive, Key, dirty, new_log, security_descriptor};
use crate::time::{FileTime, Span};
use crate::windows::{Account, Host, Task};

/// A file of a hive, or of its log.
#[derive(Clone, Debug)]
pub struct HiveFile {
    /// Below the evidence folder: as on the host's disk, in a folder per host.
    pub path: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// When Windows was installed.
pub(crate) const INSTALLED: FileTime = FileTime::day(2025, 4, 14).at(9, 30, 0, 0);
const RUN_MRU: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\RunMRU";
const TASK_CACHE: &str = r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache";
/// All rights to a file, which those to a task are.
const FILE_ALL: u32 = 0x001F_01FF;
/// A class that a task of Windows starts, and its library.
const SOUND_CLASS: &str = "{2DEA658F-54C1-4227-AF9B-260AB5FC3543}";

/// Who has a profile where.
pub(crate) const PROFILES: [(Host<'_>, &[Account<'_>]); 5] = [
    (WS01, &[MOREAU]),
    (SRV02, &[SANDOVAL, DEPLOY]),
    (FS03, &[SANDOVAL]),
    (APP04, &[SANDOVAL]),
    (DC01, &[SANDOVAL]),
];

/// Every hive with its logs.
#[must_use]
pub fn hive_files() -> Vec<HiveFile> {
    let mut files = Vec::new();
    for (host, users) in PROFILES {
        files.push(of_machine(&host, "SYSTEM", system(&host)));
        files.push(of_machine(&host, "SOFTWARE", software(&host, users)));
    }
    files.extend(of_user(&WS01, &MOREAU, &moreau()));
    files.extend(of_user(&SRV02, &DEPLOY, &deploy()));
    files
}

fn of_machine(host: &Host<'_>, name: &str, root: Key) -> HiveFile {
    let hive = Hive {
        root,
        file_name: format!(r"\SystemRoot\System32\Config\{name}"),
        written: DAY.at(23, 31, 12, 0),
        sequence: 4_107,
        minor: 5,
        granted: vec![Account::SYSTEM.sid(), Sid::new(5, [32, 544])],
    };
    HiveFile {
        path: format!("{}/Windows/System32/config/{name}", host.name),
        bytes: hive.bytes(),
    }
}

/// A user's hive on disk, and what it is after its two logs.
struct Profile {
    on_disk: Key,
    in_first_log: Key,
    in_second_log: Key,
}

fn of_user(host: &Host<'_>, user: &Account<'_>, profile: &Profile) -> Vec<HiveFile> {
    let hive = |root: &Key| Hive {
        root: root.clone(),
        file_name: format!(r"\??\C:\Users\{}\ntuser.dat", user.name),
        written: DAY.at(7, 2, 50, 0),
        sequence: 211,
        minor: 5,
        granted: vec![Sid::new(5, [32, 544]), Account::SYSTEM.sid(), user.sid()],
    };
    let [on_disk, first, second] = [
        &profile.on_disk,
        &profile.in_first_log,
        &profile.in_second_log,
    ]
    .map(|root| hive(root).bytes());
    let primary = dirty(on_disk);
    let logs = [
        ("LOG1", new_log(&primary, &[&first], 211)),
        ("LOG2", new_log(&first, &[&second], 212)),
    ];
    let path = format!("{}/Users/{}/NTUSER.DAT", host.name, user.name);
    let logs = logs.map(|(ending, bytes)| HiveFile {
        // Windows writes the endings in capitals, copies do not always keep them.
        path: format!("{path}.{ending}"),
        bytes,
    });
    let primary = HiveFile {
        path,
        bytes: primary,
    };
    std::iter::once(primary).chain(logs).collect()
}

fn system(host: &Host<'_>) -> Key {
    let mut root = Key::new("ROOT", INSTALLED);
    root.at("Select")
        .number("Current", 1)
        .number("Default", 1)
        .number("Failed", 0)
        .number("LastKnownGood", 1);
    let set = root.at("ControlSet001");
    set.at(r"Control\ComputerName\ComputerName")
        .text("ComputerName", host.name);
    set.at(r"Control\TimeZoneInformation")
        .text("TimeZoneKeyName", "UTC")
        .number("ActiveTimeBias", 0)
        .number("Bias", 0);
    set.at(r"Control\Terminal Server")
        .number("fDenyTSConnections", u32::from(host.name == WS01.name));
    set.at(r"Control\Lsa")
        .set(
            "Security Packages",
            Data::MultiSz(vec!["msv1_0".into(), "kerberos".into()]),
        )
        .number("RunAsPPL", 0);
    set.at(r"Control\FileSystem")
        .number("NtfsDisableLastAccessUpdate", 0x8000_0002);
    let shutdown = FileTime(host.boot.0 - Span::seconds(83).0);
    set.at(r"Control\Windows").written(shutdown).set(
        "ShutdownTime",
        Data::Binary(shutdown.0.to_le_bytes().to_vec()),
    );
    let tcpip = set.at(r"Services\Tcpip\Parameters");
    tcpip
        .text("Hostname", host.name)
        .text("NV Hostname", host.name)
        .text("Domain", domain_of(host));
    tcpip
        .at(r"Interfaces\{5C8A1B70-3D42-4E0B-9A51-7F0C2D9E4B16}")
        .set("IPAddress", Data::MultiSz(vec![host.ip.into()]))
        .number("EnableDHCP", 0);
    service(
        set,
        "LanmanServer",
        r"%SystemRoot%\System32\svchost.exe -k netsvcs -p",
        0x20,
        2,
        INSTALLED,
    );
    service(
        set,
        "Schedule",
        r"%SystemRoot%\System32\svchost.exe -k netsvcs -p",
        0x20,
        2,
        INSTALLED,
    );
    set.at(r"Services\Schedule\Parameters").set(
        "ServiceDll",
        Data::ExpandSz(r"%SystemRoot%\System32\schedsvc.dll".into()),
    );
    set.at(r"Services\bam\State\UserSettings");
    if host.name == SRV02.name {
        let (copied, _) = SCENES[1];
        let installed = copied + Span::milliseconds(2_315);
        service(set, intrusion::SERVICE, intrusion::TOOL, 0x10, 3, installed);
    }
    if host.name == APP04.name {
        let installed = onward::SERVICE_WRITTEN;
        service(set, intrusion::SERVICE, onward::IMAGE, 0x10, 3, installed);
    }
    root
}

fn domain_of<'a>(host: &Host<'a>) -> &'a str {
    host.computer
        .split_once('.')
        .map_or("", |(_, domain)| domain)
}

fn service(set: &mut Key, name: &str, image: &str, kind: u32, start: u32, written: FileTime) {
    set.at(&format!(r"Services\{name}"))
        .written(written)
        .set("ImagePath", Data::ExpandSz(image.into()))
        .number("Type", kind)
        .number("Start", start)
        .text("ObjectName", "LocalSystem");
}

fn software(host: &Host<'_>, users: &[Account<'_>]) -> Key {
    let mut root = Key::new("ROOT", INSTALLED);
    let guid = host.sysmon_guid(INSTALLED, u64::from(host.machine));
    root.at(r"Microsoft\Cryptography")
        .text("MachineGuid", guid.to_string().trim_matches(['{', '}']));
    let is_server = host.name != WS01.name;
    root.at(r"Microsoft\Windows NT\CurrentVersion")
        .text(
            "ProductName",
            if is_server {
                "Windows Server 2022 Standard"
            } else {
                "Windows 10 Pro"
            },
        )
        .text("SystemRoot", r"C:\Windows");
    let profiles = root.at(r"Microsoft\Windows NT\CurrentVersion\ProfileList");
    for user in users {
        profiles.at(&user.sid().to_string()).set(
            "ProfileImagePath",
            Data::ExpandSz(format!(r"%SystemDrive%\Users\{}", user.name)),
        );
    }
    root.at(r"Microsoft\Windows\CurrentVersion\WINEVT\Channels\Microsoft-Windows-TaskScheduler/Operational")
        .number("Enabled", 0)
        .number("MaxSize", 10 << 20);
    root.at(r"Microsoft\Windows\CurrentVersion\Run").set(
        "SecurityHealth",
        Data::ExpandSz(r"%windir%\system32\SecurityHealthSystray.exe".into()),
    );
    root.at(&format!(r"Classes\CLSID\{SOUND_CLASS}\InprocServer32"))
        .set(
            "",
            Data::ExpandSz(r"%SystemRoot%\System32\PlaySndSrv.dll".into()),
        );
    tasks(&mut root, host.name == SRV02.name);
    root
}

/// The tasks of Windows, and that of the story.
fn tasks(root: &mut Key, has_story: bool) {
    let path = r"\Microsoft\Windows\Multimedia\SystemSoundsService";
    let id = "{0F3A7C11-52D8-4E6B-B0A9-61C4D27E8F03}";
    let actions = Task::com_handler_actions("InteractiveUsers", class_bytes(), "");
    let info = Task::dynamic_info(INSTALLED, DAY.at(7, 2, 58, 0));
    task(root, path, id, actions, info, INSTALLED);
    root.at(&format!(r"{TASK_CACHE}\Logon\{id}"));
    if !has_story {
        return;
    }
    let (begin, _) = SCENES[3];
    let registered = begin + Span::milliseconds(1_475);
    let ran = begin + Span::milliseconds(2_095);
    let author = DEPLOY.full_name();
    let story = intrusion::task(&author);
    let info = Task::dynamic_info(registered, ran);
    // The run is noted in the same key.
    task(
        root,
        intrusion::TASK,
        intrusion::TASK_ID,
        story.actions(),
        info,
        ran,
    );
    let key = root.at(&format!(r"{TASK_CACHE}\Tasks\{}", intrusion::TASK_ID));
    key.text("Author", &author);
    root.at(&format!(r"{TASK_CACHE}\Tree{}", intrusion::TASK))
        .written(registered);
    root.at(&format!(r"{TASK_CACHE}\Plain\{}", intrusion::TASK_ID));
}

fn task(root: &mut Key, path: &str, id: &str, actions: Vec<u8>, info: Vec<u8>, written: FileTime) {
    let readers = [Sid::new(5, [32, 544]), Account::SYSTEM.sid()];
    root.at(&format!(r"{TASK_CACHE}\Tree{path}"))
        .text("Id", id)
        .number("Index", 3)
        .set("SD", Data::Binary(security_descriptor(&readers, FILE_ALL)));
    root.at(&format!(r"{TASK_CACHE}\Tasks\{id}"))
        .written(written)
        .text("Path", path)
        .text("URI", path)
        .set("Actions", Data::Binary(actions))
        .set("DynamicInfo", Data::Binary(info));
}

/// [`SOUND_CLASS`] as it is stored.
const fn class_bytes() -> [u8; 16] {
    [
        0x8F, 0x65, 0xEA, 0x2D, 0xC1, 0x54, 0x27, 0x42, 0xAF, 0x9B, 0x26, 0x0A, 0xB5, 0xFC, 0x35,
        0x43,
    ]
}

/// Who opened the note had an ordinary day before. The second entry of the Run dialog is in a log alone.
fn moreau() -> Profile {
    let day = |hour, minute| DAY.at(hour, minute, 7, 250);
    let mut on_disk = Key::new("ROOT", INSTALLED);
    on_disk
        .at(RUN_MRU)
        .written(day(8, 12))
        .text("a", r"\\FS01\docs\1")
        .text("MRUList", "a");
    on_disk
        .at(r"Software\Microsoft\Windows\CurrentVersion\Explorer\TypedPaths")
        .written(day(8, 13))
        .text("url1", r"\\FS01\docs\templates");
    on_disk
        .at(r"Software\Microsoft\Windows\CurrentVersion\Explorer\MountPoints2\##FS01#docs")
        .written(day(8, 12))
        .text("_LabelFromReg", "docs");
    let mut first = on_disk.clone();
    first
        .at(RUN_MRU)
        .written(day(16, 40))
        .text("b", r"mspaint\1")
        .text("MRUList", "ba");
    let mut second = first.clone();
    second
        .at(r"Software\Microsoft\Windows\CurrentVersion\Explorer\RecentDocs")
        .written(day(17, 2))
        .set("0", Data::Binary(document("minutes.docx")))
        .set(
            "MRUListEx",
            Data::Binary(vec![0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]),
        );
    Profile {
        on_disk,
        in_first_log: first,
        in_second_log: second,
    }
}

/// A name as RecentDocs keeps it, without the shell item behind it.
fn document(name: &str) -> Vec<u8> {
    let mut bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.extend([0; 4]);
    bytes
}

/// Who moved had never typed anything on the server. What was typed is in the second log alone.
fn deploy() -> Profile {
    let (begin, _) = SCENES[4];
    let mut on_disk = Key::new("ROOT", INSTALLED);
    on_disk
        .at(r"Software\Microsoft\Windows\CurrentVersion\Explorer")
        .number("ShellState", 36);
    let mut first = on_disk.clone();
    first
        .at(r"Volatile Environment\2")
        .written(begin + Span::milliseconds(3_390))
        .text("SESSIONNAME", "RDP-Tcp#3")
        .text("CLIENTNAME", WS01.name);
    let mut second = first.clone();
    second
        .at(RUN_MRU)
        .written(begin + Span::milliseconds(17_299))
        .text("a", &format!(r"{}\1", intrusion::TYPED))
        .text("MRUList", "a");
    Profile {
        on_disk,
        in_first_log: first,
        in_second_log: second,
    }
}
