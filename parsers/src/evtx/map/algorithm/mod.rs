//! What mapping files cannot say: each algorithm has a name that they use.

mod dns;
mod logon;
mod registry;
mod share;
mod signature;
mod stream;
mod sysmon;

use crate::ecs::Values;
use crate::evtx::record::LogRecord;

/// Puts fields of a record.
type Put = for<'a> fn(&LogRecord<'a>, &mut Values<'a>);

/// An algorithm, by its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Algorithm(Put);

const ALGORITHMS: &[(&str, Put)] = &[
    ("audited_value", registry::put_audited_value),
    ("dns_answers", dns::put_answers),
    ("file_overwrite", sysmon::put_overwrite),
    ("group_member", logon::put_group_member),
    ("logon_source", logon::put_source),
    ("process_owner", logon::put_process_owner),
    ("share", share::put),
    ("signature", signature::put),
    ("stream", stream::put),
    ("wmi_consumer", sysmon::put_consumer),
];

impl Algorithm {
    pub(super) fn by_name(name: &str) -> Option<Self> {
        let (_, put) = ALGORITHMS.iter().find(|(known, _)| *known == name)?;
        Some(Self(*put))
    }

    pub(super) fn run<'a>(self, record: &LogRecord<'a>, values: &mut Values<'a>) {
        (self.0)(record, values);
    }
}
