//! What a movement left behind: files that were dropped, and what makes something run again, by the processes, the
//! sessions, the events and the account that it is known by (EVIDENCE.md §1.3, §3 J5–J8, J16).

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod case;

use case::{ANA, SECURITY, SERVICE, event, reconstructed};
use detectors::deed::List;
use detectors::movement::{LeftBehind, Movement};

const SYSMON: &str = r#""event.provider": "Microsoft-Windows-Sysmon""#;

fn security(second: u32, code: &str, id: &str, more: &str) -> String {
    event(
        second,
        "SRV02",
        &format!(
            r#"{SECURITY}, "event.category": "iam", "event.code": "{code}", "winlog.logon.id": "{id}", {ANA}, {more}"#
        ),
    )
}

fn sysmon(second: u32, code: &str, process: &str, more: &str) -> String {
    event(
        second,
        "SRV02",
        &format!(
            r#"{SYSMON}, "event.category": "file", "event.code": "{code}", "process.entity_id": "{process}", {more}"#
        ),
    )
}

/// A logon of ana's.
fn logon(second: u32, id: &str, logon_type: u8, ip: &str) -> String {
    security(
        second,
        "4624",
        id,
        &format!(r#""winlog.event_data.LogonType": "{logon_type}", "source.ip": "{ip}""#),
    )
}

fn logoff(second: u32, id: &str) -> String {
    security(second, "4634", id, r#""event.outcome": "success""#)
}

/// The movement: ana, from 10.20.30.11, in the session 0xa.
fn hop() -> Vec<String> {
    vec![
        logon(0, "0xa", 3, "10.20.30.11"),
        security(
            2,
            "4697",
            "0xa",
            r#""service.name": "svc", "service.Ext.executable_key": "c:\\windows\\svc.exe", "winlog.event_data.ServiceFileName": "C:\\Windows\\svc.exe""#,
        ),
        logoff(40, "0xa"),
    ]
}

fn path(path: &str) -> String {
    let path = path.replace('\\', r"\\");
    format!(
        r#""file.path": "{path}", "file.Ext.path_key": "{}""#,
        path.to_lowercase()
    )
}

/// A process that is below the movement's, where `logon_id` is that of its session.
fn started(second: u32, process: &str, parent: &str, logon_id: &str) -> String {
    let image = path(&format!(r"C:\Windows\{process}.exe"));
    let image = image.replace("file.path", "process.executable");
    sysmon(
        second,
        "1",
        process,
        &format!(
            r#"{image}, "process.parent.entity_id": "{parent}", "process.Ext.authentication_id": "{logon_id}", "process.hash.sha256": "{process}-hash""#
        ),
    )
}

/// `second words hash, removed second; by`.
fn told(behind: &LeftBehind, list: List) -> Vec<String> {
    let second = |time: timeline::Ticks| {
        let time = time.to_string();
        format!("{}{}", &time[15..16].replace('0', ""), &time[17..19])
    };
    let each = behind.all.iter().map(|left| {
        let removed = left.removed.map(|time| format!(" -{}", second(time)));
        format!(
            "{} {} {}{} {:?}",
            second(left.time),
            left.words(list),
            left.hash,
            removed.unwrap_or_default(),
            left.by
        )
    });
    each.collect()
}

#[track_caller]
fn movement(more: &[String]) -> Movement {
    let events = [hop(), more.to_vec()].concat();
    let mut case = reconstructed(&[SERVICE], &events);
    assert_eq!(case.movements.len(), 1);
    case.movements.remove(0)
}

fn dropped(more: &[String]) -> Vec<String> {
    told(&movement(more).dropped, List::Files)
}

/// Without the service that the movement is.
fn persistence(more: &[String]) -> Vec<String> {
    let mut all = told(&movement(more).persistence, List::Persistence);
    assert_eq!(all.remove(0), r"02 service svc: C:\Windows\svc.exe  Event");
    all
}

#[test]
fn files_of_the_movement_s_processes_and_sessions_are_told_with_hash_and_end() {
    let all = [
        started(3, "child", "services", "0xa"),
        started(4, "grandchild", "child", "0x3e7"),
        sysmon(5, "11", "grandchild", &path(r"C:\Windows\tool.exe")),
        started(6, "tool", "grandchild", "0x3e7"),
        sysmon(7, "11", "child", &path(r"C:\Temp\notes.txt")),
        sysmon(8, "11", "child", &path(r"C:\Temp\x.dll")),
        sysmon(
            30,
            "23",
            "child",
            &(path(r"C:\Temp\X.dll") + r#", "file.hash.sha256": "ff""#),
        ),
        security(
            9,
            "5145",
            "0xa",
            &(path(r"C:\Windows\svc.exe") + r#", "event.type": ["access", "change"]"#),
        ),
        // Nobody of the movement's.
        started(10, "other", "explorer", "0xe"),
        sysmon(11, "11", "other", &path(r"C:\Temp\other.exe")),
        security(
            12,
            "4663",
            "0xe",
            &(path(r"C:\Temp\others.exe") + r#", "event.type": ["access", "change"]"#),
        ),
    ];
    assert_eq!(
        dropped(&all),
        [
            r"05 C:\Windows\tool.exe tool-hash Process",
            r"08 C:\Temp\x.dll ff -30 Process",
            r"09 C:\Windows\svc.exe  Session",
        ]
    );
}

/// What the kernel writes comes over SMB: it is the movement's where its events name the file.
#[test]
fn a_file_that_the_kernel_wrote_is_the_movement_s_if_its_events_name_it() {
    let wrote = |second, name: &str, pid: u32| {
        let file = path(&format!(r"C:\Windows\{name}.exe"));
        sysmon(
            second,
            "11",
            "p",
            &format!(r#"{file}, "process.pid": {pid}"#),
        )
    };
    assert_eq!(
        dropped(&[wrote(1, "svc", 4), wrote(1, "another", 4)]),
        [r"01 C:\Windows\svc.exe  System"]
    );
    assert!(dropped(&[wrote(1, "svc", 5)]).is_empty(), "a process did");
    // Ten minutes before it is installed, at most.
    let late = hop()
        .into_iter()
        .map(|line| line.replace("21:00:", "21:11:"));
    let events = [late.collect(), vec![wrote(1, "svc", 4)]].concat();
    let case = reconstructed(&[SERVICE], &events);
    assert!(case.movements[0].dropped.all.is_empty());
}

#[test]
fn what_somebody_put_there_later_is_not_the_movement_s() {
    let file = path(r"C:\Temp\a.exe");
    let all = [
        started(3, "child", "services", "0xa"),
        // What was there before gave way.
        sysmon(4, "23", "child", &file),
        sysmon(5, "11", "child", &file),
        sysmon(90, "11", "other", &file),
        sysmon(
            95,
            "23",
            "other",
            &(file.clone() + r#", "file.hash.sha256": "ff""#),
        ),
    ];
    assert_eq!(dropped(&all), [r"05 C:\Temp\a.exe  Process"]);
    // Only that it deleted it is known.
    let all = [
        started(3, "child", "services", "0xa"),
        sysmon(5, "23", "child", &(file + r#", "file.hash.sha256": "ff""#)),
        sysmon(
            6,
            "23",
            "child",
            &(path(r"C:\Temp\a.log") + r#", "file.hash.sha256": "ff""#),
        ),
    ];
    assert_eq!(dropped(&all), [r"05 C:\Temp\a.exe ff -05 Process"]);
}

#[test]
fn persistence_is_known_by_session_or_process() {
    let task = |second, code: &str, id: &str, name: &str| {
        let name = format!(r#""winlog.scheduled_task.name": "\\{name}""#);
        security(second, code, id, &name)
    };
    let account = r#""user.target.id": "S-1-5-21-1-2-3-1500", "user.target.name": "eve", "user.target.domain": "CORP""#;
    let group = format!(
        r#"{account}, "group.id": "S-1-5-32-544", "group.name": "Administrators", "group.domain": "Builtin""#
    );
    let run = r#""registry.path": "HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\x", "registry.data.strings": "x.exe""#;
    let startup = r"C:\ProgramData\Microsoft\Windows\Start Menu\Programs\Startup\x.lnk";
    let all = [
        started(3, "child", "services", "0xa"),
        task(4, "4698", "0xa", "one"),
        task(5, "4698", "0xa", "two"),
        task(6, "4698", "0xe", "another's"),
        task(7, "4699", "0x3e7", "two"),
        security(8, "4720", "0xa", account),
        security(9, "4732", "0xa", &group),
        sysmon(10, "13", "child", run),
        sysmon(11, "11", "child", &path(startup)),
        sysmon(12, "13", "other", &run.replace(r"Run\\x", r"Run\\y")),
        // That it took away what others had made is not left behind.
        task(13, "4699", "0xa", "old"),
    ];
    assert_eq!(
        persistence(&all),
        [
            r"04 task \one  Session",
            r"05 task \two  -07 Session",
            r"08 account CORP\eve  Session",
            r"09 CORP\eve added to group Builtin\Administrators  Session",
            r"10 registry HKLM\Software\Microsoft\Windows\CurrentVersion\Run\x = x.exe  Process",
            &format!("11 start-up item {startup}  Process"),
        ]
    );
}

/// The System log names who installed a service, not in which session; the trap is that another session of the account
/// is there.
#[test]
fn what_only_the_account_is_known_of_is_told_when_no_other_session_can_have_done_it() {
    let installed = |second, more: &str| {
        event(
            second,
            "SRV02",
            &format!(
                r#""event.provider": "Service Control Manager", "event.code": "7045", "event.category": "iam",
                "service.name": "other", "winlog.event_data.ImagePath": "o.exe", {more}"#
            ),
        )
    };
    let told = ["10 service other: o.exe  Account"];
    assert_eq!(persistence(&[installed(10, ANA)]), told);
    let none: [&str; 0] = [];
    assert_eq!(persistence(&[installed(41, ANA)]), none, "after the logoff");
    let bo = ANA.replace("1104", "1105").replace("ana", "bo");
    assert_eq!(persistence(&[installed(10, &bo)]), none, "another account");
    let beside = |second, logon_type, ip: &str| {
        persistence(&[
            installed(30, ANA),
            logon(second, "0xe", logon_type, ip),
            logoff(second + 20, "0xe"),
        ])
    };
    let told = ["30 service other: o.exe  Account"];
    assert_eq!(beside(15, 2, "127.0.0.1"), none, "at the console");
    assert_eq!(beside(5, 2, "127.0.0.1"), told, "no more at the console");
    assert_eq!(beside(15, 3, "10.20.30.12"), none, "from elsewhere");
    let same = "from where the movement is from";
    assert_eq!(beside(15, 3, "10.20.30.11"), told, "{same}");
    // A logon of the movement itself has no address.
    assert_eq!(beside(15, 3, ""), none, "too late to be of the movement");
    let sibling = [installed(10, ANA), logon(1, "0xb", 3, "")];
    assert_eq!(persistence(&sibling), ["10 service other: o.exe  Account"]);
    // By its name, where no SID was recorded: a task, a subscription.
    let registered = event(
        11,
        "SRV02",
        r#""event.provider": "Microsoft-Windows-TaskScheduler", "event.code": "106", "event.category": "iam",
        "winlog.scheduled_task.name": "\\t", "user.name": "Ana", "user.domain": "CORP""#,
    );
    let subscribed = event(
        12,
        "SRV02",
        r#""event.provider": "Microsoft-Windows-WMI-Activity", "event.code": "5861", "event.category": "configuration",
        "winlog.user_data.ESS": "F", "winlog.user_data.CONSUMER": "C",
        "winlog.user_data.PossibleCause": "CreatorSID = {1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 80, 4, 0, 0};""#,
    );
    assert_eq!(
        persistence(&[registered, subscribed]),
        [r"11 task \t  Account", "12 WMI F runs C  Account"]
    );
}

/// The trap: the System log calls a service what is displayed, the Security log what its key is called.
#[test]
fn one_service_under_two_names_is_told_once() {
    let displayed = event(
        3,
        "SRV02",
        &format!(
            r#""event.provider": "Service Control Manager", "event.code": "7045", "event.category": "iam", {ANA},
            "service.name": "Display Name", "winlog.event_data.ImagePath": "C:\\Windows\\SVC.exe""#
        ),
    );
    let movement = movement(&[displayed]);
    assert_eq!(
        told(&movement.persistence, List::Persistence),
        [r"02 service svc (Display Name): C:\Windows\svc.exe  Event"]
    );
}

/// A flood of files hides no persistence, and what was cut off is said.
#[test]
fn a_flood_is_cut_and_hides_nothing_else() {
    let mut all = vec![started(3, "child", "services", "0xa")];
    let file = |number: u32| {
        let file = path(&format!(r"C:\Temp\{number}.exe"));
        sysmon(10 + number / 100, "11", "child", &file)
    };
    all.extend((0..199).map(file));
    let run = r#""registry.path": "HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\x""#;
    all.push(sysmon(30, "13", "child", run));
    let whole = movement(&all);
    assert_eq!(
        (whole.dropped.all.len(), whole.dropped.is_cut),
        (199, false)
    );
    all.extend((199..201).map(file));
    let cut = movement(&all);
    assert_eq!((cut.dropped.all.len(), cut.dropped.is_cut), (200, true));
    all.extend((201..1200).map(file));
    let cut = movement(&all);
    assert_eq!((cut.dropped.all.len(), cut.dropped.is_cut), (200, true));
    assert_eq!(cut.persistence.all.len(), 2);
    assert!(!cut.persistence.is_cut);
}
