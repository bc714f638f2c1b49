//! The Security log (ECS.md §3): categories, who acted, from where, with which logon.

use timeline::{Field, fields as f};

use super::class::{Class, class, put_class};
use crate::ecs::{PathFields, Values, address, split_command_line, split_path};
use crate::evtx::record::LogRecord;

const IAM: &[&str] = &["iam"];
const IAM_CONFIGURATION: &[&str] = &["iam", "configuration"];
const CONFIGURATION: &[&str] = &["configuration"];
const AUTHENTICATION: &[&str] = &["authentication"];
const ADMIN_CHANGE: &[&str] = &["admin", "change"];
const USER_CHANGE: &[&str] = &["user", "change"];
const GROUP_CHANGE: &[&str] = &["group", "change"];

#[rustfmt::skip]
const CLASSES: &[Class] = &[
    class(4608, &["host"], &["start"], &["system-started"]),
    class(4609, &["host"], &["end"], &["system-stopped"]),
    class(4610, CONFIGURATION, &["access"], &["authentication-package-loaded"]),
    class(4611, CONFIGURATION, &["change"], &["trusted-logon-process-registered"]),
    class(4614, CONFIGURATION, &["access"], &["notification-package-loaded"]),
    class(4616, CONFIGURATION, &["change"], &["system-time-changed"]),
    class(4622, CONFIGURATION, &["access"], &["security-package-loaded"]),
    class(4624, AUTHENTICATION, &["start"], &["logged-in", "log_on"]),
    class(4625, AUTHENTICATION, &["start"], &["logon-failed", "log_on"]),
    class(4634, AUTHENTICATION, &["end"], &["logged-out", "log_off"]),
    class(4647, AUTHENTICATION, &["end"], &["logged-out", "log_off"]),
    class(4648, AUTHENTICATION, &["start"], &["logged-in-explicit"]),
    class(4657, &["registry", "configuration"], &["change"], &["registry-value-modified"]),
    class(4662, IAM_CONFIGURATION, ADMIN_CHANGE, &["object-operation-performed"]),
    class(4670, IAM_CONFIGURATION, ADMIN_CHANGE, &["permissions-changed"]),
    class(4672, IAM, &["admin"], &["logged-in-special"]),
    class(4673, IAM, &["admin"], &["privileged-service-called"]),
    class(4674, IAM, &["admin"], &["privileged-operation"]),
    class(4688, &["process"], &["start"], &["created-process", "start"]),
    class(4689, &["process"], &["end"], &["exited-process", "end"]),
    class(4697, IAM_CONFIGURATION, ADMIN_CHANGE, &["service-installed"]),
    class(4698, IAM_CONFIGURATION, &["creation", "admin"], &["scheduled-task-created"]),
    class(4699, IAM_CONFIGURATION, &["deletion", "admin"], &["scheduled-task-deleted"]),
    class(4700, IAM_CONFIGURATION, &["change", "admin"], &["scheduled-task-enabled"]),
    class(4701, IAM_CONFIGURATION, &["change", "admin"], &["scheduled-task-disabled"]),
    class(4702, IAM_CONFIGURATION, &["change", "admin"], &["scheduled-task-updated"]),
    class(4703, IAM, ADMIN_CHANGE, &["token-right-adjusted"]),
    class(4704, IAM_CONFIGURATION, ADMIN_CHANGE, &["user-right-assigned"]),
    class(4705, IAM_CONFIGURATION, ADMIN_CHANGE, &["user-right-removed"]),
    class(4719, IAM, ADMIN_CHANGE, &["changed-audit-config"]),
    class(4720, IAM, &["user", "creation"], &["added-user-account"]),
    class(4722, IAM, USER_CHANGE, &["enabled-user-account"]),
    class(4723, IAM, USER_CHANGE, &["changed-password"]),
    class(4724, IAM, USER_CHANGE, &["reset-password"]),
    // Upstream types a disabled account as a deletion (ECS.md C13).
    class(4725, IAM, &["user", "deletion"], &["disabled-user-account"]),
    class(4726, IAM, &["user", "deletion"], &["deleted-user-account"]),
    class(4727, IAM, &["group", "creation"], &["added-group-account"]),
    class(4728, IAM, GROUP_CHANGE, &["added-member-to-group"]),
    class(4729, IAM, GROUP_CHANGE, &["removed-member-from-group"]),
    class(4730, IAM, &["group", "deletion"], &["deleted-group-account"]),
    class(4731, IAM, &["group", "creation"], &["added-group-account"]),
    class(4732, IAM, GROUP_CHANGE, &["added-member-to-group"]),
    class(4733, IAM, GROUP_CHANGE, &["removed-member-from-group"]),
    class(4734, IAM, &["group", "deletion"], &["deleted-group-account"]),
    class(4735, IAM, GROUP_CHANGE, &["modified-group-account"]),
    class(4737, IAM, GROUP_CHANGE, &["modified-group-account"]),
    class(4738, IAM, USER_CHANGE, &["modified-user-account"]),
    class(4740, IAM, USER_CHANGE, &["locked-out-user-account"]),
    class(4741, IAM, &["creation", "admin"], &["added-computer-account"]),
    class(4742, IAM, &["change", "admin"], &["changed-computer-account"]),
    class(4743, IAM, &["deletion", "admin"], &["deleted-computer-account"]),
    class(4754, IAM, &["group", "creation"], &["added-group-account"]),
    class(4755, IAM, GROUP_CHANGE, &["modified-group-account"]),
    class(4756, IAM, GROUP_CHANGE, &["added-member-to-group"]),
    class(4757, IAM, GROUP_CHANGE, &["removed-member-from-group"]),
    class(4758, IAM, &["group", "deletion"], &["deleted-group-account"]),
    class(4764, IAM, GROUP_CHANGE, &["type-changed-group-account"]),
    class(4767, IAM, USER_CHANGE, &["unlocked-user-account"]),
    class(4768, AUTHENTICATION, &["start"], &["kerberos-authentication-ticket-requested"]),
    class(4769, AUTHENTICATION, &["start"], &["kerberos-service-ticket-requested"]),
    class(4770, AUTHENTICATION, &["start"], &["kerberos-service-ticket-renewed"]),
    class(4771, AUTHENTICATION, &["start"], &["kerberos-preauth-failed"]),
    class(4776, AUTHENTICATION, &["start"], &["credential-validated"]),
    class(4778, &["authentication", "session"], &["start"], &["session-reconnected"]),
    class(4779, &["authentication", "session"], &["end"], &["session-disconnected"]),
    class(4781, IAM, USER_CHANGE, &["renamed-user-account"]),
    class(4797, IAM, &["user", "info"], &["query-existence-of-blank-password"]),
    class(4798, IAM, &["user", "info"], &["group-membership-enumerated"]),
    class(4799, IAM, &["group", "info"], &["user-member-enumerated"]),
    class(4964, IAM, &["admin", "group"], &["logged-in-special"]),
    class(5140, &["network", "file"], &["info", "access"], &["network-share-object-accessed"]),
    class(5142, &["network", "file", "configuration"], &["creation"], &["network-share-object-added"]),
    class(5143, &["network", "file", "configuration"], &["change"], &["network-share-object-modified"]),
    class(5144, &["network", "file", "configuration"], &["deletion"], &["network-share-object-deleted"]),
    class(5145, &["network", "file"], &["info", "access"], &["network-share-object-access-checked"]),
    class(5152, &["network"], &["connection", "info", "denied"], &["windows-firewall-packet-drop"]),
    class(5156, &["network"], &["connection", "info", "allowed", "start"], &["windows-firewall-connection"]),
    class(5157, &["network"], &["connection", "info", "denied"], &["windows-firewall-packet-block"]),
    class(5158, &["network"], &["info"], &["windows-firewall-bind-local-port"]),
];

const LOG_SERVICE: &[Class] = &[
    class(1100, &["process"], &["end"], &["logging-service-shutdown"]),
    class(1102, IAM, ADMIN_CHANGE, &["audit-log-cleared"]),
    class(1104, IAM, &["admin"], &["logging-full"]),
    // Upstream's spelling (ECS.md C13).
    class(1105, IAM, &["admin"], &["auditlog-archieved"]),
    class(1108, IAM, &["admin"], &["logging-processing-error"]),
];

/// Puts what a record of the audit provider says.
pub(super) fn put<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let id = record.event_id.parse().unwrap_or_default();
    put_origin(values);
    put_class(CLASSES, id, values);
    put_users(record, id, values);
    put_logon(record, id, values);
    match id {
        4688 => put_process_start(record, values),
        5140 | 5142..=5145 => put_share(record, values),
        5152 | 5156..=5158 => put_flow(record, values),
        4697 => put_service(record, values),
        4698..=4702 => values.put_some(f::SCHEDULED_TASK_NAME, record.get("TaskName")),
        _ => {}
    }
    if id != 4688 {
        put_process(record, values);
    }
    if !matches!(id, 5152 | 5156..=5158) {
        put_source(record, id, values);
    }
}

/// Puts what a record that the log service wrote into the Security log says.
pub(super) fn put_log_service<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    put_origin(values);
    put_class(
        LOG_SERVICE,
        record.event_id.parse().unwrap_or_default(),
        values,
    );
    values.put_some(f::USER_ID, record.user_data("SubjectUserSid"));
    values.put_some(f::USER_NAME, record.user_data("SubjectUserName"));
    values.put_some(f::USER_DOMAIN, record.user_data("SubjectDomainName"));
    values.put_some(f::WINLOG_LOGON_ID, record.user_data("SubjectLogonId"));
}

fn put_origin(values: &mut Values<'_>) {
    values.put_all(f::EVENT_MODULE, ["system", "security"]);
    values.put(f::EVENT_DATASET, "system.security");
    values.put(f::DATA_STREAM_DATASET, "system.security");
}

/// Fields of a user, or of a group.
type Party = [Field; 3];
const USER: Party = [f::USER_ID, f::USER_NAME, f::USER_DOMAIN];
const EFFECTIVE: Party = [
    f::USER_EFFECTIVE_ID,
    f::USER_EFFECTIVE_NAME,
    f::USER_EFFECTIVE_DOMAIN,
];
const TARGET: Party = [
    f::USER_TARGET_ID,
    f::USER_TARGET_NAME,
    f::USER_TARGET_DOMAIN,
];
const GROUP: Party = [f::GROUP_ID, f::GROUP_NAME, f::GROUP_DOMAIN];

/// Names of the values that describe a party.
const SUBJECT: [&str; 3] = ["SubjectUserSid", "SubjectUserName", "SubjectDomainName"];
const TARGET_USER: [&str; 3] = ["TargetUserSid", "TargetUserName", "TargetDomainName"];
const TARGET_SID: [&str; 3] = ["TargetSid", "TargetUserName", "TargetDomainName"];

/// Who acted, and upon whom (ECS.md §3.2).
fn put_users<'a>(record: &LogRecord<'a>, id: u32, values: &mut Values<'a>) {
    match id {
        4624 | 4625 | 4634 | 4647 | 4768..=4771 | 4776 | 4964 => put_target_as_user(record, values),
        4648 => {
            put_party(record, values, SUBJECT, USER);
            put_party(record, values, TARGET_USER, EFFECTIVE);
        }
        4688 => put_creator_or_owner(record, values),
        4778 | 4779 => put_party(record, values, ["", "AccountName", "AccountDomain"], USER),
        _ => {
            put_party(record, values, SUBJECT, USER);
            put_acted_upon(record, id, values);
        }
    }
}

fn put_party<'a>(record: &LogRecord<'a>, values: &mut Values<'a>, names: [&str; 3], to: Party) {
    for (field, name) in to.into_iter().zip(names) {
        values.put_some(field, record.get(name));
    }
}

fn put_target_as_user<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let sid = record
        .get("TargetUserSid")
        .or_else(|| record.get("TargetSid"));
    values.put_some(f::USER_ID, sid);
    // A name may be written as user@realm.
    let name = record
        .get("TargetUserName")
        .map(|name| name.split('@').next().unwrap_or(name));
    values.put_some(f::USER_NAME, name.filter(|name| !name.is_empty()));
    values.put_some(f::USER_DOMAIN, record.get("TargetDomainName"));
}

/// The owner of the new process where the record names one, else its creator (ECS.md C4).
fn put_creator_or_owner<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let owner = record.get("TargetUserSid").filter(|sid| *sid != "S-1-0-0");
    let named = owner.is_some() && record.get("TargetUserName").is_some();
    if named {
        put_party(record, values, TARGET_USER, USER);
        put_party(record, values, TARGET_USER, EFFECTIVE);
    } else {
        put_party(record, values, SUBJECT, USER);
    }
    let logon = if named {
        "TargetLogonId"
    } else {
        "SubjectLogonId"
    };
    values.put_some(f::WINLOG_LOGON_ID, record.get(logon));
}

fn put_acted_upon<'a>(record: &LogRecord<'a>, id: u32, values: &mut Values<'a>) {
    match id {
        4720 | 4722..=4726 | 4738 | 4740 | 4767 | 4797 | 4798 => {
            put_party(record, values, TARGET_SID, TARGET);
        }
        4727..=4737 | 4744..=4764 | 4799 => {
            put_party(record, values, TARGET_SID, GROUP);
            values.put_some(f::USER_TARGET_ID, record.get("MemberSid"));
        }
        4781 => {
            values.put_some(f::USER_TARGET_NAME, record.get("OldTargetUserName"));
            values.put_some(f::USER_CHANGES_NAME, record.get("NewTargetUserName"));
        }
        _ => {}
    }
}

/// Logon id, type, failure (ECS.md §3.3). On 4624 the id is the new session's, so that it joins
/// with what the session does (ECS.md C1).
fn put_logon<'a>(record: &LogRecord<'a>, id: u32, values: &mut Values<'a>) {
    let name = match id {
        4688 => return,
        4624 | 4634 | 4647 | 4964 => "TargetLogonId",
        4778 | 4779 => "LogonID",
        _ => "SubjectLogonId",
    };
    values.put_some(f::WINLOG_LOGON_ID, record.get(name));
    values.put_some(
        f::WINLOG_LOGON_TYPE,
        record.get("LogonType").and_then(logon_type),
    );
    if id == 4625 {
        values.put_some(f::WINLOG_LOGON_FAILURE_REASON, record.get("FailureReason"));
        values.put_some(f::WINLOG_LOGON_FAILURE_STATUS, record.get("Status"));
        values.put_some(f::WINLOG_LOGON_FAILURE_SUB_STATUS, record.get("SubStatus"));
    }
    if id == 4776 {
        values.put_some(f::WINLOG_LOGON_FAILURE_STATUS, record.get("Status"));
    }
}

fn logon_type(number: &str) -> Option<&'static str> {
    Some(match number {
        "0" => "System",
        "2" => "Interactive",
        "3" => "Network",
        "4" => "Batch",
        "5" => "Service",
        "7" => "Unlock",
        "8" => "NetworkCleartext",
        "9" => "NewCredentials",
        "10" => "RemoteInteractive",
        "11" => "CachedInteractive",
        "12" => "CachedRemoteInteractive",
        "13" => "CachedUnlock",
        _ => return None,
    })
}

/// A number as these records write it: `0x1a4`, or decimal.
fn number(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

fn put_process<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let pid = record
        .get("ProcessId")
        .or_else(|| record.get("ProcessID"))
        .or_else(|| record.get("CallerProcessId"));
    values.put_some(f::PROCESS_PID, pid.and_then(number));
    let name = ["ProcessName", "CallerProcessName", "Application"]
        .iter()
        .find_map(|name| record.get(name));
    if let Some(name) = name {
        split_path(values, name, PathFields::PROCESS);
    }
}

fn put_process_start<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    values.put_some(f::PROCESS_PID, record.get("NewProcessId").and_then(number));
    if let Some(image) = record.get("NewProcessName") {
        split_path(values, image, PathFields::PROCESS);
    }
    values.put_some(
        f::PROCESS_PARENT_PID,
        record.get("ProcessId").and_then(number),
    );
    if let Some(image) = record.get("ParentProcessName") {
        values.put(f::PROCESS_PARENT_EXECUTABLE, image);
        values.put(f::PROCESS_PARENT_NAME, crate::ecs::file_name(image));
    }
    if let Some(line) = record.get("CommandLine") {
        let arguments = split_command_line(line);
        values.put(f::PROCESS_COMMAND_LINE, line);
        values.put_some(f::PROCESS_ARGS_COUNT, i64::try_from(arguments.len()).ok());
        values.put_all(f::PROCESS_ARGS, arguments);
    }
    let level = record.get("MandatoryLabel").and_then(integrity_level);
    values.put_some(f::PROCESS_EXT_TOKEN_INTEGRITY_LEVEL_NAME, level);
    let elevation = match record.get("TokenElevationType") {
        Some("%%1936") => Some("default"),
        Some("%%1937") => Some("full"),
        Some("%%1938") => Some("limited"),
        _ => None,
    };
    values.put_some(f::PROCESS_EXT_TOKEN_ELEVATION_TYPE, elevation);
}

fn integrity_level(label: &str) -> Option<&'static str> {
    Some(match label {
        "S-1-16-4096" => "low",
        "S-1-16-8192" | "S-1-16-8448" => "medium",
        "S-1-16-12288" => "high",
        "S-1-16-16384" => "system",
        _ => return None,
    })
}

/// Where the other side is.
fn put_source<'a>(record: &LogRecord<'a>, id: u32, values: &mut Values<'a>) {
    let (ip, host) = match id {
        4778 | 4779 => ("ClientAddress", "ClientName"),
        4776 => ("", "Workstation"),
        _ => ("IpAddress", "WorkstationName"),
    };
    let ip = record.get(ip).and_then(|text| {
        if text == "LOCAL" {
            Some("127.0.0.1".to_owned())
        } else {
            address(text)
        }
    });
    // A session at the console has no client: Windows calls it Unknown.
    let host = record
        .get(host)
        .map(|name| name.trim_start_matches('\\'))
        .filter(|name| !matches!(id, 4778 | 4779) || *name != "Unknown")
        .filter(|name| !is_remote(ip.as_deref()) || !is_own_name(name, record.computer));
    let either = ip.clone().or_else(|| host.map(str::to_owned));
    values.put_some(f::SOURCE_ADDRESS, either);
    values.put_some(f::SOURCE_IP, ip);
    values.put_some(f::SOURCE_DOMAIN, host.filter(|host| !host.is_empty()));
    values.put_some(f::SOURCE_PORT, record.get("IpPort").and_then(number));
}

fn is_remote(ip: Option<&str>) -> bool {
    let ip = ip.and_then(|ip| ip.parse::<std::net::IpAddr>().ok());
    ip.is_some_and(|ip| !ip.is_loopback())
}

/// Whether a NetBIOS name is the recording host's own. Logons over RDP give it as the workstation,
/// beside the client's address: it is not where they came from (EVIDENCE.md, 4624 types 7 and 10).
fn is_own_name(name: &str, computer: &str) -> bool {
    let label = computer.split('.').next().unwrap_or_default();
    // NetBIOS names end after 15 characters.
    let short = label.get(..15).unwrap_or(label);
    name.eq_ignore_ascii_case(label) || name.eq_ignore_ascii_case(short)
}

/// The share and the file on it (ECS.md §3.3): a base name and a path, not upstream's whole
/// relative path as name (C14).
fn put_share<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let relative = record
        .get("RelativeTargetName")
        .filter(|name| *name != "\\");
    let Some(relative) = relative else { return };
    if let Some(share) = record.get("ShareName") {
        values.put(f::FILE_TARGET_PATH, format!("{share}\\{relative}"));
    }
    let local = record
        .get("ShareLocalPath")
        .map(|path| path.trim_start_matches("\\??\\"));
    match local {
        Some(local) => {
            let path = format!("{}\\{relative}", local.trim_end_matches('\\'));
            put_owned_path(values, &path);
        }
        None => values.put(f::FILE_NAME, crate::ecs::file_name(relative)),
    }
}

/// Like `split_path`, for a path that no record holds.
fn put_owned_path(values: &mut Values<'_>, path: &str) {
    let mut parts = Values::default();
    split_path(&mut parts, path, PathFields::FILE);
    let owned: Vec<_> = parts
        .as_slice()
        .iter()
        .map(|(field, value)| (*field, value.clone().into_owned()))
        .collect();
    for (field, value) in owned {
        values.put(field, value);
    }
}

fn put_service<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    values.put_some(f::SERVICE_NAME, record.get("ServiceName"));
    values.put_some(
        f::SERVICE_TYPE,
        record.get("ServiceType").and_then(service_type),
    );
}

fn service_type(number: &str) -> Option<&'static str> {
    Some(match number {
        "0x1" => "Kernel Driver",
        "0x2" => "File System Driver",
        "0x8" => "Recognizer Driver",
        "0x10" => "Win32 Own Process",
        "0x20" => "Win32 Share Process",
        "0x110" => "Interactive Own Process",
        "0x120" => "Interactive Share Process",
        _ => return None,
    })
}

fn put_flow<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    // Inbound and outbound are WFP's words; rules also test the endpoint's (ECS.md C6).
    let direction = match record.get("Direction") {
        Some("%%14592") => Some(["inbound", "ingress", "connection_accepted"]),
        Some("%%14593") => Some(["outbound", "egress", "connection_attempted"]),
        _ => None,
    };
    if let Some([windows, endpoint, action]) = direction {
        values.put_all(f::NETWORK_DIRECTION, [windows, endpoint]);
        if record.event_id == "5156" {
            values.put(f::EVENT_ACTION, action);
        }
    }
    if let Some(protocol) = record.get("Protocol") {
        values.put(f::NETWORK_IANA_NUMBER, protocol);
        values.put_some(f::NETWORK_TRANSPORT, transport(protocol));
    }
    for (ip, port, ip_field, port_field, address_field) in [
        (
            "SourceAddress",
            "SourcePort",
            f::SOURCE_IP,
            f::SOURCE_PORT,
            f::SOURCE_ADDRESS,
        ),
        (
            "DestAddress",
            "DestPort",
            f::DESTINATION_IP,
            f::DESTINATION_PORT,
            f::DESTINATION_ADDRESS,
        ),
    ] {
        let ip = record.get(ip).and_then(address);
        values.put_some(address_field, ip.clone());
        values.put_some(ip_field, ip);
        values.put_some(port_field, record.get(port).and_then(number));
    }
}

fn transport(protocol: &str) -> Option<&'static str> {
    Some(match protocol {
        "1" => "icmp",
        "6" => "tcp",
        "17" => "udp",
        "58" => "ipv6-icmp",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::class::assert_ordered;
    use super::*;

    #[test]
    fn tables_are_in_order() {
        assert_ordered(CLASSES);
        assert_ordered(LOG_SERVICE);
    }
}
