//! The clocks of a movement's two hosts (EVIDENCE.md §3.2 and §3, J18).

use timeline::{Reader, TICKS_PER_SECOND, Ticks, fields as f};

use super::witness::openers;
use super::{Evidence, Movement, target_of};
use crate::crossing::Offset;
use crate::enrich::machine_of;

/// A time in a file's name that is further off is not one.
const BELIEVED: i64 = 24 * 3600 * TICKS_PER_SECOND;

/// How far the target's clock is ahead of the source's.
pub(super) fn skew(evidence: Evidence<'_>, movement: &Movement) -> Option<Offset> {
    let target = target_of(evidence, movement)?;
    let source = movement.source_events.first();
    let source = source.map(|row| machine_of(evidence.events, *row));
    let opened = || {
        openers(movement)
            .next()
            .map(|witness| witness.machine.clone())
    };
    let source = source.or_else(opened)?;
    evidence.crossings.skew.between(&source, &target)
}

/// How far the target's clock was ahead of the time in the name of a command's output file. Tools name it
/// `__<seconds since 1970>` by the clock of the source when they are started: the time until the first command is in
/// the difference, too.
pub(super) fn behind_tool(evidence: Evidence<'_>, movement: &Movement) -> Option<i64> {
    let reader = Reader::new(evidence.events);
    let each = movement.target_events.iter().filter_map(|&row| {
        let own = evidence.events.rows.get(row as usize)?;
        let named = reader.text(f::FILE_NAME, row).and_then(time_in_name)?;
        let ahead = own.time?.0.saturating_sub(named.0);
        (ahead.abs() <= BELIEVED).then_some(ahead)
    });
    each.min_by_key(|ahead| ahead.abs())
}

/// The time in `__1772486401.53`, and nothing else: a name that only looks like it says nothing.
fn time_in_name(name: &str) -> Option<Ticks> {
    let number = name.strip_prefix("__")?;
    let (seconds, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if seconds.len() != 10 || fraction.len() > 9 || !is_number(seconds) || !is_number(fraction) {
        return None;
    }
    let nanoseconds = format!("{fraction:0<9}").parse().ok()?;
    Ticks::from_unix(seconds.parse().ok()?, nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_files_are_named_after_the_source_s_clock() {
        for (name, time) in [
            ("__1772486401.53", Some("2026-03-02T21:20:01.5300000Z")),
            ("__1772486401.5312345", Some("2026-03-02T21:20:01.5312345Z")),
            ("__1772486401", Some("2026-03-02T21:20:01.0000000Z")),
            ("__output", None),
            ("__177248640.5", None),
            ("__1772486401.5.tmp", None),
            ("__-772486401.5", None),
            ("1772486401.5", None),
        ] {
            let found = time_in_name(name).map(|time| time.to_string());
            assert_eq!(found.as_deref(), time, "{name}");
        }
    }
}
