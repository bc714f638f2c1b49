//! Who logged on, from where.

use timeline::{Field, fields as f};

use crate::ecs::{Values, address};
use crate::evtx::record::LogRecord;

/// What [`put_source`] fills.
pub(super) const SOURCE: [Field; 2] = [f::SOURCE_IP, f::SOURCE_DOMAIN];
/// What [`put_process_owner`] fills.
pub(super) const OWNER: [Field; 7] = [
    f::USER_EFFECTIVE_ID,
    f::USER_EFFECTIVE_NAME,
    f::USER_EFFECTIVE_DOMAIN,
    f::USER_ID,
    f::USER_NAME,
    f::USER_DOMAIN,
    f::WINLOG_LOGON_ID,
];
/// What [`put_group_member`] fills.
pub(super) const MEMBER: [Field; 2] = [f::USER_TARGET_NAME, f::USER_TARGET_DOMAIN];

/// Where a logon came from: `source.*`.
pub(super) fn put_source<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let ip = record.get("IpAddress").and_then(address);
    let host = record
        .get("WorkstationName")
        .map(|name| name.trim_start_matches('\\'))
        .filter(|name| !name.is_empty())
        .filter(|name| !is_remote(ip.as_deref()) || !is_own_name(name, record.computer));
    values.put_some(f::SOURCE_IP, ip);
    values.put_some(f::SOURCE_DOMAIN, host);
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

/// Who a new process belongs to: the owner of its token where the record names one, else its creator
/// (ECS.md C4). The logon id follows. Windows leaves the owner's SID out at times, though it has the
/// name and the logon session.
pub(super) fn put_process_owner<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let owner = record.get("TargetUserSid").filter(|sid| *sid != "S-1-0-0");
    let logon = record.get("TargetLogonId").filter(|id| *id != "0x0");
    let name = record.get("TargetUserName");
    let (id, name, domain, logon) = if name.is_some() && (owner.is_some() || logon.is_some()) {
        let domain = record.get("TargetDomainName");
        values.put_some(f::USER_EFFECTIVE_ID, owner);
        values.put_some(f::USER_EFFECTIVE_NAME, name);
        values.put_some(f::USER_EFFECTIVE_DOMAIN, domain);
        (owner, name, domain, logon)
    } else {
        (
            record.get("SubjectUserSid"),
            record.get("SubjectUserName"),
            record.get("SubjectDomainName"),
            record.get("SubjectLogonId"),
        )
    };
    values.put_some(f::USER_ID, id);
    values.put_some(f::USER_NAME, name);
    values.put_some(f::USER_DOMAIN, domain);
    values.put_some(f::WINLOG_LOGON_ID, logon);
}

/// The member that joined or left a group, by its distinguished name: the first name without `CN=`,
/// the domain from the first `DC=`.
pub(super) fn put_group_member<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let Some(member) = record.get("MemberName") else {
        return;
    };
    let mut parts = member.split(',').map(str::trim);
    let part = |prefix: &'static str| {
        move |part: &'a str| {
            let (head, rest) = part.split_at_checked(prefix.len())?;
            head.eq_ignore_ascii_case(prefix).then_some(rest)
        }
    };
    values.put_some(f::USER_TARGET_NAME, parts.clone().find_map(part("CN=")));
    values.put_some(f::USER_TARGET_DOMAIN, parts.find_map(part("DC=")));
}
