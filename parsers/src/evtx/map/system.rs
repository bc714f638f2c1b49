//! The fields of every record: its System section (ECS.md §1).

use timeline::fields as f;

use super::Profile;
use crate::ecs::Values;
use crate::evtx::record::{LogRecord, says_nothing};

/// Keyword bit of a failed audit.
pub(super) const AUDIT_FAILURE: u64 = 0x0010_0000_0000_0000;
/// Keyword bit of a successful audit.
const AUDIT_SUCCESS: u64 = 0x0020_0000_0000_0000;
/// Keyword bits that only say which log the record is in.
const RESERVED: u64 = 0xff00_0000_0000_0000;

pub(super) fn put_common<'a>(
    record: &LogRecord<'a>,
    record_id: Option<&str>,
    profile: Profile,
    values: &mut Values<'a>,
) {
    values.put(f::EVENT_KIND, "event");
    values.put(f::HOST_OS_TYPE, "windows");
    values.put(f::HOST_OS_FAMILY, "windows");
    put_text(values, f::EVENT_CODE, record.event_id);
    put_text(values, f::EVENT_PROVIDER, record.provider);
    put_text(values, f::HOST_NAME, record.computer);
    put_text(values, f::WINLOG_COMPUTER_NAME, record.computer);
    if profile == Profile::Ours {
        let label = record.computer.split('.').next().unwrap_or_default();
        put_text(values, f::HOST_HOSTNAME, label);
    }
    put_winlog(record, values);
    values.put_some(f::WINLOG_RECORD_ID, record_id.map(str::to_owned));
    if record.is_torn {
        values.put(f::EVENT_EXT_DAMAGED, true);
    }
    put_level(record, values);
    put_keywords(record, values);
}

fn put_text<'a>(values: &mut Values<'a>, field: timeline::Field, text: &'a str) {
    if !says_nothing(text) {
        values.put(field, text);
    }
}

fn put_winlog<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    for (field, text) in [
        (f::WINLOG_CHANNEL, record.channel),
        (f::WINLOG_EVENT_ID, record.event_id),
        (f::WINLOG_PROVIDER_NAME, record.provider),
        (f::WINLOG_PROVIDER_GUID, record.provider_guid),
        (f::WINLOG_EVENT_SOURCE_NAME, record.source_name),
        (f::WINLOG_OPCODE, record.opcode),
        (f::WINLOG_TASK, record.task),
        (f::WINLOG_ACTIVITY_ID, record.activity_id),
        (f::WINLOG_RELATED_ACTIVITY_ID, record.related_activity_id),
        (f::WINLOG_USER_IDENTIFIER, record.user_sid),
        (f::WINLOG_USER_DATA_XML_NAME, record.user_data_name),
    ] {
        put_text(values, field, text);
    }
    values.put_some(f::WINLOG_VERSION, record.version);
    values.put_some(f::WINLOG_PROCESS_PID, record.process_id);
    values.put_some(f::WINLOG_PROCESS_THREAD_ID, record.thread_id);
}

fn put_level(record: &LogRecord<'_>, values: &mut Values<'_>) {
    let level = match record.level {
        Some(0 | 4) => "information",
        Some(1) => "critical",
        Some(2) => "error",
        Some(3) => "warning",
        Some(5) => "verbose",
        _ => return,
    };
    values.put(f::LOG_LEVEL, level);
}

fn put_keywords(record: &LogRecord<'_>, values: &mut Values<'_>) {
    let Some(keywords) = record.keywords else {
        return;
    };
    let security = record.channel.eq_ignore_ascii_case("Security");
    for (bit, text, outcome) in [
        (AUDIT_FAILURE, "Audit Failure", "failure"),
        (AUDIT_SUCCESS, "Audit Success", "success"),
    ] {
        if keywords & bit != 0 {
            values.put(f::WINLOG_KEYWORDS, text);
            if security && !values.has(f::EVENT_OUTCOME) {
                values.put(f::EVENT_OUTCOME, outcome);
            }
        }
    }
    let others = keywords & !(AUDIT_FAILURE | AUDIT_SUCCESS | RESERVED);
    if others != 0 {
        values.put(f::WINLOG_KEYWORDS, format!("{keywords:#x}"));
    }
}
