//! Names of a megabyte, in logs that were exported: a log itself has no room for one.

use std::fmt::Write;
use std::path::Path;

use crate::case::path;
use crate::common::{analyze, sidetrack};
use crate::exports::all_forms_are_sound;
use crate::has_all;
use crate::outputs::{is_graph, is_page, is_printable, is_sound};
use crate::payload::mark;
use crate::tables_of;

/// What they are of, how often, and the fields whose marks they begin with: a service, its program, an account, a host.
const LONG: [(&str, usize, &str); 4] = [
    ("A", 1 << 20, "ls"),
    ("<", 1 << 18, "li"),
    ("\\", 1 << 18, "la"),
    ("`|[x](", 1 << 15, "lh"),
];

/// The marks of all of them.
fn long_marks() -> impl Iterator<Item = String> {
    LONG.iter().map(|(.., field)| mark(99, field))
}

/// Writes logons over the network, each of which installs a service, and of each of which one name is long.
fn write(folder: &Path) {
    let mut xml = String::from("<Events>");
    for (place, (pattern, times, field)) in LONG.into_iter().enumerate() {
        let long = (mark(99, field) + &pattern.repeat(times)).replace('<', "&lt;");
        let mut names = ["service", "program.exe", "account", "host"].map(str::to_owned);
        names[place] = long;
        events(&mut xml, 10 * place, &names);
    }
    others(&mut xml);
    xml.push_str("</Events>");
    std::fs::write(folder.join("export.xml"), xml).unwrap();
}

fn events(xml: &mut String, minute: usize, [service, image, account, host]: &[String; 4]) {
    let event = |id: u32, second: u32, record: usize, data: String| {
        format!(
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
             <Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>{id}</EventID>\
             <TimeCreated SystemTime='2026-03-02T21:{minute:02}:{second:02}.0000000Z'/><EventRecordID>{record}</EventRecordID>\
             <Channel>Security</Channel><Computer>{host}</Computer></System><EventData>{data}</EventData></Event>\n"
        )
    };
    let data = |pairs: &[(&str, &str)]| {
        pairs.iter().fold(String::new(), |mut out, (name, value)| {
            let _ = write!(out, "<Data Name='{name}'>{value}</Data>");
            out
        })
    };
    let sid = format!("S-1-5-21-1-2-3-{}", 1_000 + minute);
    let logon = data(&[
        ("TargetUserSid", &sid),
        ("TargetUserName", account),
        ("TargetDomainName", "CORP"),
        ("TargetLogonId", "0x4711"),
        ("LogonType", "3"),
        ("IpAddress", "10.1.1.1"),
        ("IpPort", "50000"),
    ]);
    let installed = data(&[
        ("SubjectUserSid", &sid),
        ("SubjectUserName", account),
        ("SubjectDomainName", "CORP"),
        ("SubjectLogonId", "0x4711"),
        ("ServiceName", service),
        ("ServiceFileName", image),
        ("ServiceType", "0x10"),
        ("ServiceStartType", "3"),
        ("ServiceAccount", "LocalSystem"),
    ]);
    xml.push_str(&event(4624, 1, minute * 2 + 1, logon));
    xml.push_str(&event(4697, 3, minute * 2 + 2, installed));
}

/// Events of other kinds, of which every value is a megabyte.
fn others(xml: &mut String) {
    const SECURITY: [&str; 2] = ["Microsoft-Windows-Security-Auditing", "Security"];
    const POWERSHELL: [&str; 2] = [
        "Microsoft-Windows-PowerShell",
        "Microsoft-Windows-PowerShell/Operational",
    ];
    const SYSTEM: [&str; 2] = ["Service Control Manager", "System"];
    let long = "A".repeat(1 << 20);
    for (record, (of, id, names)) in (100..).zip([
        (
            SECURITY,
            4688,
            &["NewProcessName", "CommandLine", "ParentProcessName"][..],
        ),
        (SECURITY, 4698, &["TaskName", "TaskContent"]),
        (SECURITY, 5145, &["ShareName", "RelativeTargetName"]),
        (SECURITY, 4648, &["TargetServerName", "TargetInfo"]),
        (SECURITY, 4624, &["WorkstationName", "TargetDomainName"]),
        (POWERSHELL, 4104, &["ScriptBlockText", "Path"]),
        (SYSTEM, 7045, &["ServiceName", "ImagePath", "AccountName"]),
    ]) {
        let [provider, channel] = of;
        let data = names.iter().fold(String::new(), |mut out, name| {
            let _ = write!(out, "<Data Name='{name}'>{long}</Data>");
            out
        });
        let _ = writeln!(
            xml,
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{provider}'/>\
             <EventID>{id}</EventID><TimeCreated SystemTime='2026-03-02T22:00:00.0000000Z'/>\
             <EventRecordID>{record}</EventRecordID><Channel>{channel}</Channel><Computer>host</Computer></System>\
             <EventData>{data}</EventData></Event>"
        );
    }
}

/// A megabyte costs no more than its own room, wherever it stands, and stays one cell of one line.
#[test]
fn names_of_a_megabyte_stay_names() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let case = analyze(&[folder.path()], &["--timeline", "csv,jsonl"]);
    assert_eq!(case.code, 0, "{}", case.stderr);
    is_printable("analyze", case.stdout.as_bytes());
    assert!(!case.rows("movements.csv").is_empty());
    tables_of(&case);
    is_graph("movements.graphml", &case.text("movements.graphml"));
    let redacted = sidetrack(&["report", path(&case.path), "--redact"]);
    is_sound("report --redact", &redacted, 0);
    let page = is_page("report.html", &case.text("report.html"));
    // The report has the beginning and says so; nothing is cut where it can be looked up.
    assert!(page.text.contains("characters more"));
    has_all("report.html", &page.text, &long_marks().collect());
    has_all(
        "findings.jsonl",
        &case.text("findings.jsonl"),
        &long_marks().collect(),
    );
    all_forms_are_sound(&case);
    let listed = sidetrack(&["query", path(&case.path), "any where true"]);
    is_sound("query --format table", &listed, 0);
}
