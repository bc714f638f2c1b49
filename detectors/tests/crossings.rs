//! What other hosts recorded of a movement: connections, clocks, remote desktop clients, pipes, tickets (EVIDENCE.md §3,
//! J3, J4, J9, J12, J19 and §3.2).

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod case;

use case::{ANA, SECURITY, event, reconstructed, shown};
use detectors::movement::Movement;

/// A rule on the target that a single event meets.
fn rule(query: &str) -> String {
    format!(
        r#"
[rule]
rule_id = '{query}'
name = "Done"
type = "eql"
query = '{query}'
[[rule.threat]]
framework = "MITRE ATT&CK"
tactic = {{ id = "TA0008", name = "Lateral Movement" }}
[[rule.threat.technique]]
id = "T1021"
name = "Remote Services"
[sidetrack]
basis = "residue"
side = "target"
[sidetrack.movement]
when = "1"
source_ip = ["1:source.ip"]
target_host = ["1:host.name"]
account = ["1:user.name"]
"#
    )
}

const SERVICE: &str = r#"any where event.code == "4697""#;

fn logon(second: u32, id: &str, port: u16) -> String {
    let fields = format!(
        r#"{SECURITY}, "event.category": "authentication", "event.code": "4624", "winlog.logon.id": "{id}",
        "winlog.event_data.LogonType": "3", "source.ip": "10.20.30.11", "source.port": {port}, {ANA}"#
    );
    event(second, "SRV02", &fields.replace('\n', " "))
}

fn installed(second: u32, id: &str) -> String {
    let fields = format!(
        r#"{SECURITY}, "event.category": "configuration", "event.code": "4697", "winlog.logon.id": "{id}", {ANA}"#
    );
    event(second, "SRV02", &fields)
}

/// A connection that a host recorded, as the end that opened it.
fn opened(second: u32, host: &str, port: u16) -> String {
    let fields = format!(
        r#""event.category": "network", "event.provider": "Microsoft-Windows-Sysmon", "event.code": "3",
        "network.direction": ["egress"], "source.ip": "10.20.30.11", "source.port": {port},
        "destination.ip": "10.20.30.12", "process.executable": "C:\\Temp\\x.exe", "user.name": "eve""#
    );
    event(second, host, &fields.replace('\n', " "))
}

fn told(movement: &Movement) -> Vec<String> {
    let each = movement.witnesses.iter();
    each.map(|w| format!("{} {} {} {}", w.tie.as_str(), w.host, w.what, w.user))
        .collect()
}

#[test]
fn who_opened_the_logon_s_connection_is_the_source() {
    let rule = rule(SERVICE);
    let events = [
        opened(0, "WS01", 50123),
        logon(2, "0xa", 50123),
        installed(4, "0xa"),
    ];
    let case = reconstructed(&[&rule], &events);
    let [movement] = case.movements.as_slice() else {
        panic!("{:?}", case.movements);
    };
    assert_eq!(
        shown(movement),
        "CONFIRMED WS01(10.20.30.11) > SRV02() as CORP\\ana ran  as , 1 events"
    );
    assert_eq!(
        movement.resolved_by.unwrap().as_str(),
        "own log of the connection"
    );
    assert_eq!(told(movement), [r"connection WS01 C:\Temp\x.exe eve"]);
}

/// J4's trap: a port is used again, by the same host later, and by others behind a relay.
#[test]
fn another_connection_from_the_same_port_is_not_it() {
    let rule = rule(SERVICE);
    let source = |events: &[String]| {
        let case = reconstructed(&[&rule], events);
        case.movements[0].source_host.clone()
    };
    let rest = [logon(20, "0xa", 50123), installed(24, "0xa")];
    let with = |more: &[String]| source(&[more, rest.as_slice()].concat());
    assert_eq!(with(&[opened(0, "WS01", 50123)]), "", "too early");
    assert_eq!(with(&[opened(19, "WS01", 50124)]), "", "another port");
    assert_eq!(
        with(&[opened(19, "WS01", 50123), opened(20, "WS07", 50123)]),
        "",
        "two hosts claim it"
    );
    assert_eq!(with(&[opened(19, "SRV02", 50123)]), "", "its own");
}

/// §3.2: connections that both recorded tell that the clocks are 20 s apart: a later one is found by that.
#[test]
fn clocks_that_differ_move_the_window() {
    let rule = rule(SERVICE);
    let events = [
        opened(0, "WS01", 50001),
        logon(20, "0x1", 50001),
        opened(100, "WS01", 50002),
        logon(121, "0x2", 50002),
        opened(200, "WS01", 50123),
        logon(220, "0xa", 50123),
        installed(224, "0xa"),
    ];
    let case = reconstructed(&[&rule], &events);
    let movement = &case.movements[0];
    assert_eq!(movement.source_host, "WS01");
    let skew = movement.skew.unwrap();
    assert_eq!((skew.ticks, skew.spread, skew.anchors), (200_000_000, 0, 3));
    // Two logs of the source tell of each: that is one connection still.
    let twice = [0, 100, 200].map(|second| opened(second + 1, "WS01", port_at(second)));
    let case = reconstructed(&[&rule], &[events.as_slice(), &twice].concat());
    assert_eq!(case.movements[0].skew, Some(skew));
}

fn port_at(second: u32) -> u16 {
    match second {
        0 => 50001,
        100 => 50002,
        _ => 50123,
    }
}

/// §3.2: both sides of a hop, whose clocks are 55 s apart.
#[test]
fn both_sides_are_joined_by_corrected_time() {
    let service = rule(SERVICE).replace(
        r#"source_ip = ["1:source.ip"]"#,
        r#"source_host = ["1:source.domain"]"#,
    );
    let client = rule(r#"process where process.name == "sc.exe""#)
        .replace(r#"side = "target""#, r#"side = "source""#)
        .replace(
            r#"target_host = ["1:host.name"]"#,
            r#"target_host = ["1:destination.domain"]"#,
        )
        .replace(
            r#"source_ip = ["1:source.ip"]"#,
            r#"source_host = ["1:host.name"]"#,
        );
    let ran = event(
        199,
        "WS01",
        &format!(
            r#""event.category": "process", "process.name": "sc.exe", "destination.domain": "SRV02", {ANA}"#
        ),
    );
    let done = format!(
        r#"{SECURITY}, "event.category": "configuration", "event.code": "4697", "source.domain": "WS01", {ANA}"#
    );
    let hop = [ran, event(256, "SRV02", &done)];
    let anchors = [
        opened(0, "WS01", 50001),
        logon(55, "0x1", 50001),
        opened(9, "WS01", 50002),
        logon(64, "0x2", 50002),
    ];
    let count = |events: &[String]| reconstructed(&[&service, &client], events).movements.len();
    assert_eq!(count(&hop), 2, "nothing tells that the clocks differ");
    assert_eq!(count(&[anchors.as_slice(), &hop].concat()), 1);
}

/// Remote desktop: the session on the target, as its logs have it.
fn desktop(second: u32) -> String {
    let fields = format!(
        r#"{SECURITY}, "event.category": "authentication", "event.code": "4624", "winlog.logon.id": "0xd",
        "winlog.logon.type": "RemoteInteractive", "winlog.event_data.LogonType": "10", "source.ip": "10.20.30.11", {ANA}"#
    );
    event(second, "SRV02", &fields.replace('\n', " "))
}

fn client(second: u32, host: &str, code: &str, activity: &str, to: &str) -> String {
    let fields = format!(
        r#""event.provider": "Microsoft-Windows-TerminalServices-ClientActiveXCore", "event.category": "network",
        "event.code": "{code}", "winlog.activity_id": "{activity}", "user.id": "S-1-5-21-1-2-3-1108"{to}"#
    );
    event(second, host, &fields.replace('\n', " "))
}

const TO_SRV02: &str = r#", "destination.domain": "srv02.corp.example.com""#;

#[test]
fn a_remote_desktop_client_is_part_of_the_session_that_it_made() {
    let rule =
        rule(r#"any where event.code == "4624" and winlog.logon.type == "RemoteInteractive""#);
    let events = [
        client(0, "WS01", "1024", "{A}", TO_SRV02),
        client(2, "WS01", "1029", "{A}", r#", "user.target.name": "ana""#),
        // J9's traps: to another host, of another connection, and too long before.
        client(
            1,
            "WS05",
            "1024",
            "{B}",
            r#", "destination.domain": "APP04""#,
        ),
        client(2, "WS05", "1029", "{C}", r#", "user.target.name": "bob""#),
        desktop(30),
        desktop(300),
    ];
    let case = reconstructed(&[&rule], &events);
    let all: Vec<Vec<String>> = case.movements.iter().map(told).collect();
    assert_eq!(all[0], ["remote desktop client WS01 1024 1029 ana"]);
    assert!(all[1].is_empty(), "{all:?}");
    // Somebody else's client, at the same time: the session is not its.
    let events = [
        client(10, "WS05", "1024", "{D}", TO_SRV02),
        client(11, "WS05", "1029", "{D}", r#", "user.target.name": "bob""#),
        desktop(30),
    ];
    assert!(told(&reconstructed(&[&rule], &events).movements[0]).is_empty());
    // Two that are begun at once without an activity are two.
    let events = [
        client(10, "WS01", "1024", "", r#", "destination.domain": "APP04""#),
        client(11, "WS01", "1024", "", TO_SRV02),
        client(12, "WS01", "1029", "", r#", "user.target.name": "ana""#),
        desktop(30),
    ];
    let case = reconstructed(&[&rule], &events);
    assert_eq!(
        told(&case.movements[0]),
        ["remote desktop client WS01 1024 1029 ana"]
    );
    // Without an activity only what follows at once is of the same connection.
    let events = [
        client(0, "WS01", "1024", "", TO_SRV02),
        client(2, "WS01", "1102", "", TO_SRV02),
        client(20, "WS01", "1029", "", r#", "user.target.name": "bob""#),
        desktop(30),
    ];
    let case = reconstructed(&[&rule], &events);
    assert_eq!(
        told(&case.movements[0]),
        ["remote desktop client WS01 1024 1102 "]
    );
}

#[test]
fn a_pipe_of_psexec_is_borne_out_by_its_process_on_the_source() {
    let rule = rule(r#"file where file.name : "*PSEXESVC-*""#);
    let pipe = event(
        10,
        "SRV02",
        r#""event.category": "file", "file.name": "PSEXESVC-WS01-4211-stdin""#,
    );
    let started = |second, pid| {
        let fields = format!(
            r#""event.category": "process", "event.provider": "Microsoft-Windows-Sysmon", "event.code": "1",
            "process.pid": {pid}, "process.executable": "C:\\p.exe", "process.entity_id": "{pid}""#
        );
        event(second, "WS01", &fields.replace('\n', " "))
    };
    let of = |more: &[String]| {
        let events = [more, std::slice::from_ref(&pipe)].concat();
        told(&reconstructed(&[&rule], &events).movements[0])
    };
    assert_eq!(of(&[started(1, 4211)]), [r"pipe WS01 C:\p.exe "]);
    assert!(of(&[started(1, 4212)]).is_empty(), "another process");
    // The pid is somebody else's by then.
    let late = event(
        600,
        "SRV02",
        r#""event.category": "file", "file.name": "PSEXESVC-WS01-4211-stdin""#,
    );
    let case = reconstructed(&[&rule], &[started(1, 4211), late]);
    assert!(told(&case.movements[0]).is_empty());
}

/// J3 without a GUID: by service, user and address. Who was given a ticket could have come; it is not known who did.
#[test]
fn a_ticket_for_the_host_and_the_user_bears_the_source_out() {
    let rule = rule(SERVICE);
    let ticket = |second, ip: &str, user: &str| {
        let fields = format!(
            r#"{SECURITY}, "event.category": "authentication", "event.code": "4769", "service.name": "SRV02$",
            "user.name": "{user}", "source.ip": "{ip}""#
        );
        event(second, "DC01", &fields.replace('\n', " "))
    };
    let with_source = [logon(10, "0xa", 50123), installed(12, "0xa")];
    let of = |events: &[String]| {
        let case = reconstructed(&[&rule], events);
        (told(&case.movements[0]), shown(&case.movements[0]))
    };
    let (witnesses, _) = of(&[
        [
            ticket(1, "10.20.30.11", "ana"),
            ticket(2, "10.20.30.19", "ana"),
        ]
        .as_slice(),
        &with_source,
    ]
    .concat());
    assert_eq!(witnesses, [r"ticket DC01 10.20.30.11 CORP\ana"]);
    // The source is not recorded: two could be it, and somebody else's ticket says nothing.
    let (_, line) = of(&[
        ticket(1, "10.20.30.11", "ana"),
        ticket(2, "10.20.30.19", "ana"),
        ticket(3, "10.20.30.20", "bob"),
        installed(12, "0xa"),
    ]);
    assert_eq!(
        line,
        "POSSIBLE () > SRV02() as CORP\\ana ran  as , 1 events source_ip=10.20.30.11,10.20.30.19"
    );
}

/// J19: what PowerShell ran in the activity of the remote shell. The trap: the number is another host's, or comes again
/// days later.
#[test]
fn scripts_of_a_remote_shell_s_activity_are_what_ran() {
    let rule = rule(r#"any where event.code == "91""#);
    let shell = |second, host: &str, activity: &str| {
        event(
            second,
            host,
            &format!(
                r#""event.provider": "Microsoft-Windows-WinRM", "event.code": "91", "winlog.activity_id": "{activity}", {ANA}"#
            ),
        )
    };
    let script = |second, host: &str, activity: &str, text: &str| {
        let fields = format!(
            r#""event.provider": "Microsoft-Windows-PowerShell", "event.code": "4104", "winlog.activity_id": "{activity}",
            "powershell.file.script_block_text": "{text}""#
        );
        event(second, host, &fields.replace('\n', " "))
    };
    let case = reconstructed(
        &[&rule],
        &[
            shell(0, "SRV02", "{0A1B-1}"),
            script(2, "SRV02", "{0a1b-1}", "whoami"),
            script(2, "SRV02", "{0A1B-2}", "other activity"),
            script(2, "SRV03", "{0A1B-1}", "other host"),
            shell(5, "SRV04", "{00000000-0000}"),
            script(6, "SRV04", "{00000000-0000}", "nobody's"),
        ],
    );
    let texts = |place: usize| -> Vec<&str> {
        let scripts = case.movements[place].scripts.iter();
        scripts.map(|script| script.text.as_str()).collect()
    };
    assert_eq!(texts(0), ["whoami"]);
    assert!(texts(1).is_empty());
    let later = script(0, "SRV02", "{0a1b-1}", "later").replace("2026-03-02", "2026-03-04");
    let case = reconstructed(&[&rule], &[shell(0, "SRV02", "{0A1B-1}"), later]);
    assert!(case.movements[0].scripts.is_empty());
}

/// J18: the output file's name has the clock of the tool.
#[test]
fn the_name_of_an_output_file_tells_of_the_tool_s_clock() {
    let rule = rule(r#"file where file.name : "__*""#);
    let file = |name: &str| {
        event(
            10,
            "SRV02",
            &format!(r#""event.category": "file", "file.name": "{name}""#),
        )
    };
    let ahead = |name: &str| reconstructed(&[&rule], &[file(name)]).movements[0].behind_tool;
    assert_eq!(ahead("__1772485202.5"), Some(75_000_000));
    assert_eq!(ahead("__1572485202.5"), None, "that is years ago");
    assert_eq!(ahead("__init__.py"), None);
}

/// Several logs of the source tell of one hop: one movement. The traps: another target, another technique, too late.
#[test]
fn what_several_logs_of_a_source_tell_of_one_hop_is_one_movement() {
    let on_source = |query: &str, technique: &str| {
        rule(query)
            .replace("T1021", technique)
            .replace(r#"side = "target""#, r#"side = "source""#)
            .replace(
                r#"source_ip = ["1:source.ip"]"#,
                r#"source_host = ["1:host.name"]"#,
            )
            .replace(
                r#"["1:host.name"]
account"#,
                r#"["1:destination.domain"]
account"#,
            )
    };
    let shell = on_source(r#"any where event.code == "6""#, "T1021.006");
    let script = on_source(r#"any where event.code == "4104""#, "T1021.006");
    let desktop = on_source(r#"any where event.code == "4104""#, "T1021.001");
    let did = |second, code: &str, to: &str| {
        event(
            second,
            "WS01",
            &format!(r#""event.code": "{code}", "destination.domain": "{to}", {ANA}"#),
        )
    };
    let count = |second: &str, rest: &[String]| {
        let events = [&[did(0, "6", "SRV02")], rest].concat();
        reconstructed(&[&shell, second], &events).movements.len()
    };
    assert_eq!(
        count(&script, &[did(3, "4104", "srv02.corp.example.com")]),
        1
    );
    assert_eq!(
        count(&script, &[did(3, "4104", "SRV03")]),
        2,
        "another target"
    );
    assert_eq!(count(&script, &[did(40, "4104", "SRV02")]), 2, "too late");
    assert_eq!(
        count(&desktop, &[did(3, "4104", "SRV02")]),
        2,
        "another technique"
    );
    let eve = did(3, "4104", "SRV02").replace(r#""ana""#, r#""eve""#);
    assert_eq!(count(&script, &[eve]), 2, "somebody else");
}

/// J11: the source's profile has the target among those that its remote desktop client went to, as of about that time. The
/// traps: another target, another time.
#[test]
fn the_target_in_the_source_s_profile_bears_a_session_out() {
    let logons = r#"any where event.code == "4624" and winlog.logon.type == "RemoteInteractive""#;
    let expects = r#"
[[sidetrack.expects]]
text = "in the profile"
side = "source"
query = 'network where event.action == "rdp-client-target"'
by = ["target_ip", "target_host"]
within = "10m"
channel = "registry:NTUSER.DAT"
"#;
    let rule = rule(logons).replace(
        r#"target_host = ["1:host.name"]"#,
        "target_host = [\"1:host.name\"]\nsource_host = [\"1:source.domain\"]",
    ) + expects;
    let session =
        desktop(1200).replace(r#""source.ip""#, r#""source.domain": "WS01", "source.ip""#);
    let key = |second, to: &str| {
        event(
            second,
            "WS01",
            &format!(
                r#""event.category": "network", "event.action": "rdp-client-target", "destination.domain": "{to}", "winlog.record_id": "1""#
            ),
        )
    };
    let found = |key: String| {
        let case = reconstructed(&[&rule], &[session.clone(), key]);
        case.movements[0].found.len()
    };
    assert_eq!(found(key(1700, "srv02")), 1);
    assert_eq!(found(key(1700, "srv03")), 0, "another target");
    assert_eq!(found(key(1900, "srv02")), 0, "long after");
}

/// J17: WMI names the client's machine where an operation failed. The traps: another machine, another time.
#[test]
fn what_wmi_says_of_its_client_bears_the_source_out() {
    let expects = r#"
[[sidetrack.expects]]
text = "WMI's client"
side = "target"
query = 'any where event.provider == "Microsoft-Windows-WMI-Activity" and event.code == "5858"'
by = ["source_host"]
within = "5s"
channel = "Microsoft-Windows-WMI-Activity/Operational"
"#;
    let rule = rule(r#"process where event.code == "1""#).replace(
        r#"target_host = ["1:host.name"]"#,
        "target_host = [\"1:host.name\"]\nsource_host = [\"1:source.domain\"]",
    ) + expects;
    let started = event(
        100,
        "SRV02",
        r#""event.category": "process", "event.code": "1", "source.domain": "WS01""#,
    );
    let failed = |second, client: &str| {
        event(
            second,
            "SRV02",
            &format!(
                r#""event.provider": "Microsoft-Windows-WMI-Activity", "event.code": "5858", "source.domain": "{client}", "winlog.record_id": "1""#
            ),
        )
    };
    let found = |more: String| {
        let case = reconstructed(&[&rule], &[started.clone(), more]);
        let found = case.movements[0].found.iter();
        found.filter(|found| !found.loose).count()
    };
    assert_eq!(found(failed(104, "ws01")), 1);
    assert_eq!(found(failed(104, "WS07")), 0, "another machine");
    assert_eq!(found(failed(106, "WS01")), 0, "another time");
}

/// A relay, or a neighbour: who opened the connection of another session is not the source.
#[test]
fn who_opened_another_address_s_connection_is_not_the_source() {
    let rule = rule(
        r#"sequence by host.id with maxspan=1m [network where destination.port == 135] [any where event.code == "4697"]"#,
    );
    let scanned = event(
        0,
        "SRV02",
        r#""event.category": "network", "network.direction": ["ingress"], "source.ip": "10.20.30.99", "source.port": 40000, "destination.port": 135"#,
    );
    let events = [
        scanned,
        opened(1, "WS01", 50123),
        logon(2, "0xa", 50123),
        installed(4, "0xa"),
    ];
    let case = reconstructed(&[&rule], &events);
    let movement = &case.movements[0];
    assert_eq!(
        (movement.source_ip.as_str(), movement.source_host.as_str()),
        ("10.20.30.99", "")
    );
    assert_eq!(movement.proven_source, "");
}
