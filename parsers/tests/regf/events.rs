//! What hives become: events, their fields, their times.

#[path = "../common/fields.rs"]
mod fields;
#[path = "../common/keep.rs"]
mod keep;
#[path = "../common/listed.rs"]
mod listed;

use parsers::regf::{RegistryHive, machine_facts};
use parsers::{Input, Machine, Parser, ReadAt, Registry, UserProfile};
use samples::evtx::Sid;
use samples::regf::{Data, Hive as Made, Key, dirty, new_log, security_descriptor};
use samples::time::{FileTime, Span};
use serde_json::Value as Json;
use timeline::json;

use crate::dump::{TIME, hive};
use fields::{Event, all, get, one};
use keep::Keep;

const LATER: FileTime = FileTime(TIME.0 + Span::seconds(3_600).0);
const RUN_MRU: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\RunMRU";
const TASKS: &str = r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks";

/// The events of a hive.
struct Told {
    keep: Keep,
    events: Vec<Event>,
}

impl Told {
    fn read(
        hive: &[u8],
        logs: &[&[u8]],
        registry: Registry,
        path: &str,
        machine: &Machine,
    ) -> Self {
        let hive = hive.to_vec();
        let logs: Vec<Vec<u8>> = logs.iter().map(|log| log.to_vec()).collect();
        let logs: Vec<&dyn ReadAt> = logs.iter().map(|log| log as &dyn ReadAt).collect();
        let input = Input {
            companions: &logs,
            registry,
            path,
            machine,
            ..Input::new(&hive)
        };
        let keep = Keep::of(|keep| RegistryHive.parse(&input, keep));
        let rows = (0..).zip(&keep.segment.rows);
        let events = rows.map(|(row, own)| {
            let mut event = json::to_json(&keep.segment, row);
            listed::check(&event);
            let time = own.time.map_or(Json::Null, |time| time.to_string().into());
            event.insert("time".into(), time);
            event.insert("state".into(), own.provenance.state.as_str().into());
            event.insert("uid".into(), own.uid.to_string().into());
            event
        });
        let events = events.collect();
        Self { keep, events }
    }

    fn of(hive: &[u8], logs: &[&[u8]], registry: Registry) -> Self {
        Self::read(hive, logs, registry, "", &Machine::default())
    }

    fn artefacts(hive: &[u8]) -> Self {
        Self::of(hive, &[], Registry::Artefacts)
    }

    fn full(hive: &[u8]) -> Self {
        Self::of(hive, &[], Registry::Full)
    }

    /// The events of an action.
    fn of_action(&self, action: &str) -> Vec<&Event> {
        let of_action = |event: &&Event| all(event, "event.action").contains(&action.into());
        self.events.iter().filter(of_action).collect()
    }

    /// The events of a value or key at the end of a path.
    fn at(&self, end: &str) -> Vec<&Event> {
        let is_it = |event: &&Event| {
            let paths = all(event, "registry.path");
            paths.iter().any(|path| path.ends_with(end))
        };
        self.events.iter().filter(is_it).collect()
    }
}

fn user_hive(mru: &str, entries: &[(&str, &str)], written: FileTime) -> Made {
    let mut root = Key::new("ROOT", TIME);
    let key = root.at(RUN_MRU).written(written);
    for (letter, text) in entries {
        key.text(letter, text);
    }
    key.text("MRUList", mru);
    let mut made = hive(root);
    made.granted = vec![Sid::new(5, [18]), Sid::new(5, [21, 1, 2, 3, 1_108])];
    made
}

#[test]
fn only_the_newest_entry_of_the_run_dialog_has_a_time() {
    let made = user_hive(
        "ba",
        &[("a", r"cmd\1"), ("b", r"\\tsclient\c\x.exe /q\1")],
        LATER,
    );
    let told = Told::artefacts(&made.bytes());
    let commands = told.of_action("run-dialog-command");
    let seen: Vec<_> = commands
        .iter()
        .map(|event| {
            (
                one(event, "process.command_line"),
                one(event, "event.kind"),
                one(event, "event.Ext.mru_rank"),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("cmd".into(), "state".into(), "2".into()),
            (r"\\tsclient\c\x.exe /q".into(), "event".into(), "1".into()),
        ]
    );
    let newest = commands[1];
    assert_eq!(one(newest, "time"), "2026-03-02T01:00:00.0000000Z");
    assert_eq!(all(newest, "process.args"), [r"\\tsclient\c\x.exe", "/q"]);
    assert_eq!(one(newest, "registry.Ext.owner_sid"), "S-1-5-21-1-2-3-1108");
    assert!(
        get(newest, "user.id").is_none(),
        "the owner need not be the actor"
    );
    // The value itself, in every spelling that rules test.
    let raw = told.at(r"RunMRU\b");
    assert_eq!(raw.len(), 1);
    assert_eq!(
        all(raw[0], "registry.path"),
        [
            format!(r"HKU\S-1-5-21-1-2-3-1108\{RUN_MRU}\b"),
            format!(r"HKEY_USERS\S-1-5-21-1-2-3-1108\{RUN_MRU}\b"),
        ]
    );
    assert_eq!(all(raw[0], "registry.hive"), ["HKU", "HKEY_USERS"]);
    assert_eq!(one(raw[0], "registry.value"), "b");
    assert_eq!(one(raw[0], "event.kind"), "event");
    assert_eq!(
        all(raw[0], "registry.data.strings"),
        [r"\\tsclient\c\x.exe /q\1"]
    );
    assert_eq!(one(newest, "event.Ext.derived_from"), one(raw[0], "uid"));
}

#[test]
fn the_logs_give_a_second_time_of_the_run_dialog() {
    let before = user_hive("a", &[("a", r"cmd\1")], TIME).bytes();
    let after = user_hive("ba", &[("a", r"cmd\1"), ("b", r"powershell\1")], LATER).bytes();
    let primary = dirty(before);
    let log = new_log(&primary, &[&after], 7);
    let told = Told::of(&primary, &[&log], Registry::Artefacts);
    assert_eq!(told.keep.issues, []);
    let mut seen: Vec<_> = told
        .of_action("run-dialog-command")
        .iter()
        .filter(|event| one(event, "event.kind") == "event")
        .map(|event| {
            (
                one(event, "process.command_line"),
                one(event, "time")[11..16].to_owned(),
                one(event, "state"),
                one(event, "event.Ext.superseded"),
            )
        })
        .collect();
    seen.sort();
    let text = str::to_owned;
    assert_eq!(
        seen,
        [
            (text("cmd"), text("00:00"), text(""), text("true")),
            (text("powershell"), text("01:00"), text("txlog"), text("")),
        ]
    );
    let new = told.at(r"RunMRU\b");
    assert_eq!(one(new[0], "event.Ext.recovered"), "txlog");
    assert_eq!(one(new[0], "registry.Ext.key_owner"), "S-1-5-18");
    assert_eq!(
        one(new[0], "registry.Ext.key_security"),
        "O:SYG:SYD:(A;CI;KA;;;SY)(A;CI;KA;;;S-1-5-21-1-2-3-1108)"
    );
    // Both states of the list.
    let lists: Vec<_> = told
        .at("MRUList")
        .iter()
        .map(|e| all(e, "registry.data.strings"))
        .collect();
    assert_eq!(lists, [["ba"], ["a"]]);
    // Without its logs the hive says that its newest values are missing.
    let alone = Told::artefacts(&primary);
    assert_eq!(alone.keep.issues[0].kind, "hive-dirty");
}

#[test]
fn a_user_is_known_by_the_profile_the_folder_or_nothing() {
    let mut made = user_hive("a", &[("a", r"cmd\1")], TIME);
    let machine = Machine {
        host: "WS01.corp.example.com".into(),
        profiles: vec![UserProfile {
            folder: r"C:\Users\j.moreau".into(),
            sid: "S-1-5-21-9-9-9-1001".into(),
        }],
        ..Machine::default()
    };
    let prefix = |made: &Made, path: &str, machine: &Machine| {
        let told = Told::read(&made.bytes(), &[], Registry::Artefacts, path, machine);
        let event = told.at(r"RunMRU\a")[0];
        assert_eq!(one(event, "host.name"), machine.host);
        all(event, "registry.path")[0]
            .split('\\')
            .nth(1)
            .map(str::to_owned)
    };
    let path = "WS01/C/Users/J.Moreau/NTUSER.DAT";
    assert_eq!(
        prefix(&made, path, &machine).as_deref(),
        Some("S-1-5-21-9-9-9-1001")
    );
    let nobody = Machine::default();
    assert_eq!(
        prefix(&made, path, &nobody).as_deref(),
        Some("S-1-5-21-1-2-3-1108")
    );
    made.granted = vec![Sid::new(5, [18])];
    assert_eq!(prefix(&made, path, &nobody).as_deref(), Some("J.Moreau"));
    assert_eq!(
        prefix(&made, "x/odd.bin", &nobody).as_deref(),
        Some("unknown")
    );
}

#[test]
fn every_key_and_value_is_told_in_full() {
    let mut root = Key::new("ROOT", TIME);
    root.at("Select").number("Current", 1);
    root.at(r"ControlSet001\Services\Svc\Empty").written(LATER);
    root.at(r"ControlSet001\Services\Svc")
        .set("ImagePath", Data::ExpandSz(r"%SystemRoot%\x.exe".into()))
        .number("Start", 2);
    root.at(r"ControlSet001\Other")
        .set("", Data::Binary(vec![1, 2, 3]));
    root.at(r"Odd").set(r"C:\a\b", Data::Other(0x77, vec![1]));
    root.at(r"Undated").written(FileTime(1));
    let told = Told::full(&hive(root).bytes());
    // Every key has an event: its values', or its own.
    let own: Vec<_> = told
        .events
        .iter()
        .filter(|event| {
            one(event, "registry.value").is_empty() && !all(event, "registry.path").is_empty()
        })
        .map(|event| all(event, "registry.path")[0].clone())
        .filter(|path| !path.is_empty())
        .collect();
    for key in [
        r"HKLM\SYSTEM",
        r"HKLM\SYSTEM\ControlSet001",
        r"HKLM\SYSTEM\ControlSet001\Services\Svc\Empty",
    ] {
        assert!(own.iter().any(|path| path == key), "{key}: {own:?}");
    }
    let value = told.at(r"Svc\ImagePath")[0];
    assert_eq!(
        all(value, "registry.path"),
        [
            r"HKLM\SYSTEM\ControlSet001\Services\Svc\ImagePath",
            r"HKLM\SYSTEM\CurrentControlSet\Services\Svc\ImagePath",
        ]
    );
    assert_eq!(
        all(value, "registry.key"),
        [
            r"SYSTEM\ControlSet001\Services\Svc",
            r"SYSTEM\ControlSet001\Services\Svc\ImagePath",
            r"SYSTEM\CurrentControlSet\Services\Svc",
            r"SYSTEM\CurrentControlSet\Services\Svc\ImagePath",
        ]
    );
    assert_eq!(
        all(value, "registry.data.strings"),
        [r"%SystemRoot%\x.exe", r"C:\Windows\x.exe"]
    );
    assert_eq!(
        one(value, "event.kind"),
        "state",
        "one of several values of its key"
    );
    let number = told.at(r"Select\Current")[0];
    assert_eq!(all(number, "registry.data.type"), ["REG_DWORD", "SZ_DWORD"]);
    assert_eq!(all(number, "registry.data.strings"), ["1"]);
    assert_eq!(
        one(number, "event.kind"),
        "event",
        "the only value of its key"
    );
    let default = told.at(r"Other\(Default)")[0];
    assert_eq!(one(default, "registry.data.bytes"), "AQID");
    let odd = told.at(r"Odd\C:\a\b")[0];
    assert_eq!(one(odd, "registry.value"), r"C:\a\b");
    assert_eq!(all(odd, "registry.data.type"), ["0x77"]);
    let undated = told.at("Undated")[0];
    assert_eq!(get(undated, "time"), Some(&Json::Null));
    assert!(one(undated, "event.created").starts_with("1601-01-01"));
}

#[test]
fn without_full_only_artefacts_are_told() {
    let mut root = Key::new("ROOT", TIME);
    root.at(r"Software\Vendor\Program").text("a", "b");
    root.at(RUN_MRU).text("a", r"x\1").text("MRUList", "a");
    let told = Told::artefacts(&hive(root).bytes());
    assert!(told.at(r"Program\a").is_empty());
    assert_eq!(told.at(r"RunMRU\a").len(), 1);
    // A folder with a user's name is found whatever the case of its path.
    let mut root = Key::new("ROOT", TIME);
    root.at(&RUN_MRU.to_uppercase())
        .text("a", r"x\1")
        .text("MRUList", "a");
    let told = Told::artefacts(&hive(root).bytes());
    assert_eq!(told.of_action("run-dialog-command").len(), 1);
}

/// The actions of a task: a program.
fn actions(command: &str, arguments: &str) -> Vec<u8> {
    let text = |text: &str| {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [
            &u32::try_from(units.len())
                .expect("a short text")
                .to_le_bytes()[..],
            &units,
        ]
        .concat()
    };
    let mut bytes = vec![3, 0];
    bytes.extend(text("Author"));
    bytes.extend([0x66, 0x66]);
    for part in ["", command, arguments, ""] {
        bytes.extend(text(part));
    }
    bytes.extend([0, 0]);
    bytes
}

#[test]
fn tasks_are_told_when_they_were_registered_and_ran() {
    let guid = "{11111111-2222-3333-4444-555555555555}";
    let encoded = "dwBoAG8AYQBtAGkA";
    let mut dynamic = vec![3, 0, 0, 0];
    dynamic.extend(TIME.0.to_le_bytes());
    dynamic.extend(LATER.0.to_le_bytes());
    dynamic.extend([0, 0, 0, 0, 2, 0, 7, 0x80]);
    let mut root = Key::new("ROOT", TIME);
    let bytes = actions("powershell.exe", &format!("-enc {encoded}"));
    root.at(&format!(r"{TASKS}\{guid}"))
        .written(LATER)
        .set("Actions", Data::Binary(bytes))
        .set("DynamicInfo", Data::Binary(dynamic))
        .text("Path", r"\Updater");
    let tree = TASKS.replace("Tasks", "Tree");
    root.at(&format!(r"{tree}\Other")).text("Id", "{x}").set(
        "SD",
        Data::Binary(security_descriptor(&[Sid::new(5, [18])], 1)),
    );
    root.at(&format!(r"{tree}\Updater"))
        .text("Id", guid)
        .number("Index", 3);
    root.at(&format!(r"{}\{guid}", TASKS.replace("Tasks", "Logon")));
    let told = Told::artefacts(&hive(root).bytes());
    let registered = told.of_action("scheduled-task-created");
    assert_eq!(registered.len(), 1);
    let task = registered[0];
    assert_eq!(one(task, "time"), "2026-03-02T00:00:00.0000000Z");
    assert_eq!(one(task, "event.kind"), "event");
    for (field, expected) in [
        ("winlog.scheduled_task.name", r"\Updater"),
        ("winlog.scheduled_task.guid", guid),
        ("winlog.scheduled_task.actions.type", "exec"),
        ("winlog.scheduled_task.actions.command", "powershell.exe"),
        (
            "winlog.scheduled_task.actions.arguments",
            "-enc dwBoAG8AYQBtAGkA",
        ),
        ("winlog.scheduled_task.actions.context", "Author"),
        ("winlog.scheduled_task.actions.decoded", "whoami"),
        ("winlog.scheduled_task.triggers.type", "logon"),
        ("registry.value", "Actions"),
    ] {
        assert_eq!(one(task, field), expected, "{field}");
    }
    // What Elastic's rules test: base64 of the value, as text too.
    let base64 = one(task, "registry.data.bytes");
    assert!(
        base64.starts_with("AwAMAAAAQQB1AHQAaABvAHIAZmY"),
        "{base64}"
    );
    assert_eq!(all(task, "registry.data.strings")[0], base64);
    assert!(all(task, "event.category").contains(&"registry".into()));
    assert!(all(task, "event.type").contains(&"change".into()));
    let ran = told.of_action("scheduled-task-action-started");
    assert_eq!(one(ran[0], "time"), "2026-03-02T01:00:00.0000000Z");
    assert_eq!(one(ran[0], "error.code"), "0x80070002");
    let hidden = told.of_action("scheduled-task-hidden");
    assert_eq!(hidden.len(), 1);
    assert_eq!(one(hidden[0], "winlog.scheduled_task.name"), r"\Updater");
    assert_eq!(one(hidden[0], "event.kind"), "state");
    // Who may see the other one.
    let descriptor = &told.at(r"Other\SD")[0];
    let strings = all(descriptor, "registry.data.strings");
    assert_eq!(strings[1..], ["O:SYG:SYD:(A;CI;0x1;;;SY)"]);
}

#[test]
fn damaged_actions_are_an_issue_and_keep_what_was_read() {
    let mut root = Key::new("ROOT", TIME);
    let mut bytes = actions("a.exe", "b");
    bytes.extend([0x66, 0x66, 0xff, 0xff, 0xff, 0xff]);
    root.at(&format!(r"{TASKS}\{{1}}"))
        .set("Actions", Data::Binary(bytes));
    let told = Told::artefacts(&hive(root).bytes());
    assert_eq!(told.of_action("scheduled-task-created").len(), 1);
    let issue = &told.keep.issues[0];
    assert_eq!(issue.kind, "task-actions");
    assert!(issue.found.contains("offset"), "{}", issue.found);
}

#[test]
fn where_a_user_connected_to_is_told() {
    let mut root = Key::new("ROOT", TIME);
    let client = r"Software\Microsoft\Terminal Server Client";
    root.at(&format!(r"{client}\Servers\SRV02"))
        .text("UsernameHint", r"CORP\svc-deploy");
    root.at(&format!(r"{client}\Default"))
        .text("MRU0", "10.20.30.22:3390")
        .text("MRU1", "SRV03");
    root.at(r"Software\Microsoft\Windows\CurrentVersion\Explorer\MountPoints2\##FS01#tools$");
    root.at(r"Network\Z")
        .text("RemotePath", r"\\FS02\data")
        .text("UserName", "x");
    let told = Told::artefacts(&hive(root).bytes());
    let targets: Vec<_> = told
        .of_action("rdp-client-target")
        .iter()
        .map(|event| {
            (
                one(event, "destination.address"),
                one(event, "user.name"),
                one(event, "event.kind"),
            )
        })
        .collect();
    let text = str::to_owned;
    let mut expected = vec![
        (text("SRV02"), text("svc-deploy"), text("event")),
        (text("10.20.30.22"), text(""), text("event")),
        (text("SRV03"), text(""), text("state")),
    ];
    let mut targets = targets;
    targets.sort();
    expected.sort();
    assert_eq!(targets, expected);
    let shares: Vec<_> = told
        .of_action("network-share-mounted")
        .iter()
        .map(|event| {
            (
                one(event, "destination.domain"),
                one(event, "file.target_path"),
            )
        })
        .collect();
    assert!(
        shares.contains(&(text("FS01"), text(r"\\FS01\tools$"))),
        "{shares:?}"
    );
    assert!(
        shares.contains(&(text("FS02"), text(r"\\FS02\data"))),
        "{shares:?}"
    );
}

#[test]
fn the_keys_of_ssh_servers_are_told() {
    let mut root = Key::new("ROOT", TIME);
    let (putty, winscp) = (
        r"Software\SimonTatham\PuTTY",
        r"Software\Martin Prikryl\WinSCP 2",
    );
    root.at(&format!(r"{putty}\SshHostKeys"))
        .text("rsa2@22:srv02", "0x10001,0xab");
    root.at(&format!(r"{winscp}\SshHostKeys"))
        .text("ssh-ed25519@22:10.20.30.22", "0x1,0x2");
    let told = Told::artefacts(&hive(root).bytes());
    for end in [
        r"PuTTY\SshHostKeys\rsa2@22:srv02",
        r"WinSCP 2\SshHostKeys\ssh-ed25519@22:10.20.30.22",
    ] {
        assert_eq!(told.at(end).len(), 1, "{end}");
    }
}

#[test]
fn forwarded_ports_are_told() {
    let mut root = Key::new("ROOT", TIME);
    root.at("Select").number("Current", 1);
    root.at(r"ControlSet001\Services\PortProxy\v4tov4\tcp")
        .text("0.0.0.0/8443", "10.20.30.22/3389");
    let told = Told::artefacts(&hive(root).bytes());
    let end = r"CurrentControlSet\Services\PortProxy\v4tov4\tcp\0.0.0.0/8443";
    assert_eq!(told.at(end).len(), 1);
}

#[test]
fn a_machine_is_known_by_its_hives() {
    let mut root = Key::new("ROOT", TIME);
    root.at("Select").number("Current", 2);
    root.at(r"ControlSet001\Control\ComputerName\ComputerName")
        .text("ComputerName", "OLD");
    root.at(r"ControlSet002\Control\ComputerName\ComputerName")
        .text("ComputerName", "WS01");
    root.at(r"ControlSet002\Services\Tcpip\Parameters")
        .text("NV Hostname", "ws01")
        .text("Domain", "corp.example.com");
    let bytes = hive(root).bytes();
    let facts = machine_facts(&Input::new(&bytes)).unwrap();
    assert_eq!(facts.name.as_deref(), Some("WS01"));
    assert_eq!(facts.full_name.as_deref(), Some("ws01.corp.example.com"));
    let mut root = Key::new("ROOT", TIME);
    root.at(r"Microsoft\Windows NT\CurrentVersion\ProfileList\S-1-5-21-1")
        .set(
            "ProfileImagePath",
            Data::ExpandSz(r"%SystemDrive%\Users\a".into()),
        );
    let bytes = hive(root).bytes();
    let facts = machine_facts(&Input::new(&bytes)).unwrap();
    assert_eq!(facts.profiles[0].folder, r"C:\Users\a");
    let bytes = user_hive("", &[], TIME).bytes();
    assert!(machine_facts(&Input::new(&bytes)).is_none());
}

#[test]
fn what_was_deleted_is_told_as_deleted() {
    let mut root = Key::new("ROOT", TIME);
    let run = r"Software\Microsoft\Windows\CurrentVersion\Run";
    let key = root.at(run);
    key.text("stays", "a.exe").text("went", "evil.exe --now");
    key.values[1].is_deleted = true;
    let gone = root.at(&format!(r"{run}\Sub"));
    gone.text("x", "deleted.exe");
    gone.is_deleted = true;
    let told = Told::artefacts(&hive(root).bytes());
    for (end, text) in [
        (r"Run\went", "evil.exe --now"),
        (r"Run\Sub\x", "deleted.exe"),
    ] {
        let event = told.at(end)[0];
        assert_eq!(one(event, "state"), "deleted_cell");
        assert_eq!(all(event, "event.type"), ["deletion"]);
        assert_eq!(all(event, "registry.data.strings"), [text]);
        assert_eq!(one(event, "event.kind"), "state");
    }
    assert_eq!(
        one(told.at(r"Run\stays")[0], "event.kind"),
        "state",
        "its key was last written when the other went, or later"
    );
}

#[test]
fn identities_are_those_of_the_evidence() {
    let bytes = user_hive("a", &[("a", r"cmd\1")], TIME).bytes();
    let uids = |told: &Told| -> Vec<String> {
        told.events.iter().map(|event| one(event, "uid")).collect()
    };
    let first = uids(&Told::full(&bytes));
    assert_eq!(first, uids(&Told::full(&bytes)));
    let mut distinct = first.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), first.len());
    let other = user_hive("a", &[("a", r"cme\1")], TIME).bytes();
    assert!(
        uids(&Told::full(&other))
            .iter()
            .all(|uid| !first.contains(uid))
    );
}

#[test]
fn the_audit_policy_says_what_a_log_can_have() {
    let mut root = Key::new("ROOT", TIME);
    // Nine categories of one subcategory each.
    let mut bytes = vec![0, 1, 0, 0, 9, 0, 0, 0, 30, 0, 0, 0];
    let numbers = [0, 3, 0, 0, 1, 0, 0, 0, 0].into_iter().chain([1; 9]);
    bytes.extend(numbers.flat_map(u16::to_le_bytes));
    root.at(r"Policy\PolAdtEv").set("", Data::Other(0, bytes));
    let told = Told::artefacts(&hive(root).bytes());
    let policy = told.of_action("audit-policy")[0];
    assert_eq!(
        all(policy, "registry.Ext.audited"),
        ["Logon: Success and Failure", "Process Creation: Success"]
    );
    let off = all(policy, "registry.Ext.not_audited");
    assert!(off.contains(&"File System".into()), "{off:?}");
    assert_eq!(one(policy, "event.kind"), "state");
    assert_eq!(
        one(policy, "registry.Ext.key"),
        r"HKLM\SECURITY\Policy\PolAdtEv"
    );
}
