//! What else was looked for, in words: what was found, and what its absence is worth.

use detectors::movement::{Absence, Corroboration, Verdict};
use timeline::Reader;

use super::proof::{Proof, proof};
use crate::case::CaseResult;
use crate::report::seconds;

/// What is said of a corroborating event that nothing ties to the movement but time and host.
pub(crate) const LOOSE: &str = "near it, not tied to it";

/// What corroborates: what it is, the event, and where it can be looked up.
pub(super) fn found(case: &CaseResult, all: &[Corroboration]) -> String {
    let reader = Reader::new(&case.corroborating.events);
    let each = all.iter().map(|found| {
        let Some(event) = corroborating(case, &reader, found) else {
            return found.text.clone();
        };
        let loose = if found.loose {
            format!(", {LOOSE}")
        } else {
            String::new()
        };
        format!(
            "{}: {} [{}#{}, {}]{loose}",
            found.text, event.message, event.file, event.record, event.time
        )
    });
    each.collect::<Vec<_>>().join("; ")
}

/// The event that corroborates.
pub(crate) fn corroborating<'a>(
    case: &'a CaseResult,
    reader: &Reader<'a>,
    found: &Corroboration,
) -> Option<Proof<'a>> {
    let row = case.corroborating.places.get(&found.event)?;
    Some(proof(case, reader, *row))
}

/// What was not found, and what that is worth.
pub(crate) fn absence(absence: &Absence) -> String {
    let log = match absence.channel.strip_prefix("registry:") {
        Some(hive) => format!("the hive {hive}"),
        None => format!("the {} log", absence.channel),
    };
    let host = match absence.host.as_str() {
        "" => "the other host",
        host => host,
    };
    let log = format!("{log} of {host}");
    let what = &absence.text;
    match absence.verdict {
        Verdict::Full if absence.recorded_elsewhere => {
            format!("{what}: missing, although {log} covers that time without a hole")
        }
        Verdict::Full => format!(
            "{what}: not found, although {log} covers that time without a hole; it has no such event \
             at any time, so perhaps none are recorded there"
        ),
        Verdict::Silent => format!(
            "{what}: not found, but {log} was silent for over an hour around that time: it may have \
             been off"
        ),
        Verdict::Holes if absence.channel.starts_with("registry:") => {
            format!("{what}: not found in {log}, which keeps only what was written last")
        }
        Verdict::Holes => format!("{what}: not found, but {log} has holes around that time"),
        Verdict::Cleared(time) => {
            format!("{what}: unknown, {log} was cleared at {}", seconds(time))
        }
        Verdict::Off => format!(
            "{what}: unknown, {log} is off, as the registry says, and has nothing of that time"
        ),
        Verdict::None => format!("{what}: unknown, {log} was not collected for that time"),
        Verdict::OutsidePeriod => {
            format!("{what}: unknown, that time is outside of the chosen period")
        }
    }
}

/// All that was not found.
pub(super) fn absences(all: &[Absence]) -> String {
    all.iter().map(absence).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absence_says_why_the_log_has_nothing() {
        let at = timeline::Ticks::parse("2026-03-02T12:00:00Z").unwrap();
        let words = |verdict| {
            absence(&Absence {
                text: "a logon there".into(),
                host: "SRV02".into(),
                channel: "Security".into(),
                verdict,
                recorded_elsewhere: false,
                required: true,
            })
        };
        assert_eq!(
            words(Verdict::Cleared(at)),
            "a logon there: unknown, the Security log of SRV02 was cleared at 2026-03-02 12:00:00"
        );
        assert_eq!(
            words(Verdict::Off),
            "a logon there: unknown, the Security log of SRV02 is off, as the registry says, and has \
             nothing of that time"
        );
    }
}
