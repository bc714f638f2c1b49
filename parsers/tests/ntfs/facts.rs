//! What a file is by its path.

use parsers::task::Definition;
use parsers::{Machine, UserProfile};
use samples::ntfs::{FileReference, MftRecord};

use crate::table::{FIRST, as_folder, change, file, first, folder, journal, table};
use crate::told::{Collected, Event, Told, all, one};

/// The events of a file at a path, the folders of which are made.
fn told_by(path: &str, machine: &Machine) -> Told {
    let mut records: Vec<MftRecord> = Vec::new();
    let mut parent = FileReference::ROOT;
    let parts: Vec<&str> = path.trim_start_matches(r"C:\").split('\\').collect();
    for (entry, part) in (FIRST..).zip(&parts) {
        records.push(folder(entry, parent, part));
        parent = first(entry);
    }
    if let Some(last) = records.last_mut() {
        last.flags &= !samples::ntfs::IS_FOLDER;
    }
    let collected = Collected {
        machine: machine.clone(),
        ..Collected::table(table(&records))
    };
    collected.of_table()
}

fn event(path: &str, machine: &Machine) -> Event {
    told_by(path, machine).first(path).clone()
}

fn plain(path: &str) -> Event {
    event(path, &Machine::default())
}

#[track_caller]
fn check(path: &str, artefacts: &[&str]) {
    assert_eq!(all(&plain(path), "file.Ext.artefact"), artefacts, "{path}");
}

fn definition() -> Definition {
    Definition::read(
        r"<Task><Actions><Exec><Command>C:\x.exe</Command><Arguments>/q</Arguments></Exec></Actions></Task>",
    )
}

#[test]
fn a_task_is_told_with_its_name_and_its_steps() {
    let path = r"C:\Windows\System32\Tasks\Vendor\Update Check";
    let mut machine = Machine::default();
    let name = r"\vendor\update check".to_owned();
    machine.task_files.insert(name, definition().steps);
    let event = event(path, &machine);
    assert_eq!(all(&event, "file.Ext.artefact"), ["task-definition"]);
    assert_eq!(
        one(&event, "winlog.scheduled_task.name"),
        r"\Vendor\Update Check"
    );
    assert_eq!(
        all(&event, "winlog.scheduled_task.actions.definition"),
        [r"C:\x.exe /q"]
    );
    let unknown = plain(path);
    assert_eq!(
        one(&unknown, "winlog.scheduled_task.name"),
        r"\Vendor\Update Check"
    );
    check(r"C:\Windows\System32\Tasks", &[]);
    check(r"C:\Windows\System32\Tasks.old\a", &[]);
}

#[test]
fn a_task_keeps_its_spelling_when_lower_case_is_longer_or_shorter() {
    for name in ["\u{130}stanbul", "\u{1e9e}", "\u{212a}elvin"] {
        let event = plain(&format!(r"C:\Windows\System32\Tasks\{name}"));
        assert_eq!(
            one(&event, "winlog.scheduled_task.name"),
            format!(r"\{name}")
        );
    }
}

#[test]
fn a_key_of_psexec_names_its_host() {
    let event = plain(r"C:\Windows\PSEXEC-WS-01-1A2B3C4D.key");
    assert_eq!(all(&event, "file.Ext.artefact"), ["psexec-key"]);
    assert_eq!(one(&event, "source.domain"), "WS-01");
    check(r"C:\Windows\PSEXEC-WS-01-1A2B3C4.key", &[]);
    check(r"C:\Temp\PSEXEC-WS-01-1A2B3C4D.key", &[]);
    check(r"C:\Windows\PSEXEC--1A2B3C4D.key", &[]);
}

#[test]
fn the_output_of_a_command_has_the_clock_of_who_sent_it() {
    for path in [
        r"C:\Windows\__1772485934.8137",
        r"C:\__1772485934.8137",
        r"C:\Windows\Temp\__1772485934.8137",
    ] {
        let event = plain(path);
        assert_eq!(all(&event, "file.Ext.artefact"), ["command-output"]);
        assert_eq!(
            one(&event, "file.Ext.remote_clock"),
            "2026-03-02T21:12:14.8137000Z"
        );
    }
    check(r"C:\Windows\__1772485934", &["command-output"]);
    check(r"C:\Windows\__99999999999999999999.1", &[]);
    check(r"C:\Windows\__1772485934.", &[]);
    check(r"C:\Windows\__1772485934.1234567890", &[]);
    check(r"C:\Windows\_1772485934.8137", &[]);
    check(r"C:\Users\__1772485934.8137", &[]);
}

#[test]
fn what_starts_with_a_logon_is_told() {
    let startup = r"Microsoft\Windows\Start Menu\Programs\Startup";
    for path in [
        format!(r"C:\Users\ana\AppData\Roaming\{startup}\a.lnk"),
        format!(r"C:\ProgramData\{startup}\a.exe"),
        r"C:\Documents and Settings\ana\Start Menu\Programs\Startup\a.bat".into(),
    ] {
        check(&path, &["startup-item"]);
    }
    check(&format!(r"C:\ProgramData\{startup}\desktop.ini"), &[]);
    check(&format!(r"C:\ProgramData\{startup}\below\a.exe"), &[]);
}

#[test]
fn a_profile_is_told_with_its_user() {
    let machine = Machine {
        profiles: vec![UserProfile {
            folder: r"c:\users\ANA".into(),
            sid: "S-1-5-21-1-2-3-1108".into(),
        }],
        ..Machine::default()
    };
    let own = event(r"C:\Users\ana\NTUSER.DAT", &machine);
    assert_eq!(all(&own, "file.Ext.artefact"), ["user-profile"]);
    assert_eq!(one(&own, "user.target.id"), "S-1-5-21-1-2-3-1108");
    let other = event(r"C:\Users\bob\NTUSER.DAT", &machine);
    assert_eq!(all(&other, "file.Ext.artefact"), ["user-profile"]);
    assert_eq!(one(&other, "user.target.id"), "");
    check(r"C:\Users\ana\below\NTUSER.DAT", &[]);
}

#[test]
fn event_logs_are_told() {
    check(
        r"C:\Windows\System32\winevt\Logs\Security.evtx",
        &["event-log"],
    );
    check(r"C:\Temp\Security.evtx", &[]);
}

#[test]
fn folders_are_no_such_files() {
    let path = r"C:\Windows\System32\Tasks\Vendor";
    let mut records = vec![folder(FIRST, FileReference::ROOT, "Windows")];
    for (entry, name) in [(1, "System32"), (2, "Tasks"), (3, "Vendor")] {
        records.push(folder(FIRST + entry, first(FIRST + entry - 1), name));
    }
    let told = Collected::table(table(&records)).of_table();
    assert_eq!(all(told.first(path), "file.Ext.artefact"), [""; 0]);
    assert_eq!(one(told.first(path), "winlog.scheduled_task.name"), "");
}

#[test]
fn the_journal_tells_the_same_of_its_files() {
    let windows = as_folder(file(FIRST, FileReference::ROOT, "Windows"));
    let mut key = change(FIRST + 1, "PSEXEC-WS01-1A2B3C4D.key", 0x100);
    key.parent = first(FIRST).into();
    let collected = Collected {
        table: Some(table(&[windows])),
        ..Collected::journal(journal(&[key]))
    };
    let told = collected.of_journal();
    let event = told.first(r"C:\Windows\PSEXEC-WS01-1A2B3C4D.key");
    assert_eq!(all(event, "file.Ext.artefact"), ["psexec-key"]);
    assert_eq!(one(event, "source.domain"), "WS01");
}
