//! DNS queries: the parts of the name that was asked for, and answers as Sysmon writes them (ECS.md §1.1).

use std::borrow::Cow;

use timeline::{Field, fields as f};

use crate::ecs::{Values, address};
use crate::evtx::record::LogRecord;

/// What [`put_answers`] fills.
pub(super) const ANSWERS: [Field; 3] =
    [f::DNS_ANSWERS_TYPE, f::DNS_ANSWERS_DATA, f::DNS_RESOLVED_IP];

/// What [`put_question`] fills.
pub(super) const QUESTION: [Field; 3] = [
    f::DNS_QUESTION_REGISTERED_DOMAIN,
    f::DNS_QUESTION_TOP_LEVEL_DOMAIN,
    f::DNS_QUESTION_SUBDOMAIN,
];

/// Puts `dns.answers.*` and `dns.resolved_ip`.
pub(super) fn put_answers<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let results = record.get("QueryResults").unwrap_or_default();
    for answer in results.split(';') {
        put_answer(values, answer.trim());
    }
}

/// Puts what the public suffix list tells of the name that was asked for: `www.example.co.uk` is `www`
/// below `example.co.uk`, which is registered below `co.uk`. An ending that the list lacks, such as the
/// `local` of many a forest, counts like a top-level domain.
pub(super) fn put_question<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let name = record.get("QueryName").unwrap_or_default();
    let name = name.trim_end_matches('.').to_lowercase();
    if address(&name).is_some() {
        return;
    }
    let (Some(registered), Some(suffix)) = (psl::domain_str(&name), psl::suffix_str(&name)) else {
        return;
    };
    let before = name.strip_suffix(registered);
    let before = before.map(|before| before.trim_end_matches('.'));
    let before = before.filter(|before| !before.is_empty());
    let owned = |text: &str| Cow::<'a, str>::Owned(text.to_owned());
    values.put(f::DNS_QUESTION_REGISTERED_DOMAIN, owned(registered));
    values.put(f::DNS_QUESTION_TOP_LEVEL_DOMAIN, owned(suffix));
    values.put_some(f::DNS_QUESTION_SUBDOMAIN, before.map(owned));
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
