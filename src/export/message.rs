//! One plain sentence for an event, key facts first.

use std::borrow::Cow;
use std::fmt::Write;

use timeline::{Field, Reader, Value, fields as f};

use super::line::{object, user};

/// The sentence. Line breaks in it are made visible by whoever prints it.
pub(crate) fn message(reader: &Reader<'_>, row: u32) -> String {
    let event = Event { reader, row };
    let code = event.text(f::EVENT_CODE);
    let known = match event.text(f::EVENT_PROVIDER) {
        "Microsoft-Windows-Sysmon" => sysmon(&event, code),
        "Microsoft-Windows-Security-Auditing" => security(&event, code),
        "Microsoft-Windows-Eventlog" => log_service(&event, code),
        "Service Control Manager" => service_manager(&event, code),
        _ => None,
    };
    known.unwrap_or_else(|| event.whatever_it_says())
}

struct Event<'a> {
    reader: &'a Reader<'a>,
    row: u32,
}

impl<'a> Event<'a> {
    fn text(&self, field: Field) -> &'a str {
        self.reader.text(field, self.row).unwrap_or_default()
    }

    fn number(&self, field: Field) -> String {
        self.reader
            .get(field, self.row)
            .map(|value| value.to_string())
            .unwrap_or_default()
    }

    fn data(&self, name: &str) -> &'a str {
        self.reader
            .own_text(&format!("winlog.event_data.{name}"), self.row)
            .unwrap_or_default()
    }

    fn user(&self) -> Cow<'a, str> {
        user(self.reader, self.row)
    }

    fn object(&self) -> &'a str {
        object(self.reader, self.row)
    }

    /// ` by IMAGE`.
    fn by_process(&self) -> String {
        prefixed(" by ", self.text(f::PROCESS_EXECUTABLE))
    }

    /// ` as USER`.
    fn as_user(&self) -> String {
        prefixed(" as ", &self.user())
    }

    /// ` from ADDRESS (HOST)`.
    fn source(&self) -> String {
        let (ip, host) = (self.text(f::SOURCE_IP), self.text(f::SOURCE_DOMAIN));
        match (ip.is_empty(), host.is_empty()) {
            (true, true) => String::new(),
            (false, true) => format!(" from {ip}"),
            (true, false) => format!(" from {host}"),
            (false, false) => format!(" from {ip} ({host})"),
        }
    }

    /// An end of a flow.
    fn end(&self, ip: Field, port: Field, host: Field) -> String {
        let (ip, port) = (self.text(ip), self.number(port));
        let host = suffixed(" (", self.text(host), ")");
        if ip.contains(':') {
            format!("[{ip}]:{port}{host}")
        } else {
            format!("{ip}:{port}{host}")
        }
    }

    /// Provider, id and every value of the record, for events without a sentence of their own.
    fn whatever_it_says(&self) -> String {
        let mut text = format!(
            "{} event {}",
            self.text(f::EVENT_PROVIDER),
            self.text(f::EVENT_CODE)
        );
        let mut separator = ": ";
        for (name, value) in self.reader.own(self.row) {
            let name = name.split_once("_data.").map_or(name, |(_, name)| name);
            let _ = write!(text, "{separator}{name}={value}");
            separator = "; ";
        }
        text
    }
}

fn prefixed(prefix: &str, text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("{prefix}{text}")
    }
}

fn suffixed(prefix: &str, text: &str, suffix: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("{prefix}{text}{suffix}")
    }
}

fn sysmon(event: &Event<'_>, code: &str) -> Option<String> {
    let object = event.object();
    let (by, as_user) = (event.by_process(), event.as_user());
    let image = event.text(f::PROCESS_EXECUTABLE);
    Some(match code {
        "1" => process_start(event),
        "2" => format!("Creation time of {object} changed{by}"),
        "3" => flow(event),
        "4" => format!("Sysmon service {}", event.data("State")),
        "5" => format!("Process ended: {image}{as_user}"),
        "6" => format!("Driver loaded: {object}{}", signer(event)),
        "7" => format!("Library loaded: {object}{by}{}", signer(event)),
        "8" => format!(
            "Thread created in {}{by}",
            event.text(f::TARGET_PROCESS_EXECUTABLE)
        ),
        "9" => format!("Raw read of {object}{by}"),
        "10" => format!(
            "Process opened: {} with access {}{by}",
            event.text(f::TARGET_PROCESS_EXECUTABLE),
            event.data("GrantedAccess")
        ),
        "11" => format!("File created: {object}{by}{as_user}"),
        "12" => registry_object(event),
        "13" => format!(
            "Registry value set: {object} = {}{by}{as_user}",
            event.text(f::REGISTRY_DATA_STRINGS)
        ),
        "14" => format!(
            "Registry renamed: {object} to {}{by}",
            event.data("NewName")
        ),
        "15" => format!(
            "Stream {} created: {object}{by}",
            event.text(f::FILE_EXT_STREAM)
        ),
        "16" => format!(
            "Sysmon configuration changed: {}",
            event.data("Configuration")
        ),
        "17" => format!("Pipe created: {}{by}", event.text(f::FILE_NAME)),
        "18" => format!("Pipe connected: {}{by}", event.text(f::FILE_NAME)),
        "19" => wmi(event, "filter", "Query"),
        "20" => wmi(event, "consumer", "Destination"),
        "21" => wmi(event, "binding", "Consumer"),
        "22" => dns(event),
        "23" | "26" => format!("File deleted: {object}{by}{as_user}"),
        "24" => format!("Clipboard changed{by}{as_user}"),
        "25" => format!("Process image tampered with: {image}"),
        "27" => format!("Executable blocked: {object}{by}"),
        "28" => format!("Shredding blocked: {object}{by}"),
        "29" => format!("Executable file detected: {object}{by}"),
        "255" => format!(
            "Sysmon error {}: {}",
            event.text(f::ERROR_CODE),
            event.data("Description")
        ),
        _ => return None,
    })
}

fn process_start(event: &Event<'_>) -> String {
    let command = event.text(f::PROCESS_COMMAND_LINE);
    let what = if command.is_empty() {
        event.text(f::PROCESS_EXECUTABLE)
    } else {
        command
    };
    let pid = suffixed(" (pid ", &event.number(f::PROCESS_PID), ")");
    let parent = prefixed(", parent ", event.text(f::PROCESS_PARENT_EXECUTABLE));
    format!("Process started: {what}{pid}{}{parent}", event.as_user())
}

fn flow(event: &Event<'_>) -> String {
    let source = event.end(f::SOURCE_IP, f::SOURCE_PORT, f::SOURCE_DOMAIN);
    let destination = event.end(
        f::DESTINATION_IP,
        f::DESTINATION_PORT,
        f::DESTINATION_DOMAIN,
    );
    let transport = prefixed(" over ", event.text(f::NETWORK_TRANSPORT));
    let incoming = event
        .reader
        .all(f::NETWORK_DIRECTION, event.row)
        .any(|way| way == Value::from("ingress"));
    let what = if incoming {
        "Connection accepted"
    } else {
        "Connection"
    };
    format!(
        "{what}: {source} to {destination}{transport}{}",
        event.by_process()
    )
}

fn signer(event: &Event<'_>) -> String {
    let signer = event.text(f::FILE_CODE_SIGNATURE_SUBJECT_NAME);
    let status = event.text(f::FILE_CODE_SIGNATURE_STATUS);
    if signer.is_empty() {
        return prefixed(", signature ", status);
    }
    format!(", signed by {signer}{}", suffixed(" (", status, ")"))
}

fn registry_object(event: &Event<'_>) -> String {
    let what = match event.data("EventType") {
        "CreateKey" => "Registry key created",
        "DeleteKey" => "Registry key deleted",
        "DeleteValue" => "Registry value deleted",
        _ => "Registry changed",
    };
    format!("{what}: {}{}", event.object(), event.by_process())
}

fn wmi(event: &Event<'_>, what: &str, detail: &str) -> String {
    let operation = event.data("Operation").to_lowercase();
    let user = prefixed(" by ", &event.user());
    format!(
        "WMI {what} {operation}: {}{user}: {}",
        event.data("Name"),
        event.data(detail)
    )
}

fn dns(event: &Event<'_>) -> String {
    let name = event.text(f::DNS_QUESTION_NAME);
    let status = event.text(f::SYSMON_DNS_STATUS);
    let answers: Vec<String> = event
        .reader
        .all(f::DNS_ANSWERS_DATA, event.row)
        .map(|answer| answer.to_string())
        .collect();
    let answers = suffixed(" (", &answers.join(", "), ")");
    format!("DNS query: {name}: {status}{answers}{}", event.by_process())
}

fn security(event: &Event<'_>, code: &str) -> Option<String> {
    let user = event.user();
    let (object, from) = (event.object(), event.source());
    let logon = event.text(f::WINLOG_LOGON_ID);
    let logon_type = event.text(f::WINLOG_LOGON_TYPE);
    let target = {
        let name = event.text(f::USER_TARGET_NAME);
        let group = event.text(f::GROUP_NAME);
        if name.is_empty() { group } else { name }
    };
    Some(match code {
        "4608" => "Windows started".into(),
        "4616" => format!("System time changed by {user}"),
        "4624" => format!("Logon of {user}, {logon_type}{from}, session {logon}"),
        "4625" => format!(
            "Failed logon of {user}, {logon_type}{from}, status {}",
            event.text(f::WINLOG_LOGON_FAILURE_STATUS)
        ),
        "4634" | "4647" => format!("Logoff of {user}, session {logon}"),
        "4648" => format!(
            "Explicit credentials of {}\\{} used by {user} for {}{}",
            event.text(f::USER_EFFECTIVE_DOMAIN),
            event.text(f::USER_EFFECTIVE_NAME),
            event.data("TargetServerName"),
            suffixed(" (", event.data("TargetInfo"), ")")
        ),
        "4657" => format!(
            "Registry value changed by {user}: {}",
            event.data("ObjectName")
        ),
        "4672" => format!("Special privileges for {user}, session {logon}"),
        "4688" => process_start(event),
        "4689" => format!(
            "Process ended: {}{}",
            event.text(f::PROCESS_EXECUTABLE),
            event.as_user()
        ),
        "4697" => format!(
            "Service installed by {user}: {object}: {}",
            event.data("ServiceFileName")
        ),
        "4698" => format!("Scheduled task created by {user}: {object}"),
        "4699" => format!("Scheduled task deleted by {user}: {object}"),
        "4700" => format!("Scheduled task enabled by {user}: {object}"),
        "4701" => format!("Scheduled task disabled by {user}: {object}"),
        "4702" => format!("Scheduled task updated by {user}: {object}"),
        "4719" => format!("Audit policy changed by {user}"),
        "4720" => format!("Account {target} created by {user}"),
        "4722" => format!("Account {target} enabled by {user}"),
        "4724" => format!("Password of {target} reset by {user}"),
        "4725" => format!("Account {target} disabled by {user}"),
        "4726" => format!("Account {target} deleted by {user}"),
        "4728" | "4732" | "4756" => format!(
            "Member {} added to group {target} by {user}",
            [event.data("MemberName"), event.data("MemberSid")].concat()
        ),
        "4738" => format!("Account {target} changed by {user}"),
        "4768" => format!("Kerberos ticket for {user} requested{from}"),
        "4769" => format!(
            "Kerberos ticket of {user} for {} requested{from}",
            event.data("ServiceName")
        ),
        "4771" => format!("Kerberos pre-authentication of {user} failed{from}"),
        "4776" => format!("Credentials of {user} checked{from}"),
        "4778" => format!("Session of {user} reconnected{from}"),
        "4779" => format!("Session of {user} disconnected{from}"),
        "4798" | "4799" => format!("Groups enumerated by {user}: {target}"),
        "5140" => format!("Share {} opened by {user}{from}", event.data("ShareName")),
        "5145" => format!(
            "Share {}: {} accessed by {user}{from}, access {}",
            event.data("ShareName"),
            event.data("RelativeTargetName"),
            event.data("AccessMask")
        ),
        "5156" => flow(event),
        _ => return None,
    })
}

fn log_service(event: &Event<'_>, code: &str) -> Option<String> {
    match code {
        "1102" => Some(format!("Audit log cleared by {}", event.user())),
        "104" => Some("Event log cleared".into()),
        "1100" => Some("Event log service stopped".into()),
        _ => None,
    }
}

fn service_manager(event: &Event<'_>, code: &str) -> Option<String> {
    match code {
        "7045" => Some(format!(
            "Service installed: {}: {}, account {}",
            event.data("ServiceName"),
            event.data("ImagePath"),
            event.data("AccountName")
        )),
        "7036" => Some(format!(
            "Service {} {}",
            event.data("param1"),
            event.data("param2")
        )),
        _ => None,
    }
}
