//! When an event was written, in lines of NXLog's shape.
//!
//! `EventTime` may have no zone, and is then the local time of the machine that NXLog ran on. The
//! line itself often tells the zone: something happened once and stands there twice, in local time
//! and in UTC. Zones differ by quarters of an hour, so a few seconds between the two do not matter.

use timeline::{TICKS_PER_SECOND, Ticks};

use super::leaves::Leaves;

/// Whether a time's zone is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    /// It is written there, or what is written there tells it.
    Known,
    /// Nothing tells it; UTC was assumed.
    Assumed,
    /// It is written there, and Sysmon's own time says that it is another: so many quarters of an hour are to
    /// be added to have UTC.
    Contradicted(i64),
}

/// Pairs of names for one point in time: in UTC, and in local time; and how many seconds may lie
/// between the two. Sysmon dates an event right before it is written; whoever puts `@timestamp` into
/// a line does so when it arrives, which NXLog notes in `EventReceivedTime`.
const PAIRS: [(&str, &str, i64); 2] = [
    ("UtcTime", "EventTime", 5),
    ("@timestamp", "EventReceivedTime", 10),
];

const QUARTER: i64 = 900 * TICKS_PER_SECOND;
/// Zones reach from 12 hours behind UTC to 14 hours before it.
const MOST_QUARTERS: i64 = 14 * 4;

/// The time when the event was written.
pub(super) fn time(leaves: &Leaves) -> Option<(Ticks, Zone)> {
    let own = ["EventTime", "TimeCreated"]
        .iter()
        .find_map(|name| leaves.get(name));
    // Without a time of the event's own, the time of its arrival is the nearest there is.
    let text = own.or_else(|| leaves.get("@timestamp"))?;
    if let Some(time) = zoned(text) {
        let sysmon = leaves.get("UtcTime").and_then(Ticks::parse);
        let quarters = sysmon.and_then(|utc| quarters(utc, time, PAIRS[0].2));
        let wrong = quarters.filter(|&quarters| quarters != 0);
        return Some((time, wrong.map_or(Zone::Known, Zone::Contradicted)));
    }
    let local = Ticks::parse(text)?;
    match offset(leaves) {
        Some(offset) => Some((Ticks(local.0.checked_add(offset)?), Zone::Known)),
        None => Some((local, Zone::Assumed)),
    }
}

/// What is to be added to local times to have UTC.
fn offset(leaves: &Leaves) -> Option<i64> {
    PAIRS.iter().find_map(|(utc, local, slack)| {
        let utc = Ticks::parse(leaves.get(utc)?)?;
        let local = Ticks::parse(leaves.get(local)?)?;
        Some(quarters(utc, local, *slack)? * QUARTER)
    })
}

/// How many quarters of an hour lie between two times that may differ by so many seconds beside, if zones
/// can be so far apart.
fn quarters(utc: Ticks, local: Ticks, slack: i64) -> Option<i64> {
    let apart = utc.0.checked_sub(local.0)?;
    let quarters = apart.checked_add(QUARTER / 2)?.div_euclid(QUARTER);
    let rest = apart - quarters * QUARTER;
    let is_zone = quarters.abs() <= MOST_QUARTERS && rest.abs() <= slack * TICKS_PER_SECOND;
    is_zone.then_some(quarters)
}

/// A time that says its zone, or counts from 1970 in UTC.
fn zoned(text: &str) -> Option<Ticks> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return since_1970(text.parse().ok()?);
    }
    let (before, zone) = text.split_at_checked(text.len().checked_sub(5)?)?;
    let with_colon = text.get(text.len().checked_sub(6)?..)?;
    if text.ends_with('Z') || with_colon.starts_with(['+', '-']) {
        return Ticks::parse(text);
    }
    // `+0200` without a colon; the date has its `-` further in front.
    let is_zone = before.contains(':') && zone.starts_with(['+', '-']);
    let (hours, minutes) = zone.split_at_checked(3)?;
    is_zone.then(|| Ticks::parse(&format!("{before}{hours}:{minutes}")))?
}

/// Seconds, milliseconds or microseconds since 1970; which, is told by how many there are.
fn since_1970(count: i64) -> Option<Ticks> {
    let per_second = match count {
        0..100_000_000_000 => 1,
        100_000_000_000..100_000_000_000_000 => 1_000,
        100_000_000_000_000.. => 1_000_000,
        _ => return None,
    };
    let nanoseconds = (count % per_second) * (1_000_000_000 / per_second);
    Ticks::from_unix(count / per_second, u32::try_from(nanoseconds).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str, zone: Zone) {
        let mut leaves = Leaves::default();
        leaves.read(line).unwrap();
        let (time, found) = time(&leaves).unwrap();
        assert_eq!(time.to_string(), expected, "{line}");
        assert_eq!(found, zone, "{line}");
    }

    #[test]
    fn times_with_a_zone_are_what_they_say() {
        for text in [
            r#""2026-03-02T22:14:02.5+01:00""#,
            r#""2026-03-02 22:14:02.500+0100""#,
            r#""2026-03-02T21:14:02.500Z""#,
            "1772486042500",
            r#""1772486042500000""#,
        ] {
            let line = format!("{{\"EventTime\":{text}}}");
            check(&line, "2026-03-02T21:14:02.5000000Z", Zone::Known);
        }
        let line =
            r#"{"TimeCreated":"2026-03-02T21:14:02.5Z","@timestamp":"2026-03-03T00:00:00Z"}"#;
        check(line, "2026-03-02T21:14:02.5000000Z", Zone::Known);
    }

    #[test]
    fn the_zone_of_local_times_is_told_by_the_line() {
        let sysmon = r#"{"EventTime":"2026-03-02 16:44:03","UtcTime":"2026-03-02 21:14:02.123"}"#;
        check(sysmon, "2026-03-02T21:14:03.0000000Z", Zone::Known);
        let received = r#"{"EventTime":"2026-03-02 22:14:03","EventReceivedTime":"2026-03-02 22:14:05",
            "@timestamp":"2026-03-02T21:14:07.1Z"}"#;
        check(received, "2026-03-02T21:14:03.0000000Z", Zone::Known);
    }

    #[test]
    fn a_text_too_short_for_a_zone_has_none() {
        for text in ["24:12", "+0200", "+01:00", "Z", "é:00"] {
            let mut leaves = Leaves::default();
            leaves
                .read(&format!("{{\"EventTime\":\"{text}\"}}"))
                .unwrap();
            assert_eq!(time(&leaves), None, "{text}");
        }
    }

    #[test]
    fn a_zone_that_cannot_be_is_told() {
        let line =
            r#"{"TimeCreated":"2020-12-19T07:50:26.112Z","UtcTime":"2020-12-19 12:50:26.108"}"#;
        check(line, "2020-12-19T07:50:26.1120000Z", Zone::Contradicted(20));
        let late =
            r#"{"TimeCreated":"2020-12-19T07:50:26.112Z","UtcTime":"2020-12-19 07:43:00.000"}"#;
        check(late, "2020-12-19T07:50:26.1120000Z", Zone::Known);
    }

    #[test]
    fn without_a_zone_it_is_said() {
        let alone = r#"{"EventTime":"2026-03-02 22:14:03"}"#;
        check(alone, "2026-03-02T22:14:03.0000000Z", Zone::Assumed);
        let late = r#"{"EventTime":"2026-03-02 22:14:03","EventReceivedTime":"2026-03-02 22:14:05",
            "@timestamp":"2026-03-02T21:19:07.1Z"}"#;
        check(late, "2026-03-02T22:14:03.0000000Z", Zone::Assumed);
    }
}
