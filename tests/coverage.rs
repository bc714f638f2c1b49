//! Whole runs, and what they say of the evidence itself: what each log covers, how it is set, what was done
//! to it, and which questions stay open.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::path::Path;

use common::{Case, Row, analyze, samples};
use samples::evtx::{Body, LogWriter, Record, Sid, Value};
use samples::regf::{Data, Hive, Key};
use samples::time::FileTime;

const DAY: FileTime = FileTime::day(2026, 3, 2);
const EVENTLOG: &str = "Microsoft-Windows-Eventlog";
const AUDITING: &str = "Microsoft-Windows-Security-Auditing";
const HOST: &str = "SRV02.corp.example.com";
/// What tells nothing of other hosts.
const LOGON: (&str, &str, u16) = (AUDITING, "Security", 4624);

/// The row of a log or an artefact.
#[track_caller]
fn row(case: &Case, host: &str, channel: &str) -> Row {
    let rows = case.rows("coverage.csv");
    let is_it = |row: &&Row| row["host"] == host && row["channel_or_artefact"] == channel;
    let found: Vec<&Row> = rows.iter().filter(is_it).collect();
    assert_eq!(found.len(), 1, "{host} {channel}: {rows:#?}");
    found[0].clone()
}

/// A record of an hour: provider, channel and code, and its data.
fn record(
    hour: u64,
    (provider, channel, code): (&'static str, &'static str, u16),
    body: Body,
) -> Record {
    Record {
        time: DAY.at(hour, 0, 0, 0),
        ..Record::plain(provider, channel, code, body)
    }
}

fn data(fields: &[(&'static str, &str)]) -> Body {
    let text = |(name, text): &(&'static str, &str)| (*name, Value::Text((*text).to_owned()));
    Body::EventData(fields.iter().map(text).collect())
}

fn cleared(hour: u64, channel: &'static str, code: u16, fields: &[(&'static str, &str)]) -> Record {
    let Body::EventData(fields) = data(fields) else {
        unreachable!("that is what it makes")
    };
    let body = Body::UserData {
        element: "LogFileCleared",
        namespace: "http://manifests.microsoft.com/win/2004/08/windows/eventlog",
        fields,
    };
    record(hour, (EVENTLOG, channel, code), body)
}

fn write_log(folder: &Path, name: &str, records: &[Record]) {
    let mut log = LogWriter::create(std::io::Cursor::new(Vec::new())).unwrap();
    for record in records {
        log.write(record).unwrap();
    }
    let path = folder.join(name);
    std::fs::write(path, log.finish().unwrap().into_inner()).unwrap();
}

fn write_hive(folder: &Path, name: &str, root: Key) {
    let hive = Hive {
        root,
        file_name: format!(r"\SystemRoot\System32\Config\{name}"),
        written: DAY,
        sequence: 1,
        minor: 5,
        granted: vec![Sid::new(5, [18])],
    };
    std::fs::write(folder.join(name), hive.bytes()).unwrap();
}

/// What Windows keeps in the registry of its logs.
fn write_hives(folder: &Path) {
    let mut system = Key::new("ROOT", DAY);
    system.at("Select").number("Current", 1);
    let set = system.at("ControlSet001");
    set.at(r"Control\ComputerName\ComputerName")
        .text("ComputerName", "SRV02");
    set.at(r"Services\Tcpip\Parameters")
        .text("Hostname", "SRV02")
        .text("Domain", "corp.example.com");
    set.at(r"Services\EventLog\Security")
        .number("MaxSize", 20_971_520)
        .number("Retention", 0);
    set.at(r"Services\EventLog\System")
        .number("MaxSize", 1_052_672)
        .number("Retention", 0xffff_ffff);
    write_hive(folder, "SYSTEM", system);
    let mut software = Key::new("ROOT", DAY);
    software.at(r"Microsoft\Windows NT\CurrentVersion");
    let channels = software.at(r"Microsoft\Windows\CurrentVersion\WINEVT\Channels");
    for (channel, enabled) in [
        ("Microsoft-Windows-WinRM/Operational", 1),
        ("Microsoft-Windows-TaskScheduler/Operational", 0),
        ("Microsoft-Windows-Kernel-PnP/Configuration", 1),
    ] {
        channels.at(channel).number("Enabled", enabled);
    }
    write_hive(folder, "SOFTWARE", software);
    let mut security = Key::new("ROOT", DAY);
    // Nine categories of one subcategory each.
    let mut bytes = vec![0, 1, 0, 0, 9, 0, 0, 0, 30, 0, 0, 0];
    let numbers = [0, 3, 0, 0, 0, 0, 0, 0, 0].into_iter().chain([1; 9]);
    bytes.extend(numbers.flat_map(u16::to_le_bytes));
    security
        .at(r"Policy\PolAdtEv")
        .set("", Data::Other(0, bytes));
    write_hive(folder, "SECURITY", security);
}

/// Logs of a host that were cleared, one of them for the second time, and a clock that was set.
fn write_logs(folder: &Path) {
    let security = [
        cleared(9, "Security", 1102, &[]),
        record(10, LOGON, data(&[("LogonType", "2")])),
        cleared(12, "Security", 1102, &[]),
        record(
            13,
            (AUDITING, "Security", 4719),
            data(&[
                ("SubcategoryGuid", "{0CCE9244-69AE-11D9-BED3-505054503030}"),
                ("AuditPolicyChanges", "%%8448"),
            ]),
        ),
    ];
    write_log(folder, "Security.evtx", &security);
    let system = [
        cleared(11, "System", 104, &[("Channel", "Application")]),
        record(
            12,
            ("Microsoft-Windows-Kernel-General", "System", 1),
            data(&[
                ("OldTime", "2026-03-02T12:00:00.0000000Z"),
                ("NewTime", "2026-03-02T11:00:00.0000000Z"),
                ("Reason", "1"),
            ]),
        ),
    ];
    write_log(folder, "System.evtx", &system);
}

#[test]
fn the_samples_say_what_was_not_collected_of_them() {
    let case = analyze(&[&samples()], &[]);
    let tasks = "Microsoft-Windows-TaskScheduler/Operational";
    for host in [HOST, "WS01.corp.example.com"] {
        let row = row(&case, host, tasks);
        let cells =
            ["present", "enabled", "records", "max_size"].map(|column| row[column].as_str());
        assert_eq!(cells, ["no", "no", "0", "10485760"]);
    }
    for (host, channel, present) in [
        (HOST, "Security", "yes"),
        (HOST, "System", "no"),
        (HOST, "registry:SAM", "no"),
        (HOST, "registry:SYSTEM", "yes"),
        ("WS01.corp.example.com", "Security", "no"),
        ("WS01.corp.example.com", r"C:\$MFT", "yes"),
    ] {
        assert_eq!(row(&case, host, channel)["present"], present, "{channel}");
    }
    let rows = case.rows("coverage.csv");
    let without_volume = rows
        .iter()
        .filter(|row| row["channel_or_artefact"] == "$MFT");
    let without_volume: Vec<_> = without_volume.map(|row| row["host"].as_str()).collect();
    assert_eq!(
        without_volume,
        ["DC01.corp.example.com", "FS03.corp.example.com"]
    );
    let places: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["host"].to_lowercase(),
                row["channel_or_artefact"].to_lowercase(),
            )
        })
        .collect();
    assert!(places.is_sorted());
    let report = case.text("report.md");
    assert!(report.contains("\n## What this evidence could not answer\n"));
    assert!(
        !case.stdout.contains("could not have answered"),
        "movements were found: {}",
        case.stdout
    );
}

#[test]
fn coverage_says_how_logs_are_set_and_what_was_done_to_them() {
    let folder = tempfile::tempdir().unwrap();
    write_hives(folder.path());
    write_logs(folder.path());
    let case = analyze(&[folder.path()], &[]);
    assert_eq!(case.code, 0, "{}{}", case.stdout, case.stderr);
    let columns = [
        "present",
        "enabled",
        "cleared_at",
        "max_size",
        "time_jumps",
        "retention",
    ];
    for (channel, expected) in [
        (
            "Security",
            [
                "yes",
                "",
                "2026-03-02T09:00:00.0000000Z;2026-03-02T12:00:00.0000000Z",
                "20971520",
                "",
                "overwrites the oldest",
            ],
        ),
        (
            "System",
            [
                "yes",
                "",
                "",
                "1052672",
                "2026-03-02T12:00:00.0000000Z -> 2026-03-02T11:00:00.0000000Z",
                "records no more",
            ],
        ),
        (
            "Application",
            ["no", "", "2026-03-02T11:00:00.0000000Z", "", "", ""],
        ),
        (
            "Microsoft-Windows-WinRM/Operational",
            ["no", "yes", "", "", "", ""],
        ),
        (
            "Microsoft-Windows-TaskScheduler/Operational",
            ["no", "no", "", "", "", ""],
        ),
        ("$MFT", ["no", "", "", "", "", ""]),
        ("registry:SAM", ["no", "", "", "", "", ""]),
    ] {
        let row = row(&case, HOST, channel);
        assert_eq!(
            columns.map(|column| row[column].as_str()),
            expected,
            "{channel}"
        );
    }
    assert_eq!(
        row(&case, HOST, "Security")["audit_policy"],
        "Logon: success and failure; Credential Validation: none; Process Creation: none; \
         Detailed File Share: success removed 2026-03-02T13:00:00.0000000Z; Audit Policy Change: none"
    );
    let rows = case.rows("coverage.csv");
    let listed = |name: &str| rows.iter().any(|row| row["channel_or_artefact"] == name);
    assert!(!listed("Microsoft-Windows-Kernel-PnP/Configuration"));
}

#[test]
fn a_run_without_movements_says_what_could_not_have_been_found() {
    let folder = tempfile::tempdir().unwrap();
    write_hives(folder.path());
    write_logs(folder.path());
    let case = analyze(&[folder.path()], &[]);
    assert!(case.stdout.contains("No lateral movement was found."));
    let words = case
        .stdout
        .split("\nWhat this evidence could not have answered:\n");
    let words = words.last().unwrap().split("\n\n").next().unwrap();
    let open = [
        "which programs were started: the audit of process creation is off, as last set; no Sysmon/Operational log was collected",
        "which files were placed: neither $MFT nor $UsnJrnl:$J was collected",
        "which shares others reached: the Security log has no event 5140 or 5145",
        "where remote desktop went to from there: neither TerminalServices-RDPClient/Operational log nor \
         NTUSER.DAT hive was collected",
        "what was done over WinRM: no WinRM/Operational log was collected",
        "what was done over WMI: the audit of process creation is off, as last set; neither WMI-Activity/Operational log nor \
         Sysmon/Operational log was collected",
        "what PowerShell ran: neither PowerShell/Operational log nor Windows PowerShell log was collected",
        "who logged on over the network: in part: the Security log was cleared at 2026-03-02 12:00:00",
        "who came by remote desktop: in part: the Security log was cleared at 2026-03-02 12:00:00; none of \
         TerminalServices-LocalSessionManager/Operational log, \
         TerminalServices-RemoteConnectionManager/Operational log and \
         RemoteDesktopServices-RdpCoreTS/Operational log was collected",
    ];
    let expected: Vec<String> = open
        .iter()
        .map(|line| format!("  {HOST}: {line}"))
        .collect();
    assert_eq!(words, expected.join("\n"));
    let report = case.text("report.md");
    let section = report.split("## What this evidence could not answer\n\n");
    let section = section.last().unwrap().split("\n\n").next().unwrap();
    let expected: Vec<String> = open
        .iter()
        .map(|line| format!("- `{HOST}`: {line}"))
        .collect();
    assert_eq!(section, expected.join("\n"));
}

#[test]
fn a_log_that_is_off_answers_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write_hives(folder.path());
    let mut software = Key::new("ROOT", DAY);
    software.at(r"Microsoft\Windows NT\CurrentVersion");
    software
        .at(r"Microsoft\Windows\CurrentVersion\WINEVT\Channels\Microsoft-Windows-WinRM/Operational")
        .number("Enabled", 0);
    write_hive(folder.path(), "SOFTWARE", software);
    let case = analyze(&[folder.path()], &[]);
    assert!(
        case.stdout.contains(
            "what was done over WinRM: the WinRM/Operational log is off, and none was collected"
        ),
        "{}",
        case.stdout
    );
    let programs = "which programs were started: the audit of process creation is off, as last set; no \
                    Sysmon/Operational log was collected";
    let logons = "who logged on over the network: no Security log was collected";
    for open in [programs, logons] {
        assert!(case.stdout.contains(open), "{}", case.stdout);
    }
}

#[test]
fn hosts_with_the_same_answer_are_named_together() {
    let folder = tempfile::tempdir().unwrap();
    for number in 1..=7 {
        let logon = Record {
            computer: format!("WS{number:02}").into(),
            ..record(9, LOGON, data(&[("LogonType", "2")]))
        };
        write_log(folder.path(), &format!("{number}.evtx"), &[logon]);
    }
    let case = analyze(&[folder.path()], &[]);
    assert!(
        case.stdout.contains(
            "\n  WS01, WS02, WS03, WS04 and 3 more hosts: which files were placed: neither $MFT nor \
             $UsnJrnl:$J was collected\n"
        ),
        "{}",
        case.stdout
    );
    assert!(!case.stdout.contains("who logged on"), "{}", case.stdout);
}

#[test]
fn a_log_that_begins_much_later_than_others_answers_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let late = Record {
        time: FileTime::day(2026, 3, 4).at(9, 0, 0, 0),
        ..record(0, LOGON, data(&[("LogonType", "2")]))
    };
    write_log(folder.path(), "Security.evtx", &[late]);
    let start = record(9, ("EventLog", "System", 6005), data(&[]));
    write_log(folder.path(), "System.evtx", &[start]);
    let case = analyze(&[folder.path()], &[]);
    assert!(
        case.stdout.contains(
            "who logged on over the network: in part: the Security log begins only at 2026-03-04 09:00:00, \
             others of that host at 2026-03-02 09:00:00"
        ),
        "{}",
        case.stdout
    );
}

/// Events of a kind, and later the end of their audit.
#[test]
fn an_audit_that_was_turned_off_answers_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let share = (AUDITING, "Security", 5145);
    let off = [
        ("SubcategoryGuid", "{0CCE9244-69AE-11D9-BED3-505054503030}"),
        ("AuditPolicyChanges", "%%8448"),
    ];
    let other = [
        ("SubcategoryGuid", "{0CCE9224-69AE-11D9-BED3-505054503030}"),
        ("AuditPolicyChanges", "%%8448"),
    ];
    let turned_off = (AUDITING, "Security", 4719);
    let records = [
        cleared(9, "Security", 1102, &[]),
        record(10, share, data(&[("ShareName", r"\\*\IPC$")])),
        record(11, turned_off, data(&off)),
        record(11, turned_off, data(&other)),
    ];
    let open = |records: &[Record]| {
        write_log(folder.path(), "Security.evtx", records);
        let case = analyze(&[folder.path()], &[]);
        let mut lines = case.stdout.lines().map(str::to_owned);
        lines.find_map(|line| Some(line.split_once("others reached: ")?.1.to_owned()))
    };
    assert_eq!(
        open(&records).unwrap(),
        "in part: the Security log was cleared at 2026-03-02 09:00:00; the audit of access to shares is off, \
         as last set"
    );
    assert_eq!(
        open(&records[1..]).unwrap(),
        "in part: the audit of access to shares is off, as last set"
    );
    assert_eq!(open(&records[1..3]), None, "one of both is enough");
    assert_eq!(
        open(&records[2..]).unwrap(),
        "the audit of access to shares is off, as last set"
    );
}

/// What lies outside of the chosen period was collected, and its clearing still counts.
#[test]
fn what_was_left_out_by_choice_was_collected() {
    let folder = tempfile::tempdir().unwrap();
    write_hives(folder.path());
    write_logs(folder.path());
    let case = analyze(&[folder.path()], &["--from", "2026-03-02T12:30:00Z"]);
    let system = row(&case, HOST, "System");
    assert_eq!(
        (system["present"].as_str(), system["records"].as_str()),
        ("yes", "0")
    );
    let security = row(&case, HOST, "Security");
    assert_eq!(security["records"], "1");
    assert!(
        security["cleared_at"].starts_with("2026-03-02T09"),
        "{security:?}"
    );
    assert_eq!(security["max_size"], "20971520");
    assert!(!case.stdout.contains("which services"), "the hive tells");
    std::fs::remove_file(folder.path().join("SYSTEM")).unwrap();
    let case = analyze(&[folder.path()], &["--from", "2026-03-02T12:30:00Z"]);
    assert!(
        case.stdout
            .contains("the System log has nothing of the chosen period"),
        "{}",
        case.stdout
    );
}
