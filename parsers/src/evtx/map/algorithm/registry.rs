//! Registry values as the audit names them.

use std::borrow::Cow;

use super::super::source::registry_root;
use crate::ecs::{Values, put_path};
use crate::evtx::record::LogRecord;

/// The value of Security 4657: its key and its name are apart (ECS.md §3.3).
pub(super) fn put_audited_value<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let Some(key) = record.get("ObjectName") else {
        return;
    };
    let key = registry_root(Cow::Borrowed(key));
    match record.get("ObjectValueName") {
        Some(name) => put_path(values, format!("{key}\\{name}"), true),
        None => put_path(values, key, false),
    }
}
