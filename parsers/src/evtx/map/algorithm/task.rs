//! Definitions of scheduled tasks in records (ECS.md §3.3, 4698–4702).

use crate::ecs::Values;
use crate::evtx::record::LogRecord;
use crate::task::put_definition;

/// Puts what the definition says that the record has.
pub(super) fn put<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let definition = record
        .get("TaskContent")
        .or_else(|| record.get("TaskContentNew"))
        .unwrap_or_default();
    put_definition(definition, values);
}
