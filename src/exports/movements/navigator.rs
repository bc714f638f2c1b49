//! `navigator`: a layer for the ATT&CK Navigator, format 4.5
//! (<https://github.com/mitre-attack/attack-navigator/blob/master/layers/LAYERFORMATv4_5.md>): how many movements each
//! technique has, and which.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use serde_json::{Value as Json, json};

use super::Form;
use super::movement::{GRADE_COUNT, Movement, grade_name};
use crate::export::{json_document, sorted};
use crate::exports::output::{Files, OutFile};
use crate::exports::plan::Plan;
use crate::exports::tally::Tally;
use crate::report::count;
use crate::store::Store;
use crate::visible::visible;

/// The ATT&CK that ids are those of, the Navigator that came with it, and the format.
const VERSIONS: [(&str, &str); 3] = [("attack", "17"), ("navigator", "5.1.0"), ("layer", "4.5")];
/// From no movement to as many as any technique has.
const COLORS: [&str; 3] = ["#ffffff", "#fdae61", "#d7191c"];
/// Of techniques that only contradicted movements have.
const CONTRADICTED: &str = "#bdbdbd";
/// Movements, and hosts, that a technique names.
const MOST: usize = 100;
const NO_TECHNIQUE: &str = "no rule of it names an ATT&CK technique";
const NOT_TECHNIQUES: &str = "ATT&CK ids that are no technique's";

/// A layer under way.
pub(super) struct Navigator<'f> {
    file: OutFile<'f>,
    name: String,
    about: Vec<(&'static str, String)>,
    techniques: BTreeMap<String, Technique>,
    movements: u64,
}

/// What movements say of a technique.
#[derive(Debug, Default)]
struct Technique {
    /// How many movements there are of each grade, and the first of them.
    grades: [(u64, Vec<String>); GRADE_COUNT],
    sources: BTreeSet<String>,
    targets: BTreeSet<String>,
    accounts: BTreeSet<String>,
    first: String,
    last: String,
}

impl<'f> Navigator<'f> {
    pub(super) fn begin(plan: &Plan, store: &Store, files: &'f Files<'f>) -> anyhow::Result<Self> {
        let case = visible(&store.manifest.case_id);
        let name = match case.as_str() {
            "" => "sidetrack".to_owned(),
            case => format!("sidetrack: {case}"),
        };
        let mut file = files.file(files.main_name())?;
        file.has_rows();
        Ok(Self {
            file,
            name,
            about: about(plan, store, case),
            techniques: BTreeMap::new(),
            movements: 0,
        })
    }

    fn layer(&self) -> Json {
        let scores = self.techniques.values().map(Technique::score);
        let most = scores.max().unwrap_or_default().max(1);
        let about = self.about.iter();
        json!({
            "name": self.name,
            "versions": VERSIONS.iter().copied().collect::<BTreeMap<_, _>>(),
            "domain": "enterprise-attack",
            "description": format!(
                "Lateral movement: {} by {}. A technique's score is the number of movements that have it.",
                count(self.movements, "movement"),
                count(self.techniques.len() as u64, "technique"),
            ),
            "sorting": 3,
            "layout": {
                "layout": "side",
                "showID": true,
                "showName": true,
                "showAggregateScores": false,
                "countUnscored": false,
                "aggregateFunction": "max",
                "expandedSubtechniques": "annotated",
            },
            "hideDisabled": false,
            "techniques": self.entries(),
            "gradient": {"colors": COLORS, "minValue": 0, "maxValue": most},
            "legendItems": [
                {"label": count(most, "movement"), "color": COLORS[2]},
                {"label": "no movement", "color": COLORS[0]},
                {"label": "contradicted movements only", "color": CONTRADICTED},
            ],
            "selectTechniquesAcrossTactics": true,
            "selectSubtechniquesWithParent": false,
            "selectVisibleTechniques": false,
            "metadata": about.map(|(name, value)| pair(name, value)).collect::<Vec<_>>(),
        })
    }

    /// The techniques in the order of their ids. What has a sub-technique is opened; where no movement has it itself,
    /// it has no score.
    fn entries(&self) -> Vec<Json> {
        let above = |id: &String| id.split_once('.').map(|(above, _)| above.to_owned());
        let opened: BTreeSet<String> = self.techniques.keys().filter_map(above).collect();
        let ids: BTreeSet<&String> = self.techniques.keys().chain(&opened).collect();
        let entry = |id: &String| {
            let mut entry = match self.techniques.get(id) {
                Some(technique) => technique.entry(),
                None => json!({}),
            };
            entry["techniqueID"] = id.as_str().into();
            entry["enabled"] = true.into();
            if opened.contains(id) {
                entry["showSubtechniques"] = true.into();
            }
            entry
        };
        ids.into_iter().map(entry).collect()
    }
}

impl Form for Navigator<'_> {
    fn movement(&mut self, movement: &Movement, tally: &mut Tally) -> anyhow::Result<()> {
        let (ids, other) = movement.techniques();
        tally.lose(NOT_TECHNIQUES, other);
        if ids.is_empty() {
            tally.leave_out(NO_TECHNIQUE);
            return Ok(());
        }
        self.movements += 1;
        for id in ids.into_iter().collect::<BTreeSet<_>>() {
            let technique = self.techniques.entry(id.to_owned());
            technique.or_default().add(movement);
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<()> {
        let layer = sorted(self.layer());
        self.file.write_all(json_document(&layer)?.as_bytes())?;
        self.file.set_rows(self.movements);
        self.file.finish()
    }
}

impl Technique {
    fn add(&mut self, movement: &Movement) {
        let (number, ids) = &mut self.grades[movement.grade()];
        *number += 1;
        if ids.len() < MOST {
            ids.push(movement.id().to_owned());
        }
        for (set, value) in [
            (&mut self.sources, movement.end_words("src")),
            (&mut self.targets, movement.end_words("dst")),
            (&mut self.accounts, movement.get("account").to_owned()),
        ] {
            if !value.is_empty() {
                set.insert(value);
            }
        }
        // Movements come in the order of time.
        let start = movement.get("start_utc");
        if self.first.is_empty() {
            start.clone_into(&mut self.first);
        }
        if !start.is_empty() {
            start.clone_into(&mut self.last);
        }
    }

    fn score(&self) -> u64 {
        self.grades.iter().map(|(number, _)| number).sum()
    }

    fn entry(&self) -> Json {
        let grades: Vec<(&str, String, String)> = self
            .grades
            .iter()
            .enumerate()
            .filter(|(_, (number, _))| *number > 0)
            .map(|(place, (number, ids))| {
                let ids = some(ids, *number);
                (grade_name(place), number.to_string(), ids)
            })
            .collect();
        let lists = [
            ("from", named(&self.sources)),
            ("to", named(&self.targets)),
            ("accounts", named(&self.accounts)),
        ];
        let lists = lists.into_iter().filter(|(_, names)| !names.is_empty());
        let lists: Vec<_> = lists.collect();
        let told = grades
            .iter()
            .map(|(grade, _, ids)| format!("{grade}: {ids}"));
        let lines = lists.iter().map(|(what, names)| format!("{what} {names}"));
        let comment: Vec<String> = told.chain(lines).collect();
        let counted = grades.iter().map(|(grade, number, _)| pair(grade, number));
        let mut metadata: Vec<Json> = counted.collect();
        metadata.push(json!({"divider": true}));
        metadata.extend(lists.iter().map(|(what, names)| pair(what, names)));
        for (what, time) in [("first", &self.first), ("last", &self.last)] {
            if !time.is_empty() {
                metadata.push(pair(what, time));
            }
        }
        let mut entry = json!({
            "score": self.score(),
            "comment": comment.join("\n"),
            "metadata": metadata,
        });
        if self.grades[..GRADE_COUNT - 1].iter().all(|(n, _)| *n == 0) {
            entry["color"] = CONTRADICTED.into();
        }
        entry
    }
}

/// What the layer is of.
fn about(plan: &Plan, store: &Store, case: String) -> Vec<(&'static str, String)> {
    let period = plan.reading.period;
    let time = |time: Option<timeline::Ticks>| time.map(|time| time.to_string());
    let list = |names: &[String]| visible(&names.join(", "));
    let about = [
        ("case", case),
        ("case manifest SHA-256", store.manifest_sha256.clone()),
        (
            "made by",
            format!("sidetrack {}", env!("CARGO_PKG_VERSION")),
        ),
        ("only from", time(period.from).unwrap_or_default()),
        ("only before", time(period.to).unwrap_or_default()),
        ("only hosts", list(&plan.hosts)),
        ("only accounts", list(&plan.users)),
    ];
    let about = about.into_iter().filter(|(_, value)| !value.is_empty());
    about.collect()
}

fn pair(name: &str, value: &str) -> Json {
    json!({"name": name, "value": value})
}

/// The names of a set, of many only the first.
fn named(names: &BTreeSet<String>) -> String {
    let first: Vec<String> = names.iter().take(MOST).cloned().collect();
    some(&first, names.len() as u64)
}

/// Those that are named, and how many more there are.
fn some(named: &[String], all: u64) -> String {
    let more = all.saturating_sub(named.len() as u64);
    let named = named.join(", ");
    match more {
        0 => named,
        more => format!("{named}, and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::movement::movement;
    use super::*;

    #[test]
    fn a_technique_says_which_movements_have_it() {
        let mut technique = Technique::default();
        for (id, grade, to) in [
            ("M-0001", "POSSIBLE", "B"),
            ("M-0002", "CONFIRMED", "B"),
            ("M-0003", "POSSIBLE", "\u{1b}C"),
        ] {
            technique.add(&movement(&[
                ("id", id),
                ("grade", grade),
                ("dst_host", to),
                ("start_utc", "2026-03-02T21:14:02.0000000Z"),
            ]));
        }
        let entry = technique.entry();
        assert_eq!(entry["score"], 3);
        assert_eq!(
            entry["comment"],
            "CONFIRMED: M-0002\nPOSSIBLE: M-0001, M-0003\nto \u{1b}C, B"
        );
        assert_eq!(entry["metadata"][0], pair("CONFIRMED", "1"));
        assert!(entry.get("color").is_none());
    }

    #[test]
    fn only_contradicted_movements_are_grey_and_many_are_counted() {
        let mut technique = Technique::default();
        for number in 0..MOST + 7 {
            technique.add(&movement(&[
                ("id", &format!("M-{number:04}")),
                ("grade", "CONTRADICTED"),
            ]));
        }
        let entry = technique.entry();
        assert_eq!(entry["color"], CONTRADICTED);
        let comment = entry["comment"].as_str().unwrap_or_default();
        assert!(comment.ends_with("M-0099, and 7 more"), "{comment}");
    }
}
