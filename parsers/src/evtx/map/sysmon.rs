//! Sysmon (ECS.md §2): what each event id means.
//!
//! `user.id` is not taken from the record: there it is always the Sysmon service. The second look
//! derives it (ECS.md §7.3), and turns flows so that the source is who opened the connection (§7.5).

use std::borrow::Cow;

use timeline::{Field, TICKS_PER_SECOND, Ticks, fields as f};

use super::class::{Class, class, put_class};
use crate::ecs::{
    HashFields, PathFields, Values, address, file_name, put_data, put_hashes, put_path,
    split_command_line, split_path,
};
use crate::evtx::record::LogRecord;

#[rustfmt::skip]
const CLASSES: &[Class] = &[
    class(1, &["process"], &["start"], &["Process creation", "Process Create (rule: ProcessCreate)", "start"]),
    class(2, &["file"], &["change"], &["A process changed a file creation time"]),
    class(3, &["network"], &["start", "connection", "protocol"], &["Network connection"]),
    class(4, &["process"], &["change"], &["Sysmon service state changed"]),
    class(5, &["process"], &["end"], &["Process terminated", "end"]),
    class(6, &["driver"], &["start"], &["Driver loaded", "load"]),
    class(7, &["process", "library"], &["change", "start"], &["Image loaded", "load", "Image loaded (rule: ImageLoad)"]),
    class(8, &["process"], &["change"], &["CreateRemoteThread", "CreateRemoteThread detected (rule: CreateRemoteThread)"]),
    class(9, &["process"], &["access"], &["RawAccessRead"]),
    class(10, &["process"], &["access"], &["ProcessAccess"]),
    class(11, &["file"], &["creation"], &["FileCreate", "creation"]),
    class(12, &["configuration", "registry"], &["change"], &["RegistryEvent (Object create and delete)"]),
    class(13, &["configuration", "registry"], &["change"], &["RegistryEvent (Value Set)", "modification"]),
    class(14, &["configuration", "registry"], &["change"], &["RegistryEvent (Key and Value Rename)", "rename"]),
    class(15, &["file"], &["access"], &["FileCreateStreamHash", "creation"]),
    class(16, &["configuration"], &["change"], &["ServiceConfigurationChange"]),
    class(17, &["file"], &["creation"], &["PipeEvent (Pipe Created)"]),
    class(18, &["file"], &["access"], &["PipeEvent (Pipe Connected)"]),
    class(19, &["process"], &["info"], &["WmiEvent (WmiEventFilter activity detected)"]),
    class(20, &["process"], &["change"], &["WmiEvent (WmiEventConsumer activity detected)"]),
    class(21, &["process"], &["access"], &["WmiEvent (WmiEventConsumerToFilter activity detected)"]),
    class(22, &["network", "dns"], &["connection", "protocol", "info"], &["DNSEvent (DNS query)", "lookup_requested", "lookup_result"]),
    class(23, &["file"], &["deletion"], &["FileDelete (File Delete archived)", "deletion"]),
    // No category: a clipboard change is not a process event, and rules must not see it as one.
    class(24, &[], &["change"], &["ClipboardChange"]),
    class(25, &["process"], &["change"], &["ProcessTampering (Process image change)"]),
    class(26, &["file"], &["deletion"], &["FileDeleteDetected (File Delete logged)", "deletion"]),
    class(27, &["file"], &["creation"], &["FileBlockExecutable"]),
    // Nothing was deleted: it was denied.
    class(28, &["file"], &["deletion", "denied"], &["FileBlockShredding"]),
    class(29, &["file"], &["creation"], &["FileExecutableDetected"]),
    class(255, &["process"], &[], &["Error"]),
];

/// Puts what a Sysmon record says. Gives its own time, `UtcTime`.
pub(super) fn put<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) -> Option<Ticks> {
    let id = record.event_id.parse().unwrap_or_default();
    let own_time = record.get("UtcTime").and_then(Ticks::parse);
    values.put_all(f::EVENT_MODULE, ["windows", "sysmon"]);
    values.put_all(
        f::EVENT_DATASET,
        ["windows.sysmon_operational", "windows.sysmon"],
    );
    values.put_all(
        f::DATA_STREAM_DATASET,
        ["windows.sysmon_operational", "windows.sysmon"],
    );
    put_class(CLASSES, id, values);
    values.put_some(f::RULE_NAME, record.get("RuleName"));
    put_actor(record, id, values);
    put_event(record, id, own_time, values);
    own_time
}

fn put_event<'a>(
    record: &LogRecord<'a>,
    id: u32,
    own_time: Option<Ticks>,
    values: &mut Values<'a>,
) {
    match id {
        1 => put_process_start(record, values),
        2 => put_file(record, values),
        3 => put_flow(record, values),
        6 | 7 => put_image_load(record, id, values),
        8 | 10 => put_target_process(record, values),
        9 => values.put_some(f::FILE_PATH, record.get("Device")),
        11 => put_file_create(record, own_time, values),
        12..=14 => put_registry(record, values),
        15 => put_stream(record, values),
        17 | 18 => values.put_some(f::FILE_NAME, record.get("PipeName")),
        20 => put_consumer(record, values),
        22 => put_dns(record, values),
        23 | 26..=29 => put_watched_file(record, id, values),
        24 => put_some_hashes(record, values, HashFields::PROCESS),
        25 => values.put_some(f::MESSAGE, record.get("Type")),
        255 => put_error(record, values),
        _ => {}
    }
}

/// The process that acted, and its user.
fn put_actor<'a>(record: &LogRecord<'a>, id: u32, values: &mut Values<'a>) {
    let names: [&[&str]; 4] = if matches!(id, 8 | 10) {
        [
            &["SourceProcessGuid", "SourceProcessGUID"],
            &["SourceProcessId"],
            &["SourceImage"],
            &["SourceUser"],
        ]
    } else {
        [&["ProcessGuid"], &["ProcessId"], &["Image"], &["User"]]
    };
    let [guid, pid, image, user] =
        names.map(|names| names.iter().find_map(|name| record.get(name)));
    values.put_some(f::PROCESS_ENTITY_ID, guid);
    values.put_some(f::PROCESS_PID, pid.and_then(integer));
    if let Some(image) = image {
        split_path(values, image, PathFields::PROCESS);
    }
    values.put_some(
        f::PROCESS_THREAD_ID,
        record.get("SourceThreadId").and_then(integer),
    );
    if let Some((domain, name)) = user.and_then(split_user) {
        values.put(f::USER_DOMAIN, domain);
        values.put(f::USER_NAME, name);
    }
}

/// `DOMAIN\name`, when it has exactly one backslash.
fn split_user(user: &str) -> Option<(&str, &str)> {
    user.split_once('\\')
        .filter(|(_, name)| !name.contains('\\'))
}

fn integer(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

fn put_process_start<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    put_command_line(
        values,
        record.get("CommandLine"),
        [
            f::PROCESS_COMMAND_LINE,
            f::PROCESS_ARGS,
            f::PROCESS_ARGS_COUNT,
        ],
    );
    values.put_some(f::PROCESS_WORKING_DIRECTORY, record.get("CurrentDirectory"));
    put_some_hashes(record, values, HashFields::PROCESS);
    put_version(
        record,
        values,
        [
            f::PROCESS_PE_ORIGINAL_FILE_NAME,
            f::PROCESS_PE_COMPANY,
            f::PROCESS_PE_DESCRIPTION,
            f::PROCESS_PE_FILE_VERSION,
            f::PROCESS_PE_PRODUCT,
        ],
    );
    put_parent(record, values);
    let level = record.get("IntegrityLevel").map(str::to_lowercase);
    values.put_some(f::PROCESS_EXT_TOKEN_INTEGRITY_LEVEL_NAME, level);
    values.put_some(f::PROCESS_EXT_AUTHENTICATION_ID, record.get("LogonId"));
    values.put_some(f::WINLOG_LOGON_ID, record.get("LogonId"));
}

fn put_parent<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    values.put_some(f::PROCESS_PARENT_ENTITY_ID, record.get("ParentProcessGuid"));
    values.put_some(
        f::PROCESS_PARENT_PID,
        record.get("ParentProcessId").and_then(integer),
    );
    if let Some(image) = record.get("ParentImage") {
        values.put(f::PROCESS_PARENT_EXECUTABLE, image);
        values.put(f::PROCESS_PARENT_NAME, file_name(image));
    }
    put_command_line(
        values,
        record.get("ParentCommandLine"),
        [
            f::PROCESS_PARENT_COMMAND_LINE,
            f::PROCESS_PARENT_ARGS,
            f::PROCESS_PARENT_ARGS_COUNT,
        ],
    );
}

/// A command line, its arguments and their number.
fn put_command_line<'a>(values: &mut Values<'a>, line: Option<&'a str>, to: [Field; 3]) {
    let Some(line) = line else { return };
    let arguments = split_command_line(line);
    let [line_field, arguments_field, count_field] = to;
    values.put(line_field, line);
    values.put_some(count_field, i64::try_from(arguments.len()).ok());
    values.put_all(arguments_field, arguments);
}

/// What the version resource says.
fn put_version<'a>(record: &LogRecord<'a>, values: &mut Values<'a>, to: [Field; 5]) {
    let names = [
        "OriginalFileName",
        "Company",
        "Description",
        "FileVersion",
        "Product",
    ];
    for (field, name) in to.into_iter().zip(names) {
        values.put_some(field, record.get(name));
    }
}

fn put_some_hashes(record: &LogRecord<'_>, values: &mut Values<'_>, to: HashFields) {
    // `Hash` is the name in Sysmon before version 5.
    if let Some(hashes) = record.get("Hashes").or_else(|| record.get("Hash")) {
        put_hashes(values, hashes, to);
    }
}

fn put_file<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    if let Some(path) = record.get("TargetFilename") {
        split_path(values, path, PathFields::FILE);
    }
    values.put_some(
        f::FILE_CREATED,
        record.get("CreationUtcTime").and_then(Ticks::parse),
    );
}

fn put_file_create<'a>(record: &LogRecord<'a>, own_time: Option<Ticks>, values: &mut Values<'a>) {
    put_file(record, values);
    // A file that was created before this event was overwritten by it.
    let created = record.get("CreationUtcTime").and_then(Ticks::parse);
    let age = created
        .zip(own_time)
        .map(|(created, now)| now.0.saturating_sub(created.0));
    if age.is_some_and(|age| age > 2 * TICKS_PER_SECOND) {
        values.put(f::EVENT_ACTION, "overwrite");
        values.put(f::EVENT_TYPE, "change");
    }
}

/// Files that Sysmon deleted, blocked or detected. The hash is the file's; upstream gives it to
/// the process (ECS.md C11).
fn put_watched_file<'a>(record: &LogRecord<'a>, id: u32, values: &mut Values<'a>) {
    put_file(record, values);
    put_some_hashes(record, values, HashFields::FILE);
    values.put_some(
        f::SYSMON_FILE_ARCHIVED,
        record.get("Archived").and_then(truth),
    );
    values.put_some(
        f::SYSMON_FILE_IS_EXECUTABLE,
        record.get("IsExecutable").and_then(truth),
    );
    if id == 27 {
        values.put(f::EVENT_OUTCOME, "failure");
    }
}

fn truth(text: &str) -> Option<bool> {
    text.trim().to_ascii_lowercase().parse().ok()
}

fn put_flow<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let initiated = record.get("Initiated").and_then(truth);
    if let Some(initiated) = initiated {
        let (direction, action) = if initiated {
            ("egress", "connection_attempted")
        } else {
            ("ingress", "connection_accepted")
        };
        values.put(f::NETWORK_DIRECTION, direction);
        values.put(f::EVENT_ACTION, action);
    }
    values.put_some(f::NETWORK_TRANSPORT, record.get("Protocol"));
    let protocol = record
        .get("DestinationPortName")
        .or_else(|| record.get("SourcePortName"));
    values.put_some(f::NETWORK_PROTOCOL, protocol);
    if let Some(six) = record.get("SourceIsIpv6").and_then(truth) {
        values.put(f::NETWORK_TYPE, if six { "ipv6" } else { "ipv4" });
    }
    let [source, destination] = ENDS;
    put_end(record, values, &source);
    put_end(record, values, &destination);
}

/// One end of a flow: the record's names, and the fields.
struct End {
    names: [&'static str; 3],
    fields: [Field; 4],
}

const ENDS: [End; 2] = [
    End {
        names: ["SourceIp", "SourcePort", "SourceHostname"],
        fields: [
            f::SOURCE_IP,
            f::SOURCE_PORT,
            f::SOURCE_DOMAIN,
            f::SOURCE_ADDRESS,
        ],
    },
    End {
        names: ["DestinationIp", "DestinationPort", "DestinationHostname"],
        fields: [
            f::DESTINATION_IP,
            f::DESTINATION_PORT,
            f::DESTINATION_DOMAIN,
            f::DESTINATION_ADDRESS,
        ],
    },
];

fn put_end<'a>(record: &LogRecord<'a>, values: &mut Values<'a>, end: &End) {
    let [ip, port, host] = end.names.map(|name| record.get(name));
    let [ip_field, port_field, host_field, address_field] = end.fields;
    let ip = ip.and_then(address);
    let either: Option<Cow<'a, str>> = ip.clone().map(Cow::Owned).or(host.map(Cow::Borrowed));
    values.put_some(ip_field, ip);
    values.put_some(port_field, port.and_then(integer));
    values.put_some(host_field, host);
    values.put_some(address_field, either);
}

fn put_image_load<'a>(record: &LogRecord<'a>, id: u32, values: &mut Values<'a>) {
    if let Some(path) = record.get("ImageLoaded") {
        split_path(values, path, PathFields::FILE);
        split_path(values, path, PathFields::DLL);
    }
    put_some_hashes(record, values, HashFields::FILE);
    put_some_hashes(record, values, HashFields::DLL);
    if id == 7 {
        put_version(
            record,
            values,
            [
                f::FILE_PE_ORIGINAL_FILE_NAME,
                f::FILE_PE_COMPANY,
                f::FILE_PE_DESCRIPTION,
                f::FILE_PE_FILE_VERSION,
                f::FILE_PE_PRODUCT,
            ],
        );
        put_version(
            record,
            values,
            [
                f::DLL_PE_ORIGINAL_FILE_NAME,
                f::DLL_PE_COMPANY,
                f::DLL_PE_DESCRIPTION,
                f::DLL_PE_FILE_VERSION,
                f::DLL_PE_PRODUCT,
            ],
        );
    }
    put_signature(record, values);
}

/// The outcome of the signature check, in Sysmon's word and in the endpoint's (ECS.md §7.4).
fn put_signature<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let signed = record.get("Signed");
    let status = match signed {
        // Some versions put the failure where `true` or `false` belongs.
        Some(text) if truth(text).is_none() => Some(text),
        _ => record.get("SignatureStatus"),
    };
    if let Some(signed) = signed.and_then(truth) {
        values.put(f::FILE_CODE_SIGNATURE_EXISTS, signed);
        values.put(f::DLL_CODE_SIGNATURE_EXISTS, signed);
    }
    values.put_some(f::FILE_CODE_SIGNATURE_SUBJECT_NAME, record.get("Signature"));
    values.put_some(f::DLL_CODE_SIGNATURE_SUBJECT_NAME, record.get("Signature"));
    let unsigned = signed.and_then(truth) == Some(false);
    if let Some(status) = status {
        let valid = status.eq_ignore_ascii_case("Valid") && !unsigned;
        put_status(values, status, valid);
        values.put(f::FILE_CODE_SIGNATURE_TRUSTED, valid);
        values.put(f::DLL_CODE_SIGNATURE_TRUSTED, valid);
    } else if unsigned {
        values.put(f::FILE_CODE_SIGNATURE_TRUSTED, false);
        values.put(f::DLL_CODE_SIGNATURE_TRUSTED, false);
    }
}

fn put_status<'a>(values: &mut Values<'a>, status: &'a str, valid: bool) {
    let lower = status.to_ascii_lowercase();
    let alias = match lower.as_str() {
        "valid" if valid => Some("trusted"),
        "expired" => Some("errorExpired"),
        "revoked" => Some("errorRevoked"),
        "invalid" => Some("errorBadDigest"),
        _ if lower.contains("invalid hash") => Some("errorBadDigest"),
        _ if lower.contains("root") => Some("errorUntrustedRoot"),
        _ if lower.contains("chain") => Some("errorChaining"),
        _ => None,
    };
    for field in [f::FILE_CODE_SIGNATURE_STATUS, f::DLL_CODE_SIGNATURE_STATUS] {
        values.put(field, status);
        values.put_some(field, alias);
    }
    if valid {
        values.put(f::FILE_CODE_SIGNATURE_VALID, true);
    }
}

fn put_target_process<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let guid = record
        .get("TargetProcessGuid")
        .or_else(|| record.get("TargetProcessGUID"));
    values.put_some(f::TARGET_PROCESS_ENTITY_ID, guid);
    values.put_some(
        f::TARGET_PROCESS_PID,
        record.get("TargetProcessId").and_then(integer),
    );
    if let Some(image) = record.get("TargetImage") {
        values.put(f::TARGET_PROCESS_EXECUTABLE, image);
        values.put(f::TARGET_PROCESS_NAME, file_name(image));
    }
}

fn put_registry<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let kind = record.get("EventType").unwrap_or_default();
    let alias = match kind {
        "CreateKey" => Some("creation"),
        "DeleteKey" | "DeleteValue" => Some("deletion"),
        _ => None,
    };
    values.put_some(f::EVENT_TYPE, alias);
    values.put_some(f::EVENT_ACTION, alias);
    if let Some(path) = record.get("TargetObject") {
        put_path(
            values,
            path,
            matches!(kind, "SetValue" | "DeleteValue" | "RenameValue"),
        );
    }
    if let Some(details) = record.get("Details") {
        put_data(values, details);
    }
}

/// A created stream: the file and the stream apart, and what a Zone.Identifier says.
fn put_stream<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    if let Some(target) = record.get("TargetFilename") {
        let name = file_name(target);
        match name.rsplit_once(':') {
            Some((_, stream)) if !stream.is_empty() => {
                let path = target
                    .strip_suffix(stream)
                    .and_then(|path| path.strip_suffix(':'));
                split_path(values, path.unwrap_or(target), PathFields::FILE);
                values.put(f::FILE_EXT_STREAM, stream);
            }
            _ => split_path(values, target, PathFields::FILE),
        }
    }
    values.put_some(
        f::FILE_CREATED,
        record.get("CreationUtcTime").and_then(Ticks::parse),
    );
    put_some_hashes(record, values, HashFields::FILE);
    for line in record
        .get("Contents")
        .unwrap_or_default()
        .split_whitespace()
    {
        match line.split_once('=') {
            Some(("ZoneId", zone)) if !values.has(f::FILE_EXT_ZONE_IDENTIFIER) => {
                values.put_some(f::FILE_EXT_ZONE_IDENTIFIER, integer(zone));
            }
            Some(("HostUrl", url)) if !values.has(f::FILE_ORIGIN_URL) => {
                values.put(f::FILE_ORIGIN_URL, url);
            }
            Some(("ReferrerUrl", url)) if !values.has(f::FILE_ORIGIN_REFERRER_URL) => {
                values.put(f::FILE_ORIGIN_REFERRER_URL, url);
            }
            _ => {}
        }
    }
}

/// The command of a WMI consumer: it is not the acting process, so it is not put as one.
fn put_consumer<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let destination = record.get("Destination").map(unquote);
    values.put_some(f::PROCESS_EXT_CONSUMER_DESTINATION, destination);
}

/// The text of a string literal of WMI: without the quotes around it, its escapes resolved.
fn unquote(literal: &str) -> String {
    let literal = literal.trim();
    let inner = literal
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(literal);
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(char) = chars.next() {
        let escaped = chars.next_if(|next| char == '\\' && matches!(next, '\\' | '"'));
        text.push(escaped.unwrap_or(char));
    }
    text
}

fn put_error<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    values.put(f::EVENT_OUTCOME, "failure");
    values.put_some(f::ERROR_CODE, record.get("ID"));
}

fn put_dns<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    values.put(f::NETWORK_PROTOCOL, "dns");
    values.put_some(f::DNS_QUESTION_NAME, record.get("QueryName"));
    if let Some(status) = record.get("QueryStatus") {
        values.put(f::SYSMON_DNS_STATUS, dns_status(status));
    }
    for answer in record.get("QueryResults").unwrap_or_default().split(';') {
        put_answer(values, answer.trim());
    }
}

/// `type:  5 name` or a bare address.
fn put_answer<'a>(values: &mut Values<'a>, answer: &'a str) {
    if let Some(typed) = answer.strip_prefix("type:") {
        let (number, data) = typed.trim().split_once(' ').unwrap_or((typed.trim(), ""));
        values.put(f::DNS_ANSWERS_TYPE, dns_type(number));
        let data = data.trim();
        if !data.is_empty() {
            values.put(f::DNS_ANSWERS_DATA, data);
            values.put_new(f::RELATED_HOSTS, Cow::Borrowed(data));
        }
    } else if let Some(address) = address(answer) {
        values.put(
            f::DNS_ANSWERS_TYPE,
            if address.contains(':') { "AAAA" } else { "A" },
        );
        values.put(f::DNS_ANSWERS_DATA, address.clone());
        values.put(f::DNS_RESOLVED_IP, address);
    }
}

/// The record type of a number (IANA's registry); the number itself where it has no name here.
fn dns_type(number: &str) -> &str {
    match number {
        "1" => "A",
        "2" => "NS",
        "5" => "CNAME",
        "6" => "SOA",
        "12" => "PTR",
        "13" => "HINFO",
        "15" => "MX",
        "16" => "TXT",
        "28" => "AAAA",
        "33" => "SRV",
        "35" => "NAPTR",
        "39" => "DNAME",
        "41" => "OPT",
        "43" => "DS",
        "46" => "RRSIG",
        "47" => "NSEC",
        "48" => "DNSKEY",
        "64" => "SVCB",
        "65" => "HTTPS",
        "255" => "ANY",
        "65281" => "WINS",
        "65282" => "WINSR",
        number => number,
    }
}

/// The name of a Windows error of a query; the number itself where it has no name here.
fn dns_status(status: &str) -> &str {
    match status {
        "0" => "SUCCESS",
        "5" => "ERROR_ACCESS_DENIED",
        "87" => "ERROR_INVALID_PARAMETER",
        "123" => "ERROR_INVALID_NAME",
        "1214" => "ERROR_INVALID_NETNAME",
        "1223" => "ERROR_CANCELLED",
        "1460" => "ERROR_TIMEOUT",
        "9001" => "DNS_ERROR_RCODE_FORMAT_ERROR",
        "9002" => "DNS_ERROR_RCODE_SERVER_FAILURE",
        "9003" => "DNS_ERROR_RCODE_NAME_ERROR",
        "9004" => "DNS_ERROR_RCODE_NOT_IMPLEMENTED",
        "9005" => "DNS_ERROR_RCODE_REFUSED",
        "9501" => "DNS_INFO_NO_RECORDS",
        "9560" => "DNS_ERROR_INVALID_NAME_CHAR",
        "9701" => "DNS_ERROR_RECORD_DOES_NOT_EXIST",
        "9852" => "DNS_ERROR_NO_DNS_SERVERS",
        "10054" => "WSAECONNRESET",
        "10055" => "WSAENOBUFS",
        "10060" => "WSAETIMEDOUT",
        status => status,
    }
}

#[cfg(test)]
mod tests {
    use super::super::class::assert_ordered;
    use super::*;

    #[test]
    fn tables_are_in_order() {
        assert_ordered(CLASSES);
    }

    #[test]
    fn literals_are_unquoted() {
        for (literal, text) in [
            (r#" "C:\\a.exe \"b\"""#, r#"C:\a.exe "b""#),
            (r#""\\\\srv\\x\\""#, r"\\srv\x\"),
            (r"C:\a\b", r"C:\a\b"),
            ("\"", "\""),
            ("", ""),
        ] {
            assert_eq!(unquote(literal), text, "{literal}");
        }
    }
}
