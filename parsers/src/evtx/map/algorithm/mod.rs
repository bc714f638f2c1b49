//! What mapping files cannot say: each algorithm has a name that they use.

mod device;
mod dns;
mod logon;
mod powershell;
mod registry;
mod share;
mod signature;
mod ssh;
mod stream;
mod sysmon;
mod task;
mod wmi;

use crate::ecs::Values;
use crate::evtx::record::LogRecord;

/// Puts fields of a record.
type Put = for<'a> fn(&LogRecord<'a>, &mut Values<'a>);

/// An algorithm, by its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Algorithm(Put);

const ALGORITHMS: &[(&str, Put)] = &[
    ("audited_value", registry::put_audited_value),
    ("connected_user", powershell::put_connected_user),
    ("device", device::put),
    ("dns_answers", dns::put_answers),
    ("dns_question", dns::put_question),
    ("file_overwrite", sysmon::put_overwrite),
    ("group_member", logon::put_group_member),
    ("invocations", powershell::put_invocations),
    ("logon_source", logon::put_source),
    ("process_owner", logon::put_process_owner),
    ("share", share::put),
    ("share_write", share::put_write),
    ("signature", signature::put),
    ("ssh", ssh::put),
    ("stream", stream::put),
    ("task_definition", task::put),
    ("wmi_binding", wmi::put_binding),
    ("wmi_consumer", wmi::put_consumer),
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
