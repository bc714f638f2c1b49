use serde_json::{Map, Value};

use super::*;

/// An event of SRV02 at a second after midnight: its channel, provider and code, and other fields.
fn event(second: u32, from: [&str; 3], fields: &str) -> Map<String, Value> {
    let [channel, provider, code] = from;
    let time = format!(
        "2026-03-01T{:02}:{:02}:{:02}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    );
    let text = format!(
        r#"{{"@timestamp": "{time}", "host.name": "SRV02", "winlog.channel": "{channel}",
            "event.provider": "{provider}", "event.code": "{code}" {fields}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn cleared(second: u32) -> Map<String, Value> {
    event(
        second,
        ["Security", "Microsoft-Windows-Eventlog", "1102"],
        "",
    )
}

/// A value of the registry: its last names, below HKLM.
fn setting(second: u32, paths: &[&str], data: &str) -> Map<String, Value> {
    let value = paths[0].rsplit('\\').next().unwrap();
    let paths: Vec<String> = paths.iter().map(|path| format!("HKLM\\{path}")).collect();
    let paths = serde_json::to_string(&paths).unwrap();
    let fields = format!(
        r#", "registry.path": {paths}, "registry.value": "{value}", "registry.data.strings": "{data}""#
    );
    event(second, ["registry:X", "registry-hive", ""], &fields)
}

fn enabled(second: u32, data: &str) -> Map<String, Value> {
    let path = r"SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Channels\Microsoft-Windows-TaskScheduler/Operational\Enabled";
    setting(second, &[path], data)
}

const TASKS: &str = "Microsoft-Windows-TaskScheduler/Operational";

/// What is learnt from events: the same from all at once and from each alone, in any order.
fn learnt(events: &[Map<String, Value>]) -> Logging {
    let mut whole = Logging::default();
    whole.learn("srv02", "srv02", &timeline::json::read(events), &[]);
    let mut parts = Logging::default();
    for event in events.iter().rev() {
        let mut part = Logging::default();
        let segment = timeline::json::read(std::slice::from_ref(event));
        part.learn("srv02", "srv02", &segment, &[]);
        parts.merge(&part);
    }
    let shown = |logging: &Logging| format!("{:?}", logging.machines);
    assert_eq!(shown(&whole), shown(&parts));
    whole
}

#[test]
fn a_log_is_cleared_by_its_own_record_and_by_that_of_the_system_log() {
    let other = |second, channel: &str| {
        let field = format!(r#", "winlog.user_data.Channel": "{channel}""#);
        event(
            second,
            ["System", "Microsoft-Windows-Eventlog", "104"],
            &field,
        )
    };
    let logging = learnt(&[
        cleared(10),
        cleared(30),
        other(20, "Application"),
        // A connection by remote desktop has the number, too.
        event(
            5,
            [
                "Microsoft-Windows-TerminalServices-RDPClient/Operational",
                "Microsoft-Windows-TerminalServices-ClientActiveXCore",
                "1102",
            ],
            "",
        ),
    ]);
    let words = |channel| logging.log("SRV02", channel).map(|log| log.cleared.words());
    assert_eq!(
        words("security").unwrap(),
        "2026-03-01T00:00:10.0000000Z;2026-03-01T00:00:30.0000000Z"
    );
    assert_eq!(
        words("Application").unwrap(),
        "2026-03-01T00:00:20.0000000Z"
    );
    assert_eq!(logging.logs("srv02").count(), 2);
    let security = logging.log("srv02", "Security").unwrap();
    let at = |text: &str| Ticks::parse(text).unwrap();
    assert_eq!(
        security.cleared_after(at("2026-03-01T00:00:11Z")),
        Some(at("2026-03-01T00:00:30Z"))
    );
    assert_eq!(security.cleared_after(at("2026-03-01T00:00:31Z")), None);
}

#[test]
fn a_log_cleared_again_and_again_is_remembered_in_bounds() {
    let events: Vec<_> = (0..100).map(cleared).collect();
    let logging = learnt(&events);
    let words = logging.log("srv02", "Security").unwrap().cleared.words();
    assert_eq!(words.split(';').count(), 65);
    assert!(words.starts_with("2026-03-01T00:00:36"), "{words}");
    assert!(words.ends_with(";and 36 earlier"), "{words}");
}

#[test]
fn names_of_cleared_logs_without_end_are_remembered_in_bounds() {
    let events: Vec<_> = (0..2000)
        .map(|number| {
            let field = format!(r#", "winlog.user_data.Channel": "Log{number}""#);
            event(1, ["System", "Microsoft-Windows-Eventlog", "104"], &field)
        })
        .chain([cleared(1)])
        .collect();
    let mut logging = Logging::default();
    logging.learn("srv02", "srv02", &timeline::json::read(&events), &[]);
    assert_eq!(
        logging.logs("srv02").count(),
        CHANNELS.len() + MOST_OTHERS + 1
    );
    assert!(logging.log("srv02", "Security").is_some());
}

#[test]
fn copies_and_other_machines_do_not_count() {
    let mut logging = Logging::default();
    let segment = timeline::json::read(&[cleared(1), cleared(2)]);
    logging.learn("old", "srv02", &segment, &[1]);
    let words = |host| logging.log(host, "Security").map(|log| log.cleared.words());
    assert_eq!(words("OLD").unwrap(), "2026-03-01T00:00:01.0000000Z");
    assert_eq!(words("srv02"), words("old"));
    assert_eq!(words("ws01"), None);
}

#[test]
fn the_registry_says_whether_a_log_is_on_and_how_it_ends() {
    let logging = learnt(&[enabled(1, "1"), enabled(2, "0")]);
    let tasks = logging.log("srv02", TASKS).unwrap();
    assert_eq!(tasks.enabled(), Some(false));
    assert_eq!((tasks.max_size(), tasks.retention()), (None, None));

    let old = r"SYSTEM\ControlSet002\Services\EventLog\Security";
    let set = r"SYSTEM\ControlSet001\Services\EventLog\Security";
    let link = r"SYSTEM\CurrentControlSet\Services\EventLog\Security";
    let of =
        |second, key: &str, name: &str, data| setting(second, &[&format!("{key}\\{name}")], data);
    let current = |name: &str, data| {
        let paths = [set, link].map(|key| format!("{key}\\{name}"));
        setting(1, &[&paths[0], &paths[1]], data)
    };
    let logging = learnt(&[
        of(5, old, "MaxSize", "1"),
        of(5, old, r"Some Source\MaxSize", "2"),
        current("MaxSize", "20971520"),
        current("Retention", "4294967295"),
        of(5, old, "Retention", "0"),
    ]);
    let security = logging.log("srv02", "Security").unwrap();
    assert_eq!(security.max_size(), Some(20_971_520));
    assert_eq!(security.retention().unwrap(), "records no more");
    assert_eq!(security.enabled(), None);
    assert_eq!(logging.logs("srv02").count(), 1);
}

#[test]
fn clocks_that_were_set_are_told_from_those_that_were_adjusted() {
    let kernel = |old: &str, new: &str, reason: &str| {
        let fields = format!(
            r#", "winlog.event_data.OldTime": "2026-03-01T{old}Z",
                "winlog.event_data.NewTime": "2026-03-01T{new}Z",
                "winlog.event_data.Reason": "{reason}""#
        );
        event(
            60,
            ["System", "Microsoft-Windows-Kernel-General", "1"],
            &fields,
        )
    };
    let logging = learnt(&[
        kernel("10:00:00", "10:00:04.9", "1"),
        kernel("10:00:00", "11:00:00", "2"),
        kernel("12:00:00", "11:59:55", "1"),
        event(
            60,
            ["Security", "Microsoft-Windows-Security-Auditing", "4616"],
            r#", "winlog.event_data.PreviousTime": "2026-03-01T12:00:00Z",
                "winlog.event_data.NewTime": "2026-03-02T12:00:00Z""#,
        ),
    ]);
    let words = |channel| logging.log("srv02", channel).unwrap().jumps.words();
    assert_eq!(
        words("System"),
        "2026-03-01T12:00:00.0000000Z -> 2026-03-01T11:59:55.0000000Z"
    );
    assert_eq!(
        words("Security"),
        "2026-03-01T12:00:00.0000000Z -> 2026-03-02T12:00:00.0000000Z"
    );
}

fn policy(second: u32, audited: &str, not: &str) -> Map<String, Value> {
    let fields = format!(
        r#", "event.action": ["audit-policy"], "registry.Ext.audited": ["{audited}"],
            "registry.Ext.not_audited": ["{not}", "DPAPI Activity"]"#
    );
    event(second, ["registry:SECURITY", "registry-hive", ""], &fields)
}

fn change(second: u32, name: &str, change: &str) -> Map<String, Value> {
    let fields = format!(
        r#", "winlog.event_data.SubCategory": "{name}",
            "winlog.event_data.AuditPolicyChangesDescription": ["{change}"]"#
    );
    event(
        second,
        ["Security", "Microsoft-Windows-Security-Auditing", "4719"],
        &fields,
    )
}

#[test]
fn the_audit_policy_is_that_of_the_registry_and_of_later_changes() {
    let logging = learnt(&[
        policy(10, "Logon: Success and Failure", "Process Creation"),
        policy(5, "Process Creation: Success", "Logon"),
        change(8, "Logon", "Success removed"),
        change(20, "Detailed File Share", "Success Added"),
        change(15, "Detailed File Share", "Success removed"),
    ]);
    let audit = logging.audit("srv02").unwrap();
    assert_eq!(
        audit.words(),
        "Logon: success and failure (success removed 2026-03-01T00:00:08.0000000Z); \
         Process Creation: none; Detailed File Share: success added 2026-03-01T00:00:20.0000000Z"
    );
    assert_eq!(audit.audits("Logon"), Some(true), "the policy is newer");
    assert_eq!(audit.audits("Process Creation"), Some(false));
    assert_eq!(audit.audits("Detailed File Share"), Some(true));
    assert_eq!(audit.audits("Special Logon"), None);
    let later = learnt(&[
        policy(10, "Logon: Success", "Process Creation"),
        change(20, "Logon", "Success removed"),
    ]);
    assert_eq!(later.audit("srv02").unwrap().audits("Logon"), Some(false));
}

#[test]
fn a_log_that_has_an_event_records_its_kind() {
    let logging = learnt(&[
        event(
            1,
            ["Security", "Microsoft-Windows-Security-Auditing", "4688"],
            "",
        ),
        event(
            2,
            ["Security", "Microsoft-Windows-Security-Auditing", "4688"],
            "",
        ),
        event(
            2,
            [
                "ForwardedEvents",
                "Microsoft-Windows-Security-Auditing",
                "4624",
            ],
            "",
        ),
    ]);
    let security = logging.log("srv02", "Security").unwrap();
    assert!(security.has("4688") && !security.has("4624") && !security.has("1"));
}
