//! What only Sysmon has.

use timeline::{Field, TICKS_PER_SECOND, Ticks, fields as f};

use crate::ecs::Values;
use crate::evtx::record::LogRecord;

/// What [`put_overwrite`] adds.
pub(super) const OVERWRITE: &[(Field, &str)] =
    &[(f::EVENT_ACTION, "overwrite"), (f::EVENT_TYPE, "change")];

/// A file that was created before Sysmon tells of its creation was overwritten (ECS.md §2, 11).
pub(super) fn put_overwrite<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let time = |name| record.get(name).and_then(Ticks::parse);
    let age = time("CreationUtcTime")
        .zip(time("UtcTime"))
        .map(|(created, now)| now.0.saturating_sub(created.0));
    if age.is_some_and(|age| age > 2 * TICKS_PER_SECOND) {
        values.put(f::EVENT_ACTION, "overwrite");
        values.put(f::EVENT_TYPE, "change");
    }
}
