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

use timeline::Field;

use crate::ecs::{REGISTRY_PATH_FIELDS, Values};
use crate::evtx::record::LogRecord;
use crate::task::DEFINITION_FIELDS;

/// Puts fields of a record.
type Put = for<'a> fn(&LogRecord<'a>, &mut Values<'a>);

/// What needs code.
#[derive(Debug)]
pub(super) struct Algorithm {
    /// What mapping files call it.
    name: &'static str,
    put: Put,
    /// The fields that it can fill.
    pub(super) fields: fn() -> Vec<Field>,
    /// The categories, types and actions that it can add.
    pub(super) words: &'static [(Field, &'static str)],
}

const fn algorithm(name: &'static str, put: Put, fields: fn() -> Vec<Field>) -> Algorithm {
    Algorithm {
        name,
        put,
        fields,
        words: &[],
    }
}

impl Algorithm {
    const fn with_words(self, words: &'static [(Field, &'static str)]) -> Self {
        Self { words, ..self }
    }
}

const ALGORITHMS: &[Algorithm] = &[
    algorithm("audited_value", registry::put_audited_value, || {
        REGISTRY_PATH_FIELDS.into()
    }),
    algorithm("connected_user", powershell::put_connected_user, || {
        powershell::CONNECTED_USER.into()
    }),
    algorithm("device", device::put, || device::FIELDS.into()),
    algorithm("dns_answers", dns::put_answers, || dns::ANSWERS.into()),
    algorithm("dns_question", dns::put_question, || dns::QUESTION.into()),
    algorithm("file_overwrite", sysmon::put_overwrite, Vec::new).with_words(sysmon::OVERWRITE),
    algorithm("group_member", logon::put_group_member, || {
        logon::MEMBER.into()
    }),
    algorithm("invocations", powershell::put_invocations, || {
        powershell::INVOCATIONS.into()
    }),
    algorithm("logon_source", logon::put_source, || logon::SOURCE.into()),
    algorithm("process_owner", logon::put_process_owner, || {
        logon::OWNER.into()
    }),
    algorithm("share", share::put, share::fields),
    algorithm("share_write", share::put_write, Vec::new).with_words(share::WRITE),
    algorithm("signature", signature::put, || signature::FIELDS.into()),
    algorithm("ssh", ssh::put, || ssh::FIELDS.into()).with_words(ssh::WORDS),
    algorithm("stream", stream::put, stream::fields),
    algorithm("task_definition", task::put, || DEFINITION_FIELDS.into()),
    algorithm("wmi_binding", wmi::put_binding, || wmi::FIELDS.into()),
    algorithm("wmi_consumer", wmi::put_consumer, || wmi::FIELDS.into()),
];

impl Algorithm {
    pub(super) fn by_name(name: &str) -> Option<&'static Self> {
        ALGORITHMS.iter().find(|known| known.name == name)
    }

    pub(super) fn run<'a>(&self, record: &LogRecord<'a>, values: &mut Values<'a>) {
        (self.put)(record, values);
    }
}
