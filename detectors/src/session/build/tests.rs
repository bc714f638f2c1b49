use timeline::sort::Batch;
use timeline::{Event, EvidenceId, Provenance, Segment, State, Value};

use super::super::note;
use super::*;

const SECURITY: &str = "Microsoft-Windows-Security-Auditing";
const GENERAL: &str = "Microsoft-Windows-Kernel-General";
const LSM: &str = "Microsoft-Windows-TerminalServices-LocalSessionManager";

/// Events of one host, each at a second, with fields by their names.
struct Host {
    segment: Segment,
}

impl Host {
    fn new() -> Self {
        Self {
            segment: Segment::default(),
        }
    }

    fn event(mut self, second: i64, provider: &str, code: &str, fields: &[(&str, &str)]) -> Self {
        let names = &mut self.segment.names;
        let mut values: Vec<_> = [("event.provider", provider), ("event.code", code)]
            .iter()
            .chain(fields)
            .map(|(name, text)| (names.field(name), Value::from(*text)))
            .collect();
        values.sort_by_key(|(field, _)| *field);
        let number = self.segment.rows.len();
        let event = Event {
            time: Some(Ticks(seconds(second))),
            host: "SRV02",
            channel: "Security",
            provenance: Provenance {
                evidence: EvidenceId(0),
                record: number as u64,
                offset: 0,
                state: State::Live,
            },
            uid: Uid([u8::try_from(number).unwrap(); 16]),
            values: &values,
        };
        self.segment.push(&event);
        self
    }

    fn security(self, second: i64, code: &str, fields: &[(&str, &str)]) -> Self {
        self.event(second, SECURITY, code, fields)
    }

    /// 4624 of a network logon.
    fn logon(self, second: i64, id: &str, ip: &str) -> Self {
        let fields = [
            ("winlog.logon.id", id),
            ("winlog.event_data.LogonType", "3"),
            ("source.ip", ip),
            ("user.domain", "CORP"),
            ("user.name", "ana"),
            ("user.id", "S-1-5-21-1-2-3-1104"),
        ];
        self.security(second, "4624", &fields)
    }

    fn sessions(&self) -> (Sessions, Vec<Session>) {
        let folder = tempfile::tempdir().unwrap();
        let mut batch = Batch::default();
        note(&self.segment, "srv02", &mut batch);
        let mut notes = Sorter::new(folder.path(), 1 << 20);
        notes.absorb(&batch).unwrap();
        let (sessions, sorted) =
            Sessions::build(folder.path(), 1 << 20, notes.finish().unwrap()).unwrap();
        let all = sorted.map(|item| Session::of_item(&item.unwrap()).unwrap());
        (sessions, all.collect())
    }
}

fn at(second: i64) -> Ticks {
    Ticks(seconds(second))
}

/// J1, and its trap: logon ids begin again after a boot.
#[test]
fn an_id_is_one_session_in_each_boot() {
    let id = [("winlog.logon.id", "0x51f3a")];
    let (sessions, all) = Host::new()
        .event(0, GENERAL, "12", &[])
        .logon(100, "0x51f3a", "10.0.0.9")
        .security(101, "4672", &id)
        .security(110, "5140", &id)
        .event(500, GENERAL, "13", &[])
        .event(530, GENERAL, "12", &[])
        .logon(600, "0x51f3a", "10.0.0.7")
        .security(640, "4634", &id)
        .event(9000, GENERAL, "12", &[])
        .security(9100, "5140", &id)
        .event(9500, GENERAL, "12", &[])
        .security(9600, "5140", &id)
        .sessions();
    let told: Vec<_> = all
        .iter()
        .map(|session| {
            let times = [session.boot, session.start, session.end];
            let times = times.map(|time| time.map(|time| time.0 / seconds(1)));
            (times, session.end_basis, session.events, session.is_admin)
        })
        .collect();
    assert_eq!(
        told,
        [
            ([Some(0), Some(100), Some(500)], EndBasis::Shutdown, 3, true),
            (
                [Some(530), Some(600), Some(640)],
                EndBasis::Logoff,
                2,
                false
            ),
            ([Some(9000), None, Some(9500)], EndBasis::Boot, 1, false),
            ([Some(9500), None, None], EndBasis::Unknown, 1, false),
        ]
    );
    let ip = |second| {
        let found = sessions.find("srv02", "0x51f3a", at(second)).unwrap();
        found.map(|session| session.source_ip)
    };
    assert_eq!(
        ip(99).as_deref(),
        Some("10.0.0.9"),
        "a moment before its logon"
    );
    assert_eq!(ip(50), None);
    assert_eq!(ip(110).as_deref(), Some("10.0.0.9"));
    assert_eq!(ip(535), None, "the system went down");
    assert_eq!(ip(620).as_deref(), Some("10.0.0.7"));
    assert_eq!(ip(9100).as_deref(), Some(""), "nobody knows from where");
    assert!(
        sessions
            .find("srv03", "0x51f3a", at(110))
            .unwrap()
            .is_none()
    );
}

/// Without any record of a boot, the logon tells that the id is a new session's.
#[test]
fn a_second_logon_with_an_id_is_another_session() {
    let (_, all) = Host::new()
        .logon(100, "0xa", "10.0.0.9")
        .logon(90_000, "0xa", "10.0.0.7")
        .sessions();
    assert_eq!(all.len(), 2);
}

/// J1's trap of 4688: the creator is a service, the caller's session is the target's.
#[test]
fn a_process_is_of_the_session_that_asked_for_it() {
    let wmi = [
        ("winlog.event_data.SubjectLogonId", "0x3e4"),
        ("winlog.event_data.TargetLogonId", "0xa"),
        ("winlog.logon.id", "0x3e4"),
    ];
    let local = [
        ("winlog.event_data.SubjectLogonId", "0xb"),
        ("winlog.event_data.TargetLogonId", "0x0"),
        ("winlog.logon.id", "0xb"),
    ];
    let service = [
        ("winlog.event_data.SubjectLogonId", "0x3e7"),
        ("winlog.event_data.TargetLogonId", "0x0"),
    ];
    let (_, all) = Host::new()
        .logon(100, "0xa", "10.0.0.9")
        .logon(100, "0xb", "10.0.0.9")
        .security(101, "4688", &wmi)
        .security(102, "4688", &local)
        .security(103, "4688", &service)
        .sessions();
    let processes: Vec<_> = all
        .iter()
        .map(|s| (s.logon_id.as_str(), s.processes))
        .collect();
    assert_eq!(processes, [("0xa", 1), ("0xb", 1)]);
}

/// J2.
#[test]
fn both_tokens_of_a_user_are_one_session() {
    let twin = |id, linked, elevated| {
        [
            ("winlog.logon.id", id),
            ("winlog.event_data.LogonType", "2"),
            ("winlog.event_data.TargetLinkedLogonId", linked),
            ("winlog.event_data.ElevatedToken", elevated),
        ]
    };
    let (sessions, all) = Host::new()
        .security(100, "4624", &twin("0xb2", "0xc3", "%%1842"))
        .security(100, "4624", &twin("0xc3", "0xb2", "%%1843"))
        .security(130, "4688", &[("winlog.event_data.SubjectLogonId", "0xc3")])
        // Another pair, in which one names a third.
        .security(200, "4624", &twin("0xd", "0xe", "%%1842"))
        .security(200, "4624", &twin("0xe", "0xf", "%%1843"))
        .sessions();
    let ids: Vec<Vec<&str>> = all.iter().map(|s| s.logon_ids().collect()).collect();
    assert_eq!(ids, [vec!["0xb2", "0xc3"], vec!["0xd"], vec!["0xe"]]);
    assert!(all[0].is_admin);
    assert_eq!((all[0].events, all[0].processes), (3, 1));
    let found = sessions.find("srv02", "0xc3", at(130)).unwrap().unwrap();
    assert_eq!(found.logon_id, "0xb2");
}

/// One remote desktop session over the Security log and the terminal services' logs.
#[test]
fn a_remote_desktop_session_has_its_logons() {
    let rdp = |id, ip| {
        [
            ("winlog.logon.id", id),
            ("winlog.logon.type", "RemoteInteractive"),
            ("winlog.event_data.LogonType", "10"),
            ("user.domain", "CORP"),
            ("user.name", "ana"),
            ("source.ip", ip),
        ]
    };
    let lsm = [
        ("user.domain", "CORP"),
        ("user.name", "ana"),
        ("source.ip", "10.0.0.9"),
        ("winlog.user_data.SessionID", "2"),
    ];
    let (_, all) = Host::new()
        .security(100, "4624", &rdp("0xa", "10.0.0.9"))
        .security(100, "4624", &rdp("0xb", "10.0.0.9"))
        .event(101, LSM, "21", &lsm)
        .security(150, "4688", &[("winlog.event_data.SubjectLogonId", "0xb")])
        .event(200, LSM, "24", &lsm)
        .security(300, "4624", &rdp("0xc", "10.0.0.9"))
        .event(301, LSM, "25", &lsm)
        .security(302, "4634", &[("winlog.logon.id", "0xc")])
        .event(400, LSM, "23", &lsm[..2])
        .event(400, LSM, "23", &lsm[3..])
        .sessions();
    let [session] = all.as_slice() else {
        panic!("{all:#?}");
    };
    assert_eq!(
        session.logon_ids().collect::<Vec<_>>(),
        ["0xa", "0xb", "0xc"]
    );
    assert_eq!(session.logon_type, "10");
    assert_eq!((session.start, session.end), (Some(at(100)), Some(at(400))));
    assert_eq!(session.processes, 1);
    assert_eq!(session.desktop, "2");
}

/// The same with the Security log alone, and with the logon by which the network let the user in.
#[test]
fn the_security_log_alone_has_remote_desktop_sessions() {
    let logon = |id, kind, number, ip| {
        [
            ("winlog.logon.id", id),
            ("winlog.logon.type", kind),
            ("winlog.event_data.LogonType", number),
            ("user.domain", "CORP"),
            ("user.name", "ana"),
            ("source.ip", ip),
        ]
    };
    let (_, all) = Host::new()
        .security(98, "4624", &logon("0x9", "Network", "3", "10.0.0.9"))
        .security(99, "4624", &logon("0x8", "Network", "3", "10.0.0.7"))
        .security(
            100,
            "4624",
            &logon("0xa", "RemoteInteractive", "10", "10.0.0.9"),
        )
        .security(
            100,
            "4624",
            &logon("0xb", "RemoteInteractive", "10", "10.0.0.9"),
        )
        .security(130, "4688", &[("winlog.event_data.SubjectLogonId", "0xb")])
        .sessions();
    let ids: Vec<Vec<&str>> = all.iter().map(|s| s.logon_ids().collect()).collect();
    assert_eq!(ids, [vec!["0xa", "0xb", "0x9"], vec!["0x8"]]);
    assert_eq!(
        (all[0].logon_type.as_str(), all[0].start),
        ("10", Some(at(98)))
    );
}

/// The logon by which the network lets the user in is over at once; the session is not.
#[test]
fn a_remote_desktop_session_does_not_end_with_the_logon_that_let_it_in() {
    let fields = |id, kind, number| {
        [
            ("winlog.logon.id", id),
            ("winlog.logon.type", kind),
            ("winlog.event_data.LogonType", number),
            ("user.domain", "CORP"),
            ("user.name", "ana"),
            ("source.ip", "10.0.0.9"),
        ]
    };
    let (_, all) = Host::new()
        .security(99, "4624", &fields("0x9", "Network", "3"))
        .security(100, "4624", &fields("0xa", "RemoteInteractive", "10"))
        .security(102, "4634", &[("winlog.logon.id", "0x9")])
        .security(3600, "4688", &[("winlog.event_data.SubjectLogonId", "0xa")])
        .sessions();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].end, all[0].end_basis), (None, EndBasis::Unknown));
    assert_eq!(all[0].logon_type, "10");
}

#[test]
fn the_system_s_own_sessions_are_nobody_s() {
    let (_, all) = Host::new()
        .logon(1, "0x3e7", "")
        .logon(1, "0x3E4", "")
        .security(2, "4672", &[("winlog.logon.id", "0x3e5")])
        .sessions();
    assert!(all.is_empty(), "{all:?}");
}
