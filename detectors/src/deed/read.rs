//! What one event tells of a deed.

use timeline::{Field, Reader, Ticks, Uid, Value, fields as f};

use super::place::{Spot, is_program, is_startup, service, spot};
use super::{Deed, Kind, Part};
use crate::names::{SECURITY, SYSMON, qualified};
use crate::process::cut;
use crate::session::actor_logon_id;

const SERVICES: &str = "Service Control Manager";
const TASKS: &str = "Microsoft-Windows-TaskScheduler";
const WMI: &str = "Microsoft-Windows-WMI-Activity";
const TABLE: &str = "ntfs-mft";
const JOURNAL: &str = "ntfs-usn";

/// The process of the kernel itself.
const SYSTEM: i64 = 4;
/// Groups that every account is in from the start: the users of the machine, those of the domain.
const USERS: &str = "S-1-5-32-545";
const DOMAIN_USERS: &str = "-513";

/// Who did it, by what the event has.
#[derive(Debug, Default)]
pub(super) struct Actor {
    /// Identity of the process.
    pub(super) process: String,
    /// Its logon session.
    pub(super) logon_id: String,
    /// SID, or else name in lower case: where the event has neither of both.
    pub(super) account: String,
}

/// One event.
#[derive(Clone, Copy)]
struct Row<'r, 'a> {
    reader: &'r Reader<'a>,
    row: u32,
}

impl<'a> Row<'_, 'a> {
    fn text(self, field: Field) -> &'a str {
        self.reader.text(field, self.row).unwrap_or_default()
    }

    fn own(self, name: &str) -> &'a str {
        self.reader.own_text(name, self.row).unwrap_or_default()
    }

    fn data(self, name: &str) -> &'a str {
        self.own(&format!("winlog.event_data.{name}"))
    }

    fn is(self, field: Field, text: &str) -> bool {
        let mut values = self.reader.all(field, self.row);
        values.any(|value| value == Value::from(text))
    }

    fn at(self) -> Option<(Ticks, Uid)> {
        let own = self.reader.segment().rows.get(self.row as usize)?;
        Some((own.time?, own.uid))
    }

    /// All values of a field, as one text.
    fn joined(self, field: Field) -> String {
        let values = self.reader.all(field, self.row);
        values
            .map(|value| value.to_string())
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn hash(self) -> &'a str {
        let fields = [f::FILE_HASH_SHA256, f::FILE_HASH_SHA1, f::FILE_HASH_MD5];
        let mut hashes = fields.into_iter().map(|field| self.text(field));
        hashes.find(|hash| !hash.is_empty()).unwrap_or_default()
    }

    fn deed(self, kind: Kind, part: Part, object: &str, name: &str) -> Option<Deed> {
        let (time, uid) = self.at().filter(|_| !object.is_empty())?;
        Some(Deed {
            time,
            uid,
            kind,
            part,
            by_system: self.reader.get(f::PROCESS_PID, self.row) == Some(Value::Integer(SYSTEM)),
            is_program: false,
            object: cut(object).to_lowercase(),
            name: cut(name).to_owned(),
            detail: String::new(),
            hash: String::new(),
        })
    }
}

/// Whether an event is of a file table or a change journal.
pub(super) fn is_of_volume(reader: &Reader<'_>, row: u32) -> bool {
    let provider = reader.text(f::EVENT_PROVIDER, row);
    matches!(provider, Some(TABLE | JOURNAL))
}

/// What an event tells of something done to its machine.
pub(crate) fn deed_of(reader: &Reader<'_>, row: u32) -> Option<Deed> {
    let event = Row { reader, row };
    let code = event.text(f::EVENT_CODE);
    match event.text(f::EVENT_PROVIDER) {
        SYSMON => of_sysmon(event, code),
        SECURITY => of_security(event, code),
        TABLE | JOURNAL => of_volume(event),
        SERVICES if code == "7045" => new_service(event, event.data("ImagePath")),
        TASKS => match code {
            "106" | "140" => task(event, Part::Made),
            "141" => task(event, Part::Removed),
            _ => None,
        },
        WMI if code == "5861" => bound(event),
        _ => None,
    }
}

fn of_sysmon(event: Row<'_, '_>, code: &str) -> Option<Deed> {
    match code {
        "11" | "15" | "29" => file(event, Part::Made),
        "23" | "26" => file(event, Part::Removed),
        "12" | "13" => registry(event),
        "19" | "20" | "21" => subscription(event, code),
        _ => None,
    }
}

fn of_security(event: Row<'_, '_>, code: &str) -> Option<Deed> {
    if event.text(f::EVENT_OUTCOME) == "failure" {
        return None;
    }
    match code {
        // Opened to be written to. The right to delete is no deletion: with it, files are moved, too.
        "4663" | "5145" if event.is(f::EVENT_TYPE, "change") => file(event, Part::Made),
        "4657" => registry(event),
        "4697" => new_service(event, event.data("ServiceFileName")),
        "4698" | "4702" => task(event, Part::Made),
        "4699" => task(event, Part::Removed),
        "4720" => account(event, Part::Made),
        "4726" => account(event, Part::Removed),
        "4728" | "4732" | "4756" => member(event, Part::Made),
        "4729" | "4733" | "4757" => member(event, Part::Removed),
        _ => None,
    }
}

fn of_volume(event: Row<'_, '_>) -> Option<Deed> {
    if event.text(f::EVENT_KIND) == "state" || event.text(f::FILE_TYPE) == "dir" {
        return None;
    }
    let part = if event.is(f::EVENT_TYPE, "creation") {
        Part::Made
    } else if event.is(f::EVENT_TYPE, "deletion") {
        Part::Removed
    } else {
        return None;
    };
    if event.is(f::FILE_EXT_ARTEFACT, "task-definition") {
        return task(event, part);
    }
    file(event, part)
}

/// Path of a file that can be compared, and as recorded; with the stream that is meant, if it is one.
fn paths(event: Row<'_, '_>) -> (String, String) {
    let path = event.text(f::FILE_PATH);
    let key = match event.text(f::FILE_EXT_PATH_KEY) {
        "" => path.to_lowercase(),
        key => key.to_owned(),
    };
    // A file table has them as properties of the file.
    match event.text(f::FILE_EXT_STREAM) {
        stream if stream.is_empty() || event.text(f::EVENT_CODE) != "15" => (key, path.to_owned()),
        stream => {
            let stream_key = stream.to_lowercase();
            (format!("{key}:{stream_key}"), format!("{path}:{stream}"))
        }
    }
}

fn file(event: Row<'_, '_>, part: Part) -> Option<Deed> {
    let (key, path) = paths(event);
    let yes = Some(Value::Boolean(true));
    let is_known = event.text(f::EVENT_CODE) == "29"
        || event.reader.get(f::SYSMON_FILE_IS_EXECUTABLE, event.row) == yes;
    let is_program = is_program(&key) || is_known;
    // Where it was downloaded from, not what.
    let is_mark = key.ends_with(":zone.identifier");
    let matters = is_program || is_startup(&key) || !event.hash().is_empty();
    if is_mark || !matters {
        return None;
    }
    let mut deed = event.deed(Kind::File, part, &key, &path)?;
    event.hash().clone_into(&mut deed.hash);
    deed.is_program = is_program;
    Some(deed)
}

/// Path and hash of a file that an event has the hash of.
pub(super) fn image_of<'a>(reader: &Reader<'a>, row: u32) -> Option<(&'a str, &'a str)> {
    let event = Row { reader, row };
    let path = reader.text(f::FILE_EXT_PATH_KEY, row)?;
    let hash = event.hash();
    let is_whole = event.text(f::FILE_EXT_STREAM).is_empty();
    (is_whole && !hash.is_empty()).then_some((path, hash))
}

/// That the file was there, with that hash.
pub(super) fn seen(reader: &Reader<'_>, row: u32, (path, hash): (&str, &str)) -> Option<Deed> {
    let mut deed = Row { reader, row }.deed(Kind::File, Part::Seen, path, "")?;
    hash.clone_into(&mut deed.hash);
    Some(deed)
}

/// A value that starts something was set, or removed; or a service was.
fn registry(event: Row<'_, '_>) -> Option<Deed> {
    let path = event.text(f::REGISTRY_PATH);
    let is_removed = event.is(f::EVENT_TYPE, "deletion");
    if is_removed && let Some((name, "")) = service(path) {
        return event.deed(Kind::Service, Part::Removed, name, name);
    }
    let part = match event.text(f::EVENT_CODE) {
        _ if is_removed => Part::Removed,
        // A key that was made: it starts nothing yet.
        "12" => return None,
        _ => Part::Made,
    };
    let mut deed = match spot(path)? {
        Spot::Autostart => event.deed(Kind::Autostart, part, path, path)?,
        Spot::Service(name) => event.deed(Kind::Service, part, name, name)?,
    };
    let data = event.joined(f::REGISTRY_DATA_STRINGS);
    // Sysmon writes each percent sign twice.
    let is_doubled = event.text(f::EVENT_PROVIDER) == SYSMON;
    let data = if is_doubled {
        data.replace("%%", "%")
    } else {
        data
    };
    cut(&data).clone_into(&mut deed.detail);
    Some(deed)
}

fn new_service(event: Row<'_, '_>, program: &str) -> Option<Deed> {
    let name = event.text(f::SERVICE_NAME);
    let mut deed = event.deed(Kind::Service, Part::Made, name, name)?;
    cut(program).clone_into(&mut deed.detail);
    Some(deed)
}

fn task(event: Row<'_, '_>, part: Part) -> Option<Deed> {
    let name = event.text(f::SCHEDULED_TASK_NAME);
    let mut deed = event.deed(Kind::Task, part, name, name)?;
    let definition = event.joined(f::SCHEDULED_TASK_ACTIONS_DEFINITION);
    cut(&definition).clone_into(&mut deed.detail);
    Some(deed)
}

/// A filter, a consumer, or a binding, as Sysmon has them.
fn subscription(event: Row<'_, '_>, code: &str) -> Option<Deed> {
    let part = match event.data("Operation") {
        "Deleted" => Part::Removed,
        _ => Part::Made,
    };
    let data = |name| event.data(name).trim().trim_matches('"');
    let (name, detail) = match code {
        "19" => (format!("filter {}", data("Name")), data("Query")),
        "20" => {
            let command = event.text(f::PROCESS_EXT_CONSUMER_DESTINATION);
            (format!("consumer {}", data("Name")), command)
        }
        _ => (format!("binding {}", data("Filter")), data("Consumer")),
    };
    let mut deed = event.deed(Kind::Subscription, part, &name, &name)?;
    cut(detail).clone_into(&mut deed.detail);
    Some(deed)
}

/// A binding, as WMI itself tells of it.
fn bound(event: Row<'_, '_>) -> Option<Deed> {
    let user_data = |name: &str| event.own(&format!("winlog.user_data.{name}"));
    let name = format!("{} runs {}", user_data("ESS"), user_data("CONSUMER"));
    let mut deed = event.deed(Kind::Subscription, Part::Made, &name, &name)?;
    cut(event.text(f::PROCESS_EXT_CONSUMER_DESTINATION)).clone_into(&mut deed.detail);
    Some(deed)
}

fn account(event: Row<'_, '_>, part: Part) -> Option<Deed> {
    let name = target_of(event);
    let sid = event.text(f::USER_TARGET_ID);
    let object = if sid.is_empty() { &name } else { sid };
    event.deed(Kind::Account, part, object, &name)
}

fn member(event: Row<'_, '_>, part: Part) -> Option<Deed> {
    let (group, sid) = (event.text(f::GROUP_ID), event.text(f::USER_TARGET_ID));
    if group == USERS || (group.starts_with("S-1-5-21-") && group.ends_with(DOMAIN_USERS)) {
        return None;
    }
    let name = match target_of(event) {
        name if name.is_empty() => sid.to_owned(),
        name => name,
    };
    let mut deed = event.deed(Kind::Member, part, &format!("{group} {sid}"), &name)?;
    deed.detail = qualified(event.text(f::GROUP_DOMAIN), event.text(f::GROUP_NAME));
    Some(deed)
}

fn target_of(event: Row<'_, '_>) -> String {
    let of = |field| event.text(field);
    qualified(of(f::USER_TARGET_DOMAIN), of(f::USER_TARGET_NAME))
}

/// Who did what an event tells of.
pub(super) fn actor_of(reader: &Reader<'_>, row: u32) -> Actor {
    let event = Row { reader, row };
    let is_without = match event.text(f::EVENT_PROVIDER) {
        SERVICES | TASKS | WMI => true,
        SYSMON => matches!(event.text(f::EVENT_CODE), "19" | "20" | "21"),
        _ => false,
    };
    if is_without {
        return Actor {
            account: account_of(event).unwrap_or_default(),
            ..Actor::default()
        };
    }
    Actor {
        process: event.text(f::PROCESS_ENTITY_ID).to_owned(),
        logon_id: actor_logon_id(reader, row).unwrap_or_default(),
        account: String::new(),
    }
}

/// The account of an event that has neither process nor session.
fn account_of(event: Row<'_, '_>) -> Option<String> {
    if event.text(f::EVENT_PROVIDER) == WMI {
        return creator(event.own("winlog.user_data.PossibleCause"));
    }
    let own = |field| Some(event.text(field)).filter(|text| !text.is_empty());
    own(f::USER_ID).map(str::to_owned).or_else(|| {
        let name = qualified(own(f::USER_DOMAIN)?, own(f::USER_NAME)?);
        Some(name.to_lowercase())
    })
}

/// The SID of who made the filter, which its instance has as a list of bytes.
fn creator(cause: &str) -> Option<String> {
    let (_, list) = cause.split_once("CreatorSID = {")?;
    let (list, _) = list.split_once('}')?;
    let bytes: Vec<u8> = list
        .split(',')
        .map(|byte| byte.trim().parse().ok())
        .collect::<Option<_>>()?;
    let (&[revision, count], rest) = bytes.split_first_chunk::<2>()?;
    let (authority, numbers) = rest.split_first_chunk::<6>()?;
    let (numbers, []) = numbers.as_chunks::<4>() else {
        return None;
    };
    let authority = authority
        .iter()
        .fold(0u64, |all, &byte| (all << 8) | u64::from(byte));
    if numbers.len() != usize::from(count) {
        return None;
    }
    let start = format!("S-{revision}-{authority}");
    Some(numbers.iter().fold(start, |sid, number| {
        format!("{sid}-{}", u32::from_le_bytes(*number))
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use timeline::json;

    use super::*;
    use crate::deed::List;

    const SYSMON_11: &str = r#""event.provider": "Microsoft-Windows-Sysmon", "event.code": "11""#;
    const SECURITY_: &str = r#""event.provider": "Microsoft-Windows-Security-Auditing""#;

    fn read(fields: &str) -> Option<Deed> {
        let line = format!(r#"{{"@timestamp": "2026-03-02T21:00:00Z", {fields}}}"#);
        let object = serde_json::from_str(&line).unwrap();
        let segment = json::read(&[object]);
        deed_of(&Reader::new(&segment), 0)
    }

    /// `Kind Part object | name | detail`, and the lists that it is for.
    fn told(fields: &str) -> String {
        let Some(deed) = read(fields) else {
            return "nothing".into();
        };
        let lists = [(List::Files, 'f'), (List::Persistence, 'p')];
        let lists = lists.into_iter().filter(|(list, _)| deed.is_of(*list));
        format!(
            "{:?} {:?} {} | {} | {} | {}",
            deed.kind,
            deed.part,
            deed.object,
            deed.name,
            deed.detail,
            lists.map(|(_, mark)| mark).collect::<String>()
        )
    }

    fn sysmon(code: &str, fields: &str) -> String {
        told(&format!(
            r#""event.provider": "Microsoft-Windows-Sysmon", "event.code": "{code}", {fields}"#
        ))
    }

    fn security(code: &str, fields: &str) -> String {
        told(&format!(r#"{SECURITY_}, "event.code": "{code}", {fields}"#))
    }

    fn path(path: &str) -> String {
        let path = json!(path).to_string();
        format!(
            r#""file.path": {path}, "file.Ext.path_key": {}"#,
            path.to_lowercase()
        )
    }

    #[test]
    fn files_that_matter_are_programs_start_up_items_and_what_has_a_hash() {
        let tool = path(r"C:\Temp\A.exe");
        let made = r"File Made c:\temp\a.exe | C:\Temp\A.exe |  | f";
        let hash = r#", "file.hash.sha256": "00ff""#;
        assert_eq!(sysmon("11", &tool), made);
        assert_eq!(
            sysmon("29", &path(r"C:\Temp\a")),
            r"File Made c:\temp\a | C:\Temp\a |  | f"
        );
        assert_eq!(sysmon("23", &tool), made.replace("Made", "Removed"));
        assert_eq!(sysmon("11", &path(r"C:\Temp\a.txt")), "nothing");
        let zip = path(r"C:\Temp\a.zip");
        assert_eq!(sysmon("15", &zip), "nothing");
        assert_eq!(
            sysmon("15", &(zip.clone() + hash)),
            r"File Made c:\temp\a.zip | C:\Temp\a.zip |  | f"
        );
        let stream = |name: &str| format!(r#"{zip}{hash}, "file.Ext.stream": "{name}""#);
        assert_eq!(sysmon("15", &stream("Zone.Identifier")), "nothing");
        assert_eq!(
            sysmon("15", &stream("X.exe")),
            r"File Made c:\temp\a.zip:x.exe | C:\Temp\a.zip:X.exe |  | f"
        );
        let item = r"C:\Users\x\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup\a";
        let lists = |name: &str| {
            let told = sysmon("11", &path(&format!("{item}{name}")));
            told.rsplit(' ').next().unwrap_or_default().to_owned()
        };
        assert_eq!(
            (lists(".lnk").as_str(), lists(".exe").as_str()),
            ("fp", "fp")
        );
    }

    #[test]
    fn an_audited_file_was_written_when_it_was_opened_so_and_let() {
        let tool = path(r"C:\Temp\a.exe");
        let made = r"File Made c:\temp\a.exe | C:\Temp\a.exe |  | f";
        for code in ["4663", "5145"] {
            let with = |more: &str| security(code, &format!("{tool}, {more}"));
            assert_eq!(
                with(r#""event.type": ["access", "change"]"#),
                made,
                "{code}"
            );
            assert_eq!(
                with(r#""event.type": ["access", "deletion"]"#),
                "nothing",
                "{code}"
            );
            let denied = r#""event.type": "change", "event.outcome": "failure""#;
            assert_eq!(with(denied), "nothing", "{code}");
        }
    }

    #[test]
    fn a_file_table_tells_what_appeared_and_what_is_gone() {
        let told = |provider: &str, kind: &str, more: &str| {
            told(&format!(
                r#""event.provider": "{provider}", "event.type": "{kind}", {}{more}"#,
                path(r"C:\Windows\a.exe")
            ))
        };
        let made = r"File Made c:\windows\a.exe | C:\Windows\a.exe |  | f";
        assert_eq!(told("ntfs-mft", "creation", ""), made);
        assert_eq!(
            told("ntfs-usn", "deletion", ""),
            made.replace("Made", "Removed")
        );
        assert_eq!(told("ntfs-mft", "change", ""), "nothing");
        // When it was deleted is not known.
        assert_eq!(
            told("ntfs-mft", "deletion", r#", "event.kind": "state""#),
            "nothing"
        );
        assert_eq!(
            told("ntfs-mft", "creation", r#", "file.type": "dir""#),
            "nothing"
        );
    }

    #[test]
    fn services_and_tasks_have_their_programs() {
        let service = |provider: &str, code: &str, data: &str| {
            told(&format!(
                r#""event.provider": "{provider}", "event.code": "{code}", "service.name": "WinHelp",
                "winlog.event_data.{data}": "C:\\a.exe -s""#
            ))
        };
        let made = r"Service Made winhelp | WinHelp | C:\a.exe -s | p";
        assert_eq!(
            service("Service Control Manager", "7045", "ImagePath"),
            made
        );
        assert_eq!(service(SECURITY, "4697", "ServiceFileName"), made);
        let task = r#""winlog.scheduled_task.name": "\\X", "winlog.scheduled_task.actions.definition": ["a", "b"]"#;
        assert_eq!(security("4698", task), r"Task Made \x | \X | a, b | p");
        assert_eq!(security("4699", task), r"Task Removed \x | \X | a, b | p");
        let own = |code: &str| {
            told(&format!(
                r#""event.provider": "Microsoft-Windows-TaskScheduler", "event.code": "{code}", {task}"#
            ))
        };
        assert_eq!(own("106"), r"Task Made \x | \X | a, b | p");
        assert_eq!(own("141"), r"Task Removed \x | \X | a, b | p");
        assert_eq!(own("100"), "nothing");
    }

    #[test]
    fn values_that_start_something_have_what_they_start() {
        let value = |path: &str, more: &str| {
            let path = json!(path).to_string();
            format!(r#""registry.path": {path}, "registry.data.strings": "%%TEMP%%\\x.exe"{more}"#)
        };
        let run = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run\X";
        let made = format!(
            r"Autostart Made {} | {run} | %TEMP%\x.exe | p",
            run.to_lowercase()
        );
        assert_eq!(sysmon("13", &value(run, "")), made);
        assert_eq!(sysmon("12", &value(run, "")), "nothing");
        let gone = r#", "event.type": ["change", "deletion"]"#;
        assert!(sysmon("12", &value(run, gone)).starts_with("Autostart Removed"));
        assert_eq!(security("4657", &value(run, "")), made.replace('%', "%%"));
        let image = r"HKLM\System\CurrentControlSet\Services\WinHelp\ImagePath";
        assert_eq!(
            sysmon("13", &value(image, "")),
            r"Service Made winhelp | WinHelp | %TEMP%\x.exe | p"
        );
        let key = r"HKLM\System\CurrentControlSet\Services\WinHelp";
        assert!(sysmon("12", &value(key, gone)).starts_with("Service Removed winhelp |"));
        let start = r"HKLM\System\CurrentControlSet\Services\WinHelp\Start";
        assert_eq!(sysmon("13", &value(start, "")), "nothing");
    }

    #[test]
    fn subscriptions_have_what_they_run() {
        let data = r#""winlog.event_data.Operation": "Created", "winlog.event_data.Name": " \"Bot\"", "winlog.event_data.Query": "Q",
            "process.Ext.api.parameters.consumer_destination": "cmd.exe", "winlog.event_data.Filter": "F", "winlog.event_data.Consumer": "C""#;
        assert_eq!(
            sysmon("19", data),
            "Subscription Made filter bot | filter Bot | Q | p"
        );
        assert_eq!(
            sysmon("20", data),
            "Subscription Made consumer bot | consumer Bot | cmd.exe | p"
        );
        assert_eq!(
            sysmon("21", data),
            "Subscription Made binding f | binding F | C | p"
        );
        let gone = data.replace("Created", "Deleted");
        assert!(sysmon("19", &gone).starts_with("Subscription Removed"));
        let own = r#""event.provider": "Microsoft-Windows-WMI-Activity", "event.code": "5861", "winlog.user_data.ESS": "F",
            "winlog.user_data.CONSUMER": "C", "process.Ext.api.parameters.consumer_destination": "cmd.exe""#;
        assert_eq!(
            told(own),
            "Subscription Made f runs c | F runs C | cmd.exe | p"
        );
    }

    #[test]
    fn accounts_and_members_are_told_not_what_every_account_is_in() {
        let target = r#""user.target.id": "S-1-5-21-1-2-3-1500", "user.target.name": "eve", "user.target.domain": "CORP""#;
        let made = r"Account Made s-1-5-21-1-2-3-1500 | CORP\eve |  | p";
        assert_eq!(security("4720", target), made);
        assert_eq!(security("4726", target), made.replace("Made", "Removed"));
        let group = |code: &str, id: &str| {
            security(
                code,
                &format!(r#"{target}, "group.id": "{id}", "group.name": "G", "group.domain": "B""#),
            )
        };
        let member = r"Member Made s-1-5-32-544 s-1-5-21-1-2-3-1500 | CORP\eve | B\G | p";
        assert_eq!(group("4732", "S-1-5-32-544"), member);
        assert_eq!(
            group("4733", "S-1-5-32-544"),
            member.replace("Made", "Removed")
        );
        assert_eq!(group("4732", "S-1-5-32-545"), "nothing");
        assert_eq!(group("4728", "S-1-5-21-1-2-3-513"), "nothing");
        assert_ne!(group("4728", "S-1-5-21-1-2-3-512"), "nothing");
    }

    #[test]
    fn a_deed_comes_back_as_it_was_written() {
        let mut deed = read(&format!("{SYSMON_11}, {}", path(r"C:\a.exe"))).unwrap();
        deed.hash = "00ff".into();
        deed.by_system = true;
        deed.detail = "a\0b".into();
        assert_eq!(Deed::decode(&deed.encode()), Some(deed));
        assert_eq!(Deed::decode(b"short"), None);
    }

    #[test]
    fn a_filter_says_who_made_it() {
        let sid = "CreatorSID = {1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 49, 161, 230, 131, 165, 179, 199, 162, 88, 133, 231, 157, 232, 3, 0, 0};";
        assert_eq!(
            creator(&format!("instance of __EventFilter {{ {sid} }}")).as_deref(),
            Some("S-1-5-21-2212929841-2730996645-2649195864-1000")
        );
        for broken in [
            "",
            "CreatorSID = {}",
            "CreatorSID = {1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0};",
            "CreatorSID = {1, 1, 0, 0, 0, 0, 0, 5, 21, 0, 0};",
            "CreatorSID = {1, 999",
        ] {
            assert_eq!(creator(broken), None, "{broken}");
        }
    }
}
