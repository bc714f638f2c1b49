//! From events to movements: what merges, what is no movement at all, what is stated and what is
//! left empty (MATCHING.md §5–§6).

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod case;

use case::{event, movements, reconstructed};
use detectors::movement::Verdict;

/// A connection comes in, then a file is written by the same process: the target's side.
const COPY: &str = r#"
[rule]
rule_id = "copy"
name = "Copy"
type = "eql"
query = '''sequence by host.id, process.entity_id with maxspan=10s
  [network where network.direction == "ingress"] [file where true]'''
[[rule.threat]]
[[rule.threat.technique]]
id = "T1570"
[sidetrack]
basis = "telemetry"
side = "target"
[sidetrack.movement]
when = "2"
source_ip = ["1:source.ip"]
source_host = ["1:source.domain"]
target_host = ["2:host.name"]
target_ip = ["1:destination.ip"]
account = ["2:user.name"]
ran = ["2:file.path"]
[[sidetrack.expects]]
text = "a network logon"
side = "target"
query = 'authentication where event.code == "4624"'
by = ["source_ip"]
within = "10s"
channel = "Security"
required = true
"#;

/// A file is written and then started.
const RUN: &str = r#"
[rule]
rule_id = "run"
name = "Run"
type = "eql"
query = '''sequence by host.id with maxspan=1m
  [file where true] by file.path [process where true] by process.executable'''
[[rule.threat]]
[[rule.threat.technique]]
id = "T1021"
[sidetrack]
basis = "telemetry"
side = "target"
[sidetrack.movement]
when = "2"
target_host = ["2:host.name"]
ran_as = ["2:user.name"]
ran = ["2:process.executable"]
"#;

/// A connection goes out: the source's side.
const SEND: &str = r#"
[rule]
rule_id = "send"
name = "Send"
type = "eql"
query = 'network where network.direction == "egress"'
[[rule.threat]]
[[rule.threat.technique]]
id = "T1570"
[sidetrack]
basis = "telemetry"
side = "source"
[sidetrack.movement]
when = "1"
source_ip = ["1:source.ip"]
source_host = ["1:host.name"]
target_host = ["1:destination.domain"]
target_ip = ["1:destination.ip"]
account = ["1:user.name"]
"#;

/// A connection from 10.20.30.`from`, accepted by a process.
fn accepted(second: u32, process: &str, from: &str) -> String {
    event(
        second,
        "SRV02",
        &format!(
            r#""event.category": "network", "network.direction": "ingress", "process.entity_id": "{process}",
            "source.ip": "10.20.30.{from}", "source.port": 50112, "source.domain": "WS{from}", "destination.ip": "10.20.30.22", "destination.port": 445"#
        ),
    )
}

fn written(second: u32, process: &str, path: &str) -> String {
    event(
        second,
        "SRV02",
        &format!(
            r#""event.category": "file", "process.entity_id": "{process}", "file.path": "{path}", "file.Ext.path_key": "{path}""#
        ),
    )
}

fn started(second: u32, path: &str) -> String {
    event(
        second,
        "SRV02",
        &format!(
            r#""event.category": "process", "process.executable": "{path}", "user.name": "SYSTEM", "user.id": "S-1-5-18""#
        ),
    )
}

fn connected(second: u32, to: &str) -> String {
    event(
        second,
        "WS11",
        &format!(
            r#""event.category": "network", "network.direction": "egress", "user.name": "jdoe", "user.domain": "CORP", "user.id": "S-1-5-21-1-2-3-1104",
            "source.ip": "10.20.30.11", "source.port": 50112, "destination.ip": "10.20.30.{to}", "destination.domain": "SRV02", "destination.port": 445"#
        ),
    )
}

fn logon(second: u32, ip: &str) -> String {
    event(
        second,
        "SRV02",
        &format!(
            r#""event.category": "authentication", "event.code": "4624", "winlog.channel": "Security", "winlog.record_id": "{second}", "source.ip": "{ip}""#
        ),
    )
}

#[test]
fn a_named_source_is_probable_and_none_is_possible() {
    assert_eq!(
        movements(
            &[COPY],
            &[accepted(1, "{1}", "11"), written(2, "{1}", "a.exe")]
        ),
        ["PROBABLE WS11(10.20.30.11) > SRV02(10.20.30.22) as  ran a.exe as , 2 events"]
    );
    assert_eq!(
        movements(&[RUN], &[written(1, "{1}", "a.exe"), started(2, "a.exe")]),
        ["POSSIBLE () > SRV02() as  ran a.exe as SYSTEM, 2 events"]
    );
}

#[test]
fn findings_that_share_an_event_are_one_movement() {
    let events = [
        accepted(1, "{1}", "11"),
        written(2, "{1}", "a.exe"),
        // Too late for the file's name alone to join them.
        started(40, "a.exe"),
    ];
    assert_eq!(
        movements(&[COPY, RUN], &events),
        ["PROBABLE WS11(10.20.30.11) > SRV02(10.20.30.22) as  ran a.exe as SYSTEM, 3 events"]
    );
}

#[test]
fn findings_of_two_rules_that_name_one_file_are_one_movement_for_ten_seconds() {
    for (second, count) in [(12, 1), (13, 2)] {
        let events = [
            accepted(1, "{1}", "11"),
            written(2, "{1}", "a.exe"),
            written(3, "{9}", "a.exe"),
            started(second, "a.exe"),
        ];
        let run = RUN.replace(
            "[file where true]",
            "[file where process.entity_id == \"{9}\"]",
        );
        assert_eq!(movements(&[COPY, &run], &events).len(), count, "{second}");
    }
}

#[test]
fn matches_of_one_rule_that_share_no_event_are_two_movements() {
    let events = [
        accepted(1, "{1}", "11"),
        written(2, "{1}", "a.exe"),
        accepted(3, "{2}", "11"),
        written(4, "{2}", "a.exe"),
    ];
    assert_eq!(movements(&[COPY], &events).len(), 2);
}

#[test]
fn the_host_itself_is_no_source() {
    for from in ["22", "11"] {
        let own = accepted(1, "{1}", from).replace("WS11", "srv02.corp.example.com");
        let events = [own, written(2, "{1}", "a.exe")];
        assert!(movements(&[COPY], &events).is_empty(), "{from}");
    }
    let loopback = accepted(1, "{1}", "11").replace("10.20.30.11", "127.0.0.1");
    let loopback = loopback.replace("WS11", "-");
    assert!(movements(&[COPY], &[loopback, written(2, "{1}", "a.exe")]).is_empty());
}

/// Whoever else could stand in the match is a candidate: then it is no matter of the host alone.
#[test]
fn a_connection_to_itself_does_not_hide_one_from_elsewhere() {
    let own = |second| accepted(second, "{1}", "22").replace("WS22", "SRV02");
    for events in [
        [accepted(1, "{1}", "11"), own(2), written(3, "{1}", "a.exe")],
        [own(1), accepted(2, "{1}", "11"), written(3, "{1}", "a.exe")],
    ] {
        assert_eq!(
            movements(&[COPY], &events),
            [
                "POSSIBLE () > SRV02(10.20.30.22) as  ran a.exe as , 2 events source_ip=10.20.30.11,10.20.30.22 source_host=SRV02,WS11"
            ]
        );
    }
}

/// A logon comes in.
const LOGON: &str = r#"
[rule]
rule_id = "logon"
name = "Logon"
type = "eql"
query = 'authentication where event.code == "4624"'
[[rule.threat]]
[[rule.threat.technique]]
id = "T1021"
[sidetrack]
basis = "residue"
side = "target"
[sidetrack.movement]
when = "1"
source_ip = ["1:source.ip"]
source_host = ["1:source.domain"]
target_host = ["1:host.name"]
"#;

/// Logons over RDP name the target itself as the workstation, beside the source's address.
#[test]
fn a_remote_address_is_not_the_host_itself_whatever_name_stands_beside_it() {
    let by = |ip: &str| {
        let named = format!("{ip}\", \"source.domain\": \"srv02");
        movements(&[LOGON], &[logon(1, &named)])
    };
    assert_eq!(
        by("10.20.30.11"),
        ["PROBABLE (10.20.30.11) > SRV02() as  ran  as , 1 events"]
    );
    assert!(by("127.0.0.1").is_empty());
    assert!(by("-").is_empty());
}

#[test]
fn two_sources_in_the_window_leave_the_source_empty() {
    let events = [
        accepted(1, "{1}", "11"),
        accepted(2, "{1}", "12"),
        written(3, "{1}", "a.exe"),
    ];
    assert_eq!(
        movements(&[COPY], &events),
        [
            "POSSIBLE () > SRV02(10.20.30.22) as  ran a.exe as , 2 events source_ip=10.20.30.11,10.20.30.12 source_host=WS11,WS12"
        ]
    );
}

#[test]
fn one_of_two_addresses_is_not_singled_out_by_its_name() {
    let nameless = accepted(1, "{1}", "11").replace("WS11", "-");
    let events = [
        nameless,
        accepted(2, "{1}", "12"),
        written(3, "{1}", "a.exe"),
    ];
    assert_eq!(
        movements(&[COPY], &events),
        [
            "POSSIBLE () > SRV02(10.20.30.22) as  ran a.exe as , 2 events source_ip=10.20.30.11,10.20.30.12 source_host=WS12"
        ]
    );
}

#[test]
fn a_flow_whose_ends_cannot_be_told_apart_names_nobody() {
    let open = accepted(1, "{1}", "11").replace(
        "\"source.ip\"",
        "\"network.Ext.swapped\": \"unknown\", \"source.ip\"",
    );
    assert_eq!(
        movements(&[COPY], &[open, written(2, "{1}", "a.exe")]),
        [
            "POSSIBLE () > SRV02(10.20.30.22) as  ran a.exe as , 2 events source_ip=10.20.30.11,10.20.30.22 source_host=WS11"
        ]
    );
}

#[test]
fn a_rule_of_another_make_tells_of_a_movement_by_its_flow() {
    let rule = |query: &str| {
        format!(
            r#"
[rule]
rule_id = "other"
name = "Other"
type = "eql"
query = '''{query}'''
[[rule.threat]]
[rule.threat.tactic]
id = "TA0008"
"#
        )
    };
    let incoming = rule(
        r#"sequence by host.id with maxspan=1m
        [network where network.direction : ("incoming", "ingress")] [process where true]"#,
    );
    assert_eq!(
        movements(
            &[&incoming],
            &[accepted(1, "{1}", "11"), started(2, "a.exe")]
        ),
        ["PROBABLE WS11(10.20.30.11) > SRV02(10.20.30.22) as  ran a.exe as SYSTEM, 2 events"]
    );
    let outgoing = rule(r#"network where network.direction : ("outgoing", "egress")"#);
    assert_eq!(
        movements(&[&outgoing], &[connected(1, "22")]),
        ["PROBABLE WS11(10.20.30.11) > SRV02(10.20.30.22) as CORP\\jdoe ran  as , 1 events"]
    );
    let neither = rule("network where destination.port == 445");
    assert!(movements(&[&neither], &[connected(1, "22")]).is_empty());
}

#[test]
fn an_account_has_no_case() {
    let events = [
        connected(1, "22"),
        connected(2, "22").replace("jdoe", "JDoe"),
    ];
    let run = RUN.replace(
        "[file where true] by file.path [process where true] by process.executable",
        "[network where true] by source.ip [network where true] by source.ip",
    );
    let run = run.replace(
        "target_host = [\"2:host.name\"]",
        "target_host = [\"2:destination.domain\"]\naccount = [\"2:user.name\"]",
    );
    let run = run.replace("side = \"target\"", "side = \"source\"");
    let movements = movements(&[SEND, &run], &events);
    assert_eq!(movements.len(), 1, "{movements:?}");
    assert!(movements[0].contains("as CORP\\jdoe"), "{movements:?}");
}

#[test]
fn both_sides_of_a_connection_are_one_movement_and_confirmed() {
    let events = [
        connected(1, "22"),
        accepted(2, "{1}", "11"),
        written(3, "{1}", "a.exe"),
    ];
    assert_eq!(
        movements(&[SEND, COPY], &events),
        ["CONFIRMED WS11(10.20.30.11) > SRV02(10.20.30.22) as CORP\\jdoe ran a.exe as , 3 events"]
    );
}

#[test]
fn the_sides_of_two_hops_in_a_row_are_paired_by_time() {
    // Other ports on the two sides: only technique and time tell.
    let sent = |second| connected(second, "22").replace("50112", "50999");
    let events = [
        sent(1),
        accepted(2, "{1}", "11"),
        written(3, "{1}", "a.exe"),
        sent(10),
        accepted(11, "{2}", "11"),
        written(12, "{2}", "b.exe"),
    ];
    let movements = movements(&[SEND, COPY], &events);
    let expected = |file| {
        format!(
            "CONFIRMED WS11(10.20.30.11) > SRV02(10.20.30.22) as CORP\\jdoe ran {file} as , 3 events"
        )
    };
    assert_eq!(movements, [expected("a.exe"), expected("b.exe")]);
}

/// What came over a connection may be written long after it was made.
#[test]
fn both_sides_of_one_connection_are_joined_by_its_ports() {
    let copy = COPY
        .replace("maxspan=10s", "maxspan=2m")
        .replace("T1570", "T1021.002");
    let events = [
        connected(1, "22"),
        accepted(2, "{1}", "11"),
        written(80, "{1}", "a.exe"),
    ];
    assert_eq!(
        movements(&[SEND, &copy], &events),
        ["CONFIRMED WS11(10.20.30.11) > SRV02(10.20.30.22) as CORP\\jdoe ran a.exe as , 3 events"]
    );
}

/// RDP out and SMB in within seconds are two movements, though both are remote services.
#[test]
fn another_sub_technique_or_port_is_another_movement() {
    let copy = COPY.replace("T1570", "T1021.002");
    for (technique, port, count) in [
        ("T1021.001", "\"destination.port\": 445", 2),
        ("T1021.002", "\"destination.port\": 3389", 2),
        ("T1021.002", "\"destination.port\": 445", 1),
        ("T1021", "\"destination.port\": 445", 1),
    ] {
        let rule = SEND.replace("T1570", technique);
        let sent = connected(1, "22").replace("\"destination.port\": 445", port);
        let events = [
            sent.replace("50112", "50999"),
            accepted(2, "{1}", "11"),
            written(3, "{1}", "a.exe"),
        ];
        let movements = movements(&[&rule, &copy], &events);
        assert_eq!(movements.len(), count, "{technique} {port}: {movements:?}");
    }
}

#[test]
fn a_name_that_netbios_cut_is_the_same_host() {
    let long = |line: String| line.replace("WS11", "WORKSTATION-0011");
    let cut = |line: String| line.replace("WS11", "WORKSTATION-001");
    let events = [
        long(connected(1, "22")),
        cut(accepted(2, "{1}", "11")),
        written(3, "{1}", "a.exe"),
    ];
    let movements = movements(&[SEND, COPY], &events);
    assert_eq!(movements.len(), 1, "{movements:?}");
    assert!(
        movements[0].starts_with("CONFIRMED WORKSTATION-0011("),
        "{movements:?}"
    );
}

/// From one host to another and on to a third, by one process: two hops.
#[test]
fn what_comes_in_and_what_goes_out_are_two_movements() {
    let come = COPY
        .replace("[file where true]", "[process where true]")
        .replace("2:file.path", "2:process.executable");
    let go = SEND.replace(
        "query = 'network where network.direction == \"egress\"'",
        "query = '''sequence by host.id, process.entity_id with maxspan=10s [process where true] [network where network.direction == \"egress\"]'''",
    );
    let go = go
        .replace("\"1:", "\"2:")
        .replace("when = \"1\"", "when = \"2\"");
    let started = started(2, "a.exe").replace(
        "\"user.name\"",
        "\"process.entity_id\": \"{1}\", \"user.name\"",
    );
    let onward = connected(3, "33")
        .replace("WS11", "SRV02")
        .replace("ws11", "srv02")
        .replace(
            "\"destination.domain\": \"SRV02\"",
            "\"destination.domain\": \"SRV03\"",
        )
        .replace("10.20.30.11", "10.20.30.22")
        .replace(
            "\"user.name\"",
            "\"process.entity_id\": \"{1}\", \"user.name\"",
        );
    assert_eq!(
        movements(&[&come, &go], &[accepted(1, "{1}", "11"), started, onward]),
        [
            "PROBABLE WS11(10.20.30.11) > SRV02(10.20.30.22) as  ran a.exe as , 2 events",
            "PROBABLE SRV02(10.20.30.22) > SRV03(10.20.30.33) as CORP\\jdoe ran  as , 2 events",
        ]
    );
}

/// One of two addresses is not singled out by its name when findings differ.
#[test]
fn findings_that_name_two_sources_name_none() {
    let other = COPY
        .replace("rule_id = \"copy\"", "rule_id = \"other\"")
        .replace(
            "[network where network.direction == \"ingress\"]",
            "[network where network.direction == \"ingress\" and source.domain == null]",
        );
    let copy = COPY.replace(
        "[network where network.direction == \"ingress\"]",
        "[network where network.direction == \"ingress\" and source.domain != null]",
    );
    let nameless = accepted(1, "{1}", "11").replace("\"source.domain\": \"WS11\", ", "");
    let events = [
        nameless,
        accepted(2, "{1}", "12"),
        written(3, "{1}", "a.exe"),
    ];
    assert_eq!(
        movements(&[&copy, &other], &events),
        [
            "POSSIBLE () > SRV02(10.20.30.22) as  ran a.exe as , 3 events source_ip=10.20.30.11,10.20.30.12 source_host=WS12"
        ]
    );
}

#[test]
fn the_source_side_alone_is_probable() {
    assert_eq!(
        movements(&[SEND], &[connected(1, "22")]),
        ["PROBABLE WS11(10.20.30.11) > SRV02(10.20.30.22) as CORP\\jdoe ran  as , 1 events"]
    );
}

#[test]
fn the_nearest_event_corroborates_and_is_named() {
    let events = [
        accepted(20, "{1}", "11"),
        written(21, "{1}", "a.exe"),
        logon(15, "10.20.30.11"),
        logon(19, "10.20.30.11"),
        logon(20, "10.20.30.99"),
        logon(31, "10.20.30.11"),
    ];
    let case = reconstructed(&[COPY], &events);
    assert_eq!(case.found(), [("a network logon", "19", false)]);
    assert_eq!(case.missing(), []);
}

#[test]
fn what_nothing_ties_to_the_movement_is_only_near() {
    let nameless = accepted(20, "{1}", "11").replace("\"source.ip\": \"10.20.30.11\",", "");
    let events = [
        nameless,
        written(21, "{1}", "a.exe"),
        logon(15, "10.20.30.99"),
    ];
    let case = reconstructed(&[COPY], &events);
    assert_eq!(case.found(), [("a network logon", "15", true)]);
    assert_eq!(case.missing(), []);
}

#[test]
fn a_logon_is_looked_for_around_every_event_of_the_movement() {
    let copy = COPY.replace("maxspan=10s", "maxspan=1m");
    let events = [
        accepted(20, "{1}", "11"),
        written(55, "{1}", "a.exe"),
        logon(19, "10.20.30.11"),
    ];
    let case = reconstructed(&[&copy], &events);
    assert_eq!(case.found(), [("a network logon", "19", false)]);
    assert_eq!(case.missing(), []);
}

#[test]
fn a_logon_without_an_address_is_near_and_does_not_contradict() {
    let nameless = logon(20, "10.20.30.11").replace(", \"source.ip\": \"10.20.30.11\"", "");
    let others = |second| logon(second, "10.20.30.99");
    let mut events = vec![
        accepted(20, "{1}", "11"),
        written(21, "{1}", "a.exe"),
        nameless,
    ];
    events.extend((1..20).chain(21..50).map(others));
    let case = reconstructed(&[COPY], &events);
    assert_eq!(case.found(), [("a network logon", "20", true)]);
    assert_eq!(case.movements[0].grade.as_str(), "PROBABLE");
}

#[test]
fn an_expectation_that_names_nothing_to_agree_in_is_only_near() {
    let copy = COPY.replace("by = [\"source_ip\"]", "by = []");
    let events = [
        accepted(20, "{1}", "11"),
        written(21, "{1}", "a.exe"),
        logon(19, "10.20.30.99"),
    ];
    let case = reconstructed(&[&copy], &events);
    assert_eq!(case.found(), [("a network logon", "19", true)]);
}

/// Two hosts of one short name: the log of neither is the target's.
#[test]
fn a_short_name_that_two_hosts_bear_is_nobodys() {
    let send = SEND.to_owned()
        + r#"
[[sidetrack.expects]]
text = "a logon there"
side = "target"
query = 'authentication where event.code == "4624"'
by = []
within = "10s"
channel = "Security"
required = true
"#;
    let at = |host: &str| {
        let of_host = |second| logon(second, "10.20.30.99").replace("SRV02", host);
        (1..10).chain(41..50).map(of_host).collect::<Vec<_>>()
    };
    let mut events = vec![connected(25, "22")];
    events.extend(at("SRV02.a.example.com"));
    assert_eq!(reconstructed(&[&send], &events).missing(), [Verdict::Holes]);
    events.extend(at("SRV02.b.example.com"));
    assert_eq!(reconstructed(&[&send], &events).missing(), [Verdict::None]);
}

#[test]
fn a_required_event_that_a_log_without_holes_lacks_contradicts() {
    let mut events = vec![accepted(20, "{1}", "11"), written(21, "{1}", "a.exe")];
    let check = |events: &[String], verdict, grade| {
        let case = reconstructed(&[COPY], events);
        assert_eq!(case.missing(), [verdict]);
        assert_eq!(case.movements[0].grade.as_str(), grade, "{verdict:?}");
    };
    let numbered = |second: u32, record: u32| {
        let number = format!("\"winlog.record_id\": \"{second}\"");
        logon(second, "10.20.30.11")
            .replace(&number, &format!("\"winlog.record_id\": \"{record}\""))
    };
    check(&events, Verdict::None, "PROBABLE");
    events.push(numbered(1, 1));
    check(&events, Verdict::None, "PROBABLE");
    events.push(numbered(50, 3));
    check(&events, Verdict::Holes, "PROBABLE");
    events.push(numbered(45, 2));
    check(&events, Verdict::Full, "CONTRADICTED");
}
