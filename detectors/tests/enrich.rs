//! What the whole host tells about one event: events as the mapping makes them of real records, with
//! made-up names, and what they have after the second look.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use detectors::enrich::{Facts, Gather, enrich, host_key};
use serde_json::{Map, Value as Json, json};
use timeline::sort::Sorter;
use timeline::{Event, Field, Segment, Uid, Value, json as ndjson};

const HOST: &str = "SRV02.example.com";
const SYSMON: &str = "Microsoft-Windows-Sysmon";
const SECURITY: &str = "Microsoft-Windows-Security-Auditing";

/// An event of a time of day, with these fields beside.
fn event(provider: &str, code: &str, time: &str, fields: &Json) -> Map<String, Json> {
    let mut event = fields.as_object().unwrap().clone();
    let day = if time.contains('T') {
        ""
    } else {
        "2026-03-02T"
    };
    event.insert("@timestamp".into(), format!("{day}{time}Z").into());
    event.insert("event.provider".into(), provider.into());
    event.insert("event.code".into(), code.into());
    event.insert("host.name".into(), HOST.into());
    if let Some(path) = fields.get("process.executable").and_then(Json::as_str) {
        event.insert("process.name".into(), path.rsplit('\\').next().into());
        event.insert(
            "process.Ext.executable_key".into(),
            path.to_lowercase().into(),
        );
    }
    event
}

fn sysmon(code: &str, time: &str, fields: &Json) -> Map<String, Json> {
    event(SYSMON, code, time, fields)
}

fn security(code: &str, time: &str, fields: &Json) -> Map<String, Json> {
    event(SECURITY, code, time, fields)
}

/// The events after both looks, in the order of their times.
fn enriched(events: &[Map<String, Json>]) -> Segment {
    let mut segment = ndjson::read(events);
    for (number, row) in (1u8..).zip(&mut segment.rows) {
        row.uid = Uid([number; 16]);
    }
    let mut gather = Gather::default();
    for (row, own) in (0u32..).zip(&segment.rows) {
        let values: Vec<(Field, Value<'_>)> = segment
            .columns()
            .flat_map(|(field, _)| segment.all(field, row).map(move |value| (field, value)))
            .collect();
        gather.observe(&Event {
            time: own.time,
            host: segment.strings.get(own.host),
            channel: segment.strings.get(own.channel),
            provenance: own.provenance,
            uid: own.uid,
            values: &values,
        });
    }
    gather.finish();
    let folder = tempfile::tempdir().unwrap();
    let mut sorter = Sorter::new(folder.path(), 1 << 20);
    sorter.absorb(&gather.batch).unwrap();
    // A copy of the evidence changes nothing.
    sorter.absorb(&gather.batch).unwrap();
    let facts = Facts::build(folder.path(), sorter).unwrap();
    segment.sort();
    enrich(&mut segment, &host_key(HOST), &host_key(HOST), &facts).unwrap();
    segment
}

/// The values of a field in each event: several joined by blanks, none as `-`.
fn values(segment: &Segment, field: &str) -> Vec<String> {
    let field = segment.names.find(field).unwrap();
    let of_row = |row| {
        let values: Vec<String> = segment.all(field, row).map(|v| v.to_string()).collect();
        if values.is_empty() {
            "-".to_owned()
        } else {
            values.join(" ")
        }
    };
    (0u32..)
        .zip(&segment.rows)
        .map(|(row, _)| of_row(row))
        .collect()
}

#[track_caller]
fn check(events: &[Map<String, Json>], field: &str, expected: &[&str]) {
    assert_eq!(values(&enriched(events), field), expected, "{field}");
}

const CMD: &str = r"C:\Windows\System32\cmd.exe";
/// 2026-03-02T21:00:00 is 0x69A5FA50 seconds after 1970.
const GUID: &str = "{5E6F7A8B-FA50-69A5-1F01-000000001200}";
const OTHER: &str = "{5E6F7A8B-FA50-69A5-2002-000000001200}";

fn created(time: &str, pid: i64, image: &str, parent: i64) -> Map<String, Json> {
    let fields = json!({
        "process.pid": pid, "process.executable": image, "process.parent.pid": parent,
        "process.command_line": format!("{image} /c x"), "process.args": [image, "/c", "x"],
        "user.id": "S-1-5-21-1-2-3-1104", "user.name": "k.adm", "user.domain": "EXAMPLE",
        "winlog.logon.id": "0x5e7a1", "event.type": "start",
    });
    security("4688", time, &fields)
}

fn started(time: &str, guid: &str, pid: i64, image: &str) -> Map<String, Json> {
    let fields = json!({
        "process.pid": pid, "process.executable": image, "process.entity_id": guid,
        "process.command_line": format!("{image} /c x"), "process.hash.md5": "00ff",
        "process.parent.entity_id": "{5E6F7A8B-F000-69A5-0A00-000000001200}",
        "process.parent.pid": 700, "process.Ext.authentication_id": "0x5e7a1",
        "user.name": "k.adm", "user.domain": "EXAMPLE", "event.type": "start",
    });
    sysmon("1", time, &fields)
}

fn by(code: &str, time: &str, pid: i64, image: Option<&str>) -> Map<String, Json> {
    let mut fields = json!({ "process.pid": pid });
    if let Some(image) = image {
        fields["process.executable"] = image.into();
    }
    security(code, time, &fields)
}

#[test]
fn a_start_without_sysmon_is_named_by_host_pid_and_time() {
    let events = [
        created("21:00:00.5", 4712, CMD, 0),
        by(
            "5156",
            "21:00:01",
            4712,
            Some(r"\device\harddiskvolume2\windows\system32\cmd.exe"),
        ),
        by("4689", "21:00:02", 4712, Some(CMD)),
        // It is over, and another program never was this process.
        by("5156", "21:00:09", 4712, Some(CMD)),
        by("4663", "21:00:01.5", 4712, Some(r"C:\Windows\explorer.exe")),
        by("4624", "21:00:01.7", 0, None),
    ];
    let own = "srv02.example.com:4712:2026-03-02T21:00:00.5000000Z";
    let ids = [own, own, "-", "-", own, "-"];
    check(&events, "process.entity_id", &ids);
    let line = r"C:\Windows\System32\cmd.exe /c x";
    check(
        &events,
        "process.command_line",
        &[line, line, "-", "-", line, "-"],
    );
    // A user is filled as a whole, and only where the record has none.
    check(
        &events,
        "user.id",
        &[
            "S-1-5-21-1-2-3-1104",
            "S-1-5-21-1-2-3-1104",
            "-",
            "-",
            "S-1-5-21-1-2-3-1104",
            "-",
        ],
    );
    check(
        &events,
        "process.Ext.authentication_id",
        &["0x5e7a1", "0x5e7a1", "-", "-", "0x5e7a1", "-"],
    );
    check(&events, "process.uptime", &["0", "0", "-", "-", "1", "-"]);
}

#[test]
fn both_records_of_a_start_are_one_process() {
    for (sysmon_time, security_time) in [("21:00:00.1", "21:00:00.9"), ("21:00:00.9", "21:00:00.1")]
    {
        let mut events = [
            started(sysmon_time, GUID, 4712, CMD),
            created(security_time, 4712, r"C:\windows\system32\CMD.EXE", 700),
            by("4689", "21:00:05", 4712, Some(CMD)),
        ];
        let segment = enriched(&events);
        assert_eq!(values(&segment, "process.entity_id"), [GUID; 3]);
        let marks = values(&segment, "event.Ext.duplicate_of");
        let marked = marks
            .iter()
            .filter(|mark| *mark == &"01".repeat(16))
            .count();
        assert_eq!(
            (marked, marks.iter().filter(|mark| *mark == "-").count()),
            (1, 2)
        );
        assert_eq!(values(&segment, "process.hash.md5"), ["00ff"; 3]);
        // Another image, and more than a second apart: two processes.
        events[1].insert(
            "process.executable".into(),
            r"C:\Windows\notepad.exe".into(),
        );
        check(&events, "event.Ext.duplicate_of", &["-"; 3]);
        events[1] = created("21:00:02", 4712, CMD, 700);
        check(&events, "event.Ext.duplicate_of", &["-"; 3]);
    }
}

#[test]
fn a_process_that_sysmon_only_saw_is_known_between_its_start_and_the_last_sight() {
    let file = |time| {
        let fields =
            json!({"process.entity_id": GUID, "process.pid": 4712, "process.executable": CMD});
        sysmon("11", time, &fields)
    };
    let events = [
        by("4663", "20:59:59", 4712, None),
        by("4663", "21:00:01", 4712, None),
        file("21:00:10"),
        by("4663", "21:00:11", 4712, None),
        // No end is known, but a day later nobody knows.
        by("4663", "2026-03-03T21:00:12", 4712, None),
    ];
    check(&events, "process.entity_id", &["-", GUID, GUID, GUID, "-"]);
    check(&events, "process.uptime", &["-", "1", "10", "11", "-"]);
}

#[test]
fn what_the_security_log_says_of_a_start_serves_sysmons_events() {
    let fields = json!({"process.entity_id": GUID, "process.pid": 4712, "process.executable": CMD});
    let events = [
        created("21:00:00.5", 4712, CMD, 700),
        sysmon("11", "21:00:03", &fields),
    ];
    check(&events, "process.entity_id", &[GUID, GUID]);
    check(&events, "user.name", &["k.adm", "k.adm"]);
    check(
        &events,
        "process.command_line",
        &[r"C:\Windows\System32\cmd.exe /c x"; 2],
    );
}

#[test]
fn nothing_is_guessed_where_two_processes_come_into_question() {
    let see = |time, guid| {
        let fields =
            json!({"process.entity_id": guid, "process.pid": 4712, "process.executable": CMD});
        sysmon("11", time, &fields)
    };
    let events = [
        see("21:00:02", GUID),
        see("21:00:04", OTHER),
        by("4663", "21:00:05", 4712, Some(CMD)),
        see("21:00:06", GUID),
        see("21:00:08", OTHER),
    ];
    check(
        &events,
        "process.entity_id",
        &[GUID, OTHER, "-", GUID, OTHER],
    );
    // Two starts that bear one identity say nothing of its other events.
    let events = [
        started("21:00:00", GUID, 4712, CMD),
        started("21:00:01", GUID, 4712, r"C:\Windows\notepad.exe"),
        see("21:00:02", GUID),
    ];
    let line = values(&enriched(&events), "process.command_line");
    assert_eq!(line[2], "-");
}

#[test]
fn no_process_outlives_a_boot() {
    let boot = event("EventLog", "6005", "22:00:00", &json!({}));
    let events = [
        created("21:00:00", 4712, CMD, 4),
        boot,
        by("4663", "22:00:01", 4712, Some(CMD)),
        by("4663", "22:00:02", 4, None),
    ];
    let ids = [
        "srv02.example.com:4712:2026-03-02T21:00:00.0000000Z",
        "-",
        "-",
        "srv02.example.com:4:2026-03-02T22:00:00.0000000Z",
    ];
    check(&events, "process.entity_id", &ids);
    check(
        &events,
        "process.parent.entity_id",
        &["srv02.example.com:4", "-", "-", "-"],
    );
}

#[test]
fn parents_and_ancestors_are_found_by_pid() {
    let services = r"C:\Windows\System32\services.exe";
    let events = [
        created("20:00:00", 700, services, 4),
        created("21:00:00", 4712, CMD, 700),
        created("21:00:01", 4713, r"C:\Windows\System32\whoami.exe", 4712),
        by("5156", "21:00:02", 4713, None),
    ];
    let id = |pid, time| format!("srv02.example.com:{pid}:2026-03-02T{time}.0000000Z");
    let (services_id, cmd_id) = (id(700, "20:00:00"), id(4712, "21:00:00"));
    let system = "srv02.example.com:4";
    check(
        &events,
        "process.parent.entity_id",
        &[system, &services_id, &cmd_id, &cmd_id],
    );
    check(
        &events,
        "process.parent.name",
        &["-", "services.exe", "cmd.exe", "cmd.exe"],
    );
    let line = r"C:\Windows\System32\cmd.exe /c x";
    check(
        &events,
        "process.parent.command_line",
        &["-", &format!("{services} /c x"), line, line],
    );
    let ancestors = format!("{cmd_id} {services_id} {system}");
    check(
        &events,
        "process.Ext.ancestry",
        &[system, &format!("{services_id} {system}"), &ancestors, "-"],
    );
}

#[test]
fn ancestors_that_go_round_come_to_an_end() {
    let round = |guid, parent| {
        let fields = json!({"process.entity_id": guid, "process.pid": 1, "process.parent.entity_id": parent});
        sysmon("1", "21:00:00", &fields)
    };
    let events = [round(GUID, OTHER), round(OTHER, GUID)];
    check(
        &events,
        "process.Ext.ancestry",
        &[&format!("{OTHER} {GUID}"), &format!("{GUID} {OTHER}")],
    );
}

#[test]
fn the_signature_is_that_of_the_own_image() {
    let load = |path: &str, signer: &str| {
        let fields = json!({
            "process.entity_id": GUID, "process.pid": 4712, "process.executable": CMD,
            "dll.path": path, "dll.Ext.path_key": path.to_lowercase(),
            "dll.code_signature.exists": true, "dll.code_signature.trusted": true,
            "dll.code_signature.status": ["Valid", "trusted"],
            "dll.code_signature.subject_name": signer,
        });
        sysmon("7", "21:00:01", &fields)
    };
    let child =
        json!({"process.entity_id": OTHER, "process.pid": 9, "process.parent.entity_id": GUID});
    let events = [
        started("21:00:00", GUID, 4712, CMD),
        load(r"C:\Windows\System32\CMD.exe", "Example Publisher"),
        load(r"C:\Users\Public\x.dll", "Nobody"),
        sysmon("1", "21:00:02", &child),
    ];
    let signer = "Example Publisher";
    check(
        &events,
        "process.code_signature.subject_name",
        &[signer, signer, signer, "-"],
    );
    check(
        &events,
        "process.code_signature.status",
        &["Valid trusted", "Valid trusted", "Valid trusted", "-"],
    );
    check(
        &events,
        "process.parent.code_signature.trusted",
        &["-", "-", "-", "true"],
    );
}

#[test]
fn the_session_is_that_of_the_logon() {
    let logon = json!({
        "user.id": "S-1-5-21-1-2-3-1104", "winlog.logon.id": "0x5e7a1",
        "winlog.logon.type": "RemoteInteractive", "source.ip": "192.0.2.17",
    });
    let events = [
        security("4624", "20:59:58", &logon),
        started("21:00:00", GUID, 4712, CMD),
        created("21:00:00.2", 4712, CMD, 700),
    ];
    check(
        &events,
        "process.Ext.session_info.logon_type",
        &["-", "RemoteInteractive", "RemoteInteractive"],
    );
    check(
        &events,
        "process.Ext.session_info.client_address",
        &["-", "192.0.2.17", "192.0.2.17"],
    );
    check(&events, "user.id", &["S-1-5-21-1-2-3-1104"; 3]);
}

/// Some records name a process without its path; a field with one value never gets a second.
#[test]
fn a_recorded_name_stays_the_only_one() {
    let named = json!({"process.pid": 4712, "process.name": "Cmd.Exe"});
    let events = [
        started("21:00:00", GUID, 4712, CMD),
        event("Microsoft-Windows-WMI-Activity", "5857", "21:00:01", &named),
    ];
    let segment = enriched(&events);
    assert_eq!(values(&segment, "process.executable"), [CMD, CMD]);
    let all = values(&segment, "process.name");
    assert_eq!(all.last().map(String::as_str), Some("Cmd.Exe"));
    let column = segment.column(timeline::fields::PROCESS_NAME).unwrap();
    assert!(column.rows.is_sorted_by(|a, b| a < b), "{:?}", column.rows);
}

/// A SID that a record gives alone is called what the Security logs call it, if they agree, and if it
/// is not one that every Windows has.
#[test]
fn a_sid_alone_gets_the_name_that_the_case_knows() {
    const ALICE: &str = "S-1-5-21-1-2-3-1105";
    const RENAMED: &str = "S-1-5-21-1-2-3-1106";
    const SYSTEM: &str = "S-1-5-18";
    let full = |sid: &str, domain: &str, name: &str| json!({"user.id": sid, "user.name": name, "user.domain": domain});
    let alone = |sid: &str| json!({"user.id": sid});
    let events = [
        security("4634", "21:00:00", &full(ALICE, "CORP", "alice")),
        security(
            "4634",
            "21:00:01",
            &full(ALICE, "corp.example.com", "alice"),
        ),
        security("4634", "21:00:02", &full(ALICE, "corp", "Alice")),
        security("4634", "21:00:03", &full(RENAMED, "CORP", "bob")),
        security("4634", "21:00:04", &full(RENAMED, "CORP", "bill")),
        security("4634", "21:00:05", &full(SYSTEM, "CORP", "SRV02$")),
        event("Microsoft-Windows-WinRM", "91", "21:00:06", &alone(ALICE)),
        event("Microsoft-Windows-WinRM", "91", "21:00:07", &alone(RENAMED)),
        event("Microsoft-Windows-WinRM", "91", "21:00:08", &alone(SYSTEM)),
    ];
    // Of spellings that differ in case only, the first by its bytes.
    let names = [
        "alice", "alice", "Alice", "bob", "bill", "SRV02$", "alice", "-", "-",
    ];
    check(&events, "user.name", &names);
    let domains = [
        "CORP",
        "corp.example.com",
        "corp",
        "CORP",
        "CORP",
        "CORP",
        "CORP",
        "-",
        "-",
    ];
    check(&events, "user.domain", &domains);
}

/// Machines that are copies of one another have the same SIDs for their own accounts: what such an
/// account is called on one of them says nothing of the other.
#[test]
fn a_local_account_is_named_on_its_own_machine_only() {
    const HERE: &str = "S-1-5-21-1-2-3-1000";
    const THERE: &str = "S-1-5-21-1-2-3-1001";
    const BOTH: &str = "S-1-5-21-1-2-3-1002";
    let full = |sid: &str, domain: &str, name: &str| json!({"user.id": sid, "user.name": name, "user.domain": domain});
    let on_other = |time: &str, fields: &Json| {
        let mut event = security("4634", time, fields);
        event.insert("host.name".into(), "WS09".into());
        event
    };
    let alone = |time: &str, sid: &str| {
        event(
            "Microsoft-Windows-WinRM",
            "91",
            time,
            &json!({"user.id": sid}),
        )
    };
    let events = [
        security("4634", "21:00:00", &full(HERE, "SRV02", "carol")),
        on_other("21:00:01", &full(THERE, "WS09", "dave")),
        security("4634", "21:00:02", &full(BOTH, "SRV02", "erin")),
        on_other("21:00:03", &full(BOTH, "WS09", "frank")),
        alone("21:00:04", HERE),
        alone("21:00:05", THERE),
        alone("21:00:06", BOTH),
    ];
    let names = ["carol", "dave", "erin", "frank", "carol", "-", "erin"];
    check(&events, "user.name", &names);
}

/// The Security log's record of a start may name the owner and the session, but nobody's SID.
#[test]
fn the_owner_of_a_start_has_the_sid_of_the_logon_session() {
    let logon = json!({"user.id": "S-1-5-21-1-2-3-1104", "winlog.logon.id": "0x5e7a1"});
    let owned = json!({
        "process.pid": 4712, "process.executable": CMD, "user.name": "admmig", "user.domain": "CORP",
        "winlog.logon.id": "0x5e7a1",
    });
    let events = [
        security("4624", "20:59:58", &logon),
        security("4688", "21:00:00", &owned),
    ];
    check(&events, "user.id", &["S-1-5-21-1-2-3-1104"; 2]);
}

/// J10: the client on the source records a hash of the user's name, and the accounts of the case tell whose it is.
#[test]
fn the_hash_of_a_remote_desktop_user_has_a_name() {
    let client = |hash: &str| {
        let fields = json!({ "winlog.event_data.TraceMessage": hash });
        let provider = "Microsoft-Windows-TerminalServices-ClientActiveXCore";
        event(provider, "1029", "21:00:09", &fields)
    };
    // SHA-256 and SHA-1 over `k.adm` in UTF-16, in base64; a name that nobody has.
    let events = [
        created("21:00:00", 4_000, CMD, 700),
        client("y7w6Qcr5gzUBsi/0UotQ4WcqKk9mo6MuJRj3yvnE/SI=-"),
        client("FWt7ZU0GLlcTdFCuTv4WN5doBXo="),
        client("UmTGMgTFbA35+PSgMOoZ2ToPpAK+awC010ZOYWQQIfc="),
    ];
    check(&events, "user.target.name", &["-", "k.adm", "k.adm", "-"]);
    check(
        &events,
        "user.target.domain",
        &["-", "EXAMPLE", "EXAMPLE", "-"],
    );
}
