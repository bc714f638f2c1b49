//! Movements by logon sessions: sources of hop sessions, actions in sessions, names of addresses (MATCHING.md §6,
//! EVIDENCE.md §3).

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod case;

use case::{ANA, SECURITY, SERVICE, event, movements, reconstructed};

/// A task is registered: the same.
const TASK: &str = r#"
[rule]
rule_id = "task"
name = "Task"
type = "eql"
query = 'any where event.code == "4698"'
[sidetrack]
basis = "residue"
side = "target"
step = "trigger"
[sidetrack.movement]
when = "1"
target_host = ["1:host.name"]
account = ["1:user.name"]
"#;

fn security(second: u32, code: &str, id: &str, more: &str) -> String {
    let more = if more.is_empty() {
        String::new()
    } else {
        format!(", {more}")
    };
    event(
        second,
        "SRV02",
        &format!(
            r#"{SECURITY}, "event.category": "configuration", "event.code": "{code}", "winlog.logon.id": "{id}", {ANA}{more}"#
        ),
    )
}

/// A network logon; without an address where `ip` is empty.
fn logon(second: u32, id: &str, ip: &str) -> String {
    let ip = if ip.is_empty() {
        String::new()
    } else {
        format!(r#", "source.ip": "{ip}""#)
    };
    security(
        second,
        "4624",
        id,
        &format!(r#""winlog.event_data.LogonType": "3"{ip}"#),
    )
}

fn installed(second: u32, id: &str) -> String {
    security(second, "4697", id, r#""service.name": "svc""#)
}

#[test]
fn the_logon_of_the_action_s_session_is_exact() {
    let events = [logon(0, "0xa", "10.20.30.11"), installed(2, "0xa")];
    assert_eq!(
        movements(&[SERVICE], &events),
        ["CONFIRMED (10.20.30.11) > SRV02() as CORP\\ana ran svc as , 1 events"]
    );
}

/// The address is that of a sibling: the action lies inside of its hop session.
#[test]
fn a_sibling_s_address_is_joined() {
    let events = [
        logon(0, "0xa", "10.20.30.11"),
        logon(6, "0xb", ""),
        installed(7, "0xb"),
    ];
    let case = reconstructed(&[SERVICE], &events);
    let movement = &case.movements[0];
    assert_eq!(
        case::shown(movement),
        "PROBABLE (10.20.30.11) > SRV02() as CORP\\ana ran svc as , 1 events"
    );
    assert_eq!(movement.source_basis.unwrap().as_str(), "joined");
    let ids: Vec<&str> = movement
        .sessions
        .iter()
        .map(|s| s.logon_id.as_str())
        .collect();
    assert_eq!(ids, ["0xa", "0xb"]);
    let steps: Vec<(&str, usize)> = movement
        .steps
        .iter()
        .map(|taken| (taken.step.as_str(), taken.events.len()))
        .collect();
    assert_eq!(steps, [("authenticate", 2), ("trigger", 1)]);
}

/// Two sessions from two addresses, and nobody knows which of them did it.
#[test]
fn of_several_sessions_none_is_guessed() {
    let both = SERVICE
        .replace(
            r#"any where event.code == "4697""#,
            r#"sequence by host.id [any where event.code == "4697"] [any where event.code == "4697"]"#,
        )
        .replace(r#"account = ["1:user.name"]"#, "");
    let events = [
        logon(0, "0xa", "10.20.30.11"),
        logon(30, "0xb", "10.20.30.12"),
        installed(40, "0xa"),
        installed(41, "0xb"),
    ];
    assert_eq!(
        movements(&[&both], &events),
        ["POSSIBLE () > SRV02() as  ran svc as , 2 events source_ip=10.20.30.11,10.20.30.12"]
    );
}

#[test]
fn what_is_too_far_or_contradicts_stays_unknown() {
    let unknown = "POSSIBLE () > SRV02() as CORP\\ana ran svc as , 1 events";
    // Eleven seconds apart.
    let far = [
        logon(0, "0xa", "10.20.30.11"),
        logon(11, "0xb", ""),
        installed(12, "0xb"),
    ];
    assert_eq!(movements(&[SERVICE], &far), [unknown]);
    // Two addresses: nobody knows whose the third logon is.
    let two = [
        logon(0, "0xa", "10.20.30.11"),
        logon(1, "0xc", "10.20.30.12"),
        logon(2, "0xb", ""),
        installed(3, "0xb"),
    ];
    assert_eq!(movements(&[SERVICE], &two), [unknown]);
    // A local logon.
    let local = [logon(0, "0xa", "127.0.0.1"), installed(3, "0xa")];
    assert_eq!(movements(&[SERVICE], &local), [unknown]);
    // No logon at all.
    assert_eq!(movements(&[SERVICE], &[installed(3, "0xa")]), [unknown]);
}

#[test]
fn findings_of_one_hop_session_are_one_movement() {
    let task = |second, id| security(second, "4698", id, "");
    let one = [
        logon(0, "0xa", "10.20.30.11"),
        installed(2, "0xa"),
        logon(5, "0xb", ""),
        task(6, "0xb"),
    ];
    assert_eq!(movements(&[SERVICE, TASK], &one).len(), 1);
    let two = [
        logon(0, "0xa", "10.20.30.11"),
        installed(2, "0xa"),
        logon(60, "0xb", "10.20.30.11"),
        task(61, "0xb"),
    ];
    assert_eq!(movements(&[SERVICE, TASK], &two).len(), 2);
}

/// A machine's account has a password that nobody chose: where it logs on from is that machine. A workstation's name
/// is whatever the other side says.
#[test]
fn an_address_has_the_name_of_its_machine_account() {
    let by = |package: &str, second: u32, name: &str, ip: &str| {
        event(
            second,
            "SRV02",
            &format!(
                r#"{SECURITY}, "event.category": "authentication", "event.code": "4624", "winlog.logon.id": "0xf{second}",
                "winlog.event_data.LogonType": "3", "user.name": "{name}", "user.id": "S-1-5-21-1-2-3-1207", "user.domain": "CORP", "source.ip": "{ip}", "source.domain": "LIAR",
                "winlog.event_data.AuthenticationPackageName": "{package}""#
            ),
        )
    };
    let machine = |second, name: &str, ip: &str| by("Kerberos", second, name, ip);
    let hop = || [logon(200, "0xa", "10.20.30.11"), installed(202, "0xa")];
    let named = |events: &[String]| {
        let case = reconstructed(&[SERVICE], events);
        let movement = &case.movements[0];
        (
            movement.source_host.clone(),
            movement.source_basis.unwrap().as_str(),
        )
    };
    let ws11 = [vec![machine(0, "WS11$", "10.20.30.11")], hop().to_vec()].concat();
    assert_eq!(named(&ws11), ("WS11".to_owned(), "resolved"));
    let claim = [vec![machine(0, "ana", "10.20.30.11")], hop().to_vec()].concat();
    assert_eq!(named(&claim), (String::new(), "joined"));
    // What somebody relays over NTLM has the name of a machine, too.
    let relayed = [vec![by("NTLM", 0, "DC01$", "10.20.30.11")], hop().to_vec()].concat();
    assert_eq!(named(&relayed), (String::new(), "joined"));
    // Two machines behind one address: a relay.
    let relay = [
        vec![
            machine(0, "WS11$", "10.20.30.11"),
            machine(1, "WS12$", "10.20.30.11"),
        ],
        hop().to_vec(),
    ]
    .concat();
    assert_eq!(named(&relay), (String::new(), "joined"));
    assert_eq!(
        reconstructed(&[SERVICE], &relay).movements[0].machines_at_source,
        2
    );
}

#[test]
fn what_ran_is_told_as_a_tree() {
    let process = |second, entity: &str, parent: &str, id: &str| {
        event(
            second,
            "SRV02",
            &format!(
                r#""event.provider": "Microsoft-Windows-Sysmon", "event.category": "process", "event.code": "1",
                "process.entity_id": "{entity}", "process.parent.entity_id": "{parent}", "process.command_line": "{entity}",
                "process.Ext.authentication_id": "{id}""#
            ),
        )
    };
    let events = [
        logon(0, "0xa", "10.20.30.11"),
        installed(2, "0xa"),
        process(3, "wmiprvse-child", "wmiprvse", "0xa"),
        process(4, "whoami", "wmiprvse-child", "0xa"),
        process(5, "somebody else's", "explorer", "0xe"),
    ];
    let case = reconstructed(&[SERVICE], &events);
    let tree: Vec<(usize, &str)> = case.movements[0]
        .tree
        .branches
        .iter()
        .map(|branch| (branch.depth, branch.process.words()))
        .collect();
    assert_eq!(tree, [(0, "wmiprvse-child"), (1, "whoami")]);
}

/// J3: the domain controller says who asked for the ticket of a logon; its trap is the GUID of nobody.
#[test]
fn a_ticket_tells_who_asked_for_it() {
    let asked = |second, guid: &str, ip: &str| {
        event(
            second,
            "DC01",
            &format!(
                r#"{SECURITY}, "event.category": "authentication", "event.code": "4769", "source.ip": "{ip}",
                "winlog.event_data.LogonGuid": "{guid}", "user.name": "ana@CORP""#
            ),
        )
    };
    let given = |second, guid: &str| {
        event(
            second,
            "WS11",
            &format!(
                r#"{SECURITY}, "event.category": "authentication", "event.code": "4648",
                "winlog.event_data.LogonGuid": "{{7B4D2A60-0000-0000-0000-000000000001}}",
                "winlog.event_data.TargetLogonGuid": "{guid}", "winlog.event_data.TargetServerName": "SRV02""#
            ),
        )
    };
    let logon = |guid: &str| {
        let more = format!(
            r#""winlog.event_data.LogonType": "3", "winlog.event_data.LogonGuid": "{guid}""#
        );
        security(10, "4624", "0xa", &more)
    };
    let source = |events: &[String]| {
        let case = reconstructed(&[SERVICE], events);
        let movement = &case.movements[0];
        (movement.source_ip.clone(), movement.source_host.clone())
    };
    let guid = "{4D99B302-358B-A297-96D2-13A987E61D9F}";
    let nobody = "{00000000-0000-0000-0000-000000000000}";
    let of = |ip: &str, host: &str| (ip.to_owned(), host.to_owned());
    let run = installed(12, "0xa");
    assert_eq!(
        source(&[asked(9, guid, "10.20.30.11"), logon(guid), run.clone()]),
        of("10.20.30.11", "")
    );
    assert_eq!(
        source(&[
            asked(9, guid, "10.20.30.11"),
            given(8, guid),
            logon(guid),
            run.clone()
        ]),
        of("10.20.30.11", "WS11")
    );
    assert_eq!(
        source(&[asked(9, nobody, "10.20.30.11"), logon(nobody), run.clone()]),
        of("", "")
    );
    let two = [
        asked(8, guid, "10.20.30.11"),
        asked(9, guid, "10.20.30.12"),
        logon(guid),
        run,
    ];
    assert_eq!(source(&two), of("", ""), "nobody knows which of both");
}

/// What the terminal services tell carries no logon id: it is of the session that its logon made, and one movement with
/// what else is found of that.
#[test]
fn remote_desktop_events_are_of_their_logon_s_session() {
    let begun = TASK
        .replace("4698", "21")
        .replace(r#"rule_id = "task""#, r#"rule_id = "begun""#)
        .replace("target_host", "source_ip = [\"1:source.ip\"]\ntarget_host");
    let desktop = |second, code: &str| {
        event(
            second,
            "SRV02",
            &format!(
                r#""event.provider": "Microsoft-Windows-TerminalServices-LocalSessionManager", "event.code": "{code}",
                "winlog.user_data.SessionID": "2", "source.ip": "10.20.30.11", {ANA}"#
            )
            .replace('\n', " "),
        )
    };
    let logon = security(
        0,
        "4624",
        "0xa",
        r#""winlog.event_data.LogonType": "10", "winlog.logon.type": "RemoteInteractive", "source.ip": "10.20.30.11""#,
    );
    let events = [logon, desktop(2, "21"), security(9, "4698", "0xa", "")];
    let case = reconstructed(&[&begun, TASK], &events);
    let all: Vec<String> = case.movements.iter().map(case::shown).collect();
    assert_eq!(
        all,
        ["CONFIRMED (10.20.30.11) > SRV02() as CORP\\ana ran  as , 2 events"]
    );
    // What it says alone ties nothing to what was done.
    let case = reconstructed(&[&begun], &[desktop(2, "21")]);
    assert_eq!(case.movements[0].grade.as_str(), "PROBABLE");
    assert_eq!(case.movements[0].sessions.len(), 1);
}

/// A finding that makes no movement is part of the one that it shares an event, a session or an object with; others are
/// around it. It takes nothing from the grade.
#[test]
fn findings_without_a_movement_are_part_of_one() {
    let alone = |id: &str, code: &str| {
        format!(
            "[rule]\nrule_id = \"{id}\"\nname = \"{id}\"\ntype = \"eql\"\nquery = 'any where event.code == \"{code}\"'\n\
             [sidetrack]\nbasis = \"residue\"\nside = \"target\"\n"
        )
    };
    let (same, other, near) = (
        alone("same", "4697"),
        alone("other", "1"),
        alone("near", "1102"),
    );
    let events = [
        logon(0, "0xa", "10.20.30.11"),
        installed(2, "0xa"),
        security(8, "1", "0xa", ""),
        event(30, "SRV02", r#""event.code": "1102""#),
        event(31, "SRV03", r#""event.code": "1102""#),
        event(3000, "SRV02", r#""event.code": "1102""#),
    ];
    let case = reconstructed(&[SERVICE, &same, &other, &near], &events);
    let [movement] = case.movements.as_slice() else {
        panic!("{:?}", case.movements);
    };
    assert_eq!(movement.grade.as_str(), "CONFIRMED");
    assert_eq!((movement.findings.len(), movement.events.len()), (3, 2));
    assert_eq!(movement.around.len(), 1);
}

/// A rule of another make does not say which side it is for: what it shares an event with does.
#[test]
fn a_finding_of_either_side_is_part_of_its_source_s_movement() {
    let go = "[rule]\nrule_id = \"go\"\nname = \"go\"\ntype = \"eql\"\nquery = 'any where event.code == \"6\"'\n\
              [sidetrack]\nbasis = \"residue\"\nside = \"source\"\n[sidetrack.movement]\nwhen = \"1\"\n\
              source_host = [\"1:host.name\"]\ntarget_host = [\"1:destination.domain\"]\n";
    let other = "[rule]\nrule_id = \"other\"\nname = \"other\"\ntype = \"eql\"\nquery = 'any where event.code == \"6\"'\n";
    let went = event(
        0,
        "WS01",
        r#""event.code": "6", "destination.domain": "SRV02""#,
    );
    let case = reconstructed(&[go, other], &[went]);
    let [movement] = case.movements.as_slice() else {
        panic!("{:?}", case.movements);
    };
    let counts = (
        movement.findings.len(),
        movement.source_events.len(),
        movement.target_events.len(),
    );
    assert_eq!(counts, (2, 1, 0));
    assert_eq!(movement.grade.as_str(), "PROBABLE");
}

/// J13: the hive has the last run of each program by user, not by session. Its trap is another session of the same user.
#[test]
fn what_bam_alone_has_is_told_where_one_session_can_have_run_it() {
    let bam = |second, sid: &str, program: &str| {
        event(
            second,
            "SRV02",
            &format!(
                r#""event.provider": "registry-hive", "event.category": "process", "event.action": "bam-execution",
                "user.id": "S-1-5-21-1-2-3-{sid}", "process.executable": "C:\\Tools\\{program}.exe""#
            ),
        )
    };
    let ran = |second, path: &str, id: &str| {
        event(
            second,
            "SRV02",
            &format!(
                r#""event.provider": "Microsoft-Windows-Sysmon", "event.category": "process", "event.code": "1",
                "process.entity_id": "{path}{second}", "process.executable": "{path}", "process.Ext.authentication_id": "{id}""#
            ),
        )
    };
    let of_type = |second, id, logon_type: &str, ip| {
        logon(second, id, ip).replace(
            r#"LogonType": "3""#,
            &format!(r#"LogonType": "{logon_type}""#),
        )
    };
    let off = |second, id| security(second, "4634", id, "");
    let told = |more: &[String]| {
        let hop = [logon(100, "0xa", "10.20.30.11"), installed(102, "0xa")];
        let case = reconstructed(&[SERVICE], &[hop.to_vec(), more.to_vec()].concat());
        let tree = &case.movements[0].tree;
        let branches = tree.branches.iter().map(|branch| {
            let program = branch
                .process
                .words()
                .rsplit('\\')
                .next()
                .unwrap_or_default();
            let mark = if branch.process.is_last_run {
                "bam "
            } else {
                ""
            };
            format!("{mark}{program}")
        });
        (branches.collect::<Vec<_>>().join(", "), tree.unclear)
    };
    let bam_of = |second| bam(second, "1104", "x");
    let only = |text: &str| (text.to_owned(), 0);
    assert_eq!(told(&[bam_of(110)]), only("bam x.exe"));
    assert_eq!(told(&[bam(110, "1105", "x")]), only(""), "another's");
    // From ten seconds before the logon to its end, or for ten minutes.
    assert_eq!(told(&[bam_of(90)]), only("bam x.exe"));
    assert_eq!(told(&[bam_of(89)]), only(""));
    assert_eq!(told(&[bam_of(702)]), only("bam x.exe"));
    assert_eq!(told(&[bam_of(703)]), only(""));
    assert_eq!(told(&[bam_of(120), off(120, "0xa")]), only("bam x.exe"));
    assert_eq!(told(&[bam_of(121), off(120, "0xa")]), only(""));
    // Its start is recorded, too.
    let own = |second| ran(second, r"C:\\TOOLS\\X.exe", "0xa");
    assert_eq!(told(&[own(110), bam_of(120)]), only("X.exe"));
    assert_eq!(told(&[own(110), bam_of(121)]), only("X.exe, bam x.exe"));
    let others = ran(110, r"C:\\Tools\\x.exe", "0xe");
    assert_eq!(
        told(&[others, bam_of(115)]),
        only(""),
        "somebody else's run"
    );
    let elsewhere = ran(110, r"C:\\Temp\\x.exe", "0xe");
    assert_eq!(told(&[elsewhere, bam_of(115)]), only("bam x.exe"));
    // A volume whose letter is not known.
    let device = bam_of(115).replace("C:", r"\\Device\\HarddiskVolume3");
    assert_eq!(told(&[own(110), device]), only("X.exe"));
    // Both copies of the control set.
    assert_eq!(told(&[bam_of(110), bam_of(110)]), only("bam x.exe"));
    // The trap.
    let beside = |logon_type, ip, end| {
        told(&[
            bam_of(130),
            of_type(50, "0xe", logon_type, ip),
            off(end, "0xe"),
        ])
    };
    let unclear = (String::new(), 1);
    assert_eq!(beside("2", "127.0.0.1", 140), unclear, "at the console");
    assert_eq!(beside("10", "10.20.30.12", 140), unclear, "from elsewhere");
    assert_eq!(
        beside("2", "127.0.0.1", 129),
        only("bam x.exe"),
        "logged off"
    );
    assert_eq!(
        beside("3", "10.20.30.12", 140),
        only("bam x.exe"),
        "nobody sits there"
    );
    let endless = [bam_of(130), of_type(50, "0xe", "2", "127.0.0.1")];
    assert_eq!(told(&endless), unclear, "its end is not recorded");
}

/// What is only part of a movement says nothing of who moved: its session may be a neighbour's.
#[test]
fn a_part_of_a_movement_names_no_source() {
    let made = SERVICE
        .replace("4697", "11")
        .replace(r#"account = ["1:user.name"]"#, "");
    let touched = "[rule]\nrule_id = \"t\"\nname = \"t\"\ntype = \"eql\"\nquery = 'any where event.code == \"5145\"'\n\
                   [sidetrack]\nbasis = \"telemetry\"\nside = \"target\"\n";
    let file = r#""file.Ext.path_key": "c:\\windows\\x.exe""#;
    let events = [
        logon(0, "0xa", "10.20.30.11"),
        event(5, "SRV02", &format!(r#""event.code": "11", {file}"#)),
        security(7, "5145", "0xa", file),
    ];
    let case = reconstructed(&[&made, touched], &events);
    let [movement] = case.movements.as_slice() else {
        panic!("{:?}", case.movements);
    };
    assert_eq!(movement.findings.len(), 2);
    assert_eq!(
        (movement.source_ip.as_str(), movement.grade.as_str()),
        ("", "POSSIBLE")
    );
    assert!(movement.sessions.is_empty());
}
