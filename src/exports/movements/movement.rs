//! A row of `movements.csv`, read back.

use std::collections::BTreeMap;

use timeline::Ticks;

use crate::report;
use crate::store::Store;
use crate::stored_csv::{Row, rows};

const FILE: &str = "movements.csv";
/// Columns without which it is no such file.
const NEEDED: [&str; 6] = ["id", "start_utc", "src_host", "dst_host", "attack", "grade"];
/// Grades, the strongest first, each with what it is worth of a hundred (STIX 2.1, appendix A).
const GRADES: [(&str, u8); 4] = [
    ("CONFIRMED", 95),
    ("PROBABLE", 75),
    ("POSSIBLE", 40),
    ("CONTRADICTED", 10),
];

/// A movement, as the case tells it.
#[derive(Debug, Default)]
pub(super) struct Movement {
    cells: BTreeMap<String, String>,
}

/// The movements of a case, one at a time, in its order.
pub(super) fn read(
    store: &Store,
) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Movement>> + use<>> {
    let rows = rows(store.listed(FILE)?, FILE, &NEEDED)?;
    Ok(rows.map(|row| Ok(Movement::of(&row?))))
}

impl Movement {
    fn of(row: &Row) -> Self {
        let cells = row.iter();
        Self {
            cells: cells
                .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
                .collect(),
        }
    }

    /// What a column says; empty when the case does not have it.
    pub(super) fn get(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    pub(super) fn id(&self) -> &str {
        self.get("id")
    }

    /// When it began, if that is known.
    pub(super) fn start(&self) -> Option<Ticks> {
        Ticks::parse(self.get("start_utc"))
    }

    /// When its last event was, if that is known; never before it began.
    pub(super) fn end(&self) -> Option<Ticks> {
        Ticks::parse(self.get("end_utc")).max(self.start())
    }

    /// What it is graded as, by its place in the order from the strongest on.
    pub(super) fn grade(&self) -> usize {
        let grade = self.get("grade");
        let place = GRADES.iter().position(|(name, _)| *name == grade);
        place.unwrap_or(GRADES.len() - 1)
    }

    /// What its grade is worth of a hundred.
    pub(super) fn confidence(&self) -> u8 {
        GRADES[self.grade()].1
    }

    /// The ids of ATT&CK techniques that it has, and how many others stand there.
    pub(super) fn techniques(&self) -> (Vec<&str>, u64) {
        let ids = self.get("attack").split(';').map(str::trim);
        let (known, other): (Vec<_>, Vec<_>) = ids
            .filter(|id| !id.is_empty())
            .partition(|id| is_technique(id));
        (known, other.len() as u64)
    }

    /// `NAME (ADDRESS)` of one of its ends; empty when neither is known.
    pub(super) fn end_words(&self, side: &str) -> String {
        let name = self.get(&format!("{side}_host"));
        report::end(name, self.get(&format!("{side}_ip")), "")
    }
}

/// What a grade is called, by its place.
pub(super) fn grade_name(place: usize) -> &'static str {
    GRADES[place].0
}

/// How many grades there are.
pub(super) const GRADE_COUNT: usize = GRADES.len();

/// `T1021`, `T1021.002`.
fn is_technique(id: &str) -> bool {
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(rest) = id.strip_prefix('T') else {
        return false;
    };
    match rest.split_once('.') {
        Some((technique, below)) => digits(technique, 4) && digits(below, 3),
        None => digits(rest, 4),
    }
}

#[cfg(test)]
pub(super) fn movement(cells: &[(&str, &str)]) -> Movement {
    let cells = cells.iter();
    Movement {
        cells: cells
            .map(|(name, cell)| {
                (
                    (*name).to_owned(),
                    crate::stored_csv::plain(cell).to_owned(),
                )
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_of_techniques_are_taken_for_some() {
        let of = |attack: &str| {
            let movement = movement(&[("attack", attack)]);
            let (ids, other) = movement.techniques();
            (ids.join(" "), other)
        };
        assert_eq!(of("T1021;T1021.002"), ("T1021 T1021.002".into(), 0));
        assert_eq!(of(""), (String::new(), 0));
        assert_eq!(
            of("TA0008; T1047 ;T10211;T1021.02;t1021;T1021.002.1;'T1021"),
            ("T1047".into(), 6)
        );
    }

    #[test]
    fn a_row_says_what_was_meant() {
        let row = movement(&[
            ("id", "M-0001"),
            ("account", r"'=CORP\ana"),
            ("grade", "POSSIBLE"),
            ("start_utc", "2026-03-02T21:14:02.7026065Z"),
            ("end_utc", "2026-03-02T21:14:01.0000000Z"),
            ("src_ip", "10.0.0.1"),
            ("dst_host", "SRV02"),
            ("dst_ip", "10.0.0.2"),
        ]);
        assert_eq!(row.get("account"), r"=CORP\ana");
        assert_eq!((row.grade(), row.confidence()), (2, 40));
        assert_eq!(row.end(), row.start());
        assert_eq!(row.end_words("src"), "10.0.0.1");
        assert_eq!(row.end_words("dst"), "SRV02 (10.0.0.2)");
        assert_eq!(row.get("none"), "");
        assert_eq!(movement(&[("grade", "?")]).confidence(), 10);
    }
}
